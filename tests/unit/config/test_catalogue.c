/* SPDX-License-Identifier: MIT */
/* Which profiles are found, where, and what is shown of them. */
#include "config/catalogue.h"

#include "config/scratch.h"

struct block {
	struct config_list dirs, include;
	char *kind, *text;
};

/* clang-format off */
static const struct config_key main_keys[] = {
	{ "dirs", &config_paths, offsetof(struct block, dirs),
	  CONFIG_REPEAT | CONFIG_PROFILE_DIR, NULL, NULL, "" },
	{ "include", &config_list, offsetof(struct block, include),
	  CONFIG_REPEAT | CONFIG_INCLUDE, NULL, NULL, "" },
};

static const struct config_key thing_keys[] = {
	{ "kind", &config_text, offsetof(struct block, kind), CONFIG_PROFILE,
	  NULL, NULL, "" },
	{ "text", &config_text, offsetof(struct block, text), 0, NULL, NULL,
	  "" },
};

static const struct config_table main_table = {
	"main", "Main", CONFIG_KEYS(main_keys), sizeof(struct block), 0 };
static const struct config_table thing_table = {
	"thing", "Thing", CONFIG_KEYS(thing_keys), sizeof(struct block), 0 };
/* clang-format on */

static const struct config_table *const tables[] = {
	&main_table, &thing_table, NULL,
};

static struct config *config;
static struct config_report *report;
static struct config_catalogue c;

static void load(const char *text)
{
	scratch_write("main.ini", text);
	report = config_report_new();
	config = config_read(scratch_path("main.ini"), tables,
			     scratch_path("last"), report);
	config_catalogue_read(&c, config, scratch_path("last"));
}

static int unload(void **state)
{
	(void)state;
	config_catalogue_fini(&c);
	config_free(&config);
	if (report)
		config_report_free(&report);
	return 0;
}

static int folders(void **state)
{
	if (scratch_setup(state) < 0 || mkdir(scratch_path("last"), 0700) ||
	    mkdir(scratch_path("more"), 0700))
		return -1;
	scratch_write("last/one.ini", "# The first\n[kind one]\ntext = 1\n");
	scratch_write("last/two.ini", "[kind two]\n");
	scratch_write("last/bad name.ini", "[kind x]\n");
	scratch_write("last/README", "words");
	scratch_write("more/two.ini", "; Ours\n; more\n[kind two]\n");
	return 0;
}

static void expect(const char *name, const char *file, int line,
		   const char *about)
{
	const struct config_profile *p = config_catalogue_find(&c, name);
	struct buf b = BUF_INIT(1024);
	struct fault f;

	assert_non_null(p);
	assert_string_equal(p->file, scratch_path(file));
	assert_int_equal(p->line, line);
	assert_int_equal(p->last, strncmp(file, "last/", 5) == 0);
	assert_int_equal(config_profile_about(p, &b, &f), 0);
	assert_string_equal(buf_z(&b), about);
	buf_fini(&b);
}

static void expect_text(const char *name, const char *text)
{
	struct buf b = BUF_INIT(1024);
	struct fault f;

	assert_int_equal(config_profile_text(config_catalogue_find(&c, name),
					     &b, &f), 0);
	assert_string_equal(buf_z(&b), text);
	buf_fini(&b);
}

static void test_without_a_configuration(void **state)
{
	(void)state;
	config_catalogue_read(&c, NULL, scratch_path("last"));
	assert_int_equal(c.n, 2);
	assert_string_equal(c.v[0].name, "one");
	expect("one", "last/one.ini", 0, "The first");
	expect("two", "last/two.ini", 0, "");
	expect_text("one", "# The first\n[kind one]\ntext = 1\n");
	assert_null(config_catalogue_find(&c, "three"));
}

static void test_without_anything(void **state)
{
	(void)state;
	config_catalogue_read(&c, NULL, NULL);
	assert_int_equal(c.n, 0);
	config_catalogue_fini(&c);
	config_catalogue_read(&c, NULL, scratch_path("nowhere"));
	assert_int_equal(c.n, 0);
}

/* Sections before directories, those in their order; a profile that a section
 * takes is none of the file's. */
static void test_order(void **state)
{
	(void)state;
	load("[main]\ndirs = more\n\n# Mine\n[kind one]\n"
	     "[thing a]\nkind = two\n");
	assert_int_equal(c.n, 2);
	expect("one", "main.ini", 5, "Mine");
	expect("two", "more/two.ini", 0, "Ours");
}

static void test_section_s_text(void **state)
{
	(void)state;
	load("# of the file\n\n# a\n# b\n[kind one]\ntext = 1\n# within\n\n"
	     "text = 2\n\n\n; next\n[kind two]\ntext = 3\n\n");
	expect_text("one", "# a\n# b\n[kind one]\ntext = 1\n# within\n\n"
		    "text = 2\n");
	expect_text("two", "; next\n[kind two]\ntext = 3\n");
	expect("two", "main.ini", 13, "next");
}

/* The file may be another one by now. */
static void test_section_that_is_gone(void **state)
{
	struct buf b = BUF_INIT(1024);
	struct fault f;

	(void)state;
	load("\n\n[kind one]\n");
	scratch_write("main.ini", "# x\n");
	expect_text("one", "");
	expect("one", "main.ini", 3, "");
	assert_int_equal(unlink(scratch_path("main.ini")), 0);
	assert_int_equal(config_profile_text(config_catalogue_find(&c, "one"),
					     &b, &f), -1);
	assert_non_null(strstr(f.text, "main.ini"));
	buf_fini(&b);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_teardown(test_without_a_configuration,
					  unload),
		cmocka_unit_test_teardown(test_without_anything, unload),
		cmocka_unit_test_teardown(test_order, unload),
		cmocka_unit_test_teardown(test_section_s_text, unload),
		cmocka_unit_test_teardown(test_section_that_is_gone, unload),
	};

	return cmocka_run_group_tests(tests, folders, scratch_teardown);
}
