/* SPDX-License-Identifier: MIT */
#include "data/date.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/clock.h"

/* 2026-11-23T17:00:00Z */
static const int64_t NOW = 1795453200;

static int begin(void **state)
{
	(void)state;
	clock_fake(0, NOW * 1000);
	return 0;
}

static int end(void **state)
{
	(void)state;
	clock_real();
	return 0;
}

static void assert_written(int64_t seconds, const char *z)
{
	struct buf b = BUF_INIT(40);

	date_rfc3339(&b, seconds);
	assert_string_equal(buf_z(&b), z);
	buf_fini(&b);
}

static void test_writes_rfc3339(void **state)
{
	(void)state;
	assert_written(NOW, "2026-11-23T17:00:00Z");
	assert_written(0, "1970-01-01T00:00:00Z");
	assert_written(-1, "1969-12-31T23:59:59Z");
	assert_written(951782400, "2000-02-29T00:00:00Z");
	assert_written(4294967296, "2106-02-07T06:28:16Z");
}

static void test_stays_within_four_digits(void **state)
{
	(void)state;
	assert_written(253402300799, "9999-12-31T23:59:59Z");
	assert_written(253402300800, "9999-12-31T23:59:59Z");
	assert_written(INT64_MAX, "9999-12-31T23:59:59Z");
	assert_written(-62167219200, "0000-01-01T00:00:00Z");
	assert_written(INT64_MIN, "0000-01-01T00:00:00Z");
}

/* Each month and each day of the week by its name, all numbers at their full
 * width, and what is read again is the same. */
static void test_writes_http(void **state)
{
	static const struct {
		int64_t seconds;
		const char *z;
	} rows[] = {
		{ 784111777, "Sun, 06 Nov 1994 08:49:37 GMT" },
		{ NOW, "Mon, 23 Nov 2026 17:00:00 GMT" },
		{ 0, "Thu, 01 Jan 1970 00:00:00 GMT" },
		{ -1, "Wed, 31 Dec 1969 23:59:59 GMT" },
		{ 951782400, "Tue, 29 Feb 2000 00:00:00 GMT" },
		{ 4102444799, "Thu, 31 Dec 2099 23:59:59 GMT" },
		{ -62135596800, "Mon, 01 Jan 0001 00:00:00 GMT" },
		{ 253402300799, "Fri, 31 Dec 9999 23:59:59 GMT" },
		{ 253402300800, "Fri, 31 Dec 9999 23:59:59 GMT" },
		{ INT64_MAX, "Fri, 31 Dec 9999 23:59:59 GMT" },
	};
	struct buf b = BUF_INIT(40);
	int64_t read;

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		buf_reset(&b);
		date_http(&b, rows[i].seconds);
		assert_string_equal(buf_z(&b), rows[i].z);
	}
	for (int64_t day = 0; day < 366; day++) {
		buf_reset(&b);
		date_http(&b, NOW + day * 86400 + day);
		assert_int_equal(date_http_parse(buf_str(&b), &read), 0);
		assert_true(read == NOW + day * 86400 + day);
	}
	buf_fini(&b);
}

static void assert_read(const char *z, int64_t expected)
{
	int64_t seconds = 0;

	assert_int_equal(date_http_parse(str_z(z), &seconds), 0);
	assert_true(seconds == expected);
}

static void test_reads_the_three_forms(void **state)
{
	(void)state;
	assert_read("Sun, 06 Nov 1994 08:49:37 GMT", 784111777);
	assert_read("Sunday, 06-Nov-94 08:49:37 GMT", 784111777);
	assert_read("Sun Nov  6 08:49:37 1994", 784111777);
	assert_read("Mon, 23 Nov 2026 17:00:00 GMT", NOW);
	assert_read("Monday, 23-Nov-26 17:00:00 GMT", NOW);
	assert_read("Mon Nov 23 17:00:00 2026", NOW);
}

static void test_reads_bounds(void **state)
{
	(void)state;
	assert_read("Tue, 29 Feb 2000 00:00:00 GMT", 951782400);
	assert_read("Thu, 01 Jan 1970 00:00:00 GMT", 0);
	assert_read("Wed, 31 Dec 1969 23:59:59 GMT", -1);
	/* A leap second is the next day's first. */
	assert_read("Sat, 31 Dec 2016 23:59:60 GMT", 1483228800);
	assert_read("Fri, 31 Dec 9999 23:59:59 GMT", 253402300799);
}

