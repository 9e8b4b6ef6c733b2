/* SPDX-License-Identifier: MIT */
/* Profiles as their users see them: through config_read_with. */
#include "config/profile.h"

#include "base/secret.h"
#include "config/scratch.h"

struct main_block {
	struct config_list dirs;
	struct config_list include;
};

struct thing_block {
	char *kind;
	char *text, *path, *own;
	struct secret *secret;
	struct config_list list, paths, claims;
	int word;
};

#define MAIN(member) offsetof(struct main_block, member)
#define THING(member) offsetof(struct thing_block, member)

/* clang-format off */
static const struct config_key main_keys[] = {
	{ "dirs", &config_paths, MAIN(dirs),
	  CONFIG_REPEAT | CONFIG_PROFILE_DIR, NULL, NULL, "" },
	{ "include", &config_list, MAIN(include),
	  CONFIG_REPEAT | CONFIG_INCLUDE, NULL, NULL, "" },
};

static const struct config_key thing_keys[] = {
	{ "kind", &config_text, THING(kind), CONFIG_PROFILE, NULL, NULL, "" },
	{ "text", &config_text, THING(text), 0, "default", NULL, "" },
	{ "path", &config_path, THING(path), 0, NULL, NULL, "" },
	{ "own", &config_text, THING(own), CONFIG_OWN, NULL, NULL, "" },
	{ "secret", &config_secret, THING(secret), CONFIG_SECRET, NULL, NULL,
	  "" },
	{ "list", &config_list, THING(list), CONFIG_REPEAT, "a", NULL, "" },
	{ "paths", &config_paths, THING(paths), CONFIG_REPEAT, NULL, NULL,
	  "" },
	{ "claim.*", &config_list, THING(claims), 0, NULL, NULL, "" },
	{ "word", &config_word, THING(word), 0, "b", "a b c", "" },
};

static const struct config_table main_table = {
	"main", "Main", CONFIG_KEYS(main_keys), sizeof(struct main_block), 0 };
static const struct config_table thing_table = {
	"thing", "Thing", CONFIG_KEYS(thing_keys),
	sizeof(struct thing_block), 0 };
/* clang-format on */

static const struct config_table *const tables[] = {
	&main_table, &thing_table, NULL,
};

static struct config *config;
static struct config_report *report;

static void unload(void)
{
	config_free(&config);
	config_report_free(&report);
}

static void load(const char *text)
{
	unload();
	scratch_write("c.ini", text);
	report = config_report_new();
	config = config_read(scratch_path("c.ini"), tables,
			     scratch_path("last"), report);
}

static const struct config_section *section(size_t i)
{
	return config_nth(config, "thing", i);
}

static const struct thing_block *thing(size_t i)
{
	return config_block(section(i), &thing_table);
}

static int setup(void **state)
{
	if (scratch_setup(state))
		return -1;
	return mkdir(scratch_path("last"), 0700) |
	       mkdir(scratch_path("one"), 0700) |
	       mkdir(scratch_path("two"), 0700);
}

static int teardown(void **state)
{
	unload();
	return scratch_teardown(state);
}

static void test_defaults_of_a_section(void **state)
{

	(void)state;
	load("[thing a]\nkind = x\nword = c\n"
	     "[kind x]\ntext = of x\npath = p\nword = a\n"
	     "[thing b]\n"
	     "[thing c]\nkind = x\ntext = of c\n");
	assert_mistakes(report, 0);
	assert_string_equal(thing(0)->text, "of x");
	assert_string_equal(thing(0)->path, scratch_path("p"));
	assert_int_equal(thing(0)->word, 2);
	assert_string_equal(thing(1)->text, "default");
	assert_null(thing(1)->path);
	assert_int_equal(thing(1)->word, 1);
	assert_string_equal(thing(2)->text, "of c");
	assert_int_equal(thing(2)->word, 0);
	/* Where they stand. */
	config_report_key(report, section(0), "text", "of the profile");
	assert_mistake(report, "c.ini:5", "of the profile");
	config_report_key(report, section(0), "word", "of its own");
	assert_mistake(report, "c.ini:3", "of its own");
	assert_true(config_given(section(0), "text"));
	assert_false(config_own(section(0), "text"));
	assert_true(config_own(section(0), "word"));
	assert_false(config_own(section(0), "list"));
	assert_string_equal(config_inherited(section(0), 0), "text");
	assert_null(config_inherited(section(0), 9));
	assert_int_equal(config_count_of(config, "kind"), 1);
	assert_string_equal(config_section_name(config_nth(config, "kind", 0)),
			    "x");
}

