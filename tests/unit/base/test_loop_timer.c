/* SPDX-License-Identifier: MIT */
/* The timers of base/loop, under a clock that stands. */
#include "base/loop.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/clock.h"

enum { START = 1000 };

/* A timer, and how often and when it fired. */
struct alarm {
	struct loop_timer timer;
	int fired;
	int64_t at;
	struct alarm *sets, *clears; /* what its callback does to others */
	int64_t ms;		     /* what it sets the other to */
};

static struct loop *loop;
static struct fault fault;
static char order[16];

static void on_alarm(void *arg)
{
	struct alarm *a = arg;

	assert_false(a->timer.set);
	a->fired++;
	a->at = loop_now(loop);
	if (a->sets)
		loop_timer_set(loop, &a->sets->timer, a->ms);
	if (a->clears)
		loop_timer_clear(loop, &a->clears->timer);
}

static void on_letter(void *arg)
{
	strncat(order, arg, 1);
}

static void alarm_init(struct alarm *a)
{
	*a = (struct alarm){ .fired = 0 };
	loop_timer_init(&a->timer, on_alarm, a);
}

static void turn_at(int64_t ms)
{
	clock_fake(ms, 0);
	loop_turn(loop, 0);
}

static int set_up(void **state)
{
	(void)state;
	clock_fake(START, 0);
	order[0] = '\0';
	loop = loop_new(&fault);
	return loop ? 0 : -1;
}

static int tear_down(void **state)
{
	(void)state;
	clock_real();
	loop_free(&loop);
	return 0;
}

static void test_fires_when_due_and_once(void **state)
{
	struct alarm a;

	(void)state;
	alarm_init(&a);
	assert_false(a.timer.set);
	loop_timer_set(loop, &a.timer, 50);
	assert_true(a.timer.set);
	assert_int_equal(a.timer.due, START + 50);
	turn_at(START + 49);
	assert_int_equal(a.fired, 0);
	turn_at(START + 50);
	assert_int_equal(a.fired, 1);
	assert_false(a.timer.set);
	turn_at(START + 500);
	assert_int_equal(a.fired, 1);
}

static void test_fires_in_order(void **state)
{
	char letters[] = "abcde";
	const int64_t after[] = { 30, 10, 50, 20, 40 };
	struct loop_timer t[5];

	(void)state;
	for (int i = 0; i < 5; i++) {
		loop_timer_init(&t[i], on_letter, &letters[i]);
		loop_timer_set(loop, &t[i], after[i]);
	}
	turn_at(START + 100);
	assert_string_equal(order, "bdaec");
}

static void test_set_later_changes_only_due(void **state)
{
	struct alarm a;

	(void)state;
	alarm_init(&a);
	loop_timer_set(loop, &a.timer, 10);
	loop_timer_set(loop, &a.timer, 100);
	assert_int_equal(a.timer.key, START + 10);
	assert_int_equal(a.timer.due, START + 100);
	turn_at(START + 50);
	assert_int_equal(a.fired, 0);
	assert_int_equal(a.timer.key, START + 100);
	turn_at(START + 100);
	assert_int_equal(a.fired, 1);
}

static void test_set_later_when_that_is_over_too(void **state)
{
	struct alarm a;

	(void)state;
	alarm_init(&a);
	loop_timer_set(loop, &a.timer, 10);
	loop_timer_set(loop, &a.timer, 20);
	turn_at(START + 30);
	assert_int_equal(a.fired, 1);
}

static void test_set_earlier(void **state)
{
	struct alarm a, b;

	(void)state;
	alarm_init(&a);
	alarm_init(&b);
	loop_timer_set(loop, &a.timer, 50);
	loop_timer_set(loop, &b.timer, 100);
	loop_timer_set(loop, &b.timer, 10);
	turn_at(START + 10);
	assert_int_equal(a.fired, 0);
	assert_int_equal(b.fired, 1);
	/* later, then back to between */
	loop_timer_set_at(loop, &a.timer, START + 500);
	loop_timer_set_at(loop, &a.timer, START + 60);
	turn_at(START + 55);
	assert_int_equal(a.fired, 0);
	turn_at(START + 60);
	assert_int_equal(a.fired, 1);
}

