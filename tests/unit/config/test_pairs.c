/* SPDX-License-Identifier: MIT */
#include "config/pairs.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

static char a[] = "one=1=x", b[] = "two=";
static char *texts[] = { a, b };
static const struct config_list list = { texts, 2 };

static void test_parts(void **state)
{
	struct str name, value;

	(void)state;
	config_pair(&list, 0, &name, &value);
	assert_true(str_eq_z(name, "one"));
	assert_true(str_eq_z(value, "1=x"));
	config_pair(&list, 1, &name, &value);
	assert_true(str_eq_z(name, "two"));
	assert_int_equal(value.n, 0);
}

static void test_names(void **state)
{
	(void)state;
	assert_true(config_pairs_have(&list, STR("one")));
	assert_true(config_pairs_have(&list, STR("two")));
	assert_false(config_pairs_have(&list, STR("on")));
	assert_false(config_pairs_have(&list, STR("one=1")));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_parts),
		cmocka_unit_test(test_names),
	};

	return cmocka_run_group_tests_name("config/pairs", tests, NULL, NULL);
}
