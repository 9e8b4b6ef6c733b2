/* SPDX-License-Identifier: MIT */
#include "config/config.h"

#include "base/buf.h"
#include "base/secret.h"
#include "config/scratch.h"

/* In place of the library's, to which it is as true: the order of equals is
 * the other way round, and nobody may count on it. */
void qsort(void *v, size_t n, size_t size,
	   int (*compare)(const void *a, const void *b))
{
	char *p = v, *x, *y, octet;

	for (size_t i = 1; i < n; i++) {
		for (size_t k = i; k > 0; k--) {
			x = p + (k - 1) * size;
			y = p + k * size;
			if (compare(x, y) < 0)
				break;
			for (size_t o = 0; o < size; o++) {
				octet = x[o];
				x[o] = y[o];
				y[o] = octet;
			}
		}
	}
}

/* What a daemon might have: a section without a name that includes, and one
 * with, whose keys stand in two tables. */
struct main_block {
	char *name;
	int64_t time;
	struct config_list listen, include, paths, sockets;
	struct config_cidrs from;
	char *path;
};

struct thing_block {
	struct secret *secret;
	char *text;
	int word;
	bool flag;
	struct config_list list, claims;
	struct config_numbers statuses;
};

struct more_block {
	uint64_t size;
};

#define MAIN(member) offsetof(struct main_block, member)
#define THING(member) offsetof(struct thing_block, member)

/* clang-format off */
static const struct config_key main_keys[] = {
	{ "name", &config_text, MAIN(name), 0, NULL, NULL, "" },
	{ "time", &config_duration, MAIN(time), 0, "5s", NULL, "" },
	{ "listen", &config_list, MAIN(listen), CONFIG_REPEAT, "here", NULL,
	  "" },
	{ "from", &config_cidrs, MAIN(from), CONFIG_REPEAT, "::1", NULL, "" },
	{ "path", &config_path, MAIN(path), 0, NULL, NULL, "" },
	{ "paths", &config_paths, MAIN(paths), CONFIG_REPEAT, NULL, NULL, "" },
	{ "sockets", &config_listen, MAIN(sockets), CONFIG_REPEAT, NULL, NULL,
	  "" },
	{ "include", &config_list, MAIN(include),
	  CONFIG_REPEAT | CONFIG_INCLUDE, NULL, NULL, "" },
};

static const struct config_key thing_keys[] = {
	{ "secret", &config_secret, THING(secret), CONFIG_SECRET, NULL, NULL,
	  "" },
	{ "text", &config_text, THING(text), 0, "default", NULL, "" },
	{ "word", &config_word, THING(word), 0, "b", "a b c", "" },
	{ "flag", &config_bool, THING(flag), 0, "yes", NULL, "" },
	{ "list", &config_list, THING(list), CONFIG_REPEAT, NULL, NULL, "" },
	{ "claim.*", &config_list, THING(claims), 0, NULL, NULL, "" },
	{ "statuses", &config_statuses, THING(statuses), CONFIG_REPEAT, "401",
	  NULL, "" },
};

static const struct config_key more_keys[] = {
	{ "size", &config_size, offsetof(struct more_block, size), 0, "64K",
	  NULL, "" },
};

static const struct config_table main_table = {
	"main", "Main", CONFIG_KEYS(main_keys), sizeof(struct main_block), 0 };
static const struct config_table thing_table = {
	"thing", "Thing", CONFIG_KEYS(thing_keys),
	sizeof(struct thing_block), 0 };
static const struct config_table more_table = {
	"thing", "More", CONFIG_KEYS(more_keys), sizeof(struct more_block), 0 };
/* clang-format on */

static const struct config_table *const tables[] = {
	&main_table, &thing_table, &more_table, NULL,
};

static struct config *config;
static struct config_report *report;

static void load(const char *text)
{
	config_free(&config);
	config_report_free(&report);
	scratch_write("c.ini", text);
	report = config_report_new();
	config = config_read(scratch_path("c.ini"), tables, NULL, report);
}

