/* SPDX-License-Identifier: MIT */
#include "crypto/random.h"

#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

static void test_fills_all_and_no_more(void **state)
{
	unsigned char seen[32] = { 0 };

	(void)state;
	/* An octet stays 0 in 64 rounds once in 2^512. */
	for (int round = 0; round < 64; round++) {
		unsigned char p[34];

		memset(p, 0xa5, sizeof(p));
		random_fill(p + 1, 32);
		assert_int_equal(p[0], 0xa5);
		assert_int_equal(p[33], 0xa5);
		for (int i = 0; i < 32; i++)
			seen[i] |= p[1 + i];
	}
	for (int i = 0; i < 32; i++)
		assert_int_not_equal(seen[i], 0);
}

static void test_nothing_asked(void **state)
{
	char c = 'x';

	(void)state;
	random_fill(&c, 0);
	assert_int_equal(c, 'x');
	random_fill(NULL, 0);
}

static void test_never_the_same(void **state)
{
	unsigned char p[64][16];

	(void)state;
	for (int i = 0; i < 64; i++) {
		random_fill(p[i], sizeof(p[i]));
		for (int j = 0; j < i; j++)
			assert_memory_not_equal(p[i], p[j], sizeof(p[i]));
	}
}

static void *fill(void *arg)
{
	random_fill(arg, 32);
	return NULL;
}

static void test_threads(void **state)
{
	unsigned char p[8][32];
	pthread_t threads[8];

	(void)state;
	memset(p, 0, sizeof(p));
	for (int i = 0; i < 8; i++)
		assert_int_equal(pthread_create(&threads[i], NULL, fill, p[i]),
				 0);
	for (int i = 0; i < 8; i++)
		assert_int_equal(pthread_join(threads[i], NULL), 0);
	for (int i = 0; i < 8; i++)
		for (int j = 0; j < i; j++)
			assert_memory_not_equal(p[i], p[j], 32);
}

static void test_a_child_has_its_own(void **state)
{
	unsigned char ours[32], theirs[32];
	int fds[2], status;
	pid_t pid;

	(void)state;
	random_fill(ours, sizeof(ours));
	assert_int_equal(pipe(fds), 0);
	pid = fork();
	assert_true(pid >= 0);
	if (pid == 0) {
		random_fill(theirs, sizeof(theirs));
		_exit(write(fds[1], theirs, sizeof(theirs)) !=
		      sizeof(theirs));
	}
	random_fill(ours, sizeof(ours));
	assert_int_equal(read(fds[0], theirs, sizeof(theirs)), 32);
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_int_equal(status, 0);
	assert_memory_not_equal(ours, theirs, sizeof(ours));
	close(fds[0]);
	close(fds[1]);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_fills_all_and_no_more),
		cmocka_unit_test(test_nothing_asked),
		cmocka_unit_test(test_never_the_same),
		cmocka_unit_test(test_threads),
		cmocka_unit_test(test_a_child_has_its_own),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
