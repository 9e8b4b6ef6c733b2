/* SPDX-License-Identifier: MIT */
/* Whether the manual page says what the tables say. Called with --print or
 * --print-limits, it prints what a page must hold: build-aux/update-manual puts
 * it there. */
#include "service/keys.h"
#include "service/manual.h"

#include "service/scratch.h"
#include "service/tree.h"

typedef void write_fn(struct buf *out);

static void written(write_fn *fn, struct buf *out)
{
	buf_init(out, 1 << 20);
	fn(out);
	assert_true(buf_ok(out));
}

/* What stands between the marks of that name is what fn writes. */
static void assert_page_has(const char *path, const char *name, write_fn *fn)
{
	struct buf page = BUF_INIT(1 << 20), want;
	char mark[64];
	const char *begin, *end;

	assert_true(tree_read(path, &page));
	written(fn, &want);
	(void)snprintf(mark, sizeof(mark), ".\\\" %s: begin\n", name);
	begin = strstr(buf_z(&page), mark);
	assert_non_null(begin);
	begin += strlen(mark);
	(void)snprintf(mark, sizeof(mark), ".\\\" %s: end\n", name);
	end = strstr(begin, mark);
	assert_non_null(end);
	if (!str_eq((struct str){ begin, (size_t)(end - begin) },
		    buf_str(&want)))
		fail_msg("%s is stale: run build-aux/update-manual", path);
	buf_fini(&page);
	buf_fini(&want);
}

static void test_page_and_tables_agree(void **state)
{
	(void)state;
	assert_page_has("man/bearerd.ini.5", "keys", service_manual_write);
	assert_page_has("man/bearerd.8", "limits", service_manual_limits);
}

/* mdoc takes every line for what was meant. */
static void test_lines(void **state)
{
	struct buf want;
	struct str rest;

	(void)state;
	written(service_manual_write, &want);
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
	written(service_manual_write, &want);
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

/* A bound that a key sets is a key's. */
static void test_every_bound_is_told(void **state)
{
	struct buf want;

	(void)state;
	written(service_manual_limits, &want);
	assert_non_null(strstr(buf_z(&want),
			       "\n.It Ic max_connections : 10000\n"));
	assert_non_null(strstr(buf_z(&want),
			       "\n.It Ic max_body : unlimited\n"));
	assert_non_null(strstr(buf_z(&want),
			       "log : 256 KiB\nFurther lines are dropped"));
	buf_fini(&want);
}

static int print(write_fn *fn)
{
	struct buf out = BUF_INIT(1 << 20);
	int rc;

	fn(&out);
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
		cmocka_unit_test(test_every_bound_is_told),
	};

	if (argc > 1 && !strcmp(argv[1], "--print"))
		return print(service_manual_write);
	if (argc > 1 && !strcmp(argv[1], "--print-limits"))
		return print(service_manual_limits);
	return cmocka_run_group_tests(tests, NULL, scratch_teardown);
}