static void test_two_digits_mean_at_most_50_years_ahead(void **state)
{
	(void)state;
	/* 2076 is 50 ahead of 2026, 2077 would be 51. */
	assert_read("Wednesday, 01-Jan-76 00:00:00 GMT", 3345062400);
	assert_read("Saturday, 01-Jan-77 00:00:00 GMT", 220924800);
	clock_fake(0, INT64_C(946684800000) - 1); /* 1999 */
	assert_read("Saturday, 01-Jan-00 00:00:00 GMT", -2208988800);
	clock_fake(0, NOW * 1000);
}

static void test_refuses(void **state)
{
	static const char *const BAD[] = {
		"",
		"0",
		"120",
		"Sun, 06 Nov 1994 08:49:37",
		"Sun, 06 Nov 1994 08:49:37 UTC",
		"Sun, 06 Nov 1994 08:49:37 GMT ",
		" Sun, 06 Nov 1994 08:49:37 GMT",
		"Sun,06 Nov 1994 08:49:37 GMT",
		"sun, 06 nov 1994 08:49:37 gmt",
		"Son, 06 Nov 1994 08:49:37 GMT",
		"Sun, 6 Nov 1994 08:49:37 GMT",
		"Sun, 06 Nov 94 08:49:37 GMT",
		"Sun, 06 Now 1994 08:49:37 GMT",
		"Sun, 00 Nov 1994 08:49:37 GMT",
		"Sun, 31 Nov 1994 08:49:37 GMT",
		"Sun, 29 Feb 1900 08:49:37 GMT",
		"Sun, 29 Feb 1995 08:49:37 GMT",
		"Sun, 06 Nov 1994 24:49:37 GMT",
		"Sun, 06 Nov 1994 08:60:37 GMT",
		"Sun, 06 Nov 1994 08:49:61 GMT",
		"Sun, 06 Nov 1994 08:49:-1 GMT",
		"Sun, 06 Nov +994 08:49:37 GMT",
		"Sunday, 06-Nov-94 08:49:37",
		"Sunday, 06-Nov-9 08:49:37 GMT",
		"Sun, 06-Nov-94 08:49:37 GMT",
		"Sun Nov 6 08:49:37 1994",
		"Sun Nov  66 08:49:37 1994",
		"Sun Nov  6 08:49:37 1994 GMT",
		"Sun Nov  6 08:49:37 199",
		"2026-11-23T17:00:00Z",
	};

	(void)state;
	for (size_t i = 0; i < sizeof(BAD) / sizeof(BAD[0]); i++) {
		int64_t seconds = 7;

		assert_int_equal(date_http_parse(str_z(BAD[i]), &seconds),
				 -1);
		assert_true(seconds == 7);
	}
}

static void test_reads_rfc3339(void **state)
{
	static const struct {
		const char *text;
		int64_t seconds;
	} rows[] = {
		{ "1970-01-01T00:00:01Z", 1 },
		{ "2001-09-09T01:46:40Z", 1000000000 },
		{ "2001-09-09t01:46:40z", 1000000000 },
		{ "2001-09-09 01:46:40", 1000000000 },
		{ "2001-09-09T01:46:40", 1000000000 },
		{ "2001-09-09T01:46:40.999Z", 1000000000 },
		{ "2001-09-09T03:46:40+02:00", 1000000000 },
		{ "2001-09-09T03:46:40.1+0200", 1000000000 },
		{ "2001-09-08T20:16:40-05:30", 1000000000 },
	};
	static const char *const bad[] = {
		"", "2001-09-09", "2001-09-09T01:46", "2001-13-09T01:46:40Z",
		"2001-00-09T01:46:40Z", "2001-02-29T01:46:40Z",
		"2001-09-09T01:46:40.Z", "2001-09-09T01:46:40Zx",
		"2001-09-09T01:46:40+2", "2001-09-09T01:46:40+24:00",
		"2001-09-09T01:46:40+02:60", "20010909T014640Z",
		"2001-09-09T25:46:40Z", "1000000000",
	};
	int64_t seconds;

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		if (date_rfc3339_parse(str_z(rows[i].text), &seconds) < 0)
			fail_msg("%s", rows[i].text);
		assert_true(seconds == rows[i].seconds);
	}
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		if (date_rfc3339_parse(str_z(bad[i]), &seconds) == 0)
			fail_msg("%s", bad[i]);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_writes_rfc3339),
		cmocka_unit_test(test_stays_within_four_digits),
		cmocka_unit_test(test_writes_http),
		cmocka_unit_test(test_reads_the_three_forms),
		cmocka_unit_test(test_reads_bounds),
		cmocka_unit_test(test_two_digits_mean_at_most_50_years_ahead),
		cmocka_unit_test(test_refuses),
		cmocka_unit_test(test_reads_rfc3339),
	};

	return cmocka_run_group_tests(tests, begin, end);
}