static const struct config_key *row(const char *name)
{
	for (size_t i = 0; i < thing_table.nkeys; i++)
		if (!strcmp(thing_table.keys[i].name, name))
			return &thing_table.keys[i];
	return NULL;
}

/* Those that a row has names for stand under these. */
static void test_own_keys_of_a_row(void **state)
{
	size_t at = 0;

	(void)state;
	load("[thing a]\nkind = x\nclaim.b = 1\nword = c\nclaim.a.c = 2\n"
	     "[kind x]\ntext = of x\nclaim.d = 3\n");
	assert_mistakes(report, 0);
	assert_string_equal(config_own_next(section(0), row("claim.*"), &at),
			    "claim.b");
	assert_string_equal(config_own_next(section(0), row("claim.*"), &at),
			    "claim.a.c");
	assert_null(config_own_next(section(0), row("claim.*"), &at));
	assert_null(config_own_next(section(0), row("claim.*"), &at));
	at = 0;
	assert_string_equal(config_own_next(section(0), row("word"), &at),
			    "word");
	assert_null(config_own_next(section(0), row("word"), &at));
	at = 0;
	assert_null(config_own_next(section(0), row("text"), &at));
}

static void test_lists(void **state)
{
	(void)state;
	load("[kind x]\nlist = one\nlist = two\npaths = p\npaths = /q\n"
	     "[thing a]\nkind = x\n"
	     "[thing b]\nkind = x\nlist = mine\npaths = r\n");
	assert_mistakes(report, 0);
	assert_int_equal(thing(0)->list.n, 2);
	assert_string_equal(thing(0)->list.v[1], "two");
	assert_string_equal(thing(0)->paths.v[0], scratch_path("p"));
	assert_string_equal(thing(0)->paths.v[1], "/q");
	assert_int_equal(thing(1)->list.n, 1);
	assert_string_equal(thing(1)->list.v[0], "mine");
	assert_int_equal(thing(1)->paths.n, 1);
}

/* Of a map each name is a key of its own. */
static void test_maps(void **state)
{
	(void)state;
	load("[kind x]\nclaim.a = 1\nclaim.b = 2\n"
	     "[thing a]\nkind = x\nclaim.b = mine\nclaim.c = 3\n");
	assert_mistakes(report, 0);
	assert_int_equal(thing(0)->claims.n, 3);
	assert_string_equal(thing(0)->claims.v[0], "b=mine");
	assert_string_equal(thing(0)->claims.v[1], "c=3");
	assert_string_equal(thing(0)->claims.v[2], "a=1");
	load("[kind x]\nclaim.a = 1\nclaim.a = 2\n");
	assert_mistake(report, "c.ini:3", "given on line 2 already");
	assert_mistakes(report, 1);
	/* One with no value says something too. */
	load("[kind x]\nclaim.a = 1\nclaim.b =\n"
	     "[thing a]\nkind = x\nclaim.a =\n");
	assert_mistakes(report, 0);
	assert_int_equal(thing(0)->claims.n, 2);
	assert_string_equal(thing(0)->claims.v[0], "a=");
	assert_string_equal(thing(0)->claims.v[1], "b=");
}

