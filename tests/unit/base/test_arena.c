/* SPDX-License-Identifier: MIT */
#include "base/arena.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/child.h"

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

static void test_arena_without_room_ends_the_process(void **state)
{
	(void)state;
	assert_true(aborts_saying(ask_the_arena_for_too_much, "out of memory"));
	assert_true(
		aborts_saying(ask_the_arena_for_one_too_much, "out of memory"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_arena_zeroed_is_valid),
		cmocka_unit_test(test_arena_uses_the_first_block),
		cmocka_unit_test(test_arena_first_block_too_small),
		cmocka_unit_test(test_arena_blocks_do_not_overlap),
		cmocka_unit_test(test_arena_str),
		cmocka_unit_test(test_arena_without_room_ends_the_process),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
