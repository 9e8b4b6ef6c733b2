/* SPDX-License-Identifier: MIT */
#include "base/assert.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/child.h"

static void break_a_promise(void)
{
	int one = 1;

	ASSERT(one + one == 3);
}

static void test_false_aborts_with_its_words(void **state)
{
	(void)state;
	assert_true(aborts_saying(break_a_promise, "one + one == 3"));
	assert_true(aborts_saying(break_a_promise, "test_assert.c:"));
}

static void test_true_goes_on_and_is_asked_once(void **state)
{
	int asked = 0;

	(void)state;
	ASSERT(++asked == 1);
	assert_int_equal(asked, 1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_false_aborts_with_its_words),
		cmocka_unit_test(test_true_goes_on_and_is_asked_once),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
