/* SPDX-License-Identifier: MIT */
#include "base/str.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/alloc.h"

static const struct str none = { NULL, 0 };

static void assert_str(struct str s, const char *z)
{
	assert_int_equal(s.n, strlen(z));
	if (s.n)
		assert_memory_equal(s.p, z, s.n);
}

static void test_made_of_strings(void **state)
{
	(void)state;
	assert_int_equal(str_z(NULL).n, 0);
	assert_int_equal(str_z("").n, 0);
	assert_str(str_z("abc"), "abc");
	assert_int_equal(STR("a\0b").n, 3);
}

static void test_equality(void **state)
{
	(void)state;
	assert_true(str_eq(none, STR("")));
	assert_true(str_eq(STR("ab"), STR("ab")));
	assert_false(str_eq(STR("ab"), STR("abc")));
	assert_false(str_eq(STR("ab"), STR("aB")));
	assert_true(str_eq(STR("a\0b"), STR("a\0b")));
	assert_false(str_eq(STR("a\0b"), STR("a\0c")));
	assert_true(str_eq_z(STR("ab"), "ab"));
	assert_true(str_eq_z(none, NULL));
	assert_false(str_eq_z(STR("ab"), "a"));
}

static void test_equality_without_case(void **state)
{
	(void)state;
	assert_true(str_eq_nocase(STR("Host"), STR("hOST")));
	assert_false(str_eq_nocase(STR("Host"), STR("Hosts")));
	assert_true(str_eq_nocase(none, STR("")));
	/* what lies 32 apart and is no letter */
	assert_false(str_eq_nocase(STR("@"), STR("`")));
	assert_false(str_eq_nocase(STR("["), STR("{")));
	assert_false(str_eq_nocase(STR("\xc4"), STR("\xe4")));
}

static void test_visible_and_printable(void **state)
{
	(void)state;
	assert_true(str_is_visible(STR("!az09~")));
	assert_true(str_is_visible(none));
	assert_false(str_is_visible(STR("a b")));
	assert_true(str_is_printable(STR(" !az09~ ")));
	assert_true(str_is_printable(none));
	for (int c = 0; c < 256; c++) {
		char octet = (char)c;
		struct str s = { &octet, 1 };

		assert_int_equal(str_is_visible(s), c > ' ' && c <= '~');
		assert_int_equal(str_is_printable(s), c >= ' ' && c <= '~');
	}
}

static void test_starts_and_ends(void **state)
{
	(void)state;
	assert_true(str_starts(STR("Bearer x"), STR("Bearer ")));
	assert_false(str_starts(STR("bearer x"), STR("Bearer ")));
	assert_false(str_starts(STR("Bear"), STR("Bearer")));
	assert_true(str_starts(STR("x"), none));
	assert_true(str_starts(none, none));
	assert_true(str_starts_nocase(STR("bEARER x"), STR("Bearer ")));
	assert_false(str_starts_nocase(STR("basic x"), STR("Bearer ")));
	assert_false(str_starts_nocase(STR("B"), STR("Bearer ")));
	assert_true(str_ends(STR("a.example"), STR(".example")));
	assert_true(str_ends(STR(".example"), STR(".example")));
	assert_false(str_ends(STR("example"), STR(".example")));
	assert_false(str_ends(STR("a.exampl"), STR(".example")));
	assert_true(str_ends(STR("x"), none));
	assert_true(str_ends(none, none));
}

static void test_find(void **state)
{
	(void)state;
	assert_int_equal(str_find(STR("a:b:c"), ':'), 1);
	assert_int_equal(str_find(STR("abc"), ':'), 3);
	assert_int_equal(str_find(none, ':'), 0);
	assert_int_equal(str_find(STR("a\0b"), '\0'), 1);
	assert_int_equal(str_find_str(STR("http://x"), STR("://")), 4);
	assert_int_equal(str_find_str(STR("http:/x"), STR("://")), 7);
	assert_int_equal(str_find_str(STR("aab"), STR("ab")), 1);
	assert_int_equal(str_find_str(STR("ab"), STR("abc")), 2);
	assert_int_equal(str_find_str(STR("ab"), none), 0);
	assert_int_equal(str_find_str(none, STR("a")), 0);
	assert_int_equal(str_find_str(none, none), 0);
}

