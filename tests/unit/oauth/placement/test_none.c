/* SPDX-License-Identifier: MIT */
#include "oauth/placement/placed.h"
#include "oauth/placement/placement.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

static void test_changes_nothing(void **state)
{
	struct placement_spec spec = { &placement_none, NULL, NULL, NULL };
	struct placed placed = {
		.spec = &spec,
		.value = NULL,
	};
	struct arena arena = { NULL, NULL, NULL };
	struct fields fields;
	struct placement_request r = {
		.fields = &fields,
		.target = STR("/?access_token=1"),
		.arena = &arena,
	};

	(void)state;
	fields_init(&fields, &arena);
	fields_add(&fields, STR("Authorization"), STR("Basic eDp5"));
	assert_true(placement_client_credential(&spec, &r));
	assert_false(placement_none.present(str_z(spec.name), &r));
	assert_int_equal(placement_apply(&placed, &r, NULL), 0);
	placement_none.remove(str_z(spec.name), &r);
	placement_none.apply(str_z(spec.name),
			      secret_expose(placed.value), &r);
	assert_int_equal(fields.n, 1);
	assert_true(str_eq_z(fields.v[0].value, "Basic eDp5"));
	assert_true(str_eq_z(r.target, "/?access_token=1"));
	placed_fini(&placed);
	arena_fini(&arena);
}

static void test_takes_neither_name_nor_value(void **state)
{
	struct buf b = BUF_INIT(10);
	struct fault f;

	(void)state;
	assert_null(placement_none.default_name);
	assert_int_equal(placement_none.check_name("a", &f), -1);
	assert_int_equal(placement_none.encode(STR("a"), &b, &f), -1);
	assert_int_equal(b.n, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_changes_nothing),
		cmocka_unit_test(test_takes_neither_name_nor_value),
	};

	return cmocka_run_group_tests_name("oauth/placement/none", tests, NULL,
					   NULL);
}
