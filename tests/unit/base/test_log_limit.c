/* SPDX-License-Identifier: MIT */
#include "base/log_limit.h"

#include <stdio.h>
#include <string.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/limits.h"

static char told[256];
static uint64_t told_in_all;

static void tell(int level, struct str kind, uint64_t n)
{
	(void)snprintf(told, sizeof(told), "%d %.*s %d", level, STR_ARGS(kind),
		       (int)n);
	told_in_all += n;
}

static int set_up(void **state)
{
	told[0] = '\0';
	told_in_all = 0;
	*state = log_limit_new(tell);
	return 0;
}

static int tear_down(void **state)
{
	struct log_limit *l = *state;

	log_limit_free(&l);
	return 0;
}

static uint64_t left_out;

static bool admits(struct log_limit *l, const char *kind, int64_t now)
{
	return log_limit_admits(l, 1, str_z(kind), str_z(kind), now, &left_out);
}

static bool admits_of(struct log_limit *l, const char *kind, int64_t now)
{
	return log_limit_admits(l, 1, str_z(kind), STR("group"), now,
				&left_out);
}

static void test_one_a_period_and_kind(void **state)
{
	assert_true(admits(*state, "failed service=a", 5000));
	assert_int_equal(left_out, 0);
	assert_true(admits(*state, "failed service=b", 5000));
	for (int i = 0; i < 100; i++)
		assert_false(admits(*state, "failed service=a", 5000 + i));
	assert_false(admits(*state, "failed service=a",
			    5000 + LIMIT_LOG_PERIOD - 1));
	assert_true(admits(*state, "failed service=a",
			   5000 + LIMIT_LOG_PERIOD));
	assert_int_equal(left_out, 101);
	assert_true(admits(*state, "failed service=a",
			   5000 + 2 * LIMIT_LOG_PERIOD));
	assert_int_equal(left_out, 0);
	assert_string_equal(told, "");
}

/* Other reasons have lines of their own, but not any number. */
static void test_reasons(void **state)
{
	char kind[32];
	int n = 0;

	for (int i = 0; i < 100; i++) {
		(void)snprintf(kind, sizeof(kind), "group reason=%d", i);
		n += admits_of(*state, kind, 5000);
		assert_false(admits_of(*state, kind, 5000));
	}
	assert_int_equal(n, LIMIT_LOG_REASONS);
	assert_true(admits_of(*state, "group reason=0",
			      5000 + LIMIT_LOG_PERIOD));
	assert_int_equal(left_out, 1 + 100 - LIMIT_LOG_REASONS);
	assert_false(log_limit_tell(*state, INT64_MAX));
	assert_int_equal(told_in_all, 99);
}

static void test_what_does_not_come_again_is_told(void **state)
{
	assert_true(admits(*state, "a", 0));
	assert_false(admits(*state, "a", 1));
	assert_false(admits(*state, "a", 2));
	assert_true(log_limit_tell(*state, LIMIT_LOG_PERIOD));
	assert_string_equal(told, "");
	assert_false(log_limit_tell(*state, 2 * LIMIT_LOG_PERIOD));
	assert_string_equal(told, "1 a 2");
	assert_true(admits(*state, "a", 2 * LIMIT_LOG_PERIOD));
	assert_int_equal(left_out, 0);
}

static void test_the_end_tells_all(void **state)
{
	assert_true(admits(*state, "a", 1000));
	assert_false(admits(*state, "a", 1001));
	assert_false(log_limit_tell(*state, INT64_MAX));
	assert_string_equal(told, "1 a 1");
}

/* More kinds than there is room for: none is held back, no count is lost. */
static void test_too_many_kinds(void **state)
{
	uint64_t held_back = 0;
	char kind[32];

	for (int i = 0; i < 4 * LIMIT_LOG_KINDS; i++) {
		(void)snprintf(kind, sizeof(kind), "kind %d", i);
		assert_true(admits(*state, kind, i / 100));
		assert_int_equal(left_out, 0);
		held_back += !admits(*state, kind, i / 100);
	}
	assert_int_equal(held_back, 4 * LIMIT_LOG_KINDS);
	assert_false(log_limit_tell(*state, INT64_MAX));
	assert_int_equal(told_in_all, held_back);
}

static void test_long_kinds_are_cut(void **state)
{
	char kind[1000];

	memset(kind, 'k', sizeof(kind) - 1);
	kind[sizeof(kind) - 1] = '\0';
	assert_true(admits(*state, kind, 0));
	assert_false(admits(*state, kind, 0));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_one_a_period_and_kind,
						set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_reasons, set_up,
						tear_down),
		cmocka_unit_test_setup_teardown(
			test_what_does_not_come_again_is_told, set_up,
			tear_down),
		cmocka_unit_test_setup_teardown(test_the_end_tells_all, set_up,
						tear_down),
		cmocka_unit_test_setup_teardown(test_too_many_kinds, set_up,
						tear_down),
		cmocka_unit_test_setup_teardown(test_long_kinds_are_cut, set_up,
						tear_down),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
