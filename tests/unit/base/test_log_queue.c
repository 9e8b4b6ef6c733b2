/* SPDX-License-Identifier: MIT */
#include "base/log_queue.h"

#include <fcntl.h>
#include <limits.h>
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

enum { SIZE = 64 * 1024, GRACE = 200 };

static int fds[2];
static char came[4 * SIZE];

static size_t tell(char *line, size_t max, uint64_t n)
{
	int r = snprintf(line, max, "dropped %llu\n", (unsigned long long)n);

	return (size_t)r;
}

static struct log_queue *start(void)
{
	static const struct log_queue_calls calls = { tell, NULL };
	struct fault f;
	struct log_queue *q = log_queue_new(fds[1], SIZE, &calls, &f);

	assert_non_null(q);
	return q;
}

/* A pipe of one page: who does not read it is soon noticed. */
static int set_up(void **state)
{
	(void)state;
	return pipe(fds) || fcntl(fds[1], F_SETPIPE_SZ, PIPE_BUF) < 0;
}

static int tear_down(void **state)
{
	(void)state;
	(void)close(fds[0]);
	(void)close(fds[1]);
	return 0;
}

/* All that comes until the other end is closed. */
static void *reader(void *arg)
{
	size_t n = 0;
	ssize_t r;

	while ((r = read(fds[0], came + n, PIPE_BUF)) > 0)
		n += (size_t)r;
	*(size_t *)arg = n;
	came[n] = '\0';
	return NULL;
}

static void finish(pthread_t thread)
{
	(void)close(fds[1]);
	fds[1] = -1;
	pthread_join(thread, NULL);
}

static void test_nothing_is_lost_at_the_end(void **state)
{
	struct log_queue *q = start();
	pthread_t thread;
	char line[64], *at = came;
	size_t n;

	(void)state;
	pthread_create(&thread, NULL, reader, &n);
	for (int i = 0; i < 500; i++)
		assert_true(log_queue_put(
			q, line,
			(size_t)sprintf(line, "line %d of many\n", i)));
	assert_int_equal(log_queue_free(&q, 10000), 0);
	assert_null(q);
	finish(thread);
	for (int i = 0; i < 500; i++) {
		size_t length = (size_t)sprintf(line, "line %d of many\n", i);

		assert_memory_equal(at, line, length);
		at += length;
	}
	assert_ptr_equal(at, came + n);
}

/* With nobody reading: puts return, what is over the bound is counted. */
static void test_a_full_pipe_holds_nobody_up(void **state)
{
	struct log_queue *q = start();
	char line[1000];
	uint64_t refused = 0, n = 2 * SIZE / sizeof(line);

	(void)state;
	memset(line, 'x', sizeof(line));
	line[sizeof(line) - 1] = '\n';
	for (uint64_t i = 0; i < n; i++)
		refused += !log_queue_put(q, line, sizeof(line));
	/* the ring's, and what one chunk and the pipe hold */
	assert_in_range(n - refused, SIZE / sizeof(line),
			(SIZE + 2 * PIPE_BUF) / sizeof(line));
	assert_int_equal(log_queue_dropped(q), refused);
	assert_in_range(log_queue_free(&q, GRACE), refused + 1, n);
	/* The thread that was left behind may still look at it. */
	fds[1] = -1;
}

static void test_what_was_dropped_is_told_when_it_goes_again(void **state)
{
	struct log_queue *q = start();
	char line[1000], want[64], *told;
	uint64_t refused = 0;
	pthread_t thread;
	size_t n;

	(void)state;
	memset(line, 'x', sizeof(line));
	line[sizeof(line) - 1] = '\n';
	for (size_t i = 0; i < 2 * SIZE / sizeof(line); i++)
		refused += !log_queue_put(q, line, sizeof(line));
	pthread_create(&thread, NULL, reader, &n);
	log_queue_flush(q, 10000);
	assert_true(log_queue_put(q, "last\n", 5));
	assert_int_equal(log_queue_free(&q, 10000), refused);
	finish(thread);
	(void)sprintf(want, "dropped %llu\n", (unsigned long long)refused);
	told = strstr(came, want);
	assert_non_null(told);
	assert_string_equal(told + strlen(want), "last\n");
	assert_null(strstr(told + 1, "dropped"));
}

static void test_a_broken_descriptor_is_counted_and_no_loop(void **state)
{
	struct log_queue *q = start();

	(void)state;
	(void)close(fds[0]);
	fds[0] = -1;
	assert_true(log_queue_put(q, "a\nb\n", 4));
	log_queue_flush(q, 10000);
	assert_int_equal(log_queue_dropped(q), 2);
	assert_true(log_queue_put(q, "c\n", 2)); /* and one that tells of two */
	assert_int_equal(log_queue_free(&q, 10000), 4);
}

static _Atomic int ticks;

static bool tick(void)
{
	return atomic_fetch_add(&ticks, 1) + 1 < 2;
}

static void test_ticks_until_nothing_is_left_to_do(void **state)
{
	static const struct log_queue_calls calls = { tell, tick };
	struct fault f;
	struct log_queue *q = log_queue_new(fds[1], SIZE, &calls, &f);

	(void)state;
	assert_non_null(q);
	log_queue_tick(q);
	for (int i = 0; i < 500 && atomic_load(&ticks) < 2; i++)
		usleep(10000);
	usleep(1200000);
	assert_int_equal(atomic_load(&ticks), 2);
	assert_int_equal(log_queue_free(&q, 10000), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_nothing_is_lost_at_the_end,
						set_up, tear_down),
		cmocka_unit_test_setup_teardown(
			test_a_full_pipe_holds_nobody_up, set_up, tear_down),
		cmocka_unit_test_setup_teardown(
			test_what_was_dropped_is_told_when_it_goes_again,
			set_up, tear_down),
		cmocka_unit_test_setup_teardown(
			test_a_broken_descriptor_is_counted_and_no_loop, set_up,
			tear_down),
		cmocka_unit_test_setup_teardown(
			test_ticks_until_nothing_is_left_to_do, set_up,
			tear_down),
	};

	(void)signal(SIGPIPE, SIG_IGN);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