static void test_clear(void **state)
{
	struct alarm a, b;

	(void)state;
	alarm_init(&a);
	alarm_init(&b);
	loop_timer_clear(loop, &a.timer);
	loop_timer_set(loop, &a.timer, 10);
	loop_timer_set(loop, &b.timer, 20);
	loop_timer_clear(loop, &a.timer);
	loop_timer_clear(loop, &a.timer);
	assert_false(a.timer.set);
	turn_at(START + 20);
	assert_int_equal(a.fired, 0);
	assert_int_equal(b.fired, 1);
	loop_timer_set(loop, &a.timer, 5);
	turn_at(START + 25);
	assert_int_equal(a.fired, 1);
}

static void test_zeroed_is_valid(void **state)
{
	struct loop_timer zeroed = { .due = 0 };
	char letter[] = "z";

	(void)state;
	loop_timer_clear(loop, &zeroed);
	zeroed.fn = on_letter;
	zeroed.arg = letter;
	loop_timer_set(loop, &zeroed, 0);
	loop_turn(loop, 0);
	assert_string_equal(order, "z");
}

static void test_zero_ms_in_its_callback_is_the_next_turn(void **state)
{
	struct alarm a;

	(void)state;
	alarm_init(&a);
	a.sets = &a;
	loop_timer_set(loop, &a.timer, 0);
	for (int i = 1; i <= 3; i++) {
		loop_turn(loop, -1);
		assert_int_equal(a.fired, i);
	}
}

static void test_past_and_extreme_times(void **state)
{
	struct alarm a, b, c, d;

	(void)state;
	alarm_init(&a);
	alarm_init(&b);
	alarm_init(&c);
	alarm_init(&d);
	loop_timer_set(loop, &a.timer, -50);
	loop_timer_set_at(loop, &b.timer, INT64_MIN);
	loop_timer_set(loop, &c.timer, INT64_MAX);
	loop_timer_set_at(loop, &d.timer, INT64_MAX);
	loop_turn(loop, 0);
	assert_int_equal(a.fired, 1);
	assert_int_equal(b.fired, 1);
	assert_int_equal(c.fired, 0);
	assert_true(c.timer.due == INT64_MAX);
	assert_int_equal(d.fired, 0);
}

static void test_callback_clears_one_that_is_due_too(void **state)
{
	struct alarm a, b;

	(void)state;
	alarm_init(&a);
	alarm_init(&b);
	a.clears = &b;
	loop_timer_set(loop, &a.timer, 10);
	loop_timer_set(loop, &b.timer, 11);
	turn_at(START + 20);
	assert_int_equal(a.fired, 1);
	assert_int_equal(b.fired, 0);
	assert_false(b.timer.set);
	loop_timer_set(loop, &b.timer, 5);
	turn_at(START + 25);
	assert_int_equal(b.fired, 1);
}

static void test_callback_sets_one_that_is_due_too(void **state)
{
	struct alarm a, b;

	(void)state;
	alarm_init(&a);
	alarm_init(&b);
	a.sets = &b;
	a.ms = 100;
	loop_timer_set(loop, &a.timer, 10);
	loop_timer_set(loop, &b.timer, 11);
	turn_at(START + 20);
	assert_int_equal(b.fired, 0);
	turn_at(START + 119);
	assert_int_equal(b.fired, 0);
	turn_at(START + 120);
	assert_int_equal(b.fired, 1);
}

/* Sets as many new ones as make the heap's memory move. */
static struct alarm crowd[500];

