/* SPDX-License-Identifier: MIT */
#include "session/refresh.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#define NEVER INT64_MAX

/* --- life --- */

static void life_is_the_later_of_leeway_and_80_percent(void **state)
{
	static const struct {
		int64_t sent, life, leeway, expires, renew_at;
	} rows[] = {
		/* an hour and a minute: 60 s before the end is later */
		{ 0, 3600000, 60000, 3600000, 3540000 },
		{ 500, 3600000, 60000, 3600500, 3540500 },
		/* 80 % is later */
		{ 0, 100000, 60000, 100000, 80000 },
		{ 0, 300000, 60000, 300000, 240000 }, /* both the same */
		{ 0, 300005, 60000, 300005, 240005 },
		/* a leeway longer than the life */
		{ 1000, 30000, 60000, 31000, 25000 },
		{ 0, 30000, NEVER, 30000, 24000 },
		/* none */
		{ 0, 10000, 0, 10000, 10000 },
		/* short ones */
		{ 0, 1, 60000, 1, 0 },
		{ 0, 5, 60000, 5, 4 },
		{ 0, 9, 60000, 9, 7 },
		/* sent before the boot */
		{ -5000, 10000, 1000, 5000, 4000 },
		{ -50000, 10000, 1000, -40000, -41000 },
		/* not known */
		{ 1000, 0, 60000, NEVER, NEVER },
		{ 1000, -1, 60000, NEVER, NEVER },
		/* beyond all time */
		{ 1000, NEVER, 60000, NEVER, NEVER },
		{ 1000, NEVER - 1000, 60000, NEVER, NEVER },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct refresh_life r = refresh_life(
			rows[i].sent, rows[i].life, rows[i].leeway);

		assert_int_equal(r.expires, rows[i].expires);
		assert_int_equal(r.renew_at, rows[i].renew_at);
	}
}

static void life_is_the_servers_or_the_default(void **state)
{
	(void)state;
	assert_int_equal(refresh_life_of(3600, 5000), 3600000);
	assert_int_equal(refresh_life_of(0, 5000), 5000);
	assert_int_equal(refresh_life_of(-1, 5000), 5000);
	assert_int_equal(refresh_life_of(0, 0), 0);
	assert_int_equal(refresh_life_of(INT64_MAX, 0), NEVER);
	assert_int_equal(refresh_life_of(INT64_MAX / 1000, 0),
			 INT64_MAX / 1000 * 1000);
}

/* --- logins --- */

static void end_is_told_ahead(void **state)
{
	const int64_t day = 86400000;

	(void)state;
	assert_int_equal(refresh_warns_at(NEVER, 0, 7 * day, false), NEVER);
	assert_int_equal(refresh_warns_at(90 * day, 90 * day, 7 * day, false),
			 83 * day);
	/* not before two thirds of a short life are over */
	assert_int_equal(refresh_warns_at(90000, 60000, 7 * day, false),
			 70000);
	assert_int_equal(refresh_warns_at(90000, 60000, 7 * day, true),
			 90000 - 7 * day);
	assert_int_equal(refresh_warns_at(90000, 60000, 1000, true), 89000);
}

static void idle_sessions_are_renewed(void **state)
{
	const int64_t day = 86400000, minute = 60000;

	(void)state;
	assert_int_equal(refresh_idle(day, 0, 0), day);
	assert_int_equal(refresh_idle(day, 30 * day, 0), day);
	/* half of a life that is shorter */
	assert_int_equal(refresh_idle(day, day, 0), day / 2);
	/* never more often than that */
	assert_int_equal(refresh_idle(day, 5 * minute, 0), 10 * minute);
	assert_int_equal(refresh_idle(1, 0, 0), 10 * minute);
	for (uint32_t spread = 1; spread < 4000000000u; spread += 99999999) {
		int64_t wait = refresh_idle(day, 0, spread);

		assert_true(wait <= day && wait >= day - day / 10);
	}
	assert_true(refresh_idle(day, 0, 12345) < day);
}

/* --- pauses --- */

