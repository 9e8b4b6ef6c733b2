/* SPDX-License-Identifier: MIT */
#include "config/live_secret.h"

#include "config/scratch.h"

struct settings {
	struct config_live_secret token;
};

static const struct config_key keys[] = {
	{ "token", &config_live_token, offsetof(struct settings, token),
	  CONFIG_SECRET, NULL, NULL, "A token." },
};

static const struct config_table table = {
	.section = "thing",
	.title = "Things",
	.keys = keys,
	.nkeys = sizeof(keys) / sizeof(keys[0]),
	.size = sizeof(struct settings),
};

static struct config *config;
static struct config_report *report;
static const struct config_section *section;

/* Reads "[thing x]" with this line below it. */
static const struct config_live_secret *read_line(const char *line)
{
	const struct config_table *const tables[] = { &table, NULL };
	char text[512];

	(void)snprintf(text, sizeof(text), "[thing x]\n%s\n", line);
	scratch_write("a.ini", text);
	config_free(&config);
	config_report_free(&report);
	report = config_report_new();
	config = config_read(scratch_path("a.ini"), tables, NULL, report);
	section = config_nth(config, "thing", 0);
	const struct settings *set = config_block(section, &table);

	return &set->token;
}

static void expect(const struct config_live_secret *s, const char *value)
{
	struct fault f;
	struct secret *now = config_live_read(s, &f);

	assert_non_null(now);
	assert_true(secret_eq_str(now, str_z(value)));
	secret_unref(&now);
}

static void expect_fault(const struct config_live_secret *s, const char *words)
{
	struct fault f = { "" };

	assert_null(config_live_read(s, &f));
	assert_non_null(strstr(f.text, words));
	assert_non_null(strstr(f.text, scratch));
	assert_null(strstr(f.text, "s3cret"));
}

static void test_what_cannot_change(void **state)
{
	(void)state;
	const struct config_live_secret *s = read_line("token = s3cret");

	assert_true(config_live_given(s));
	expect(s, "s3cret");
	setenv("BEARERD_TEST_LIVE", "from-env", 1);
	expect(read_line("token_env = BEARERD_TEST_LIVE"), "from-env");
	unsetenv("BEARERD_TEST_LIVE");
	assert_false(config_live_given(read_line("")));
}

static void test_a_file_is_read_again(void **state)
{
	(void)state;
	scratch_write("t", "one\n");
	const struct config_live_secret *s = read_line("token_file = t");

	assert_true(secret_eq_str(s->value, STR("one")));
	expect(s, "one");
	scratch_write("t", "two");
	expect(s, "two");
	assert_int_equal(unlink(scratch_path("t")), 0);
	expect_fault(s, "No such file");
	scratch_write("t", "\n");
	expect_fault(s, "empty");
	scratch_write("t", "s3cret\nand more\n");
	expect_fault(s, "second line");
	scratch_write("t", "three\n");
	expect(s, "three");
	/* as Windows' editors save it */
	scratch_write("t", "\xef\xbb\xbf" "four\r\n");
	expect(s, "four");
	scratch_write("t", "\r\n");
	expect_fault(s, "empty");
}

static void test_of_the_credentials_directory(void **state)
{
	(void)state;
	assert_int_equal(mkdir(scratch_path("creds"), 0700), 0);
	scratch_write("creds/t", "there\n");
	scratch_write("t", "here\n");
	setenv("CREDENTIALS_DIRECTORY", scratch_path("creds"), 1);
	const struct config_live_secret *s = read_line("token_file = t");

	unsetenv("CREDENTIALS_DIRECTORY");
	expect(s, "there");
	scratch_write("creds/t", "changed\n");
	expect(s, "changed");
}

static void test_a_file_that_is_missing_from_the_start(void **state)
{
	(void)state;
	assert_false(config_live_given(read_line("token_file = nothing")));
	assert_int_equal(config_report_count(report), 1);
	assert_non_null(strstr(config_report_text(report, 0), "nothing"));
}

/* --- what workers look at --- */

static void is_current(const struct config_live_secret *s, const char *value)
{
	struct secret *now = config_live_current(s);

	assert_true(secret_eq_str(now, str_z(value)));
	secret_unref(&now);
}

