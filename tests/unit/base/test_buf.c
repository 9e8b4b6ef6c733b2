/* SPDX-License-Identifier: MIT */
#include "base/buf.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/alloc.h"
#include "base/child.h"

static void test_new_is_empty(void **state)
{
	struct buf b, c = BUF_INIT(5);

	(void)state;
	buf_init(&b, 5);
	assert_int_equal(b.max, c.max);
	assert_false(b.wipes || c.wipes);
	assert_true(buf_ok(&b));
	assert_int_equal(buf_str(&b).n, 0);
	assert_string_equal(buf_z(&b), "");
	assert_null(b.p);
	buf_fini(&b);
	buf_fini(&b);
}

static void test_additions(void **state)
{
	ATTR_CLEANUP(buf_fini) struct buf b = BUF_INIT(1000);

	(void)state;
	buf_add(&b, "ab\0c", 4);
	assert_int_equal(b.n, 4);
	assert_memory_equal(b.p, "ab\0c", 5);
	buf_cut(&b, 2);
	buf_add_str(&b, STR("cd"));
	buf_add_z(&b, "ef");
	buf_add_char(&b, 'g');
	buf_addf(&b, "-%d-%s", 42, "x");
	buf_add(&b, NULL, 0);
	buf_add_str(&b, (struct str){ NULL, 0 });
	buf_add_z(&b, "");
	assert_string_equal(buf_z(&b), "abcdefg-42-x");
	assert_int_equal(buf_str(&b).n, 12);
	assert_ptr_equal(buf_str(&b).p, b.p);
	assert_true(buf_ok(&b));
}

static void test_printable(void **state)
{
	ATTR_CLEANUP(buf_fini) struct buf b = BUF_INIT(1000);

	(void)state;
	buf_add_printable(&b, STR("a b~\n\x7f\0\xc3\xa9\xe2\x82\xac."));
	assert_string_equal(buf_z(&b), "a b~?????.");
}

static void test_nul_follows_each_growth(void **state)
{
	ATTR_CLEANUP(buf_fini) struct buf b = BUF_INIT(10000);

	(void)state;
	for (size_t i = 0; i < 10000; i++) {
		buf_add_char(&b, (char)('a' + i % 26));
		assert_int_equal(b.n, i + 1);
		assert_int_equal(b.p[b.n], 0);
		assert_true(b.cap <= 10001);
	}
	assert_true(buf_ok(&b));
	for (size_t i = 0; i < 10000; i++)
		assert_int_equal(b.p[i], 'a' + i % 26);
	buf_add_char(&b, 'x');
	assert_false(buf_ok(&b));
}

static void test_the_maximum_is_exact(void **state)
{
	ATTR_CLEANUP(buf_fini) struct buf b = BUF_INIT(5);

	(void)state;
	buf_add_z(&b, "12345");
	assert_true(buf_ok(&b));
	assert_string_equal(buf_z(&b), "12345");
	buf_reset(&b);
	buf_add_z(&b, "123456");
	assert_false(buf_ok(&b));
}

static void test_maximum_of_nothing(void **state)
{
	ATTR_CLEANUP(buf_fini) struct buf b = BUF_INIT(0);

	(void)state;
	buf_add_z(&b, "");
	buf_addf(&b, "%s", "");
	assert_true(buf_ok(&b));
	assert_string_equal(buf_z(&b), "");
	buf_add_char(&b, 'x');
	assert_false(buf_ok(&b));
}

static void test_failure_sticks_and_empties(void **state)
{
	ATTR_CLEANUP(buf_fini) struct buf b = BUF_INIT(4);

	(void)state;
	buf_add_z(&b, "123");
	buf_add_z(&b, "45");
	assert_false(buf_ok(&b));
	assert_int_equal(buf_str(&b).n, 0);
	assert_string_equal(buf_z(&b), "");
	buf_add_char(&b, 'x');
	buf_add_z(&b, "y");
	buf_addf(&b, "z");
	buf_drop(&b, 1);
	buf_cut(&b, 0);
	assert_false(buf_ok(&b));
	assert_int_equal(b.n, 0);
	buf_reset(&b);
	buf_add_z(&b, "1234");
	assert_true(buf_ok(&b));
	assert_string_equal(buf_z(&b), "1234");
}

static void test_huge_addition_does_not_wrap(void **state)
{
	ATTR_CLEANUP(buf_fini) struct buf b = BUF_INIT(100);

	(void)state;
	buf_add_z(&b, "1");
	buf_add(&b, "x", SIZE_MAX);
	assert_false(buf_ok(&b));
}

static void test_format_over_the_room_and_the_maximum(void **state)
{
	ATTR_CLEANUP(buf_fini) struct buf b = BUF_INIT(300);

	(void)state;
	buf_addf(&b, "%0200d", 7);
	assert_int_equal(b.n, 200);
	assert_int_equal(b.p[199], '7');
	assert_int_equal(b.p[200], 0);
	buf_addf(&b, "%0100d", 8);
	assert_true(buf_ok(&b));
	assert_int_equal(b.n, 300);
	buf_addf(&b, "%s", "");
	assert_true(buf_ok(&b));
	buf_addf(&b, "%c", 'x');
	assert_false(buf_ok(&b));
}

