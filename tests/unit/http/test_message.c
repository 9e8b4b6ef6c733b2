/* SPDX-License-Identifier: MIT */
#include "http/message.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

static struct arena arena;
static struct fields fs;
static struct framing framing;
static struct fault fault;

static int begin(void **state)
{
	(void)state;
	arena = (struct arena){ NULL, NULL, NULL };
	fields_init(&fs, &arena);
	fault.text[0] = 0;
	return 0;
}

static int end(void **state)
{
	(void)state;
	arena_fini(&arena);
	return 0;
}

static void add(const char *name, const char *value)
{
	fields_add(&fs, str_z(name), str_z(value));
}

static void test_methods(void **state)
{
	static const struct {
		const char *method;
		bool safe, idempotent;
	} ROWS[] = {
		{ "GET", true, true },       { "HEAD", true, true },
		{ "OPTIONS", true, true },   { "TRACE", true, true },
		{ "PUT", false, true },      { "DELETE", false, true },
		{ "POST", false, false },    { "PATCH", false, false },
		{ "CONNECT", false, false }, { "get", false, false },
		{ "", false, false },        { "GETX", false, false },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(ROWS) / sizeof(ROWS[0]); i++) {
		struct str m = str_z(ROWS[i].method);

		assert_int_equal(method_is_safe(m), ROWS[i].safe);
		assert_int_equal(method_is_idempotent(m),
				 ROWS[i].idempotent);
	}
}

static void test_phrases(void **state)
{
	(void)state;
	assert_string_equal(status_phrase(200), "OK");
	assert_string_equal(status_phrase(100), "Continue");
	assert_string_equal(status_phrase(407),
			    "Proxy Authentication Required");
	assert_string_equal(status_phrase(421), "Misdirected Request");
	assert_string_equal(status_phrase(511),
			    "Network Authentication Required");
	assert_string_equal(status_phrase(299), "");
	assert_string_equal(status_phrase(0), "");
	assert_string_equal(status_phrase(-1), "");
	assert_string_equal(status_phrase(1000), "");
}

static void test_statuses_without_body(void **state)
{
	(void)state;
	assert_false(status_has_body(100));
	assert_false(status_has_body(199));
	assert_true(status_has_body(200));
	assert_false(status_has_body(204));
	assert_true(status_has_body(205));
	assert_false(status_has_body(304));
	assert_true(status_has_body(404));
	assert_true(status_has_body(500));
}

static void assert_framing(bool http10, enum framing_body body,
			   uint64_t length)
{
	if (framing_check(&fs, http10, &framing, &fault) < 0)
		fail_msg("%s", fault.text);
	assert_int_equal(framing.body, body);
	assert_true(framing.length == length);
}

static void test_no_body(void **state)
{
	(void)state;
	add("Host", "a");
	add("X-Odd!#$%&'*+-.^_`|~", "\xff");
	add("X-Empty", "");
	assert_framing(false, FRAMING_NONE, 0);
}

static void test_http10_needs_no_host(void **state)
{
	(void)state;
	assert_framing(true, FRAMING_NONE, 0);
	add("Content-Length", "5");
	assert_framing(true, FRAMING_SIZED, 5);
}

static void test_sized(void **state)
{
	static const struct {
		const char *text;
		uint64_t length;
	} ROWS[] = {
		{ "0", 0 },
		{ "17", 17 },
		{ " 17\t", 17 },
		{ "0017", 17 },
		{ "9223372036854775807", INT64_MAX },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(ROWS) / sizeof(ROWS[0]); i++) {
		fields_remove(&fs, STR("host"));
		fields_remove(&fs, STR("content-length"));
		add("host", "a");
		add("content-length", ROWS[i].text);
		assert_framing(false, FRAMING_SIZED, ROWS[i].length);
	}
}

static void test_chunked(void **state)
{
	(void)state;
	add("HOST", "a");
	add("TRANSFER-ENCODING", " Chunked ");
	assert_framing(false, FRAMING_CHUNKED, 0);
}

static void assert_refused(bool http10, const char *word)
{
	fault.text[0] = 0;
	assert_int_equal(framing_check(&fs, http10, &framing, &fault), -1);
	if (!strstr(fault.text, word))
		fail_msg("no \"%s\" in: %s", word, fault.text);
	assert_int_equal(framing_check(&fs, http10, &framing, NULL), -1);
	fs.n = 0;
}

