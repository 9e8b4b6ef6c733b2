/* SPDX-License-Identifier: MIT */
#include "base/thread.h"

#include <semaphore.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

/* What the thread saw of itself. */
static char name[32];
static sigset_t blocked;
static sem_t seen;

static void *look(void *arg)
{
	pthread_getname_np(pthread_self(), name, sizeof(name));
	pthread_sigmask(SIG_SETMASK, NULL, &blocked);
	sem_post(&seen);
	return arg;
}

static void test_name_and_signals(void **state)
{
	sigset_t before, after;
	pthread_t thread;
	void *result;

	(void)state;
	pthread_sigmask(SIG_SETMASK, NULL, &before);
	assert_int_equal(thread_start(&thread, "worker-7", 0, look, &seen), 0);
	pthread_sigmask(SIG_SETMASK, NULL, &after);
	assert_int_equal(pthread_join(thread, &result), 0);
	assert_ptr_equal(result, &seen);
	assert_string_equal(name, "worker-7");
	assert_true(sigismember(&blocked, SIGTERM));
	assert_true(sigismember(&blocked, SIGHUP));
	for (int i = 1; i < SIGRTMIN; i++)
		assert_int_equal(sigismember(&before, i),
				 sigismember(&after, i));
}

static void test_nobody_waits_for_it(void **state)
{
	(void)state;
	while (sem_trywait(&seen) == 0)
		;
	assert_int_equal(thread_start(NULL, "a name that is long", 256 * 1024,
				      look, NULL), 0);
	sem_wait(&seen);
	assert_string_equal(name, "a name that is ");
}

static void test_what_cannot_be_had(void **state)
{
	pthread_t thread;

	(void)state;
	assert_int_not_equal(thread_start(&thread, "huge", SIZE_MAX / 4 & ~4095,
					  look, NULL), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_name_and_signals),
		cmocka_unit_test(test_nobody_waits_for_it),
		cmocka_unit_test(test_what_cannot_be_had),
	};

	sem_init(&seen, 0, 0);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