static void test_parts_are_clamped(void **state)
{
	struct str s = STR("abcdef");

	(void)state;
	assert_str(str_sub(s, 1, 3), "bcd");
	assert_str(str_sub(s, 0, 6), "abcdef");
	assert_str(str_sub(s, 4, 9), "ef");
	assert_str(str_sub(s, 6, 1), "");
	assert_str(str_sub(s, 7, 1), "");
	assert_str(str_sub(s, 2, SIZE_MAX), "cdef");
	assert_str(str_sub(s, SIZE_MAX, SIZE_MAX), "");
	assert_str(str_from(s, 2), "cdef");
	assert_str(str_from(s, 7), "");
	assert_str(str_from(none, 1), "");
	assert_str(str_sub(none, 0, 1), "");
}

static void test_trim(void **state)
{
	(void)state;
	assert_str(str_trim(STR(" \t a b\t ")), "a b");
	assert_str(str_trim(STR("ab")), "ab");
	assert_str(str_trim(STR(" \t ")), "");
	assert_str(str_trim(none), "");
	assert_str(str_trim(STR("\r\nx")), "\r\nx");
}

static void test_dup(void **state)
{
	char *p = str_dup(str_sub(STR("abcdef"), 1, 2)), *q = str_dup(none);

	(void)state;
	assert_string_equal(p, "bc");
	assert_string_equal(q, "");
	mem_free(p);
	mem_free(q);
}

static void assert_u64(const char *z, uint64_t max, uint64_t want)
{
	uint64_t v = want + 1;

	assert_true(str_u64(str_z(z), max, &v));
	assert_true(v == want);
}

static void assert_no_u64(const char *z, uint64_t max)
{
	uint64_t v = 99;

	assert_false(str_u64(str_z(z), max, &v));
	assert_int_equal(v, 99);
}

static void test_numbers(void **state)
{
	(void)state;
	assert_u64("0", 0, 0);
	assert_u64("42", 42, 42);
	assert_u64("007", 10, 7);
	assert_u64("18446744073709551615", UINT64_MAX, UINT64_MAX);
	assert_u64("00000000000000000001", UINT64_MAX, 1);
	assert_no_u64("18446744073709551616", UINT64_MAX);
	assert_no_u64("99999999999999999999", UINT64_MAX);
	assert_no_u64("000000000000000000001", UINT64_MAX);
	assert_no_u64("43", 42);
	assert_no_u64("1", 0);
	assert_no_u64("", 10);
	assert_no_u64(NULL, 10);
	assert_no_u64("-1", 10);
	assert_no_u64("+1", 10);
	assert_no_u64(" 1", 10);
	assert_no_u64("1 ", 10);
	assert_no_u64("1a", 100);
	assert_no_u64("0x1", 100);
	assert_no_u64("/", 100);
	assert_no_u64(":", 100);
}

static void test_elements(void **state)
{
	struct str rest = STR(" a , ,,b c\t,d"), e = none;

	(void)state;
	assert_true(str_next_element(&rest, &e));
	assert_str(e, "a");
	assert_true(str_next_element(&rest, &e));
	assert_str(e, "b c");
	assert_true(str_next_element(&rest, &e));
	assert_str(e, "d");
	assert_false(str_next_element(&rest, &e));
	assert_false(str_next_element(&rest, &e));
	rest = STR(" ,, ");
	assert_false(str_next_element(&rest, &e));
	rest = none;
	assert_false(str_next_element(&rest, &e));
}

static void test_words(void **state)
{
	struct str rest = STR("  openid\t profile,x "), w = none;

	(void)state;
	assert_true(str_next_word(&rest, &w));
	assert_str(w, "openid");
	assert_true(str_next_word(&rest, &w));
	assert_str(w, "profile,x");
	assert_false(str_next_word(&rest, &w));
	assert_false(str_next_word(&rest, &w));
	rest = none;
	assert_false(str_next_word(&rest, &w));
}

