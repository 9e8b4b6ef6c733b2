/* SPDX-License-Identifier: MIT */
/* Whether the manual page says what the tables say. Called with --print, it
 * prints what the page must hold: build-aux/update-manual puts it there. */
#include "service/manual.h"

#include "service/scratch.h"
#include "service/tree.h"

static const char begin_mark[] = ".\\\" keys: begin\n",
		  end_mark[] = ".\\\" keys: end\n";

static void reference(struct buf *out)
{
	buf_init(out, 1 << 20);
	service_manual_write(out);
	assert_true(buf_ok(out));
}

static void test_page_and_tables_agree(void **state)
{
	struct buf page = BUF_INIT(1 << 20), want;
	const char *begin, *end;

	(void)state;
	assert_true(tree_read("man/bearerd.ini.5", &page));
	reference(&want);
	begin = strstr(buf_z(&page), begin_mark);
	assert_non_null(begin);
	begin += sizeof(begin_mark) - 1;
	end = strstr(begin, end_mark);
	assert_non_null(end);
	if (!str_eq((struct str){ begin, (size_t)(end - begin) },
		    buf_str(&want)))
		fail_msg("man/bearerd.ini.5 is stale: run "
			 "build-aux/update-manual");
	buf_fini(&page);
	buf_fini(&want);
}

/* mdoc takes every line for what was meant. */
static void test_lines(void **state)
{
	struct buf want;
	struct str rest;

	(void)state;
	reference(&want);
	rest = buf_str(&want);
	while (rest.n) {
		struct str line = str_sub(rest, 0, str_find(rest, '\n'));

		rest = str_from(rest, line.n + 1);
		assert_true(line.n > 0);
		assert_true(line.n <= 120);
		assert_true(line.p[0] != '\'' && line.p[0] != ' ');
		assert_true(line.p[line.n - 1] != ' ');
		if (line.p[0] == '.')
			assert_true(line.n >= 3 && line.p[1] >= 'A' &&
				    line.p[1] <= 'Z');
	}
	buf_fini(&want);
}

static void test_every_key_has_its_text(void **state)
{
	const struct config_table *const *t = service_tables();
	struct buf want;

	(void)state;
	reference(&want);
	for (; *t; t++)
		for (size_t i = 0; i < (*t)->nkeys; i++) {
			const struct config_key *key = &(*t)->keys[i];
			char item[128];

			(void)snprintf(item, sizeof(item), "\n.It Ic %s No =",
				       key->name);
			assert_non_null(strstr(buf_z(&want), item));
			assert_non_null(key->text);
			assert_true(strlen(key->text) > 20);
			assert_true(str_ends(str_z(key->text), STR(".")));
		}
	buf_fini(&want);
}

static int print_reference(void)
{
	struct buf out = BUF_INIT(1 << 20);
	int rc;

	service_manual_write(&out);
	rc = !buf_ok(&out) || fputs(buf_z(&out), stdout) < 0;
	buf_fini(&out);
	return rc;
}

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_page_and_tables_agree),
		cmocka_unit_test(test_lines),
		cmocka_unit_test(test_every_key_has_its_text),
	};

	if (argc > 1 && !strcmp(argv[1], "--print"))
		return print_reference();
	return cmocka_run_group_tests(tests, NULL, scratch_teardown);
}
