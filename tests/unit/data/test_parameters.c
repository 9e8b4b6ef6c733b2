/* SPDX-License-Identifier: MIT */
#include "data/parameters.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

static const struct str nothing = { NULL, 0 };

/* What is left of raw without "key"; NULL: there is no such parameter. */
static const struct {
	const char *raw, *left;
} rows[] = {
	{ "", NULL },
	{ "a=key", NULL },
	{ "keys=1", NULL },
	{ "ke=1", NULL },
	{ "KEY=1", NULL },
	{ "a=1;key=2", NULL },
	{ "key%3d1", NULL },
	{ "k%65z", NULL },
	{ "k%6", NULL },
	{ "key", "" },
	{ "key=", "" },
	{ "key=1=2", "" },
	{ "%6bey=1", "" },
	{ "%6Be%79=1", "" },
	{ "key=1&key=2", "" },
	{ "key=1&a=%zz", "a=%zz" },
	{ "a=1&key=2&b=+", "a=1&b=+" },
	{ "&key=1", "" },
	{ "key=1&", "" },
	{ "&&key=1&&", "&&&" },
};

static void test_finds_and_leaves_out(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		const char *left = rows[i].left ? rows[i].left : rows[i].raw;
		struct buf out = BUF_INIT(100);

		assert_int_equal(parameters_have(str_z(rows[i].raw),
						 STR("key")),
				 rows[i].left != NULL);
		parameters_keep(&out, str_z(rows[i].raw), STR("key"));
		if (strcmp(buf_z(&out), left) != 0)
			fail_msg("%s became %s", rows[i].raw, buf_z(&out));
		buf_fini(&out);
	}
}

/* An empty parameter is one; where there is no text, there is none. */
static void test_tells_whether_any_is_left(void **state)
{
	struct buf out = BUF_INIT(100);

	(void)state;
	assert_false(parameters_keep(&out, nothing, STR("key")));
	assert_false(parameters_keep(&out, STR("key=1"), STR("key")));
	assert_false(parameters_keep(&out, STR("key&key"), STR("key")));
	assert_int_equal(out.n, 0);
	assert_true(parameters_keep(&out, STR("&key"), STR("key")));
	assert_true(parameters_keep(&out, STR(""), STR("key")));
	assert_int_equal(out.n, 0);
	assert_true(parameters_keep(&out, STR("a"), STR("key")));
	assert_string_equal(buf_z(&out), "a");
	assert_false(parameters_have(nothing, STR("")));
	assert_true(parameters_have(STR("a&&b"), STR("")));
	assert_true(parameters_have(STR("=1"), STR("")));
	buf_fini(&out);
}

static void test_names_are_decoded(void **state)
{
	(void)state;
	assert_true(parameters_have(STR("a+b%25=1"), STR("a b%")));
	assert_true(parameters_have(STR("a%20b%=1"), STR("a b%")));
	assert_false(parameters_have(STR("a+b"), STR("a+b")));
	assert_true(parameters_have(STR("a%2Bb"), STR("a+b")));
	assert_true(parameters_have(STR("\xc3\xa4=1"), STR("\xc3\xa4")));
}

static void test_adds(void **state)
{
	static const struct {
		const char *raw, *name, *whole;
	} added[] = {
		{ "", "key", "key=v%20" },
		{ "a=%zz&", "key", "a=%zz&&key=v%20" },
		{ "key=1", "key", "key=1&key=v%20" },
		{ "a", "x[y]", "a&x%5By%5D=v%20" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(added) / sizeof(added[0]); i++) {
		struct buf out = BUF_INIT(100);

		parameters_add(&out, str_z(added[i].raw), str_z(added[i].name),
			       STR("v%20"));
		assert_string_equal(buf_z(&out), added[i].whole);
		buf_fini(&out);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_finds_and_leaves_out),
		cmocka_unit_test(test_tells_whether_any_is_left),
		cmocka_unit_test(test_names_are_decoded),
		cmocka_unit_test(test_adds),
	};

	return cmocka_run_group_tests_name("data/parameters", tests, NULL,
					   NULL);
}