/* The file is not read for it: what was read last is given. */
static void test_current(void **state)
{
	struct secret *none;

	(void)state;
	is_current(read_line("token = s3cret"), "s3cret");
	none = config_live_current(read_line(""));
	assert_null(none);
	scratch_write("t", "one\n");
	const struct config_live_secret *s = read_line("token_file = t");

	is_current(s, "one");
	scratch_write("t", "two\n");
	is_current(s, "one");
	config_live_freshen(section);
	is_current(s, "two");
	scratch_write("t", "three\n");
	expect(s, "three");
	is_current(s, "three");
	/* one that holds no secret changes nothing */
	scratch_write("t", "\n");
	config_live_freshen(section);
	is_current(s, "three");
	assert_int_equal(unlink(scratch_path("t")), 0);
	config_live_freshen(section);
	is_current(s, "three");
}

/* What was given stays, whatever is read meanwhile. */
static void test_current_is_a_reference(void **state)
{
	(void)state;
	scratch_write("t", "one\n");
	struct secret *kept =
		config_live_current(read_line("token_file = t"));

	scratch_write("t", "two\n");
	config_live_freshen(section);
	assert_true(secret_eq_str(kept, STR("one")));
	secret_unref(&kept);
}

/* --- whether it has changed --- */

/* As a program that rotates it does: another file takes its place. */
static void replace(const char *name, const char *value)
{
	scratch_write("new", value);
	assert_int_equal(rename(scratch_path("new"), scratch_path(name)), 0);
}

static void test_mark(void **state)
{
	uint64_t mark, last;

	(void)state;
	(void)read_line("token = s3cret");
	assert_int_equal(config_live_mark(section), 0);
	(void)read_line("");
	assert_int_equal(config_live_mark(section), 0);
	scratch_write("t", "one\n");
	(void)read_line("token_file = t");
	mark = config_live_mark(section);
	assert_int_not_equal(mark, 0);
	assert_true(config_live_mark(section) == mark);
	/* of the same length, and in the same instant perhaps */
	replace("t", "two\n");
	last = mark;
	mark = config_live_mark(section);
	assert_true(mark != last);
	scratch_write("t", "longer\n");
	last = mark;
	mark = config_live_mark(section);
	assert_true(mark != last);
	assert_int_equal(unlink(scratch_path("t")), 0);
	last = mark;
	mark = config_live_mark(section);
	assert_true(mark != last && mark != 0);
	assert_true(config_live_mark(section) == mark);
	scratch_write("t", "one\n");
	assert_true(config_live_mark(section) != mark);
}

/* As Kubernetes does it: the folder that a link names is another one. */
static void test_mark_of_a_link(void **state)
{
	uint64_t mark;

	(void)state;
	assert_int_equal(mkdir(scratch_path("v1"), 0700), 0);
	assert_int_equal(mkdir(scratch_path("v2"), 0700), 0);
	scratch_write("v1/t", "one\n");
	scratch_write("v2/t", "two\n");
	assert_int_equal(symlink("v1", scratch_path("data")), 0);
	const struct config_live_secret *s = read_line("token_file = data/t");

	mark = config_live_mark(section);
	assert_int_equal(symlink("v2", scratch_path("data.new")), 0);
	assert_int_equal(rename(scratch_path("data.new"),
				scratch_path("data")), 0);
	assert_true(config_live_mark(section) != mark);
	config_live_freshen(section);
	is_current(s, "two");
}

static int teardown(void **state)
{
	config_free(&config);
	config_report_free(&report);
	return scratch_teardown(state);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_what_cannot_change),
		cmocka_unit_test(test_a_file_is_read_again),
		cmocka_unit_test(test_of_the_credentials_directory),
		cmocka_unit_test(test_a_file_that_is_missing_from_the_start),
		cmocka_unit_test(test_current),
		cmocka_unit_test(test_current_is_a_reference),
		cmocka_unit_test(test_mark),
		cmocka_unit_test(test_mark_of_a_link),
	};

	return cmocka_run_group_tests_name("config/live_secret", tests,
					   scratch_setup, teardown);
}
