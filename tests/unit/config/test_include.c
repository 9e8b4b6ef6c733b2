/* SPDX-License-Identifier: MIT */
#include "config/config.h"

#include "base/buf.h"
#include "config/scratch.h"

struct main_block {
	char *name;
	struct config_list include;
};

struct thing_block {
	char *path;
};

/* clang-format off */
static const struct config_key main_keys[] = {
	{ "name", &config_text, offsetof(struct main_block, name), 0, NULL,
	  NULL, "" },
	{ "include", &config_list, offsetof(struct main_block, include),
	  CONFIG_REPEAT | CONFIG_INCLUDE, NULL, NULL, "" },
};

static const struct config_key thing_keys[] = {
	{ "path", &config_path, offsetof(struct thing_block, path), 0, NULL,
	  NULL, "" },
};
/* clang-format on */

static const struct config_table main_table = {
	"main", "Main", CONFIG_KEYS(main_keys), sizeof(struct main_block), 0
};
static const struct config_table thing_table = {
	"thing", "Thing", CONFIG_KEYS(thing_keys), sizeof(struct thing_block), 0
};
static const struct config_table *const tables[] = {
	&main_table, &thing_table, NULL,
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

static int setup(void **state)
{
	return scratch_setup(state);
}

static int teardown(void **state)
{
	config_free(&config);
	config_report_free(&report);
	return scratch_teardown(state);
}

static void assert_things(const char *names)
{
	char all[256] = "";

	for (size_t i = 0; i < config_count_of(config, "thing"); i++) {
		strcat(all, config_section_name(config_nth(config, "thing",
							   i)));
		strcat(all, " ");
	}
	assert_string_equal(all, names);
}

static void test_sorted(void **state)
{
	(void)state;
	assert_int_equal(mkdir(scratch_path("d"), 0700), 0);
	scratch_write("d/20.ini", "[thing b]\n");
	scratch_write("d/10.ini", "[thing a]\n");
	scratch_write("d/30.txt", "[thing no]\n");
	load("[main]\ninclude = d/*.ini\n[thing z]\n");
	assert_mistakes(report, 0);
	assert_things("z a b ");
	load("[main]\ninclude = d/20.ini\ninclude = d/1?.ini\n");
	assert_mistakes(report, 0);
	assert_things("b a ");
}

static void test_nothing_fits(void **state)
{
	(void)state;
	load("[main]\ninclude = none/*.ini\ninclude = none.ini\n"
	     "include = d/none.ini\n");
	assert_mistake(report, "c.ini:3", "there is no such file");
	assert_mistake(report, "c.ini:4", "there is no such file");
	assert_mistakes(report, 2);
}

static void test_paths_are_seen_from_their_file(void **state)
{
	const struct thing_block *thing;
	char want[256];

	(void)state;
	assert_int_equal(mkdir(scratch_path("e"), 0700), 0);
	scratch_write("e/a.ini", "[main]\ninclude = b.ini\n");
	scratch_write("e/b.ini", "[thing x]\npath = ca.pem\n");
	load("[main]\ninclude = e/a.ini\n");
	assert_mistakes(report, 0);
	thing = config_block(config_nth(config, "thing", 0), &thing_table);
	(void)snprintf(want, sizeof(want), "%s/e/ca.pem", scratch);
	assert_string_equal(thing->path, want);
}

static void test_main_over_several_files(void **state)
{
	const struct main_block *m;

	(void)state;
	scratch_write("m.ini", "[main]\nname = x\n");
	load("[main]\ninclude = m.ini\n");
	assert_mistakes(report, 0);
	m = config_block(config_only(config, "main"), &main_table);
	assert_string_equal(m->name, "x");
	load("[main]\nname = y\ninclude = m.ini\n");
	assert_mistake(report, "m.ini:2", "name is given on line 2 of ");
	assert_mistakes(report, 1);
}

static void test_mistakes_in_order_of_files(void **state)
{
	(void)state;
	scratch_write("p.ini", "bad\n[thing a]\n");
	scratch_write("q.ini", "bad\n");
	load("[main]\ninclude = p.ini\ninclude = q.ini\n[thing a]\nbad\n");
	assert_mistakes(report, 4);
	assert_true(strstr(config_report_text(report, 0), "c.ini:5") != NULL);
	assert_true(strstr(config_report_text(report, 1), "p.ini:1") != NULL);
	assert_mistake(report, "p.ini:2", "c.ini on line 4 already");
	assert_true(strstr(config_report_text(report, 3), "q.ini:1") != NULL);
}

static void test_cycles(void **state)
{
	(void)state;
	load("[main]\ninclude = c.ini\n");
	assert_mistake(report, "c.ini:2", "has been read already");
	assert_mistakes(report, 1);
	scratch_write("r.ini", "[main]\ninclude = s.ini\n");
	scratch_write("s.ini", "[main]\ninclude = r.ini\n");
	load("[main]\ninclude = r.ini\n");
	assert_mistake(report, "s.ini:2", "has been read already");
	assert_mistakes(report, 1);
	scratch_write("t.ini", "[thing t]\n");
	load("[main]\ninclude = t.ini\ninclude = t.*i\n");
	assert_mistake(report, "c.ini:3", "has been read already");
	assert_mistakes(report, 1);
}

static void test_depth(void **state)
{
	char name[32], text[64];

	(void)state;
	for (int i = 1; i <= 9; i++) {
		(void)snprintf(name, sizeof(name), "deep%d.ini", i);
		(void)snprintf(text, sizeof(text),
			       "[main]\ninclude = deep%d.ini\n", i + 1);
		scratch_write(name, i == 9 ? "[thing end]\n" : text);
	}
	load("[main]\ninclude = deep2.ini\n");
	assert_mistakes(report, 0);
	assert_things("end ");
	load("[main]\ninclude = deep1.ini\n");
	assert_mistake(report, "deep8.ini:2", "8 deep");
	assert_mistakes(report, 1);
}

static void test_only_in_its_section(void **state)
{
	(void)state;
	load("[thing a]\ninclude = x.ini\n[main]\ninclude =\n");
	assert_mistake(report, "c.ini:2", "no key \"include\"");
	assert_mistake(report, "c.ini:4", "no value");
	assert_mistakes(report, 2);
}

static void test_no_regular_file(void **state)
{
	(void)state;
	assert_int_equal(mkdir(scratch_path("f.ini"), 0700), 0);
	load("[main]\ninclude = f.ini\n");
	assert_mistake(report, "c.ini:2", "not a regular file");
	assert_mistakes(report, 1);
}

/* A folder's own name is no pattern. */
static void test_odd_folder(void **state)
{
	(void)state;
	assert_int_equal(mkdir(scratch_path("o[1]*"), 0700), 0);
	scratch_write("o[1]*/a.ini", "[main]\ninclude = b*.ini\n");
	scratch_write("o[1]*/b1.ini", "[thing odd]\n");
	config_free(&config);
	config_report_free(&report);
	report = config_report_new();
	config = config_read(scratch_path("o[1]*/a.ini"), tables, NULL, report);
	assert_mistakes(report, 0);
	assert_things("odd ");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_sorted),
		cmocka_unit_test(test_nothing_fits),
		cmocka_unit_test(test_paths_are_seen_from_their_file),
		cmocka_unit_test(test_main_over_several_files),
		cmocka_unit_test(test_mistakes_in_order_of_files),
		cmocka_unit_test(test_cycles),
		cmocka_unit_test(test_depth),
		cmocka_unit_test(test_only_in_its_section),
		cmocka_unit_test(test_no_regular_file),
		cmocka_unit_test(test_odd_folder),
	};

	return cmocka_run_group_tests(tests, setup, teardown);
}
