/* SPDX-License-Identifier: MIT */
#include "base/clock.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <time.h>

#include <cmocka.h>

static void test_real_clocks(void **state)
{
	int64_t before = (int64_t)time(NULL) * 1000, a, b;

	(void)state;
	a = clock_ms();
	b = clock_ms();
	assert_true(a > 0);
	assert_true(b >= a && b < a + 5000);
	assert_true(clock_wall_ms() >= before);
	assert_true(clock_wall_ms() < before + 60000);
}

static void test_boot_clock_advances(void **state)
{
	const struct timespec pause = { 0, 20 * 1000 * 1000 };
	int64_t a = clock_ms();

	(void)state;
	(void)nanosleep(&pause, NULL);
	assert_true(clock_ms() >= a + 19);
}

static void test_fake_stands_until_real(void **state)
{
	int64_t boot = clock_ms();

	(void)state;
	clock_fake(1000, -5);
	assert_int_equal(clock_ms(), 1000);
	assert_int_equal(clock_wall_ms(), -5);
	clock_fake(INT64_MAX, 0);
	assert_true(clock_ms() == INT64_MAX);
	assert_int_equal(clock_wall_ms(), 0);
	clock_real();
	assert_true(clock_ms() >= boot && clock_ms() < boot + 60000);
	assert_true(clock_wall_ms() > 1000000);
}

static void test_ahead_runs_on(void **state)
{
	const struct timespec pause = { 0, 20 * 1000 * 1000 };
	int64_t boot = clock_ms(), wall = clock_wall_ms(), a;

	(void)state;
	clock_ahead(3600000);
	a = clock_ms();
	assert_true(a >= boot + 3600000 && a < boot + 3660000);
	assert_true(clock_wall_ms() >= wall + 3600000);
	(void)nanosleep(&pause, NULL);
	assert_true(clock_ms() >= a + 19);
	clock_real();
	assert_true(clock_ms() < boot + 60000);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_real_clocks),
		cmocka_unit_test(test_boot_clock_advances),
		cmocka_unit_test(test_fake_stands_until_real),
		cmocka_unit_test(test_ahead_runs_on),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
