/* SPDX-License-Identifier: MIT */
#include "oauth/placement/placement.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

static const struct str name = { "key", 3 };
static struct arena arena;
static struct fields fields;
static struct placement_request r = { .fields = &fields, .arena = &arena };

static int begin(void **state)
{
	(void)state;
	fields_init(&fields, &arena);
	return 0;
}

static int end(void **state)
{
	(void)state;
	arena_fini(&arena);
	arena = (struct arena){ NULL, NULL, NULL };
	return 0;
}

static void test_names(void **state)
{
	static const char *const bad[] = { "", "a b", "a=b", "a;b", "a,b",
					   "caf\xc3\xa9", "\"a\"", "a\n" };
	struct fault f;

	(void)state;
	assert_int_equal(placement_cookie.check_name("access_token", &f), 0);
	assert_int_equal(placement_cookie.check_name("__Host-x", &f), 0);
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		if (placement_cookie.check_name(bad[i], &f) == 0)
			fail_msg("taken: %s", bad[i]);
	}
}

/* RFC 6265 §4.1.1: all of US-ASCII but these. */
static void test_values(void **state)
{
	struct fault f;

	(void)state;
	for (int c = 0; c < 256; c++) {
		const char octet = (char)c;
		bool good = c > 0x20 && c < 0x7f && !strchr("\",;\\", c);
		struct buf b = BUF_INIT(10);
		int rc = placement_cookie.encode((struct str){ &octet, 1 }, &b,
						 &f);

		assert_int_equal(rc, good ? 0 : -1);
		assert_int_equal(b.n, good);
		buf_fini(&b);
	}
}

static void test_values_are_bounded(void **state)
{
	struct buf b = BUF_INIT(3);
	struct fault f;

	(void)state;
	assert_int_equal(placement_cookie.encode(STR("abcd"), &b, &f), -1);
	buf_fini(&b);
}

static void test_one_field(void **state)
{
	static const struct {
		const char *value;
		bool present;
		const char *left, *whole; /* left is NULL: the field goes */
	} rows[] = {
		{ "", false, "", "key=v" },
		{ "a=1", false, "a=1", "a=1; key=v" },
		{ "a=1;", false, "a=1;", "a=1; key=v" },
		{ "key", false, "key", "key; key=v" },
		{ "KEY=1", false, "KEY=1", "KEY=1; key=v" },
		{ "xkey=1; keyx=2", false, "xkey=1; keyx=2",
		  "xkey=1; keyx=2; key=v" },
		{ "a=key=1", false, "a=key=1", "a=key=1; key=v" },
		{ "key=1", true, NULL, "key=v" },
		{ " key = 1 ;", true, NULL, "key=v" },
		{ "key=1; key=2", true, NULL, "key=v" },
		{ "key=1; a=1", true, "a=1", "a=1; key=v" },
		{ "a=1;key=1;  b=\"2\"", true, "a=1;  b=\"2\"",
		  "a=1;  b=\"2\"; key=v" },
		{ "a=1; key=\"x\"; b", true, "a=1; b", "a=1; b; key=v" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		fields_init(&fields, &arena);
		fields_add(&fields, STR("cookie"), str_z(rows[i].value));
		assert_int_equal(placement_cookie.present(name, &r),
				 rows[i].present);
		placement_cookie.remove(name, &r);
		assert_false(placement_cookie.present(name, &r));
		assert_int_equal(fields.n, rows[i].left != NULL);
		if (rows[i].left &&
		    !str_eq_z(fields.v[0].value, rows[i].left))
			fail_msg("row %zu: %.*s", i,
				 STR_ARGS(fields.v[0].value));
		placement_cookie.apply(name, STR("v"), &r);
		assert_int_equal(fields.n, 1);
		if (!str_eq_z(fields.v[0].value, rows[i].whole))
			fail_msg("row %zu: %.*s", i,
				 STR_ARGS(fields.v[0].value));
	}
}

static void test_several_fields(void **state)
{
	(void)state;
	fields_add(&fields, STR("Cookie"), STR("key=1"));
	fields_add(&fields, STR("X-Cookie"), STR("key=1"));
	fields_add(&fields, STR("COOKIE"), STR("a=1; key=1"));
	fields_add(&fields, STR("Accept"), STR("key=1"));
	assert_true(placement_cookie.present(name, &r));
	placement_cookie.remove(name, &r);
	assert_int_equal(fields.n, 3);
	assert_true(str_eq_z(fields.v[0].name, "X-Cookie"));
	assert_true(str_eq_z(fields.v[1].name, "COOKIE"));
	assert_true(str_eq_z(fields.v[1].value, "a=1"));
	fields_add(&fields, STR("Cookie"), STR("b=1"));
	placement_cookie.apply(name, STR("v"), &r);
	assert_int_equal(fields.n, 4);
	assert_true(str_eq_z(fields.v[1].value, "a=1"));
	assert_true(str_eq_z(fields.v[3].value, "b=1; key=v"));
}

static void test_no_field(void **state)
{
	(void)state;
	fields_add(&fields, STR("Accept"), STR("*/*"));
	assert_false(placement_cookie.present(name, &r));
	placement_cookie.apply(name, STR("v"), &r);
	assert_int_equal(fields.n, 2);
	assert_true(str_eq_z(fields.v[1].name, "Cookie"));
	assert_true(str_eq_z(fields.v[1].value, "key=v"));
}

#define WITH_FIELDS(test) cmocka_unit_test_setup_teardown(test, begin, end)

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_names),
		cmocka_unit_test(test_values),
		cmocka_unit_test(test_values_are_bounded),
		WITH_FIELDS(test_one_field),
		WITH_FIELDS(test_several_fields),
		WITH_FIELDS(test_no_field),
	};

	return cmocka_run_group_tests_name("oauth/placement/cookie", tests,
					   NULL, NULL);
}
