/* SPDX-License-Identifier: MIT */
#include "config/report.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static void test_order(void **state)
{
	static const char *const want[] = {
		"main.ini:1: a", "main.ini:2: b", "main.ini:2: c",
		"main.ini:9: d", "sub.ini:1: e", "sub.ini:3: f",
	};
	struct config_report *r = config_report_new();

	(void)state;
	config_report_file(r, "main.ini");
	config_report_file(r, "sub.ini");
	config_report_add(r, "sub.ini", 3, "%s", "f");
	config_report_add(r, "main.ini", 2, "b");
	config_report_add(r, "main.ini", 9, "d");
	config_report_add(r, "main.ini", 1, "a");
	config_report_add(r, "sub.ini", 1, "e");
	config_report_add(r, "main.ini", 2, "%c", 'c');
	assert_int_equal(config_report_count(r), 6);
	for (size_t i = 0; i < 6; i++)
		assert_string_equal(config_report_text(r, i), want[i]);
	assert_null(config_report_text(r, 6));
	config_report_free(&r);
	assert_null(r);
	config_report_free(&r);
}

static void test_bounds(void **state)
{
	struct config_report *r = config_report_new();
	char text[10000];

	(void)state;
	memset(text, 'x', sizeof(text) - 1);
	text[sizeof(text) - 1] = '\0';
	config_report_add(r, "a.ini", 7, "%s", text);
	assert_true(strlen(config_report_text(r, 0)) < 100);
	for (int i = 0; i < 5000; i++)
		config_report_add(r, "a.ini", 5000 - i, "mistake");
	assert_int_equal(config_report_count(r), 1000);
	assert_true(config_report_full(r));
	config_report_free(&r);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_order),
		cmocka_unit_test(test_bounds),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