static void test_drop(void **state)
{
	ATTR_CLEANUP(buf_fini) struct buf b = BUF_INIT(100);

	(void)state;
	buf_drop(&b, 3);
	buf_add_z(&b, "abcdef");
	buf_drop(&b, 0);
	assert_string_equal(buf_z(&b), "abcdef");
	buf_drop(&b, 2);
	assert_string_equal(buf_z(&b), "cdef");
	buf_drop(&b, 100);
	assert_string_equal(buf_z(&b), "");
	assert_int_equal(b.n, 0);
	buf_add_z(&b, "again");
	assert_string_equal(buf_z(&b), "again");
}

static void cut_longer(void)
{
	struct buf b = BUF_INIT(10);

	buf_add_z(&b, "abc");
	buf_cut(&b, 4);
}

static void test_cut(void **state)
{
	ATTR_CLEANUP(buf_fini) struct buf b = BUF_INIT(100);

	(void)state;
	buf_cut(&b, 0);
	buf_add_z(&b, "abcdef");
	buf_cut(&b, 6);
	assert_string_equal(buf_z(&b), "abcdef");
	buf_cut(&b, 1);
	assert_string_equal(buf_z(&b), "a");
	assert_true(aborts_saying(cut_longer, "n <= b->n"));
}

static void test_reset_keeps_the_memory(void **state)
{
	ATTR_CLEANUP(buf_fini) struct buf b = BUF_INIT(100);
	char *p;

	(void)state;
	buf_reset(&b);
	buf_add_z(&b, "abc");
	p = b.p;
	buf_reset(&b);
	assert_string_equal(buf_z(&b), "");
	buf_add_z(&b, "de");
	assert_ptr_equal(b.p, p);
	assert_string_equal(buf_z(&b), "de");
}

static void test_take(void **state)
{
	struct buf b = BUF_INIT(10);
	char *p = buf_take(&b);

	(void)state;
	assert_string_equal(p, "");
	mem_free(p);
	buf_add_z(&b, "mine");
	p = buf_take(&b);
	assert_string_equal(p, "mine");
	assert_int_equal(b.n, 0);
	assert_string_equal(buf_z(&b), "");
	buf_add_z(&b, "more");
	assert_string_equal(buf_z(&b), "more");
	assert_string_equal(p, "mine");
	mem_free(p);
	buf_fini(&b);
}

static void assert_zero(const char *p, size_t n)
{
	for (size_t i = 0; i < n; i++)
		assert_int_equal(p[i], 0);
}

static void test_secret_is_wiped_where_it_stays(void **state)
{
	struct buf b, c = BUF_INIT_SECRET(1000);

	(void)state;
	buf_init_secret(&b, 1000);
	assert_int_equal(b.max, c.max);
	assert_true(b.wipes && c.wipes);
	buf_add_z(&b, "client-secret");
	buf_cut(&b, 6);
	assert_zero(b.p + 6, 7);
	buf_drop(&b, 2);
	assert_string_equal(buf_z(&b), "ient");
	assert_zero(b.p + 4, 2);
	buf_reset(&b);
	assert_zero(b.p, 6);
	buf_fini(&b);
	assert_true(b.wipes);
}

static void test_secret_survives_growth(void **state)
{
	struct buf b = BUF_INIT_SECRET(1000);

	(void)state;
	for (int i = 0; i < 100; i++)
		buf_addf(&b, "%02d", i);
	assert_int_equal(b.n, 200);
	assert_memory_equal(b.p, "000102", 6);
	assert_memory_equal(b.p + 194, "979899", 7);
	buf_fini(&b);
}

/* In memory that is lent to it: as much as there is, and no more. */
static void test_lent_memory(void **state)
{
	char memory[8];
	struct buf b;

	(void)state;
	buf_init_in(&b, memory, sizeof(memory));
	assert_string_equal(buf_z(&b), "");
	buf_add_z(&b, "1234");
	buf_add_str(&b, STR("567"));
	assert_true(buf_ok(&b));
	assert_ptr_equal(buf_str(&b).p, memory);
	assert_string_equal(memory, "1234567");
	buf_fini(&b);
	assert_string_equal(memory, "1234567");

	buf_init_in(&b, memory, sizeof(memory));
	buf_addf(&b, "%d", 12345678);
	assert_false(buf_ok(&b));
	buf_reset(&b);
	buf_add_char(&b, 'x');
	assert_false(buf_ok(&b));
	buf_fini(&b);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_new_is_empty),
		cmocka_unit_test(test_additions),
		cmocka_unit_test(test_printable),
		cmocka_unit_test(test_nul_follows_each_growth),
		cmocka_unit_test(test_the_maximum_is_exact),
		cmocka_unit_test(test_maximum_of_nothing),
		cmocka_unit_test(test_failure_sticks_and_empties),
		cmocka_unit_test(test_huge_addition_does_not_wrap),
		cmocka_unit_test(test_format_over_the_room_and_the_maximum),
		cmocka_unit_test(test_drop),
		cmocka_unit_test(test_cut),
		cmocka_unit_test(test_reset_keeps_the_memory),
		cmocka_unit_test(test_take),
		cmocka_unit_test(test_secret_is_wiped_where_it_stays),
		cmocka_unit_test(test_secret_survives_growth),
		cmocka_unit_test(test_lent_memory),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