static void second_try_where_it_may_help(void **state)
{
	(void)state;
	assert_true(refresh_tries_twice(REFRESH_UNAVAILABLE, -1));
	assert_true(refresh_tries_twice(REFRESH_UNAVAILABLE, 0));
	assert_true(refresh_tries_twice(REFRESH_UNAVAILABLE, 200));
	assert_false(refresh_tries_twice(REFRESH_UNAVAILABLE, 201));
	assert_false(refresh_tries_twice(REFRESH_UNAVAILABLE, 1000));
	assert_false(refresh_tries_twice(REFRESH_DENIED, -1));
	assert_false(refresh_tries_twice(REFRESH_DENIED, 0));
}

static void pauses_double_to_ten_seconds(void **state)
{
	static const int64_t lengths[] = { 1000, 2000,  4000, 8000,
					   10000, 10000, 10000 };
	struct refresh_pause p = { 0 };

	(void)state;
	for (size_t i = 0; i < sizeof(lengths) / sizeof(lengths[0]); i++) {
		refresh_pause_begin(&p, REFRESH_UNAVAILABLE, -1, 5000, 0);
		assert_int_equal(p.until, 5000 + lengths[i]);
	}
	refresh_pause_end(&p);
	assert_int_equal(p.until, 0);
	refresh_pause_begin(&p, REFRESH_UNAVAILABLE, -1, 0, 0);
	assert_int_equal(p.until, 1000);
}

static void pauses_of_denial_double_to_five_minutes(void **state)
{
	static const int64_t lengths[] = { 1000,  2000,   4000,   8000,
					   16000, 32000,  64000,  128000,
					   256000, 300000, 300000 };
	struct refresh_pause p = { 0 };

	(void)state;
	for (size_t i = 0; i < sizeof(lengths) / sizeof(lengths[0]); i++) {
		refresh_pause_begin(&p, REFRESH_DENIED, -1, 7, 12345);
		assert_int_equal(p.until, 7 + lengths[i]);
	}
}

static void another_trouble_begins_anew(void **state)
{
	struct refresh_pause p = { 0 };

	(void)state;
	for (int i = 0; i < 6; i++)
		refresh_pause_begin(&p, REFRESH_DENIED, -1, 0, 0);
	refresh_pause_begin(&p, REFRESH_UNAVAILABLE, -1, 0, 0);
	assert_int_equal(p.until, 1000);
	refresh_pause_begin(&p, REFRESH_UNAVAILABLE, -1, 0, 0);
	assert_int_equal(p.until, 2000);
	refresh_pause_begin(&p, REFRESH_DENIED, -1, 0, 0);
	assert_int_equal(p.until, 1000);
}

static void jitter_takes_up_to_a_fifth_off(void **state)
{
	bool differs = false;

	(void)state;
	for (uint32_t random = 0; random < 5000; random++) {
		struct refresh_pause p = { 0 };

		refresh_pause_begin(&p, REFRESH_UNAVAILABLE, -1, 0,
				    random * 2654435761u);
		assert_in_range(p.until, 800, 1000);
		differs |= p.until != 1000;
	}
	assert_true(differs);
	struct refresh_pause p = { REFRESH_UNAVAILABLE, 10000, 0 };

	refresh_pause_begin(&p, REFRESH_UNAVAILABLE, -1, 0, 2000);
	assert_int_equal(p.until, 8000);
	refresh_pause_begin(&p, REFRESH_UNAVAILABLE, -1, 0, 2001);
	assert_int_equal(p.until, 10000);
}

static void retry_after_lengthens_a_pause(void **state)
{
	static const struct {
		int64_t retry_after, until;
	} rows[] = {
		{ -1, 1000 },     { 0, 1000 },
		{ 500, 1000 },    { 4000, 4000 },
		{ 60000, 60000 }, { 300000, 300000 },
		{ 300001, 300000 }, { INT64_MAX, 300000 },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct refresh_pause p = { 0 };

		refresh_pause_begin(&p, REFRESH_UNAVAILABLE,
				    rows[i].retry_after, 100, 0);
		assert_int_equal(p.until, 100 + rows[i].until);
		/* and does not change how they double */
		refresh_pause_begin(&p, REFRESH_UNAVAILABLE, -1, 100, 0);
		assert_int_equal(p.until, 2100);
	}
}