static const struct main_block *main_block(void)
{
	return config_block(config_only(config, "main"), &main_table);
}

static const struct thing_block *thing(size_t i)
{
	return config_block(config_nth(config, "thing", i), &thing_table);
}

static int setup(void **state)
{
	unsetenv("CREDENTIALS_DIRECTORY");
	return scratch_setup(state);
}

static int teardown(void **state)
{
	config_free(&config);
	config_report_free(&report);
	return scratch_teardown(state);
}

static void test_defaults(void **state)
{
	const struct more_block *more;

	(void)state;
	load("[thing a]\n");
	assert_mistakes(report, 0);
	assert_null(main_block()->name);
	assert_int_equal(main_block()->time, 5000);
	assert_int_equal(main_block()->listen.n, 1);
	assert_string_equal(main_block()->listen.v[0], "here");
	assert_int_equal(main_block()->from.n, 1);
	assert_int_equal(config_count_of(config, "thing"), 1);
	assert_null(thing(0)->secret);
	assert_string_equal(thing(0)->text, "default");
	assert_int_equal(thing(0)->word, 1);
	assert_true(thing(0)->flag);
	assert_int_equal(thing(0)->statuses.n, 1);
	more = config_block(config_nth(config, "thing", 0), &more_table);
	assert_int_equal(more->size, 65536);
	load("");
	assert_mistakes(report, 0);
	assert_int_equal(config_count_of(config, "thing"), 0);
	assert_null(config_nth(config, "thing", 0));
	assert_null(config_only(config, "thing"));
	assert_null(config_nth(config, "main", 0));
	assert_int_equal(config_count_of(config, "nothing"), 0);
}

static void test_values(void **state)
{
	const struct config_section *s;

	(void)state;
	load("[main]\n"
	     "name = some name\n"
	     "listen = a\n"
	     "listen = b\n"
	     "[thing one]\n"
	     "flag = no\n"
	     "text = x ; y # z\n"
	     "statuses = 403\n"
	     "size = 1K\n"
	     "[thing two]\n"
	     "secret = s\n");
	assert_mistakes(report, 0);
	assert_string_equal(main_block()->name, "some name");
	assert_int_equal(main_block()->listen.n, 2);
	assert_string_equal(main_block()->listen.v[1], "b");
	assert_false(thing(0)->flag);
	assert_string_equal(thing(0)->text, "x ; y # z");
	assert_int_equal(thing(0)->statuses.n, 1);
	assert_int_equal(thing(0)->statuses.v[0], 403);
	assert_true(secret_eq_str(thing(1)->secret, STR("s")));
	s = config_only(config, "main");
	assert_string_equal(config_section_name(s), "");
	assert_true(config_given(s, "name"));
	assert_false(config_given(s, "time"));
	s = config_nth(config, "thing", 1);
	assert_string_equal(config_section_name(s), "two");
}

static void test_wildcard_keys(void **state)
{
	(void)state;
	load("[thing a]\nclaim.sub = x\nclaim.a.b = y = z\n");
	assert_mistakes(report, 0);
	assert_int_equal(thing(0)->claims.n, 2);
	assert_string_equal(thing(0)->claims.v[0], "sub=x");
	assert_string_equal(thing(0)->claims.v[1], "a.b=y = z");
	load("[thing a]\nclaim.sub = x\nclaim.sub = y\nclaim.* = z\n"
	     "claim. = z\nclaim = z\n");
	assert_mistake(report, "c.ini:3", "given on line 2 already");
	assert_mistake(report, "c.ini:4", "no such key");
	assert_mistake(report, "c.ini:6", "no key");
}

