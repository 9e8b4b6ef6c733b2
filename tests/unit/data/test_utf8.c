/* SPDX-License-Identifier: MIT */
#include "data/utf8.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

static void assert_length(const char *z, size_t n)
{
	assert_int_equal(utf8_length(str_z(z), 0), n);
}

static void test_lengths(void **state)
{
	(void)state;
	assert_int_equal(utf8_length(STR("\0"), 0), 1);
	assert_length("a", 1);
	assert_length("\x7f", 1);
	assert_length("\xc2\x80", 2);
	assert_length("\xdf\xbf", 2);
	assert_length("\xe0\xa0\x80", 3);
	assert_length("\xed\x9f\xbf", 3);
	assert_length("\xee\x80\x80", 3);
	assert_length("\xef\xbf\xbf", 3);
	assert_length("\xf0\x90\x80\x80", 4);
	assert_length("\xf4\x8f\xbf\xbf", 4);
	assert_int_equal(utf8_length(STR("a\xc3\xa4"), 1), 2);
}

static bool steers(const char *z)
{
	return utf8_is_control(str_z(z), 0);
}

static void test_knows_what_steers(void **state)
{
	static const char *const do_[] = {
		"\x01", "\n", "\x1b", "\x1f", "\x7f", "\xc2\x80", "\xc2\x9f",
		"\xd8\x9c", "\xe2\x80\x8e", "\xe2\x80\x8f", "\xe2\x80\xa8",
		"\xe2\x80\xae", "\xe2\x81\xa6", "\xe2\x81\xa9",
	};
	static const char *const do_not[] = {
		" ", "~", "\xc2\xa0", "\xc3\x80", "\xd8\x9b", "\xd8\x9d",
		"\xe2\x80\x8d", "\xe2\x80\x90", "\xe2\x80\xa7",
		"\xe2\x80\xaf", "\xe2\x81\xa5", "\xe2\x81\xaa",
		"\xe2\x82\xac", "\xe3\x80\xa8", "\xf0\x9f\x98\x80",
	};

	(void)state;
	for (size_t i = 0; i < sizeof(do_) / sizeof(do_[0]); i++)
		assert_true(steers(do_[i]));
	for (size_t i = 0; i < sizeof(do_not) / sizeof(do_not[0]); i++)
		assert_false(steers(do_not[i]));
	assert_true(utf8_is_control(STR("\0"), 0));
}

static void test_refuses_overlong(void **state)
{
	(void)state;
	assert_length("\xc0\x80", 0);
	assert_length("\xc0\xae", 0);
	assert_length("\xc1\xbf", 0);
	assert_length("\xe0\x80\xaf", 0);
	assert_length("\xe0\x9f\xbf", 0);
	assert_length("\xf0\x80\x80\xaf", 0);
	assert_length("\xf0\x8f\xbf\xbf", 0);
}

static void test_refuses_what_is_no_character(void **state)
{
	(void)state;
	assert_length("\xed\xa0\x80", 0); /* a surrogate */
	assert_length("\xed\xbf\xbf", 0);
	assert_length("\xf4\x90\x80\x80", 0); /* over U+10FFFF */
	assert_length("\xf5\x80\x80\x80", 0);
	assert_length("\xf8\x88\x80\x80\x80", 0);
	assert_length("\xff", 0);
	assert_length("\x80", 0);
	assert_length("\xbf", 0);
}

static void test_refuses_what_is_cut_off(void **state)
{
	(void)state;
	assert_length("\xc3", 0);
	assert_length("\xc3z", 0);
	assert_length("\xc3\xc3", 0);
	assert_length("\xe2\x82", 0);
	assert_length("\xe2\x82z", 0);
	assert_length("\xf0\x9f\x98", 0);
	assert_length("\xf0\x9f\x98\x41", 0);
	/* The octet behind the slice does not count. */
	assert_int_equal(utf8_length((struct str){ "\xc3\xa4", 1 }, 0), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_lengths),
		cmocka_unit_test(test_knows_what_steers),
		cmocka_unit_test(test_refuses_overlong),
		cmocka_unit_test(test_refuses_what_is_no_character),
		cmocka_unit_test(test_refuses_what_is_cut_off),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
