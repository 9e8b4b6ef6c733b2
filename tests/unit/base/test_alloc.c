/* SPDX-License-Identifier: MIT */
#include "base/alloc.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "base/child.h"

static void test_alloc_is_zeroed(void **state)
{
	char *p = mem_alloc(1000);
	struct item {
		int a;
		void *b;
	} *x = mem_new(struct item);

	(void)state;
	for (int i = 0; i < 1000; i++)
		assert_int_equal(p[i], 0);
	assert_int_equal(x->a, 0);
	assert_null(x->b);
	mem_free(p);
	mem_free(x);
	mem_free(NULL);
}

static long resident_pages(void)
{
	long size, pages = 0;
	FILE *in = fopen("/proc/self/statm", "r");

	assert_non_null(in);
	assert_int_equal(fscanf(in, "%ld %ld", &size, &pages), 2);
	fclose(in);
	return pages;
}

/* Small pieces, and one in a thousand stays: malloc alone keeps them all.
 * A sanitizer's heap is another one, which gives back when it likes. */
static void test_trim_gives_back_what_is_between(void **state)
{
	enum { N = 20000, SIZE = 2000 };
	void **p = mem_array(N, sizeof(*p));
	long full, left;

	(void)state;
	for (size_t i = 0; i < N; i++) {
		p[i] = mem_alloc(SIZE);
		memset(p[i], 1, SIZE);
	}
	full = resident_pages();
	for (size_t i = 0; i < N; i++)
		if (i % 1000)
			mem_free(p[i]);
	mem_trim();
	left = resident_pages();
	for (size_t i = 0; i < N; i += 1000) {
		assert_int_equal(((char *)p[i])[SIZE - 1], 1);
		mem_free(p[i]);
	}
	mem_free(p);
#if !defined(__SANITIZE_ADDRESS__) && !defined(__SANITIZE_THREAD__)
	assert_true((full - left) * 4096L > (long)N * SIZE / 2);
#else
	assert_true(left <= full + N);
#endif
}

static void test_nothing_is_not_null(void **state)
{
	void *p = mem_alloc(0), *q = mem_array(0, 8), *r = mem_resize(NULL, 0);

	(void)state;
	assert_non_null(p);
	assert_non_null(q);
	assert_non_null(r);
	mem_free(p);
	mem_free(q);
	mem_free(r);
}

static void test_array_and_resize(void **state)
{
	uint32_t *p = mem_array(10, sizeof(*p));

	(void)state;
	for (uint32_t i = 0; i < 10; i++) {
		assert_int_equal(p[i], 0);
		p[i] = i;
	}
	p = mem_resize(p, 1000 * sizeof(*p));
	for (uint32_t i = 0; i < 10; i++)
		assert_int_equal(p[i], i);
	p[999] = 1;
	mem_free(p);
}

static void ask_for_too_many(void)
{
	volatile size_t count = SIZE_MAX / 8 + 2; /* the product wraps to 8 */

	mem_free(mem_array(count, 8));
}

static void test_overflow_ends_the_process(void **state)
{
	(void)state;
	assert_true(aborts_saying(ask_for_too_many, "out of memory"));
}

static void test_strdup(void **state)
{
	char *p = mem_strdup("bearer"), *q = mem_strdup("");

	(void)state;
	assert_string_equal(p, "bearer");
	assert_string_equal(q, "");
	mem_free(p);
	mem_free(q);
}

static void test_wipe(void **state)
{
	char p[8] = "secret!";

	(void)state;
	mem_wipe(p, 3);
	assert_memory_equal(p, "\0\0\0ret!", 8);
	mem_wipe(p, 8);
	assert_memory_equal(p, "\0\0\0\0\0\0\0\0", 8);
	mem_wipe(NULL, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_alloc_is_zeroed),
		cmocka_unit_test(test_trim_gives_back_what_is_between),
		cmocka_unit_test(test_nothing_is_not_null),
		cmocka_unit_test(test_array_and_resize),
		cmocka_unit_test(test_overflow_ends_the_process),
		cmocka_unit_test(test_strdup),
		cmocka_unit_test(test_wipe),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
