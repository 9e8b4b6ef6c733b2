/* SPDX-License-Identifier: MIT */
#include "base/fault.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

static void test_set(void **state)
{
	struct fault f;

	(void)state;
	assert_int_equal(fault_set(&f, "port %d is %s", 99, "taken"), -1);
	assert_string_equal(f.text, "port 99 is taken");
	assert_int_equal(fault_set(&f, "%s", ""), -1);
	assert_string_equal(f.text, "");
}

static void test_no_fault_asked_for(void **state)
{
	(void)state;
	assert_int_equal(fault_set(NULL, "%d", 1), -1);
	assert_int_equal(fault_prefix(NULL, "%d", 1), -1);
	assert_int_equal(fault_errno(NULL, ENOENT, "%d", 1), -1);
}

static void test_prefix(void **state)
{
	struct fault f;

	(void)state;
	(void)fault_set(&f, "not a number");
	assert_int_equal(fault_prefix(&f, "%s:%d", "a.ini", 7), -1);
	assert_string_equal(f.text, "a.ini:7: not a number");
	(void)fault_prefix(&f, "check");
	assert_string_equal(f.text, "check: a.ini:7: not a number");
}

static void test_errno(void **state)
{
	struct fault f;

	(void)state;
	assert_int_equal(fault_errno(&f, ENOENT, "cannot open %s", "x"), -1);
	assert_string_equal(f.text, "cannot open x: No such file or directory");
	(void)fault_errno(&f, 99999, "odd");
	assert_string_equal(f.text, "odd: Unknown error 99999");
}

static void test_old_text_may_be_a_value(void **state)
{
	struct fault f;

	(void)state;
	(void)fault_set(&f, "old");
	(void)fault_set(&f, "new after %s and %s", f.text, f.text);
	assert_string_equal(f.text, "new after old and old");
	(void)fault_prefix(&f, "%.3s", f.text);
	assert_string_equal(f.text, "new: new after old and old");
}

static void test_cut_at_the_maximum(void **state)
{
	struct fault f;

	(void)state;
	memset(&f, 0x7f, sizeof(f));
	(void)fault_set(&f, "%0600d", 7);
	assert_int_equal(strlen(f.text), FAULT_TEXT_MAX - 1);
	(void)fault_prefix(&f, "where");
	assert_int_equal(strlen(f.text), FAULT_TEXT_MAX - 1);
	assert_memory_equal(f.text, "where: 000", 10);
	(void)fault_errno(&f, ENOENT, "%0509d", 7);
	assert_int_equal(strlen(f.text), FAULT_TEXT_MAX - 1);
	assert_string_equal(f.text + 508, "7: ");
	(void)fault_prefix(&f, "%0600d", 8);
	assert_int_equal(strlen(f.text), FAULT_TEXT_MAX - 1);
	assert_int_equal(f.text[0], '0');
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_set),
		cmocka_unit_test(test_no_fault_asked_for),
		cmocka_unit_test(test_prefix),
		cmocka_unit_test(test_errno),
		cmocka_unit_test(test_old_text_may_be_a_value),
		cmocka_unit_test(test_cut_at_the_maximum),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
