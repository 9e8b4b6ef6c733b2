/* SPDX-License-Identifier: MIT */
/* Refusals that are not quite JSON. */
#include "data/json.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

/* What becomes of a text; "" where nothing can be read. */
static void expect(struct str text, const char *json)
{
	struct buf b = BUF_INIT(8192);
	struct json *j = json_parse_refusal(text);

	if (j)
		json_print(j, &b);
	assert_true(buf_ok(&b));
	assert_string_equal(buf_z(&b), json);
	buf_fini(&b);
	json_free(&j);
}

static void test_valid_json_is_the_same(void **state)
{
	const char *json = "{\"a\":\"b\\\"\\\\\\n\",\"c\":[1,-0.5e+3,true,"
			   "false,null,{\"d\":{}}],\"\":0}";

	(void)state;
	expect(str_z(json), json);
	expect(STR("{}"), "{}");
	expect(STR(" \r\n\t{ \"a\" : \"\\u00e9\\ud83d\\ude00\\/\" } "),
	       "{\"a\":\"\xc3\xa9\xf0\x9f\x98\x80/\"}");
}

static void test_octets_that_are_no_text(void **state)
{
	(void)state;
	expect(STR("{\"error\":\"e\",\"d\":\"caf\xe9 \xc3\xa9\"}"),
	       "{\"error\":\"e\",\"d\":\"caf? \xc3\xa9\"}");
	expect(STR("{\"\xff\":1,\"d\":\"\xed\xa0\x80\xf5\"}"),
	       "{\"?\":1,\"d\":\"????\"}");
	expect(STR("{\"d\":\"one\r\ntwo\0\x1b\"}"), "{\"d\":\"one  two  \"}");
	expect(STR("{\"d\":\"\\ud83d x\\udc00\\'\\x41\\u12\"}"),
	       "{\"d\":\"?ud83d x?udc00?'?x41?u12\"}");
}

static void test_what_stands_around(void **state)
{
	(void)state;
	expect(STR("{\"error\":\"e\"}<!-- a page -->{\"error\":\"x\"}"),
	       "{\"error\":\"e\"}");
	expect(STR("{\"error\":\"e\",}"), "{\"error\":\"e\"}");
	expect(STR("{\"a\":[1,2, ],\"error\":\"e\" ,\n}"),
	       "{\"a\":[1,2],\"error\":\"e\"}");
}

static void test_odd_members(void **state)
{
	(void)state;
	expect(STR("{\"a\":NaN,\"b\":undefined,\"c\":0777,\"d\":1.,\"e\":0x1,"
		   "\"f\":True,\"g\":-}"),
	       "{\"a\":null,\"b\":null,\"c\":null,\"d\":null,\"e\":null,"
	       "\"f\":null,\"g\":null}");
	expect(STR("{\"a\":[[[[[[[[[[[[[[[[[[[[[1]]]]]]]]]]]]]]]]]]]]],"
		   "\"error\":\"e\"}"),
	       "{\"a\":[[[[[[[null]]]]]]],\"error\":\"e\"}");
}

static void test_members_that_stand_twice(void **state)
{
	(void)state;
	expect(STR("{\"error\":\"e\",\"error\":\"e\"}"),
	       "{\"error\":\"e\",\"error\":\"e\"}");
	expect(STR("{\"error\":\"e\",\"x\":1,\"error\":\"f\"}"),
	       "{\"error\":null,\"x\":1,\"error\":null}");
	expect(STR("{\"error\":\"e\",\"error\":\"e\",\"err\\u006fr\":\"f\"}"),
	       "{\"error\":null,\"error\":null,\"error\":null}");
	expect(STR("{\"error\":\"e\",\"error\":null}"),
	       "{\"error\":null,\"error\":null}");
	expect(STR("{\"a\":{\"b\":\"c\",\"b\":{\"d\":\"e\"}}}"),
	       "{\"a\":{\"b\":null,\"b\":null}}");
	expect(STR("{\"a\":[\"b\",\"c\"]}"), "{\"a\":[\"b\",\"c\"]}");
}

/* Words of a page or a text, or an object that is not whole, say nothing. */
static void test_what_cannot_be_read(void **state)
{
	static const char *const texts[] = {
		"", " ", "x", "<html>{\"error\":\"e\"}", "[{\"error\":\"e\"}]",
		"\"error\"", "null", "{", "{\"error\":\"e\"", "{\"error\":\"e",
		"{\"error\":\"e\\", "{\"error\":\"e\"]}", "{error:\"e\"}",
		"{'error':'e'}", "{\"error\" \"e\"}", "{\"error\":\"e\" \"x\"}",
		"{\"error\"}", "{\"a\":[1}",
	};

	(void)state;
	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++)
		expect(str_z(texts[i]), "");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_valid_json_is_the_same),
		cmocka_unit_test(test_octets_that_are_no_text),
		cmocka_unit_test(test_what_stands_around),
		cmocka_unit_test(test_odd_members),
		cmocka_unit_test(test_members_that_stand_twice),
		cmocka_unit_test(test_what_cannot_be_read),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
