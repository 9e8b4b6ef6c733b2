/* SPDX-License-Identifier: MIT */
#include "config/command.h"

#include "base/limits.h"
#include "config/live_secret.h"
#include "config/scratch.h"

struct settings {
	struct config_live_secret secret, token;
	struct secret *fixed;
};

#define ROW(member) offsetof(struct settings, member)

static const struct config_key keys[] = {
	{ "secret", &config_live_secret, ROW(secret), CONFIG_SECRET, NULL,
	  NULL, "A secret." },
	{ "token", &config_live_secret, ROW(token),
	  CONFIG_SECRET | CONFIG_TOKEN, NULL, NULL, "A token." },
	{ "fixed", &config_secret, ROW(fixed), CONFIG_SECRET, NULL, NULL,
	  "One that no program gives." },
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

static const struct settings *read_lines(const char *lines)
{
	const struct config_table *const tables[] = { &table, NULL };
	char text[512];

	(void)snprintf(text, sizeof(text), "[thing x]\n%s\n", lines);
	scratch_write("a.ini", text);
	config_free(&config);
	config_report_free(&report);
	report = config_report_new();
	config = config_read(scratch_path("a.ini"), tables, NULL, report);
	section = config_nth(config, "thing", 0);
	return config_block(section, &table);
}

static void test_line(void **state)
{
	const struct settings *s =
		read_lines("secret_command = /usr/bin/pass show  x");
	char *const *argv;

	(void)state;
	assert_int_equal(config_report_count(report), 0);
	assert_non_null(s->secret.command);
	assert_true(config_live_given(&s->secret));
	assert_false(config_live_given(&s->token));
	argv = config_command_argv(s->secret.command);
	assert_string_equal(argv[0], "/usr/bin/pass");
	assert_string_equal(argv[1], "show");
	assert_string_equal(argv[2], "x");
	assert_null(argv[3]);
	assert_string_equal(config_command_key(s->secret.command), "secret");
	assert_true(config_given(section, "secret"));
}

static void test_mistakes(void **state)
{
	static const char *const bad[][2] = {
		{ "secret_command = pass show x", "absolute path" },
		{ "secret_command =", "has no value" },
		{ "fixed_command = /bin/true", "fixed_file or fixed_env" },
		{ "secret = a\nsecret_command = /bin/true", "already" },
		{ "secret_comand = /bin/true", "\"secret_command\"" },
		{ "fixed_comand = /bin/true", "no key" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		(void)read_lines(bad[i][0]);
		assert_int_equal(config_report_count(report), 1);
		if (!strstr(config_report_text(report, 0), bad[i][1]))
			fail_msg("%s", config_report_text(report, 0));
	}
}

static void expect(const struct config_live_secret *s, const char *value)
{
	struct fault f;
	struct secret *now = config_live_read(s, &f);

	if (!now)
		fail_msg("%s", f.text);
	assert_true(secret_eq_str(now, str_z(value)));
	secret_unref(&now);
}

static int take(struct config_command *c, const char *printed, struct fault *f)
{
	return config_command_take(c, str_z(printed), 1000, 5000, f);
}

static void test_first_line(void **state)
{
	const struct settings *s = read_lines("secret_command = /bin/x");
	struct config_command *c = s->secret.command;
	struct fault f;

	(void)state;
	assert_null(config_live_read(&s->secret, &f));
	assert_non_null(strstr(f.text, "not printed it yet"));
	assert_true(config_command_due(c, 0));
	assert_int_equal(take(c, "", &f), -1);
	assert_int_equal(take(c, "\nsecond", &f), -1);
	assert_int_equal(take(c, "a\x01b\n", &f), -1);
	assert_true(config_command_due(c, 0));
	assert_int_equal(take(c, "one two\r\nsecond\n", &f), 0);
	expect(&s->secret, "one two");
	assert_false(config_command_due(c, INT64_MAX));
	/* What is wrong later leaves what there was. */
	assert_int_equal(take(c, "", &f), -1);
	expect(&s->secret, "one two");
	/* An object is a line of text here. */
	assert_int_equal(take(c, "{\"access_token\":\"t\"}", &f), 0);
	expect(&s->secret, "{\"access_token\":\"t\"}");
}

static void test_token(void **state)
{
	const struct settings *s = read_lines("token_command = /bin/x");
	struct config_command *c = s->token.command;
	static const struct {
		const char *printed, *token;
		int64_t life;
	} rows[] = {
		{ "t1\n", "t1", 0 },
		{ "{\"access_token\":\"t2\"}", "t2", 0 },
		{ "{\n\"access_token\": \"t3\",\n\"expires_in\": 60}\n", "t3",
		  60 },
		{ "{\"access_token\":\"t\",\"expires_at\":65}", "t", 60 },
		{ "{\"access_token\":\"t\","
		  "\"expires_at\":\"1970-01-01T00:01:05Z\"}", "t", 60 },
		{ "{\"access_token\":\"t\",\"expires_at\":3}", "t", 0 },
		{ "{\"access_token\":\"t\",\"expires_in\":-1}", "t", 0 },
	};
	static const char *const bad[] = {
		"{\"access_token\":7}", "{\"token\":\"t\"}",
		"{\"access_token\":\"\"}", "{", "{\"access_token\":\"a b\"}x",
	};
	struct fault f;

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct config_command_value v;

		if (take(c, rows[i].printed, &f) < 0)
			fail_msg("%s: %s", rows[i].printed, f.text);
		expect(&s->token, rows[i].token);
		v = config_command_get(c);
		assert_int_equal(v.life, rows[i].life);
		assert_int_equal(v.ran, 1000);
		secret_unref(&v.secret);
	}
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		if (take(c, bad[i], &f) == 0)
			fail_msg("%s", bad[i]);
}

static void test_due(void **state)
{
	const struct settings *s = read_lines("token_command = /bin/x");
	struct config_command *c = s->token.command;
	struct fault f;

	(void)state;
	/* Nothing has been refused before it was printed. */
	assert_false(config_command_refused(c, INT64_MAX));
	assert_int_equal(
		take(c, "{\"access_token\":\"t\",\"expires_in\":60}", &f), 0);
	assert_false(config_command_due(c, 60999));
	assert_true(config_command_due(c, 61000));
	assert_int_equal(take(c, "t", &f), 0);
	assert_false(config_command_refused(c, 1000));
	assert_false(config_command_due(c, 1000));
	assert_false(config_command_refused(
		c, 999 + LIMIT_SECRET_COMMAND_AGAIN));
	assert_true(config_command_refused(
		c, 1000 + LIMIT_SECRET_COMMAND_AGAIN));
	assert_true(config_command_due(c, 1000));
	expect(&s->token, "t");
	assert_int_equal(take(c, "t", &f), 0);
	assert_false(config_command_due(c, 1000));
}

static void test_all_of_a_section(void **state)
{
	const struct settings *s = read_lines("token_command = /bin/x\n"
					      "secret_command = /bin/y\n"
					      "fixed = z");
	struct config_command *one, *two;
	size_t at = 0;

	(void)state;
	one = config_live_command_next(section, &at);
	two = config_live_command_next(section, &at);
	assert_null(config_live_command_next(section, &at));
	assert_true((one == s->token.command && two == s->secret.command) ||
		    (two == s->token.command && one == s->secret.command));
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
		cmocka_unit_test(test_line),
		cmocka_unit_test(test_mistakes),
		cmocka_unit_test(test_first_line),
		cmocka_unit_test(test_token),
		cmocka_unit_test(test_due),
		cmocka_unit_test(test_all_of_a_section),
	};

	return cmocka_run_group_tests_name("config/command", tests,
					   scratch_setup, teardown);
}