static void test_refuses_lengths(void **state)
{
	static const char *const BAD[] = {
		"", " ", "-1", "+1", "1 2", "1,1", "1, 1", "0x10", "1e3",
		"1.0", "a", "9223372036854775808", "18446744073709551616",
		"99999999999999999999999999", "\"1\"", "1;",
	};

	(void)state;
	for (size_t i = 0; i < sizeof(BAD) / sizeof(BAD[0]); i++) {
		add("Host", "a");
		add("Content-Length", BAD[i]);
		assert_refused(false, "Content-Length");
	}
}

static void test_refuses_codings(void **state)
{
	static const char *const BAD[] = {
		"", "gzip", "gzip, chunked", "chunked, gzip", "identity",
		"chunked, chunked", "chunked;q=1", "xchunked", "chunke",
		"chunked,", ",chunked", "\"chunked\"", "chunked\x0b",
	};

	(void)state;
	for (size_t i = 0; i < sizeof(BAD) / sizeof(BAD[0]); i++) {
		add("Host", "a");
		add("Transfer-Encoding", BAD[i]);
		assert_refused(false, "");
	}
}

static void test_refuses_what_reads_two_ways(void **state)
{
	(void)state;
	add("Host", "a");
	add("Content-Length", "5");
	add("content-length", "5");
	assert_refused(false, "two content-length");
	add("Host", "a");
	add("Content-Length", "5");
	add("Content-Length", "6");
	assert_refused(true, "two Content-Length");
	add("Host", "a");
	add("Content-Length", "5");
	add("Transfer-Encoding", "chunked");
	assert_refused(false, "both");
	add("Host", "a");
	add("Transfer-Encoding", "chunked");
	add("Content-Length", "0");
	assert_refused(false, "both");
	add("Host", "a");
	add("Transfer-Encoding", "chunked");
	add("Transfer-Encoding", "chunked");
	assert_refused(false, "two Transfer-Encoding");
	add("Host", "a");
	add("Transfer-Encoding", "chunked");
	assert_refused(true, "HTTP/1.0");
}

static void test_refuses_hosts(void **state)
{
	(void)state;
	assert_refused(false, "no Host");
	add("Hosts", "a");
	assert_refused(false, "no Host");
	add("Host", "a");
	add("hOST", "a");
	assert_refused(false, "two hOST");
	add("Host", "a");
	add("Host", "b");
	assert_refused(true, "two Host");
}

static void test_refuses_names(void **state)
{
	static const char *const BAD[] = {
		"", " ", "A B", "Content-Length ", " Host", "\tX", "A:", "A\r",
		"A\nB", "A\x7f", "\xc3\xa4", "(A)", "A\"", "A,B",
	};

	(void)state;
	for (size_t i = 0; i < sizeof(BAD) / sizeof(BAD[0]); i++) {
		add("Host", "a");
		add(BAD[i], "1");
		assert_refused(false, "name");
	}
	add("Host", "a");
	fields_add(&fs, STR("A\0B"), STR("1"));
	assert_refused(false, "name");
}

static void test_refuses_values_and_quotes_none(void **state)
{
	(void)state;
	add("Host", "a");
	add("X", "SECRET\r\nY: 1");
	assert_refused(false, "control");
	add("Host", "a");
	fields_add(&fs, STR("X"), STR("SECRET\0"));
	assert_int_equal(framing_check(&fs, false, &framing, &fault), -1);
	assert_null(strstr(fault.text, "SECRET"));
}

int main(void)
{
#define TEST(fn) cmocka_unit_test_setup_teardown(fn, begin, end)
	const struct CMUnitTest tests[] = {
		TEST(test_methods),
		TEST(test_phrases),
		TEST(test_statuses_without_body),
		TEST(test_no_body),
		TEST(test_http10_needs_no_host),
		TEST(test_sized),
		TEST(test_chunked),
		TEST(test_refuses_lengths),
		TEST(test_refuses_codings),
		TEST(test_refuses_what_reads_two_ways),
		TEST(test_refuses_hosts),
		TEST(test_refuses_names),
		TEST(test_refuses_values_and_quotes_none),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
