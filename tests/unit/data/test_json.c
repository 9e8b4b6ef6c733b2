/* SPDX-License-Identifier: MIT */
#include "base/limits.h"
#include "data/json.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

static struct json *parse(struct str text)
{
	struct fault f = { "" };
	struct json *j = json_parse(text, &f);

	if (!j)
		print_message("%s\n", f.text);
	assert_non_null(j);
	return j;
}

static void assert_text(const struct json *j, const char *z)
{
	assert_true(str_eq_z(json_text(j), z));
}

static void test_reads_an_object(void **state)
{
	struct json *j = parse(STR(
		" {\"access_token\":\"abc\", \"expires_in\" : 3600,\n"
		"\"ok\":true,\"no\":false,\"nil\":null,\"a\":[1,[],{}]} \r\n"));

	(void)state;
	assert_true(json_is(j, JSON_OBJECT));
	assert_int_equal(json_count(j), 6);
	assert_text(json_get(j, "access_token"), "abc");
	assert_text(json_get(j, "expires_in"), "3600");
	assert_true(json_is(json_get(j, "expires_in"), JSON_NUMBER));
	assert_true(json_bool(json_get(j, "ok")));
	assert_false(json_bool(json_get(j, "no")));
	assert_true(json_is(json_get(j, "no"), JSON_BOOL));
	assert_true(json_is(json_get(j, "nil"), JSON_NULL));
	assert_null(json_get(j, "absent"));
	assert_null(json_get(j, "access_toke"));

	const struct json *a = json_get(j, "a");

	assert_int_equal(json_count(a), 3);
	assert_text(json_at(a, 0), "1");
	assert_true(json_is(json_at(a, 1), JSON_ARRAY));
	assert_true(json_is(json_at(a, 2), JSON_OBJECT));
	assert_null(json_at(a, 3));
	json_free(&j);
	assert_null(j);
	json_free(&j);
}

static void test_names_and_places(void **state)
{
	struct json *j = parse(STR("{\"b\":1,\"\":2,\"a\\u0000b\":3}"));

	(void)state;
	assert_true(str_eq_z(json_name(j, 0), "b"));
	assert_int_equal(json_name(j, 1).n, 0);
	assert_true(str_eq(json_name(j, 2), STR("a\0b")));
	assert_int_equal(json_name(j, 3).n, 0);
	assert_text(json_at(j, 1), "2");
	assert_text(json_get(j, ""), "2");
	assert_text(json_get_str(j, STR("a\0b")), "3");
	assert_null(json_get(j, "a"));
	json_free(&j);
}

static void test_absent_values(void **state)
{
	struct json *j = parse(STR("[\"x\"]"));
	int64_t n;

	(void)state;
	assert_int_equal(json_type(NULL), JSON_NULL);
	assert_false(json_is(NULL, JSON_NULL));
	assert_null(json_get(NULL, "a"));
	assert_null(json_get(j, "x"));
	assert_null(json_at(NULL, 0));
	assert_int_equal(json_count(NULL), 0);
	assert_int_equal(json_count(json_at(j, 0)), 0);
	assert_int_equal(json_name(NULL, 0).n, 0);
	assert_int_equal(json_name(j, 0).n, 0);
	assert_int_equal(json_text(NULL).n, 0);
	assert_int_equal(json_text(j).n, 0);
	assert_false(json_bool(NULL));
	assert_false(json_bool(json_at(j, 0)));
	assert_false(json_int(NULL, &n));
	assert_false(json_int(json_at(j, 0), &n));
	json_free(&j);
}

static void test_type_names(void **state)
{
	(void)state;
	assert_string_equal(json_type_name(JSON_NULL), "null");
	assert_string_equal(json_type_name(JSON_BOOL), "boolean");
	assert_string_equal(json_type_name(JSON_NUMBER), "number");
	assert_string_equal(json_type_name(JSON_STRING), "string");
	assert_string_equal(json_type_name(JSON_ARRAY), "array");
	assert_string_equal(json_type_name(JSON_OBJECT), "object");
}

