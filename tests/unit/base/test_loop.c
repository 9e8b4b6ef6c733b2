/* SPDX-License-Identifier: MIT */
/* Tasks, hooks, signals and the turning itself; descriptors and timers have
 * test_loop_io and test_loop_timer. */
#include "base/loop.h"

#include <errno.h>
#include <pthread.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <sys/epoll.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/child.h"
#include "base/clock.h"

static struct loop *loop;
static struct fault fault;

static int set_up(void **state)
{
	(void)state;
	loop = loop_new(&fault);
	return loop ? 0 : -1;
}

static int tear_down(void **state)
{
	(void)state;
	clock_real();
	loop_free(&loop);
	return loop ? -1 : 0;
}
/* ---- tasks ---- */

struct job {
	struct loop_task task;
	int runs;
	struct job *adds, *cancels;
};

static void on_job(void *arg)
{
	struct job *j = arg;

	j->runs++;
	if (j->adds)
		loop_task_add(loop, &j->adds->task);
	if (j->cancels)
		loop_task_cancel(&j->cancels->task);
}

static void job_init(struct job *j)
{
	*j = (struct job){ .runs = 0 };
	loop_task_init(&j->task, on_job, j);
}

static void test_task_runs_once_without_sleep(void **state)
{
	int64_t before = clock_ms();
	struct job j;

	(void)state;
	job_init(&j);
	loop_task_add(loop, &j.task);
	loop_task_add(loop, &j.task);
	assert_int_equal(j.runs, 0);
	loop_turn(loop, -1);
	assert_int_equal(j.runs, 1);
	loop_turn(loop, 0);
	assert_int_equal(j.runs, 1);
	assert_true(clock_ms() - before < 3000);
}

static void test_task_zeroed_is_valid(void **state)
{
	struct job j = { .runs = 0 };

	(void)state;
	loop_task_cancel(&j.task);
	j.task.fn = on_job;
	j.task.arg = &j;
	loop_task_add(loop, &j.task);
	loop_turn(loop, 0);
	assert_int_equal(j.runs, 1);
}

static void test_task_cancelled(void **state)
{
	struct job a, b;

	(void)state;
	job_init(&a);
	job_init(&b);
	loop_task_add(loop, &a.task);
	loop_task_cancel(&a.task);
	loop_task_cancel(&a.task);
	loop_turn(loop, 0);
	assert_int_equal(a.runs, 0);
	a.cancels = &b; /* within the same batch */
	loop_task_add(loop, &a.task);
	loop_task_add(loop, &b.task);
	loop_turn(loop, 0);
	assert_int_equal(a.runs, 1);
	assert_int_equal(b.runs, 0);
}

static void test_task_that_adds_itself_waits_a_turn(void **state)
{
	struct job j;

	(void)state;
	job_init(&j);
	j.adds = &j;
	loop_task_add(loop, &j.task);
	for (int i = 1; i <= 3; i++) {
		loop_turn(loop, -1);
		assert_int_equal(j.runs, i);
	}
	loop_task_cancel(&j.task);
}

static void on_io_adds_job(void *arg, uint32_t events)
{
	struct job *j = arg;

	(void)events;
	loop_task_add(loop, &j->task);
	assert_int_equal(j->runs, 0); /* not from within */
}

static void test_task_of_a_callback_runs_in_the_same_turn(void **state)
{
	struct loop_io io;
	struct job j;
	int fds[2];

	(void)state;
	job_init(&j);
	assert_int_equal(pipe(fds), 0);
	assert_int_equal(loop_io_add(loop, &io, fds[1], EPOLLOUT,
				     on_io_adds_job, &j, &fault),
			 0);
	loop_turn(loop, 0);
	assert_int_equal(j.runs, 1);
	loop_io_del(&io);
	(void)close(fds[0]);
	(void)close(fds[1]);
}

/* ---- hooks ---- */

struct wish {
	struct loop_hook hook;
	int ms, calls;
	struct wish *removes;
};

static int on_hook(void *arg)
{
	struct wish *w = arg;

	w->calls++;
	if (w->removes)
		loop_hook_del(&w->removes->hook);
	return w->ms;
}

