/* SPDX-License-Identifier: MIT */
#include "proxy/spool.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static struct spool s;

static int begin(void **state)
{
	(void)state;
	s = (struct spool){ .max = 10000 };
	return 0;
}

static int end(void **state)
{
	(void)state;
	spool_fini(&s);
	return 0;
}

static void assert_holds(const char *text)
{
	struct str got = spool_str(&s);

	assert_int_equal(got.n, strlen(text));
	assert_memory_equal(got.p, text, got.n);
}

static void test_new_one_is_empty(void **state)
{
	char c;

	(void)state;
	assert_null(s.p);
	assert_holds("");
	assert_true(spool_low(&s));
	assert_int_equal(spool_get(&s, &c, 1), 0);
	assert_int_equal(spool_put(&s, NULL, 0), 0);
	assert_true(spool_put_all(&s, NULL, 0));
	assert_null(s.p);
}

static void test_first_in_first_out(void **state)
{
	char to[8];

	(void)state;
	assert_int_equal(spool_put(&s, "abc", 3), 3);
	assert_true(spool_put_all(&s, "def", 3));
	assert_holds("abcdef");
	assert_int_equal(spool_get(&s, to, 2), 2);
	assert_memory_equal(to, "ab", 2);
	assert_holds("cdef");
	assert_int_equal(spool_put(&s, "g", 1), 1);
	assert_int_equal(spool_get(&s, to, sizeof(to)), 5);
	assert_memory_equal(to, "cdefg", 5);
	assert_holds("");
	assert_int_equal(s.n, 0); /* begins at the front again */
}

static void test_is_bounded(void **state)
{
	static char much[20000];

	(void)state;
	assert_false(spool_put_all(&s, much, 10001));
	assert_holds("");
	assert_int_equal(spool_put(&s, much, 10001), 10000);
	assert_int_equal(s.cap, 10000);
	assert_int_equal(spool_put(&s, much, 1), 0);
	assert_false(spool_put_all(&s, much, 1));
	assert_false(spool_low(&s));
	/* Room is where something was taken out. */
	assert_int_equal(spool_get(&s, much, 300), 300);
	assert_true(spool_put_all(&s, much, 300));
	assert_false(spool_put_all(&s, much, 1));
	assert_int_equal(s.cap, 10000);
}

static void test_low_is_half(void **state)
{
	static char much[10000];

	(void)state;
	assert_int_equal(spool_put(&s, much, 5001), 5001);
	assert_false(spool_low(&s));
	assert_int_equal(spool_get(&s, much, 1), 1);
	assert_true(spool_low(&s));
}

static void test_small_bound(void **state)
{
	(void)state;
	spool_fini(&s);
	s = (struct spool){ .max = 3 };
	assert_int_equal(spool_put(&s, "abcd", 4), 3);
	assert_int_equal(s.cap, 3);
	assert_holds("abc");
	spool_fini(&s);
	s = (struct spool){ .max = 0 };
	assert_int_equal(spool_put(&s, "a", 1), 0);
	assert_false(spool_put_all(&s, "a", 1));
}

/* The same octets come out whatever the pieces are. */
static void test_any_pieces(void **state)
{
	unsigned in = 0, out = 0, seed = 7;
	char part[4000];

	(void)state;
	for (int i = 0; i < 3000; i++) {
		size_t n, want = (size_t)(rand_r(&seed)) % sizeof(part);

		for (size_t k = 0; k < want; k++)
			part[k] = (char)((in + k) * 31 % 251);
		in += (unsigned)spool_put(&s, part, want);
		n = spool_get(&s, part, (size_t)rand_r(&seed) % sizeof(part));
		for (size_t k = 0; k < n; k++)
			assert_int_equal(part[k],
					 (char)((out + k) * 31 % 251));
		out += (unsigned)n;
		assert_true(s.cap <= 10000);
	}
	assert_true(out > 1000000);
	assert_int_equal(in - out, spool_str(&s).n);
}

static void test_keeps(void **state)
{
	static char much[10001];
	char to[8];

	(void)state;
	s.keeps = true;
	assert_int_equal(spool_put(&s, "abc", 3), 3);
	assert_int_equal(spool_get(&s, to, 8), 3);
	assert_holds("");
	assert_int_equal(spool_put(&s, "de", 2), 2);
	assert_holds("de");
	spool_rewind(&s);
	assert_holds("abcde");
	/* All or nothing, since the whole is what it is kept for. */
	assert_int_equal(spool_put(&s, much, 9996), 0);
	assert_int_equal(spool_put(&s, much, 9995), 9995);
	assert_int_equal(spool_get(&s, much, 10000), 10000);
	assert_int_equal(spool_put(&s, "x", 1), 0);
	spool_rewind(&s);
	assert_int_equal(spool_str(&s).n, 10000);
}

static void test_lets_go(void **state)
{
	static char much[20000];
	char to[8];

	(void)state;
	s.keeps = true;
	assert_true(spool_put_all(&s, "abcdef", 6));
	assert_int_equal(spool_get(&s, to, 4), 4);
	spool_let_go(&s, 20000);
	assert_false(s.keeps);
	assert_holds("ef");
	assert_int_equal(s.at, 0);
	assert_int_equal(spool_put(&s, much, 20000), 19998);
	/* A lower bound takes nothing away of what is there. */
	spool_let_go(&s, 10);
	assert_int_equal(spool_str(&s).n, 20000);
	assert_int_equal(spool_put(&s, much, 1), 0);
}

static void test_reset_keeps_small_memory(void **state)
{
	static char much[10000];
	const char *p;

	(void)state;
	s.keeps = true;
	assert_true(spool_put_all(&s, "abc", 3));
	p = s.p;
	spool_reset(&s, 4096);
	assert_holds("");
	assert_false(s.keeps);
	assert_ptr_equal(s.p, p);
	assert_true(spool_put_all(&s, much, 10000));
	spool_reset(&s, 4096);
	assert_null(s.p);
	assert_int_equal(s.cap, 0);
	assert_true(spool_put_all(&s, "abc", 3));
	assert_holds("abc");
}

/* More memory than the bound is not used. */
static void test_bound_of_an_old_one(void **state)
{
	static char much[10000];

	(void)state;
	assert_true(spool_put_all(&s, much, 4096));
	spool_reset(&s, 4096);
	s.max = 100;
	assert_false(spool_put_all(&s, much, 101));
	assert_int_equal(spool_put(&s, much, 101), 100);
	assert_int_equal(spool_put(&s, much, 1), 0);
	s.max = 50;
	assert_int_equal(spool_put(&s, much, 1), 0);
	assert_int_equal(spool_get(&s, much, 60), 60);
	assert_int_equal(spool_put(&s, much, 20), 10);
}

static void test_rewind_of_an_empty_one(void **state)
{
	(void)state;
	spool_rewind(&s);
	assert_holds("");
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, begin, end)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_new_one_is_empty),
		TEST(test_first_in_first_out),
		TEST(test_is_bounded),
		TEST(test_low_is_half),
		TEST(test_small_bound),
		TEST(test_any_pieces),
		TEST(test_keeps),
		TEST(test_lets_go),
		TEST(test_reset_keeps_small_memory),
		TEST(test_bound_of_an_old_one),
		TEST(test_rewind_of_an_empty_one),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
