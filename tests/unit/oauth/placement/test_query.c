/* SPDX-License-Identifier: MIT */
#include "oauth/placement/placed.h"
#include "oauth/placement/placement.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

static char parameter[] = "access_token";
static struct placement_spec spec = { &placement_query, parameter, NULL, NULL };
static struct arena arena;
static struct fields fields;

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
	spec.name = parameter;
	return 0;
}

static void test_names(void **state)
{
	struct fault f;

	(void)state;
	assert_int_equal(placement_query.check_name("access_token", &f), 0);
	assert_int_equal(placement_query.check_name("api[key]", &f), 0);
	assert_int_equal(placement_query.check_name("", &f), -1);
	assert_int_equal(placement_query.check_name("a b", &f), -1);
	assert_int_equal(placement_query.check_name("a\n", &f), -1);
	assert_int_equal(placement_query.check_name("\xc3\xa9", &f), -1);
}

static void test_values_are_percent_encoded(void **state)
{
	struct buf b = BUF_INIT(30);
	struct fault f;

	(void)state;
	assert_int_equal(placement_query.encode(STR("aZ09-._~ +/=&?#%\xc3\xa9"),
						&b, &f), -1);
	buf_fini(&b);
	buf_init(&b, 100);
	assert_int_equal(placement_query.encode(STR("aZ09-._~ +/=&?#%\xc3\xa9"),
						&b, &f), 0);
	assert_string_equal(buf_z(&b),
			    "aZ09-._~%20%2B%2F%3D%26%3F%23%25%C3%A9");
	buf_fini(&b);
}

static void test_finds_and_removes(void **state)
{
	static const struct {
		const char *target;
		const char *left; /* NULL: there is none in it */
	} rows[] = {
		{ "/", NULL },
		{ "/?", NULL },
		{ "/access_token=1", NULL },
		{ "/?a=access_token", NULL },
		{ "/?access_tokens=1", NULL },
		{ "/?access_toke=1", NULL },
		{ "/?ACCESS_TOKEN=1", NULL },
		{ "/?x?access_token=1", NULL },
		{ "/?a=1;access_token=1", NULL },
		{ "/?access%5Gtoken=1", NULL },
		{ "/?access_token%", NULL },
		{ "/?access_token%3d1", NULL },
		{ "/?access+token=1", NULL },
		{ "/?access_token=1", "/" },
		{ "/?access_token", "/" },
		{ "/?access_token=", "/" },
		{ "/?access%5ftoken=1", "/" },
		{ "/?%61ccess_token=1=2", "/" },
		{ "/?access_token=1&access_token=2", "/" },
		{ "/?a=1&access_token=2", "/?a=1" },
		{ "/?access_token=2&a=1", "/?a=1" },
		{ "/p//%2f/?a=%zz&access_token=2&b=+&&c&",
		  "/p//%2f/?a=%zz&b=+&&c&" },
		{ "/?&access_token=1", "/?" },
		{ "/?access_token=1&", "/?" },
		{ "/?&&access_token=1&&", "/?&&&" },
		{ "/?a=1?&access_token=b?", "/?a=1?" },
		{ "?access_token=1", "" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct placement_request r = {
			.fields = &fields,
			.target = str_z(rows[i].target),
			.arena = &arena,
		};
		const char *left = rows[i].left ? rows[i].left
						: rows[i].target;

		assert_int_equal(placement_query.present(str_z(spec.name), &r),
				 rows[i].left != NULL);
		placement_query.remove(str_z(spec.name), &r);
		if (!str_eq_z(r.target, left))
			fail_msg("%s became %.*s", rows[i].target,
				 STR_ARGS(r.target));
		assert_false(placement_query.present(str_z(spec.name), &r));
	}
}

static void expect_applied(const char *target, const char *result)
{
	struct placement_request r = {
		.fields = &fields,
		.target = str_z(target),
		.arena = &arena,
	};
	struct placed placed = {
		.spec = &spec,
		.value = secret_new(STR("a%2Bb")),
	};

	placement_query.apply(str_z(spec.name),
			      secret_expose(placed.value), &r);
	if (!str_eq_z(r.target, result))
		fail_msg("%s became %.*s", target, STR_ARGS(r.target));
	assert_int_equal(fields.n, 0);
	placed_fini(&placed);
}

static void test_appends(void **state)
{
	char odd[] = "api[key]";

	(void)state;
	expect_applied("/", "/?access_token=a%2Bb");
	expect_applied("/?", "/?access_token=a%2Bb");
	expect_applied("/v1//me?x=%2f&y", "/v1//me?x=%2f&y&access_token=a%2Bb");
	expect_applied("/?x=1&", "/?x=1&&access_token=a%2Bb");
	expect_applied("*", "*");
	spec.name = odd;
	expect_applied("/", "/?api%5Bkey%5D=a%2Bb");
}

static void test_odd_names_are_found_again(void **state)
{
	char odd[] = "a+b%";
	struct placed placed = {
		.spec = &spec,
		.value = secret_new(STR("v")),
	};
	struct placement_request r = {
		.fields = &fields,
		.target = STR("/?a b%"),
		.arena = &arena,
	};

	(void)state;
	spec.name = odd;
	assert_false(placement_query.present(str_z(spec.name), &r));
	placement_query.apply(str_z(spec.name),
			      secret_expose(placed.value), &r);
	assert_true(str_eq_z(r.target, "/?a b%&a%2Bb%25=v"));
	assert_true(placement_query.present(str_z(spec.name), &r));
	placement_query.remove(str_z(spec.name), &r);
	assert_true(str_eq_z(r.target, "/?a b%"));
	placed_fini(&placed);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_names),
		cmocka_unit_test(test_values_are_percent_encoded),
		cmocka_unit_test_setup_teardown(test_finds_and_removes, begin,
						end),
		cmocka_unit_test_setup_teardown(test_appends, begin, end),
		cmocka_unit_test_setup_teardown(test_odd_names_are_found_again,
						begin, end),
	};

	return cmocka_run_group_tests_name("oauth/placement/query", tests,
					   NULL, NULL);
}