static void test_all_mistakes_in_one_run(void **state)
{
	(void)state;
	load("stray = 1\n"
	     "[mian]\n"
	     "naem = x\n"
	     "time = soon\n"
	     "[thing a]\n"
	     "word = d\n"
	     "flag: no\n"
	     "text =\n"
	     "text = twice\n"
	     "  more\n"
	     "[thing a]\n"
	     "[thing]\n"
	     "[thing no!]\n"
	     "[thing live]\n"
	     "[thing ready]\n"
	     "[thing 0123456789012345678901234567890123]\n"
	     "[thing _x]\n"
	     "[main x]\n"
	     "[xyz]\n"
	     "key = of nothing\n"
	     "[thing z]\n"
	     "secret_fiel = x\n");
	assert_mistake(report, "c.ini:1", "in front of the first section");
	assert_mistake(report, "c.ini:2", "did you mean \"main\"");
	assert_mistake(report, "c.ini:3", "did you mean \"name\"");
	assert_mistake(report, "c.ini:4", "time: must be a duration");
	assert_mistake(report, "c.ini:6", "word: must be one of: a b c");
	assert_mistake(report, "c.ini:7", "does not separate");
	assert_mistake(report, "c.ini:8", "text: has no value");
	assert_mistake(report, "c.ini:9", "text is given on line 8 already");
	assert_mistake(report, "c.ini:10", "indented");
	assert_mistake(report, "c.ini:11", "on line 5 already");
	assert_mistake(report, "c.ini:12", "needs a name");
	assert_mistake(report, "c.ini:13", "letters, digits");
	assert_mistake(report, "c.ini:14", "are taken");
	assert_mistake(report, "c.ini:15", "are taken");
	assert_mistake(report, "c.ini:16", "longer than 32");
	assert_mistake(report, "c.ini:17", "begins with a letter");
	assert_mistake(report, "c.ini:18", "has no name");
	assert_mistake(report, "c.ini:18", "on line 2 already");
	assert_mistake(report, "c.ini:19", "no section of the kind \"xyz\"");
	assert_mistake(report, "c.ini:22", "did you mean \"secret_file\"");
	assert_mistakes(report, 20);
	/* What was bad has its default. */
	assert_int_equal(main_block()->time, 5000);
	assert_int_equal(thing(0)->word, 1);
}

/* The rest of a secret that was broken into lines. */
static void test_no_part_of_a_secret(void **state)
{
	(void)state;
	load("[thing a]\nsecret = MIIEvQIBADANBgkq\n"
	     "hkiG9w0BAQ/EFAASCBKc==\n"
	     "hkiG9w0BAQEFAASCBKchkiG9w0BAQEFAASCBKchkiG9w0BAQEF==\n");
	assert_mistake(report, "c.ini:3", "no such key");
	assert_mistake(report, "c.ini:4", "no such key");
	assert_mistakes(report, 2);
	for (size_t i = 0; i < 2; i++)
		assert_null(strstr(config_report_text(report, i), "hkiG9"));
}

static void test_names(void **state)
{
	(void)state;
	load("[thing a]\n[thing A]\n[thing 0]\n[thing a-b_c]\n"
	     "[thing 01234567890123456789012345678901]\n[thing lives]\n");
	assert_mistakes(report, 0);
	assert_int_equal(config_count_of(config, "thing"), 6);
}

static void test_long_secret(void **state)
{
	struct buf text = BUF_INIT(20000);

	(void)state;
	buf_add_z(&text, "[thing a]\nsecret = ");
	for (int i = 0; i < 8190; i++)
		buf_add_char(&text, (char)('a' + i % 26));
	buf_add_z(&text, " ;");
	load(buf_z(&text));
	assert_mistakes(report, 0);
	assert_true(secret_eq_str(thing(0)->secret,
				  str_from(buf_str(&text), 19)));
	buf_fini(&text);
}

static void test_secret_from_file(void **state)
{
	(void)state;
	scratch_write("s1", "one\n");
	scratch_write("s2", "two\n\n");
	scratch_write("s3", "three");
	load("[thing a]\nsecret_file = s1\n[thing b]\nsecret_file = s3\n");
	assert_mistakes(report, 0);
	assert_true(secret_eq_str(thing(0)->secret, STR("one")));
	assert_true(secret_eq_str(thing(1)->secret, STR("three")));
	assert_true(config_given(config_nth(config, "thing", 0), "secret"));
	config_report_key(report, config_nth(config, "thing", 1), "secret",
			  "here");
	assert_mistake(report, "c.ini:4", "here");
	/* Only one newline goes; a second line is no secret's. */
	load("[thing a]\nsecret_file = s2\n");
	assert_mistake(report, "c.ini:2", "s2: holds a control");
	assert_mistakes(report, 1);
}