static void test_files(void **state)
{

	(void)state;
	scratch_write("one/x.ini", "; a comment\n[kind x]\npath = p\n");
	scratch_write("two/x.ini", "[kind x]\ntext = two\n");
	scratch_write("two/y.ini", "[kind y]\ntext = two\n");
	scratch_write("last/x.ini", "[kind x]\ntext = last\n");
	scratch_write("last/z.ini", "[kind z]\ntext = last\n");
	scratch_write("last/never.ini", "no ini at all\n");
	load("[thing a]\nkind = x\n[thing b]\nkind = y\n"
	     "[thing c]\nkind = z\n[thing d]\nkind = x\n"
	     "[main]\ndirs = one\ndirs = two\n");
	assert_mistakes(report, 0);
	assert_string_equal(thing(0)->path, scratch_path("one/p"));
	assert_string_equal(thing(0)->text, "default");
	assert_string_equal(thing(1)->text, "two");
	assert_string_equal(thing(2)->text, "last");
	assert_string_equal(thing(3)->path, scratch_path("one/p"));
	config_report_key(report, section(0), "path", "here");
	assert_mistake(report, "one/x.ini:3", "here");
	/* A section goes before any file. */
	load("[thing a]\nkind = z\n[kind z]\ntext = mine\n");
	assert_mistakes(report, 0);
	assert_string_equal(thing(0)->text, "mine");
	/* Without a last directory. */
	unload();
	report = config_report_new();
	scratch_write("c.ini", "[thing a]\nkind = z\n");
	config = config_read(scratch_path("c.ini"), tables, NULL, report);
	assert_mistake(report, "c.ini:2", "there is none at all");
	assert_mistakes(report, 1);
}

/* Said where they are, and once. */
static void test_mistakes_in_a_profile(void **state)
{
	(void)state;
	scratch_write("one/bad.ini", "[kind bad]\ntext =\nwrod = a\nword = d\n"
		      "secret = s3cret\nsecret_file = f\nsecret_env = E\n"
		      "own = 1\nkind = x\n");
	load("[main]\ndirs = one\n[thing a]\nkind = bad\n"
	     "[thing b]\nkind = bad\n");
	assert_mistake(report, "one/bad.ini:2", "text: has no value");
	assert_mistake(report, "one/bad.ini:3", "did you mean \"word\"");
	assert_mistake(report, "one/bad.ini:4", "must be one of: a b c");
	assert_mistake(report, "one/bad.ini:5", "secret is a secret, which");
	assert_mistake(report, "one/bad.ini:6", "secret_file is a secret");
	assert_mistake(report, "one/bad.ini:7", "secret_env is a secret");
	assert_mistake(report, "one/bad.ini:8", "own cannot stand in a");
	assert_mistake(report, "one/bad.ini:9", "kind cannot stand in a");
	assert_mistakes(report, 8);
	for (size_t i = 0; i < 8; i++)
		assert_null(strstr(config_report_text(report, i), "s3cret"));
	assert_null(thing(0)->secret);
	assert_null(thing(0)->own);
	/* What is said later of a key is said of its place there. */
	load("[thing a]\nkind = x\n[thing b]\nkind = x\n"
	     "[kind x]\ntext = t\nlist = 1\nlist = 2\nword = d\n");
	assert_mistakes(report, 1);
	for (size_t i = 0; i < 2; i++) {
		config_report_key(report, section(i), "text", "%s", "no good");
		config_report_item(report, section(i), "list", 0, "nor this");
		config_report_key(report, section(i), "word", "consequence");
	}
	assert_mistake(report, "c.ini:6", "no good");
	assert_mistake(report, "c.ini:7", "nor this");
	assert_mistakes(report, 3);
}

static void test_only_the_profile(void **state)
{
	(void)state;
	scratch_write("one/p.ini", "[thing t]\ntext = x\n[main]\ninclude = *\n"
		      "[kind q]\ntext = y\n[kind]\n[kind p]\ntext = z\n");
	load("[main]\ndirs = one\n[thing a]\nkind = p\n");
	assert_mistake(report, "one/p.ini:1", "only hold the profile p");
	assert_mistake(report, "one/p.ini:3", "only hold the profile p");
	assert_mistake(report, "one/p.ini:5", "only hold the profile p");
	assert_mistake(report, "one/p.ini:7", "only hold the profile p");
	assert_mistakes(report, 4);
	assert_string_equal(thing(0)->text, "z");
	assert_int_equal(config_count_of(config, "thing"), 1);
	assert_int_equal(config_count_of(config, "kind"), 1);
}