static void test_scalars_are_documents(void **state)
{
	static const struct {
		const char *text;
		enum json_type type;
	} ROWS[] = {
		{ "null", JSON_NULL },     { "true", JSON_BOOL },
		{ " 12 ", JSON_NUMBER },   { "-0.5e-3", JSON_NUMBER },
		{ "\"\"", JSON_STRING },   { "[]", JSON_ARRAY },
		{ "{}", JSON_OBJECT },     { "7", JSON_NUMBER },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(ROWS) / sizeof(ROWS[0]); i++) {
		struct json *j = parse(str_z(ROWS[i].text));

		assert_int_equal(json_type(j), ROWS[i].type);
		json_free(&j);
	}
}

static void test_strings_are_unescaped(void **state)
{
	struct json *j = parse(STR("[\"\\\"\\\\\\/\\b\\f\\n\\r\\t\","
				   "\"\\u00e4\\u20AC\\ud83d\\ude00\","
				   "\"a\\u0000b\","
				   "\"\xc3\xa4\xf0\x9f\x98\x80\","
				   "\"\\\\ud800\"]"));

	(void)state;
	assert_text(json_at(j, 0), "\"\\/\b\f\n\r\t");
	assert_text(json_at(j, 1), "\xc3\xa4\xe2\x82\xac\xf0\x9f\x98\x80");
	assert_true(str_eq(json_text(json_at(j, 2)), STR("a\0b")));
	assert_text(json_at(j, 3), "\xc3\xa4\xf0\x9f\x98\x80");
	assert_text(json_at(j, 4), "\\ud800");
	json_free(&j);
}

/* What is not JSON, and what two readers could read in two ways. */
static const char *const BAD[] = {
	"",
	"  \n",
	"{",
	"[",
	"]",
	"{]",
	"[}",
	"[1,]",
	"[,1]",
	"[1 2]",
	"{\"a\"}",
	"{\"a\":}",
	"{\"a\":1,}",
	"{a:1}",
	"{'a':1}",
	"{\"a\":1}}",
	"{} {}",
	"{}x",
	"1 2",
	"nul",
	"nullx",
	"True",
	"NaN",
	"Infinity",
	"01",
	"+1",
	"-",
	"1.",
	".5",
	"1e",
	"0x10",
	"\"abc",
	"\"a\nb\"",
	"\"a\tb\"",
	"\"\\x41\"",
	"\"\\u12g4\"",
	"\"\\u12\"",
	"\"\\",
	"// c\n1",
	"/* c */1",
	"1 /* c */",
	"{\"a\":1,\"a\":2}",
	"{\"a\":1,\"b\":2,\"\\u0061\":2}",
	"[{\"x\":{\"a\":1,\"a\":1}}]",
	/* surrogates alone, or in the wrong order */
	"\"\\ud800\"",
	"\"\\ud800x\"",
	"\"\\udc00\"",
	"\"\\ud800\\u0041\"",
	"\"\\ud800\\ud800\"",
	"\"\\udc00\\ud800\"",
	"{\"\\uDBFF\":1}",
	/* UTF-8 that is none */
	"\"\xff\"",
	"\"\xc0\x80\"",
	"\"\xed\xa0\x80\"",
	"\"\xf4\x90\x80\x80\"",
	"\"\xc3\"",
	"\xc3",
};

static void test_refuses(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(BAD) / sizeof(BAD[0]); i++) {
		struct fault f = { "" };

		if (json_parse(str_z(BAD[i]), &f))
			fail_msg("was taken: %s", BAD[i]);
		assert_memory_equal(f.text, "line ", 5);
		assert_null(strchr(f.text, '\n'));
		assert_null(json_parse(str_z(BAD[i]), NULL));
	}
	assert_null(json_parse((struct str){ NULL, 0 }, NULL));
	assert_null(json_parse(STR("{}\0"), NULL));
	assert_null(json_parse(STR("\"a\0b\""), NULL));
}

static void assert_fault(const char *text, const char *expected)
{
	struct fault f = { "" };

	assert_null(json_parse(str_z(text), &f));
	assert_string_equal(f.text, expected);
}

