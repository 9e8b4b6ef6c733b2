/* SPDX-License-Identifier: MIT */
#include "oauth/placement/placement.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

static const struct str name = { "access_token", 12 };
static struct arena arena;

static int end(void **state)
{
	(void)state;
	arena_fini(&arena);
	arena = (struct arena){ NULL, NULL, NULL };
	return 0;
}

static struct placement_request request(const char *target, const char *form)
{
	return (struct placement_request){
		.target = str_z(target),
		.arena = &arena,
		.form = str_z(form),
		.has_form = form != NULL,
	};
}

static void test_row(void **state)
{
	struct buf b = BUF_INIT(100);
	struct fault f;

	(void)state;
	assert_true(placement_body.needs_form);
	assert_int_equal(placement_body.check_name("api[key]", &f), 0);
	assert_int_equal(placement_body.check_name("", &f), -1);
	assert_int_equal(placement_body.check_name("a b", &f), -1);
	assert_int_equal(placement_body.encode(STR("a b&+="), &b, &f), 0);
	assert_string_equal(buf_z(&b), "a%20b%26%2B%3D");
	buf_fini(&b);
}

static void test_form(void **state)
{
	static const struct {
		const char *form;
		bool present;
		const char *whole;
	} rows[] = {
		{ "", false, "access_token=v" },
		{ "a=1", false, "a=1&access_token=v" },
		{ "a=1&", false, "a=1&&access_token=v" },
		{ "access_token=x", true, "access_token=v" },
		{ "access%5Ftoken", true, "access_token=v" },
		{ "a=%2f&access_token=x&b=1&access_token=y", true,
		  "a=%2f&b=1&access_token=v" },
		{ "a=\r\n", false, "a=\r\n&access_token=v" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct placement_request r = request("/?access_token=1",
						     rows[i].form);

		assert_int_equal(placement_body.present(name, &r),
				 rows[i].present);
		placement_body.remove(name, &r);
		assert_false(placement_body.present(name, &r));
		placement_body.apply(name, STR("v"), &r);
		if (!str_eq_z(r.form, rows[i].whole))
			fail_msg("%s became %.*s", rows[i].form,
				 STR_ARGS(r.form));
		/* The query is not its place. */
		assert_true(str_eq_z(r.target, "/?access_token=1"));
	}
}

static void test_query_where_there_is_no_form(void **state)
{
	struct placement_request r = request("/?a=1&access_token=1", NULL);

	(void)state;
	assert_true(placement_body.present(name, &r));
	placement_body.remove(name, &r);
	assert_false(placement_body.present(name, &r));
	placement_body.apply(name, STR("v"), &r);
	assert_true(str_eq_z(r.target, "/?a=1&access_token=v"));
	assert_int_equal(r.form.n, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_row),
		cmocka_unit_test_teardown(test_form, end),
		cmocka_unit_test_teardown(test_query_where_there_is_no_form,
					  end),
	};

	return cmocka_run_group_tests_name("oauth/placement/body", tests, NULL,
					   NULL);
}