static void test_file_without_it(void **state)
{
	(void)state;
	scratch_write("one/none.ini", "; nothing\n");
	load("[main]\ndirs = one\n[thing a]\nkind = none\n"
	     "[thing b]\nkind = none\n");
	assert_mistake(report, "one/none.ini:1", "holds no [kind none]");
	assert_mistakes(report, 1);
	scratch_write("one/twice.ini", "[kind twice]\n[kind twice]\n");
	load("[main]\ndirs = one\n[thing a]\nkind = twice\n");
	assert_mistake(report, "one/twice.ini:2", "stands in");
	assert_mistakes(report, 1);
	assert_int_equal(mkdir(scratch_path("one/dir.ini"), 0700), 0);
	load("[main]\ndirs = one\n[thing a]\nkind = dir\n");
	assert_mistake(report, "c.ini:4", "not a regular file");
	assert_mistakes(report, 1);
}

static void test_unknown(void **state)
{
	(void)state;
	scratch_write("one/github.ini", "[kind github]\n");
	scratch_write("last/gitlab.ini", "[kind gitlab]\n");
	scratch_write("one/no name.ini", "");
	load("[main]\ndirs = one\ndirs = nowhere\n"
	     "[thing a]\nkind = gihub\n[thing b]\nkind = gitlap\n"
	     "[thing c]\nkind = ekample\n[thing d]\nkind = quite-another\n"
	     "[thing e]\nkind = ../one/github\n[kind example]\n");
	assert_mistake(report, "c.ini:5", "did you mean \"github\"?");
	assert_mistake(report, "c.ini:7", "did you mean \"gitlab\"?");
	assert_mistake(report, "c.ini:9", "did you mean \"example\"?");
	assert_mistake(report, "c.ini:11", "; there is example, ");
	assert_mistake(report, "c.ini:11", "gitlab");
	assert_mistake(report, "c.ini:13", "no profile of this name");
	assert_mistakes(report, 5);
	assert_null(strstr(config_report_text(report, 3), "no name"));
	/* What is missing may be in it. */
	config_report_key(report, section(0), "text", "is missing");
	assert_mistakes(report, 5);
	config_report_key(report, section(0), "kind", "is not good");
	assert_mistakes(report, 6);
}

static void test_more_than_are_shown(void **state)
{
	struct buf text = BUF_INIT(4096);

	(void)state;
	for (int i = 0; i < 20; i++)
		buf_addf(&text, "[kind example-%02d]\n", i);
	buf_add_z(&text, "[thing a]\nkind = quite-another\n");
	load(buf_z(&text));
	assert_mistake(report, "c.ini:22", "example-11, ...");
	assert_mistakes(report, 1);
	buf_fini(&text);
}

/* A profile that nobody names is read all the same where it is a section. */
static void test_unused(void **state)
{
	(void)state;
	load("[kind x]\nword = d\n[knid y]\n[kind no!]\n");
	assert_mistake(report, "c.ini:2", "must be one of");
	assert_mistake(report, "c.ini:3", "did you mean \"kind\"");
	assert_mistake(report, "c.ini:4", "letters, digits");
	assert_mistakes(report, 3);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_defaults_of_a_section),
		cmocka_unit_test(test_own_keys_of_a_row),
		cmocka_unit_test(test_lists),
		cmocka_unit_test(test_maps),
		cmocka_unit_test(test_files),
		cmocka_unit_test(test_mistakes_in_a_profile),
		cmocka_unit_test(test_only_the_profile),
		cmocka_unit_test(test_file_without_it),
		cmocka_unit_test(test_unknown),
		cmocka_unit_test(test_more_than_are_shown),
		cmocka_unit_test(test_unused),
	};

	return cmocka_run_group_tests(tests, setup, teardown);
}