static void test_hook_bounds_the_sleep(void **state)
{
	struct wish none = { .ms = -1 }, a = { .ms = 500 }, b = { .ms = 30 };
	int64_t before = clock_ms(), slept;

	(void)state;
	loop_hook_add(loop, &none.hook, on_hook, &none);
	loop_hook_add(loop, &a.hook, on_hook, &a);
	loop_hook_add(loop, &b.hook, on_hook, &b);
	loop_turn(loop, -1);
	slept = clock_ms() - before;
	assert_true(slept >= 29 && slept < 450);
	b.ms = 0;
	before = clock_ms();
	loop_turn(loop, -1);
	assert_true(clock_ms() - before < 450);
	assert_int_equal(none.calls, 2);
	assert_int_equal(a.calls, 2);
	assert_int_equal(b.calls, 2);
	loop_hook_del(&b.hook);
	loop_hook_del(&b.hook);
	loop_turn(loop, 0);
	assert_int_equal(a.calls, 3);
	assert_int_equal(b.calls, 2);
}

static void test_hook_removes_itself_and_the_next(void **state)
{
	struct wish a = { .ms = -1 }, b = { .ms = -1 }, c = { .ms = -1 };
	struct loop_hook never = { .fn = on_hook };

	(void)state;
	loop_hook_del(&never);
	loop_hook_add(loop, &a.hook, on_hook, &a);
	loop_hook_add(loop, &b.hook, on_hook, &b);
	loop_hook_add(loop, &c.hook, on_hook, &c);
	a.removes = &b;
	c.removes = &c;
	loop_turn(loop, 0);
	loop_turn(loop, 0);
	assert_int_equal(a.calls, 2);
	assert_int_equal(b.calls, 0);
	assert_int_equal(c.calls, 1);
}

static int on_hook_adds_job(void *arg)
{
	struct job *j = arg;

	if (j->runs == 0)
		loop_task_add(loop, &j->task);
	return -1;
}

/* It runs before the turn sleeps, and not behind that. */
static void test_task_of_a_hook_is_not_slept_on(void **state)
{
	int64_t before = clock_ms();
	struct loop_hook hook;
	struct job j, next;

	(void)state;
	job_init(&j);
	job_init(&next);
	j.adds = &next;
	loop_hook_add(loop, &hook, on_hook_adds_job, &j);
	loop_turn(loop, -1);
	assert_int_equal(j.runs, 1);
	assert_int_equal(next.runs, 1);
	assert_true(clock_ms() - before < 3000);
	loop_hook_del(&hook);
}

/* The descriptors are not looked at in vain meanwhile: the turn that ran it
 * is the one that sleeps. */
static void test_turn_sleeps_behind_a_task_of_a_hook(void **state)
{
	int64_t before = clock_ms();
	struct loop_hook hook;
	struct job j;

	(void)state;
	job_init(&j);
	loop_hook_add(loop, &hook, on_hook_adds_job, &j);
	loop_turn(loop, 50);
	assert_int_equal(j.runs, 1);
	assert_true(clock_ms() - before >= 50);
	loop_hook_del(&hook);
}

/* ---- signals ---- */

static int seen[65];

static void on_signal(void *arg, int signo)
{
	assert_ptr_equal(arg, &seen);
	seen[signo]++;
}

static void test_signals(void **state)
{
	static const int signos[] = { SIGUSR1, SIGUSR2 }, more[] = { SIGHUP };

	(void)state;
	memset(seen, 0, sizeof(seen));
	loop_signals_block(signos, 2);
	loop_signals_block(more, 1);
	assert_int_equal(
		loop_signals_add(loop, signos, 2, on_signal, &seen, &fault), 0);
	assert_int_equal(
		loop_signals_add(loop, more, 1, on_signal, &seen, &fault), 0);
	loop_turn(loop, 0);
	assert_int_equal(kill(getpid(), SIGUSR1), 0);
	assert_int_equal(kill(getpid(), SIGUSR2), 0);
	assert_int_equal(kill(getpid(), SIGHUP), 0);
	loop_turn(loop, 1000);
	loop_turn(loop, 0);
	assert_int_equal(seen[SIGUSR1], 1);
	assert_int_equal(seen[SIGUSR2], 1);
	assert_int_equal(seen[SIGHUP], 1);
	assert_int_equal(kill(getpid(), SIGUSR1), 0);
	loop_turn(loop, 1000);
	assert_int_equal(seen[SIGUSR1], 2);
}

/* ---- the loop ---- */

static void on_stop(void *arg)
{
	loop_stop(arg);
}

