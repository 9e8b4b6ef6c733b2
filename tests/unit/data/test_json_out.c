/* SPDX-License-Identifier: MIT */
#include "data/json.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

static struct buf out = BUF_INIT(500);
static struct json_out o;

static int begin(void **state)
{
	(void)state;
	buf_reset(&out);
	json_out_init(&o, &out);
	return 0;
}

static int end(void **state)
{
	(void)state;
	buf_fini(&out);
	return 0;
}

static void test_writes_an_object(void **state)
{
	(void)state;
	json_out_object(&o);
	json_out_key(&o, "service");
	json_out_z(&o, "demo");
	json_out_key_str(&o, STR("n"));
	json_out_int(&o, -12);
	json_out_key(&o, "list");
	json_out_array(&o);
	json_out_bool(&o, true);
	json_out_bool(&o, false);
	json_out_null(&o);
	json_out_object(&o);
	json_out_object_end(&o);
	json_out_array(&o);
	json_out_array_end(&o);
	json_out_array_end(&o);
	json_out_key(&o, "last");
	json_out_str(&o, STR(""));
	json_out_object_end(&o);
	assert_string_equal(buf_z(&out),
			    "{\"service\":\"demo\",\"n\":-12,"
			    "\"list\":[true,false,null,{},[]],\"last\":\"\"}");
}

static void test_writes_text_or_null(void **state)
{
	(void)state;
	json_out_object(&o);
	json_out_text(&o, "is", "a\"b");
	json_out_text(&o, "empty", "");
	json_out_text(&o, "none", NULL);
	json_out_object_end(&o);
	assert_string_equal(buf_z(&out), "{\"is\":\"a\\\"b\",\"empty\":\"\","
					 "\"none\":null}");
}

static void test_writes_the_bounds_of_int(void **state)
{
	(void)state;
	json_out_array(&o);
	json_out_int(&o, INT64_MAX);
	json_out_int(&o, INT64_MIN);
	json_out_array_end(&o);
	assert_string_equal(buf_z(&out),
			    "[9223372036854775807,-9223372036854775808]");
}

static void assert_string(struct str s, const char *expected)
{
	buf_reset(&out);
	json_out_init(&o, &out);
	json_out_str(&o, s);
	assert_string_equal(buf_z(&out), expected);
}

static void test_escapes(void **state)
{
	(void)state;
	assert_string(STR("a\"b\\c/d"), "\"a\\\"b\\\\c/d\"");
	assert_string(STR("\n\r\t\0\x1f\x7f"),
		      "\"\\n\\u000d\\u0009\\u0000\\u001f\\u007f\"");
	assert_string(STR("\xc3\xa4\xf0\x9f\x98\x80"),
		      "\"\xc3\xa4\xf0\x9f\x98\x80\"");
	assert_string((struct str){ NULL, 0 }, "\"\"");
}

/* What is JSON on a terminal is not to steer that. */
static void test_escapes_what_steers(void **state)
{
	(void)state;
	assert_string(STR("\xc2\x9b" "1\xc2\xa0"), "\"\\u009b1\xc2\xa0\"");
	assert_string(STR("\xe2\x80\xae\xe2\x80\xaf\xe2\x81\xa6"),
		      "\"\\u202e\xe2\x80\xaf\\u2066\"");
}

static void test_mends_what_is_no_utf8(void **state)
{
	(void)state;
	assert_string(STR("a\xff"
			  "b"),
		      "\"a\xef\xbf\xbd"
		      "b\"");
	assert_string(STR("\xc0\x80"), "\"\xef\xbf\xbd\xef\xbf\xbd\"");
	assert_string(STR("\xc3"), "\"\xef\xbf\xbd\"");
	assert_string(STR("\xe2\x82"), "\"\xef\xbf\xbd\xef\xbf\xbd\"");
	assert_string(STR("\xe2\x82\""), "\"\xef\xbf\xbd\xef\xbf\xbd\\\"\"");
}

static void test_escapes_keys(void **state)
{
	(void)state;
	json_out_object(&o);
	json_out_key_str(&o, STR("a\"\n\xff"));
	json_out_null(&o);
	json_out_object_end(&o);
	assert_string_equal(buf_z(&out), "{\"a\\\"\\n\xef\xbf\xbd\":null}");
}

static void test_prints_a_tree_as_it_is(void **state)
{
	static const char TEXT[] = "{\"b\":[1,2.50,-0e1,true,false,null],"
				   "\"a\":{\"\":\"x\\u0000y\"},\"c\":[]}";
	struct json *j = json_parse(str_z(TEXT), NULL);

	(void)state;
	assert_non_null(j);
	json_print(j, &out);
	assert_string_equal(buf_z(&out), TEXT);
	json_free(&j);
	buf_reset(&out);
	json_print(NULL, &out);
	assert_string_equal(buf_z(&out), "null");
}

static void test_takes_values_from_a_tree(void **state)
{
	struct json *j = json_parse(STR("{ \"a\" : [ 1 , 2 ] }"), NULL);

	(void)state;
	assert_non_null(j);
	json_out_object(&o);
	json_out_key(&o, "x");
	json_out_value(&o, json_get(j, "a"));
	json_out_key(&o, "y");
	json_out_value(&o, json_get(j, "absent"));
	json_out_key(&o, "z");
	json_out_value(&o, j);
	json_out_object_end(&o);
	assert_string_equal(buf_z(&out),
			    "{\"x\":[1,2],\"y\":null,\"z\":{\"a\":[1,2]}}");
	json_free(&j);
}

static void test_too_much_is_an_error(void **state)
{
	struct buf small = BUF_INIT(8);

	(void)state;
	json_out_init(&o, &small);
	json_out_array(&o);
	for (int i = 0; i < 10; i++)
		json_out_int(&o, i);
	json_out_array_end(&o);
	assert_false(buf_ok(&small));
	buf_fini(&small);
}

int main(void)
{
#define TEST(fn) cmocka_unit_test_setup(fn, begin)
	const struct CMUnitTest tests[] = {
		TEST(test_writes_an_object),
		TEST(test_writes_text_or_null),
		TEST(test_writes_the_bounds_of_int),
		TEST(test_escapes),
		TEST(test_escapes_what_steers),
		TEST(test_mends_what_is_no_utf8),
		TEST(test_escapes_keys),
		TEST(test_prints_a_tree_as_it_is),
		TEST(test_takes_values_from_a_tree),
		TEST(test_too_much_is_an_error),
	};

	return cmocka_run_group_tests(tests, NULL, end);
}