static void test_cut(void **state)
{
	static const char whole[] = "{\"a\":[1,\"\\ud83d\\ude00\xc3\xa9\"]}";
	static const char *const others[] = {
		"{}", "x", "{,", "{\"a\":\"\xe9\"", "[1}",
		"{\"a\":\"\\ud83d x", "{}{", "{\"a\":\"\xc3\x28",
	};

	(void)state;
	for (size_t n = 1; n < sizeof(whole) - 1; n++) {
		if (!json_is_cut((struct str){ whole, n }))
			fail_msg("%zu octets", n);
	}
	assert_false(json_is_cut(str_z(whole)));
	for (size_t i = 0; i < sizeof(others) / sizeof(others[0]); i++) {
		if (json_is_cut(str_z(others[i])))
			fail_msg("%s", others[i]);
	}
}

static void test_faults_say_where(void **state)
{
	(void)state;
	assert_fault("{\"a\":1,\n \"a\":2}",
		     "line 2, octet 5: a member stands twice");
	assert_fault("[\n\n  \"\xff\"]", "line 3, octet 4: no valid Unicode");
	assert_fault("{\n\"a\":1", "line 2, octet 6: parse error: premature "
				   "EOF");
}

/* A reply that is broken behind a token must not show the token. */
static void test_faults_quote_nothing(void **state)
{
	static const char *const ROWS[] = {
		"{\"access_token\":\"SECRET\" x}",
		"{\"access_token\":\"SECRET",
		"{\"SECRET\":1,\"SECRET\":2}",
		"{\"access_token\":\"SECRET\\q\"}",
		"{\"a\":\"\\ud800SECRET\"}",
		"{\"a\":\"SECRET\xff\"}",
		"SECRET",
		"{\"a\":1}SECRET",
	};

	(void)state;
	for (size_t i = 0; i < sizeof(ROWS) / sizeof(ROWS[0]); i++) {
		struct fault f = { "" };

		assert_null(json_parse(str_z(ROWS[i]), &f));
		assert_null(strstr(f.text, "SECRET"));
		assert_true(strlen(f.text) > 0);
	}
}

static void nest(struct buf *b, int depth, const char *left,
		 const char *right)
{
	buf_reset(b);
	for (int i = 0; i < depth; i++)
		buf_add_z(b, left);
	buf_add_z(b, "1");
	for (int i = 0; i < depth; i++)
		buf_add_z(b, right);
}

static void test_bounds_depth(void **state)
{
	struct buf b = BUF_INIT(100000);
	struct fault f;

	(void)state;
	nest(&b, LIMIT_JSON_DEPTH, "[", "]");
	struct json *j = parse(buf_str(&b));

	json_free(&j);
	nest(&b, LIMIT_JSON_DEPTH + 1, "[", "]");
	assert_null(json_parse(buf_str(&b), &f));
	assert_non_null(strstr(f.text, "nested too deeply"));
	nest(&b, LIMIT_JSON_DEPTH, "{\"a\":", "}");
	j = parse(buf_str(&b));
	json_free(&j);
	nest(&b, LIMIT_JSON_DEPTH + 1, "{\"a\":", "}");
	assert_null(json_parse(buf_str(&b), &f));
	nest(&b, 10000, "[", "]");
	assert_null(json_parse(buf_str(&b), &f));
	buf_fini(&b);
}

static void test_bounds_values(void **state)
{
	struct buf b = BUF_INIT(100000);
	struct fault f;

	(void)state;
	/* The array is a value too. */
	buf_add_z(&b, "[0");
	for (int i = 2; i < LIMIT_JSON_VALUES; i++)
		buf_add_z(&b, ",1");
	buf_add_z(&b, "]");
	struct json *j = parse(buf_str(&b));

	assert_int_equal(json_count(j), LIMIT_JSON_VALUES - 1);
	json_free(&j);
	buf_cut(&b, b.n - 1);
	static const char *const LAST[] = { ",2]", ",[]]", ",{}]", ",null]",
					    ",true]", ",\"\"]" };

	for (size_t i = 0; i < 6; i++) {
		size_t n = b.n;

		buf_add_z(&b, LAST[i]);
		assert_null(json_parse(buf_str(&b), &f));
		assert_non_null(strstr(f.text, "too many values"));
		buf_cut(&b, n);
	}
	buf_fini(&b);
}