static void test_run_until_stop(void **state)
{
	struct loop_timer t;

	(void)state;
	loop_timer_init(&t, on_stop, loop);
	for (int i = 0; i < 2; i++) {
		int64_t before = clock_ms();

		loop_timer_set_at(loop, &t, before + 30);
		loop_run(loop);
		assert_true(clock_ms() - before >= 30);
	}
	loop_stop(loop);
	loop_run(loop); /* was stopped before */
}

static void test_last_turn_and_now(void **state)
{
	(void)state;
	clock_fake(100, 0);
	loop_turn(loop, 0);
	assert_int_equal(loop_last_turn(loop), 100);
	assert_int_equal(loop_now(loop), 100);
	clock_fake(250, 0);
	assert_int_equal(loop_last_turn(loop), 100);
	loop_turn(loop, 0);
	assert_int_equal(loop_last_turn(loop), 250);
	assert_int_equal(loop_now(loop), 250);
}

static void turn_within(void *arg)
{
	loop_turn(arg, 0);
}

static void turn_nested(void)
{
	struct loop_task t;

	loop_task_init(&t, turn_within, loop);
	loop_task_add(loop, &t);
	loop_turn(loop, 0);
}

static void test_turns_do_not_nest(void **state)
{
	(void)state;
	assert_true(aborts_saying(turn_nested, "!loop->turning"));
}

static void test_free_of_nothing(void **state)
{
	struct loop *none = NULL;

	(void)state;
	loop_free(&none);
}

static void test_no_descriptors_left(void **state)
{
	struct fault f = { "" };
	struct rlimit old, few = { 0, 0 };
	struct loop *another;
	int r;

	(void)state;
	assert_int_equal(getrlimit(RLIMIT_NOFILE, &old), 0);
	few.rlim_max = old.rlim_max;
	assert_int_equal(setrlimit(RLIMIT_NOFILE, &few), 0);
	another = loop_new(&f);
	r = loop_signals_add(loop, NULL, 0, on_signal, NULL, &fault);
	assert_int_equal(setrlimit(RLIMIT_NOFILE, &old), 0);
	assert_null(another);
	assert_non_null(strstr(f.text, strerror(EMFILE)));
	assert_int_equal(r, -1);
	assert_non_null(strstr(fault.text, "signalfd"));
}

struct thread {
	pthread_t id;
	struct loop *loop;
	struct loop_timer timer;
	int fired;
};

static void on_thread_timer(void *arg)
{
	struct thread *t = arg;

	if (++t->fired == 20)
		loop_stop(t->loop);
	else
		loop_timer_set(t->loop, &t->timer, 1);
}

static void *turn_thread(void *arg)
{
	struct thread *t = arg;

	loop_timer_init(&t->timer, on_thread_timer, t);
	loop_timer_set(t->loop, &t->timer, 0);
	loop_run(t->loop);
	return NULL;
}

static void test_a_loop_in_each_thread(void **state)
{
	struct thread threads[3] = { { .fired = 0 } };

	(void)state;
	for (int i = 0; i < 3; i++) {
		threads[i].loop = loop_new(&fault);
		assert_non_null(threads[i].loop);
		assert_int_equal(pthread_create(&threads[i].id, NULL,
						turn_thread, &threads[i]),
				 0);
	}
	for (int i = 0; i < 3; i++) {
		assert_true(loop_last_turn(threads[i].loop) > 0);
		assert_int_equal(pthread_join(threads[i].id, NULL), 0);
		assert_int_equal(threads[i].fired, 20);
		loop_free(&threads[i].loop);
	}
}

#define TEST(fn) cmocka_unit_test_setup_teardown(fn, set_up, tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_task_runs_once_without_sleep),
		TEST(test_task_zeroed_is_valid),
		TEST(test_task_cancelled),
		TEST(test_task_that_adds_itself_waits_a_turn),
		TEST(test_task_of_a_callback_runs_in_the_same_turn),
		TEST(test_hook_bounds_the_sleep),
		TEST(test_hook_removes_itself_and_the_next),
		TEST(test_task_of_a_hook_is_not_slept_on),
		TEST(test_turn_sleeps_behind_a_task_of_a_hook),
		TEST(test_signals),
		TEST(test_run_until_stop),
		TEST(test_last_turn_and_now),
		TEST(test_turns_do_not_nest),
		TEST(test_free_of_nothing),
		TEST(test_no_descriptors_left),
		TEST(test_a_loop_in_each_thread),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