static void test_secret_file_refused(void **state)
{
	static char big[65537];

	(void)state;
	memset(big, 's', sizeof(big));
	scratch_write_n("big", big, sizeof(big));
	scratch_write_n("fits", big, sizeof(big) - 1);
	scratch_write("empty", "\n");
	scratch_write_n("nul", "a\0b", 3);
	assert_int_equal(mkdir(scratch_path("folder"), 0700), 0);
	load("[thing a]\nsecret_file = big\n"
	     "[thing b]\nsecret_file = empty\n"
	     "[thing c]\nsecret_file = nul\n"
	     "[thing d]\nsecret_file = folder\n"
	     "[thing e]\nsecret_file = missing\n"
	     "[thing f]\nsecret_file = fits\n"
	     "[thing g]\ntext_file = fits\n"
	     "[thing h]\nsecret_file =\n");
	assert_mistake(report, "c.ini:2", "larger than 65536");
	assert_mistake(report, "c.ini:4", "empty");
	assert_mistake(report, "c.ini:6", "control character");
	assert_mistake(report, "c.ini:8", "not a regular file");
	assert_mistake(report, "c.ini:10", "No such file");
	assert_mistake(report, "c.ini:14", "no key \"text_file\"");
	assert_mistake(report, "c.ini:16", "has no value");
	assert_mistakes(report, 7);
}

static void test_credentials_directory(void **state)
{
	(void)state;
	assert_int_equal(mkdir(scratch_path("creds"), 0700), 0);
	scratch_write("creds/both", "credential");
	scratch_write("both", "beside");
	scratch_write("beside", "beside");
	setenv("CREDENTIALS_DIRECTORY", scratch_path("creds"), 1);
	load("[thing a]\nsecret_file = both\n[thing b]\nsecret_file = "
	     "beside\n");
	unsetenv("CREDENTIALS_DIRECTORY");
	assert_mistakes(report, 0);
	assert_true(secret_eq_str(thing(0)->secret, STR("credential")));
	assert_true(secret_eq_str(thing(1)->secret, STR("beside")));
}

static void test_secret_from_environment(void **state)
{
	(void)state;
	setenv("BEARERD_TEST_SECRET", "from env", 1);
	setenv("BEARERD_TEST_EMPTY", "", 1);
	unsetenv("BEARERD_TEST_UNSET");
	load("[thing a]\nsecret_env = BEARERD_TEST_SECRET\n");
	assert_mistakes(report, 0);
	assert_true(secret_eq_str(thing(0)->secret, STR("from env")));
	load("[thing a]\nsecret_env = BEARERD_TEST_EMPTY\n"
	     "[thing b]\nsecret_env = BEARERD_TEST_UNSET\n");
	assert_mistake(report, "c.ini:2", "BEARERD_TEST_EMPTY is empty");
	assert_mistake(report, "c.ini:4", "BEARERD_TEST_UNSET is not set");
	assert_mistakes(report, 2);
}

static void test_secret_one_way_only(void **state)
{
	(void)state;
	scratch_write("s1", "one\n");
	setenv("BEARERD_TEST_SECRET", "from env", 1);
	load("[thing a]\nsecret = s3cret\nsecret_file = s1\n"
	     "secret_env = BEARERD_TEST_SECRET\nsecret = other\n");
	assert_mistake(report, "c.ini:3", "secret is given on line 2");
	assert_mistake(report, "c.ini:4", "secret is given on line 2");
	assert_mistake(report, "c.ini:5", "secret is given on line 2");
	assert_mistakes(report, 3);
	for (size_t i = 0; i < 3; i++)
		assert_null(strstr(config_report_text(report, i), "s3cret"));
}