static void test_many_members(void **state)
{
	struct buf b = BUF_INIT(100000);
	char key[16];

	(void)state;
	for (int i = 0; i < LIMIT_JSON_VALUES - 1; i++)
		buf_addf(&b, "%s\"k%d\":%d", i ? "," : "{", i, i);
	buf_add_z(&b, "}");
	struct json *j = parse(buf_str(&b));

	for (int i = 0; i < LIMIT_JSON_VALUES - 1; i += 97) {
		int64_t n = -1;

		snprintf(key, sizeof(key), "k%d", i);
		assert_true(json_int(json_get(j, key), &n));
		assert_int_equal(n, i);
	}
	json_free(&j);
	buf_fini(&b);
}

static void test_long_strings(void **state)
{
	struct buf b = BUF_INIT(1 << 20);

	(void)state;
	buf_add_z(&b, "[\"");
	for (int i = 0; i < 50000; i++)
		buf_add_z(&b, "a\\n");
	buf_add_z(&b, "\"]");
	struct json *j = parse(buf_str(&b));

	assert_int_equal(json_text(json_at(j, 0)).n, 100000);
	json_free(&j);
	buf_fini(&b);
}

static void test_whole_numbers(void **state)
{
	static const struct {
		const char *text;
		int64_t n;
	} ROWS[] = {
		{ "0", 0 },
		{ "-0", 0 },
		{ "0.0", 0 },
		{ "0e999999999999999999999", 0 },
		{ "0e-5", 0 },
		{ "3600", 3600 },
		{ "3600.0", 3600 },
		{ "3600.000000000000000000000000", 3600 },
		{ "36e2", 3600 },
		{ "3.6E+3", 3600 },
		{ "360000e-2", 3600 },
		{ "0.0036e6", 3600 },
		{ "1e3", 1000 },
		{ "-1.5e1", -15 },
		{ "1e18", 1000000000000000000 },
		{ "9223372036854775807", INT64_MAX },
		{ "-9223372036854775808", INT64_MIN },
		{ "9223372036854775807.0", INT64_MAX },
		{ "9.223372036854775807e18", INT64_MAX },
		{ "1000000000000000000000000000e-26", 10 },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(ROWS) / sizeof(ROWS[0]); i++) {
		struct json *j = parse(str_z(ROWS[i].text));
		int64_t n = -7;

		if (!json_int(j, &n) || n != ROWS[i].n)
			fail_msg("%s gave %lld", ROWS[i].text, (long long)n);
		assert_text(j, ROWS[i].text);
		json_free(&j);
	}
}

static void test_numbers_that_are_not_whole_or_do_not_fit(void **state)
{
	static const char *const ROWS[] = {
		"0.5",
		"3600.5",
		"36e-1",
		"1e-999999999999",
		"9223372036854775808",
		"-9223372036854775809",
		"18446744073709551616",
		"99999999999999999999999999",
		"1e19",
		"1e999999999999999999999999",
		"9223372036854775807.1",
		"\"3600\"",
		"true",
		"null",
		"[1]",
	};

	(void)state;
	for (size_t i = 0; i < sizeof(ROWS) / sizeof(ROWS[0]); i++) {
		struct json *j = parse(str_z(ROWS[i]));
		int64_t n = -7;

		assert_false(json_int(j, &n));
		assert_true(n == -7);
		json_free(&j);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_reads_an_object),
		cmocka_unit_test(test_names_and_places),
		cmocka_unit_test(test_absent_values),
		cmocka_unit_test(test_type_names),
		cmocka_unit_test(test_scalars_are_documents),
		cmocka_unit_test(test_strings_are_unescaped),
		cmocka_unit_test(test_refuses),
		cmocka_unit_test(test_cut),
		cmocka_unit_test(test_faults_say_where),
		cmocka_unit_test(test_faults_quote_nothing),
		cmocka_unit_test(test_bounds_depth),
		cmocka_unit_test(test_bounds_values),
		cmocka_unit_test(test_many_members),
		cmocka_unit_test(test_long_strings),
		cmocka_unit_test(test_whole_numbers),
		cmocka_unit_test(
			test_numbers_that_are_not_whole_or_do_not_fit),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