static void test_tokens(void **state)
{
	static const char marks[] = "!#$%&'*+-.^_`|~";

	(void)state;
	for (int i = 0; i < 256; i++) {
		char c = (char)i;
		bool want = (i >= '0' && i <= '9') || (i >= 'a' && i <= 'z') ||
			    (i >= 'A' && i <= 'Z') || (i && strchr(marks, i));

		assert_int_equal(char_is_token(c), want);
		assert_int_equal(str_is_token((struct str){ &c, 1 }), want);
	}
	assert_true(str_is_token(STR("X-Api-Key")));
	assert_false(str_is_token(STR("X Api")));
	assert_false(str_is_token(STR("")));
	assert_false(str_is_token(none));
}

static void test_classes(void **state)
{
	(void)state;
	for (int i = 0; i < 256; i++) {
		char c = (char)i;
		bool upper = i >= 'A' && i <= 'Z';
		bool digit = i >= '0' && i <= '9';

		assert_int_equal(char_is_alpha(c),
				 upper || (i >= 'a' && i <= 'z'));
		assert_int_equal(char_is_digit(c), digit);
		assert_int_equal(char_lower(c), upper ? (char)(i + 32) : c);
	}
}

static void test_hex(void **state)
{
	int good = 0;

	(void)state;
	for (int i = 0; i < 256; i++)
		good += char_hex((char)i) >= 0;
	assert_int_equal(good, 22);
	assert_int_equal(char_hex('0'), 0);
	assert_int_equal(char_hex('9'), 9);
	assert_int_equal(char_hex('a'), 10);
	assert_int_equal(char_hex('F'), 15);
	assert_int_equal(char_hex('g'), -1);
}

static void test_cursor_takes(void **state)
{
	struct cursor c = cursor_of(STR("ab:12;x"));

	(void)state;
	assert_false(cursor_done(&c));
	assert_int_equal(cursor_peek(&c), 'a');
	assert_int_equal(cursor_peek(&c), 'a');
	assert_false(cursor_skip(&c, 'b'));
	assert_str(cursor_while(&c, char_is_alpha), "ab");
	assert_str(cursor_while(&c, char_is_alpha), "");
	assert_true(cursor_skip(&c, ':'));
	assert_str(cursor_until(&c, ';'), "12");
	assert_str(cursor_rest(&c), ";x");
	assert_false(cursor_skip_str(&c, STR(";xy")));
	assert_true(cursor_skip_str(&c, none));
	assert_true(cursor_skip_str(&c, STR(";")));
	assert_str(cursor_until(&c, ';'), "x");
	assert_true(cursor_done(&c));
}

static void test_cursor_at_the_end(void **state)
{
	struct cursor c = cursor_of(none);

	(void)state;
	assert_true(cursor_done(&c));
	assert_int_equal(cursor_peek(&c), -1);
	assert_false(cursor_skip(&c, '\0'));
	assert_false(cursor_skip_str(&c, STR("a")));
	assert_true(cursor_skip_str(&c, none));
	assert_int_equal(cursor_while(&c, char_is_alpha).n, 0);
	assert_int_equal(cursor_until(&c, 'a').n, 0);
	assert_int_equal(cursor_rest(&c).n, 0);
	c = cursor_of(STR("\xff"));
	assert_int_equal(cursor_peek(&c), 255);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_made_of_strings),
		cmocka_unit_test(test_equality),
		cmocka_unit_test(test_equality_without_case),
		cmocka_unit_test(test_visible_and_printable),
		cmocka_unit_test(test_starts_and_ends),
		cmocka_unit_test(test_find),
		cmocka_unit_test(test_parts_are_clamped),
		cmocka_unit_test(test_trim),
		cmocka_unit_test(test_dup),
		cmocka_unit_test(test_numbers),
		cmocka_unit_test(test_elements),
		cmocka_unit_test(test_words),
		cmocka_unit_test(test_tokens),
		cmocka_unit_test(test_classes),
		cmocka_unit_test(test_hex),
		cmocka_unit_test(test_cursor_takes),
		cmocka_unit_test(test_cursor_at_the_end),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