static void on_crowd(void *arg)
{
	(void)arg;
	for (int i = 0; i < 500; i++) {
		alarm_init(&crowd[i]);
		loop_timer_set(loop, &crowd[i].timer, i % 7);
	}
}

static void test_heap_grows_while_it_fires(void **state)
{
	struct loop_timer first;
	struct alarm second;

	(void)state;
	loop_timer_init(&first, on_crowd, NULL);
	alarm_init(&second);
	loop_timer_set(loop, &first, 1);
	loop_timer_set(loop, &second.timer, 2);
	turn_at(START + 2);
	assert_int_equal(second.fired, 1);
	turn_at(START + 10);
	for (int i = 0; i < 500; i++)
		assert_int_equal(crowd[i].fired, 1);
}

/* ---- against a plain array, which is right by inspection ---- */

enum { MANY = 300, ROUNDS = 3000 };

struct model {
	struct alarm alarm;
	bool set;
	int64_t due;
	int fired;
};

static struct model models[MANY];

static void model_change(struct model *m, int64_t now)
{
	if (rand() % 4 == 0) {
		loop_timer_clear(loop, &m->alarm.timer);
		m->set = false;
		return;
	}
	m->due = now + rand() % 200;
	m->set = true;
	loop_timer_set_at(loop, &m->alarm.timer, m->due);
}

static void models_check(int64_t now)
{
	for (int i = 0; i < MANY; i++) {
		struct model *m = &models[i];

		if (m->set && m->due <= now) {
			m->set = false;
			m->fired++;
		}
		assert_int_equal(m->alarm.fired, m->fired);
		assert_int_equal(m->alarm.timer.set, m->set);
	}
}

static void test_random_changes(void **state)
{
	int64_t now = START;

	(void)state;
	srand(1);
	for (int i = 0; i < MANY; i++) {
		models[i] = (struct model){ .fired = 0 };
		alarm_init(&models[i].alarm);
	}
	for (int round = 0; round < ROUNDS; round++) {
		for (int i = rand() % 20; i > 0; i--)
			model_change(&models[rand() % MANY], now);
		now += rand() % 10;
		turn_at(now);
		models_check(now);
	}
}

/* ---- under the real clock ---- */

static void test_wakes_the_loop_in_time(void **state)
{
	struct alarm a;
	int64_t before;

	(void)state;
	clock_real();
	alarm_init(&a);
	loop_turn(loop, 0);
	before = loop_now(loop);
	loop_timer_set(loop, &a.timer, 40);
	for (int i = 0; i < 5 && !a.fired; i++)
		loop_turn(loop, -1);
	assert_int_equal(a.fired, 1);
	assert_true(a.at - before >= 40 && a.at - before < 3000);
}

static void test_turn_waits_at_most_what_it_was_told(void **state)
{
	struct alarm a;
	int64_t before;

	(void)state;
	clock_real();
	alarm_init(&a);
	before = clock_ms();
	loop_timer_set_at(loop, &a.timer, before + 3500);
	loop_turn(loop, 20);
	assert_true(clock_ms() - before >= 19);
	assert_true(clock_ms() - before < 3000);
	assert_int_equal(a.fired, 0);
}

#define TEST(fn) cmocka_unit_test_setup_teardown(fn, set_up, tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_fires_when_due_and_once),
		TEST(test_fires_in_order),
		TEST(test_set_later_changes_only_due),
		TEST(test_set_later_when_that_is_over_too),
		TEST(test_set_earlier),
		TEST(test_clear),
		TEST(test_zeroed_is_valid),
		TEST(test_zero_ms_in_its_callback_is_the_next_turn),
		TEST(test_past_and_extreme_times),
		TEST(test_callback_clears_one_that_is_due_too),
		TEST(test_callback_sets_one_that_is_due_too),
		TEST(test_heap_grows_while_it_fires),
		TEST(test_random_changes),
		TEST(test_wakes_the_loop_in_time),
		TEST(test_turn_waits_at_most_what_it_was_told),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