static void test_paths(void **state)
{
	char want[256];

	(void)state;
	load("[main]\npath = a/b.pem\npaths = /x\npaths = ../y\n");
	assert_mistakes(report, 0);
	(void)snprintf(want, sizeof(want), "%s/a/b.pem", scratch);
	assert_string_equal(main_block()->path, want);
	assert_string_equal(main_block()->paths.v[0], "/x");
	(void)snprintf(want, sizeof(want), "%s/../y", scratch);
	assert_string_equal(main_block()->paths.v[1], want);
}

static void test_path_of_a_socket(void **state)
{
	char want[256];

	(void)state;
	load("[main]\nsockets = unix:a/b\nsockets = unix:/c\n"
	     "sockets = host:1\nsockets = unix:\n");
	assert_mistakes(report, 0);
	(void)snprintf(want, sizeof(want), "unix:%s/a/b", scratch);
	assert_string_equal(main_block()->sockets.v[0], want);
	assert_string_equal(main_block()->sockets.v[1], "unix:/c");
	assert_string_equal(main_block()->sockets.v[2], "host:1");
	assert_string_equal(main_block()->sockets.v[3], "unix:");
}

static void test_report_key(void **state)
{
	const struct config_section *s;

	(void)state;
	load("\n[thing a]\ntext = x\nlist = a\nlist = b\nword = bad\n");
	assert_mistakes(report, 1);
	s = config_nth(config, "thing", 0);
	config_report_key(report, s, "text", "about %s", "text");
	config_report_key(report, s, "flag", "about flag");
	config_report_key(report, s, "list", "about list");
	config_report_item(report, s, "list", 0, "the first");
	config_report_item(report, s, "list", 1, "the second");
	config_report_item(report, s, "list", 9, "the tenth");
	config_report_key(report, config_only(config, "main"), "name",
			  "about name");
	assert_mistake(report, "c.ini:3", "about text");
	assert_mistake(report, "c.ini:2", "about flag");
	assert_mistake(report, "c.ini:5", "about list");
	assert_mistake(report, "c.ini:4", "the first");
	assert_mistake(report, "c.ini:5", "the second");
	assert_mistake(report, "c.ini:5", "the tenth");
	assert_mistake(report, "c.ini:1", "about name");
	/* Nothing more is said of what could not be read. */
	config_report_key(report, s, "word", "about word");
	assert_mistakes(report, 8);
}

static void test_unreadable(void **state)
{
	(void)state;
	config_free(&config);
	config_report_free(&report);
	report = config_report_new();
	config = config_read(scratch_path("nothing.ini"), tables, NULL, report);
	assert_non_null(config);
	assert_mistake(report, "nothing.ini", "No such file");
	assert_mistakes(report, 1);
	assert_non_null(config_only(config, "main"));
}

static void test_many_mistakes(void **state)
{
	struct buf text = BUF_INIT(1 << 20);

	(void)state;
	buf_add_z(&text, "[thing a]\n");
	for (int i = 0; i < 20000; i++)
		buf_add_z(&text, "unknown_key = 1\n");
	load(buf_z(&text));
	assert_mistakes(report, 1000);
	buf_fini(&text);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_defaults),
		cmocka_unit_test(test_values),
		cmocka_unit_test(test_wildcard_keys),
		cmocka_unit_test(test_all_mistakes_in_one_run),
		cmocka_unit_test(test_no_part_of_a_secret),
		cmocka_unit_test(test_names),
		cmocka_unit_test(test_long_secret),
		cmocka_unit_test(test_secret_from_file),
		cmocka_unit_test(test_secret_file_refused),
		cmocka_unit_test(test_credentials_directory),
		cmocka_unit_test(test_secret_from_environment),
		cmocka_unit_test(test_secret_one_way_only),
		cmocka_unit_test(test_paths),
		cmocka_unit_test(test_path_of_a_socket),
		cmocka_unit_test(test_report_key),
		cmocka_unit_test(test_unreadable),
		cmocka_unit_test(test_many_mistakes),
	};

	return cmocka_run_group_tests(tests, setup, teardown);
}