/* --- holds --- */

static void holds_double_to_five_minutes(void **state)
{
	static const int64_t lengths[] = { 10000,  20000,  40000, 80000,
					   160000, 300000, 300000 };
	struct refresh_hold h = { 0 };
	int64_t now = 1000;

	(void)state;
	for (size_t i = 0; i < sizeof(lengths) / sizeof(lengths[0]); i++) {
		assert_true(refresh_hold_begin(&h, now));
		assert_true(h.probation);
		assert_int_equal(h.until, now + lengths[i]);
		assert_false(refresh_hold_begin(&h, now));
		assert_false(refresh_hold_begin(&h, h.until - 1));
		assert_int_equal(h.until, now + lengths[i]);
		now = h.until;
	}
}

static void acceptance_ends_a_hold_and_the_doubling(void **state)
{
	struct refresh_hold h = { 0 };

	(void)state;
	assert_false(refresh_hold_accepted(&h, 500));
	assert_true(refresh_hold_begin(&h, 1000));
	assert_true(refresh_hold_begin(&h, 11000));
	assert_int_equal(h.until, 31000);
	assert_true(refresh_hold_accepted(&h, 12000));
	assert_false(h.probation);
	assert_int_equal(h.until, 12000);
	assert_false(refresh_hold_accepted(&h, 12001));
}

static void acceptance_after_a_hold_resets_the_doubling(void **state)
{
	struct refresh_hold h = { 0 };

	(void)state;
	assert_true(refresh_hold_begin(&h, 1000));
	assert_true(refresh_hold_accepted(&h, 20000));
	assert_int_equal(h.until, 11000);
	assert_true(refresh_hold_begin(&h, 21000));
	assert_int_equal(h.until, 31000);
	/* none was lifted before: this one is */
	assert_true(refresh_hold_accepted(&h, 22000));
	assert_int_equal(h.until, 22000);
}

/* One path accepts, another refuses always. */
static void holds_in_a_row_keep_their_first_ten_seconds(void **state)
{
	struct refresh_hold h = { 0 };

	(void)state;
	assert_true(refresh_hold_begin(&h, 1000));
	assert_true(refresh_hold_accepted(&h, 1100));
	assert_int_equal(h.until, 1100);
	assert_true(refresh_hold_begin(&h, 1200));
	assert_true(refresh_hold_accepted(&h, 1300));
	assert_int_equal(h.until, 11200);
	assert_false(refresh_hold_begin(&h, 11199));
	assert_true(refresh_hold_begin(&h, 11200));
	assert_int_equal(h.until, 21200);
	assert_true(refresh_hold_begin(&h, 21200)); /* 20 s */
	assert_true(refresh_hold_accepted(&h, 22000));
	assert_int_equal(h.until, 31200);
	/* long after, it is lifted again */
	assert_true(refresh_hold_begin(&h, 1100 + 300000));
	assert_true(refresh_hold_accepted(&h, 1100 + 300001));
	assert_int_equal(h.until, 1100 + 300001);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(life_is_the_later_of_leeway_and_80_percent),
		cmocka_unit_test(life_is_the_servers_or_the_default),
		cmocka_unit_test(end_is_told_ahead),
		cmocka_unit_test(idle_sessions_are_renewed),
		cmocka_unit_test(second_try_where_it_may_help),
		cmocka_unit_test(pauses_double_to_ten_seconds),
		cmocka_unit_test(pauses_of_denial_double_to_five_minutes),
		cmocka_unit_test(another_trouble_begins_anew),
		cmocka_unit_test(jitter_takes_up_to_a_fifth_off),
		cmocka_unit_test(retry_after_lengthens_a_pause),
		cmocka_unit_test(holds_double_to_five_minutes),
		cmocka_unit_test(acceptance_ends_a_hold_and_the_doubling),
		cmocka_unit_test(acceptance_after_a_hold_resets_the_doubling),
		cmocka_unit_test(holds_in_a_row_keep_their_first_ten_seconds),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
