/* SPDX-License-Identifier: MIT */
#include "oauth/grant/grant.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "oauth/section.h"

static void test_has_no_token(void **state)
{
	struct section x = section_new("");

	(void)state;
	assert_true(grant_none.infer(x.s));
	assert_false(grant_none.uses_client);
	assert_null(grant_none.table);
	assert_null(grant_none.check);
	assert_null(grant_none.request);
	assert_null(grant_none.fixed);
	section_free(&x);
}

/* All others are asked before it, for it fits everything. */
static void test_is_the_last(void **state)
{
	size_t n = 0;

	(void)state;
	while (grants[n])
		n++;
	assert_ptr_equal(grants[n - 1], &grant_none);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_has_no_token),
		cmocka_unit_test(test_is_the_last),
	};

	return cmocka_run_group_tests_name("oauth/grant/none", tests, NULL,
					   NULL);
}
