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

static void ask_the_arena_for_too_much(void)
{
	struct arena a = { NULL, NULL, NULL };
	volatile size_t n = SIZE_MAX - 3;

	(void)arena_alloc(&a, n);
}

static void ask_the_arena_for_one_too_much(void)
{
	struct arena a = { NULL, NULL, NULL };
	volatile size_t n = SIZE_MAX;

	(void)arena_str(&a, (struct str){ "x", n });
}

static void test_overflow_ends_the_process(void **state)
{
	(void)state;
	assert_true(aborts_saying(ask_for_too_many, "out of memory"));
	assert_true(aborts_saying(ask_the_arena_for_too_much, "out of memory"));
	assert_true(
		aborts_saying(ask_the_arena_for_one_too_much, "out of memory"));
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

static void assert_aligned(const void *p)
{
	assert_int_equal((uintptr_t)p % _Alignof(max_align_t), 0);
}

static void test_arena_zeroed_is_valid(void **state)
{
	struct arena a = { NULL, NULL, NULL };
	char *p;

	(void)state;
	arena_fini(&a);
	p = arena_alloc(&a, 0);
	assert_non_null(p);
	p = arena_alloc(&a, 10);
	assert_aligned(p);
	memset(p, 'x', 10);
	arena_fini(&a);
	assert_null(a.blocks);
	arena_fini(&a);
}

static void test_arena_uses_the_first_block(void **state)
{
	_Alignas(max_align_t) char first[129];
	struct arena a;
	char *p;

	(void)state;
	arena_init(&a, first + 1, 128);
	p = arena_alloc(&a, 1);
	assert_aligned(p);
	assert_true(p > first && p < first + sizeof(first));
	p = arena_alloc(&a, 96);
	assert_true(p > first && p + 96 <= first + sizeof(first));
	assert_null(a.blocks);
	p = arena_alloc(&a, 1);
	assert_false(p >= first && p < first + sizeof(first));
	assert_non_null(a.blocks);
	arena_fini(&a);
}

static void test_arena_first_block_too_small(void **state)
{
	_Alignas(max_align_t) char first[32];
	struct arena a;

	(void)state;
	arena_init(&a, first + 1, 3);
	memset(arena_alloc(&a, 16), 'x', 16);
	assert_non_null(a.blocks);
	arena_fini(&a);
	arena_init(&a, NULL, 0);
	memset(arena_alloc(&a, 16), 'x', 16);
	arena_fini(&a);
}

static void test_arena_blocks_do_not_overlap(void **state)
{
	enum { MANY = 400 };
	struct arena a = { NULL, NULL, NULL };
	unsigned char *p[MANY];

	(void)state;
	for (size_t i = 0; i < MANY; i++) {
		p[i] = arena_alloc(&a, i * 37 + 1);
		assert_aligned(p[i]);
		memset(p[i], (int)(i & 255), i * 37 + 1);
	}
	for (size_t i = 0; i < MANY; i++)
		for (size_t k = 0; k < i * 37 + 1; k++)
			if (p[i][k] != (i & 255))
				fail();
	arena_fini(&a);
}

static void test_arena_str(void **state)
{
	struct arena a = { NULL, NULL, NULL };
	char from[] = "token";
	struct str s = arena_str(&a, (struct str){ from, 5 });
	struct str none = arena_str(&a, (struct str){ NULL, 0 });

	(void)state;
	from[0] = 'X';
	assert_int_equal(s.n, 5);
	assert_string_equal(s.p, "token");
	assert_int_equal(none.n, 0);
	assert_string_equal(none.p, "");
	arena_fini(&a);
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
		cmocka_unit_test(test_arena_zeroed_is_valid),
		cmocka_unit_test(test_arena_uses_the_first_block),
		cmocka_unit_test(test_arena_first_block_too_small),
		cmocka_unit_test(test_arena_blocks_do_not_overlap),
		cmocka_unit_test(test_arena_str),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
