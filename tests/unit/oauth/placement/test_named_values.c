/* SPDX-License-Identifier: MIT */
#include "oauth/placement/named_values.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

static void test_finds_by_name(void **state)
{
	struct named_values vs = { NULL, 0 };

	(void)state;
	assert_null(named_values_find(NULL, STR("a")));
	assert_null(named_values_find(&vs, STR("a")));
	named_values_add(&vs, STR("k.a"), STR("a"),
			 value_parse(STR("{now}"), NULL));
	named_values_add(&vs, STR("k.b"), STR("b"), NULL);
	assert_int_equal(vs.n, 2);
	assert_ptr_equal(named_values_find(&vs, STR("a")), &vs.v[0]);
	assert_true(vs.v[0].value->of_request);
	assert_string_equal(named_values_find(&vs, STR("b"))->key, "k.b");
	assert_null(vs.v[1].value);
	assert_null(named_values_find(&vs, STR("A")));
	assert_null(named_values_find(&vs, STR("k.a")));
	named_values_fini(&vs);
	assert_int_equal(vs.n, 0);
	named_values_fini(&vs);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_finds_by_name),
	};

	return cmocka_run_group_tests_name("oauth/named_values", tests, NULL,
					   NULL);
}
