/* SPDX-License-Identifier: MIT */
#include "oauth/token/reply.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

/* The text of the JSON that a body becomes; "" where it is refused. */
static void expect(const char *type, const char *body, const char *json)
{
	struct buf made = BUF_INIT_SECRET(REPLY_MADE_MAX);
	struct str text;
	struct fault f;
	struct json *j = reply_parse(REPLY_AUTO, str_z(type), str_z(body),
				     &made, &text, &f);

	assert_int_equal(j != NULL, json[0] != '\0');
	if (j)
		assert_true(str_eq_z(text, json));
	json_free(&j);
	buf_fini(&made);
}

static void test_both_formats(void **state)
{
	(void)state;
	expect("application/json", "{\"a\":1}", "{\"a\":1}");
	expect("application/x-www-form-urlencoded; charset=utf-8", "a=1&b=+",
	       "{\"a\":\"1\",\"b\":\" \"}");
	expect("text/plain", " {\"a\":1}", " {\"a\":1}");
	expect("text/plain", "a=1", "{\"a\":\"1\"}");
	expect("text/html", "<html>", "");
	expect("application/json", "a=1", "");
	expect("application/json", "[]", "");
	expect("", "a=1&a=2", "");
}

static void test_words(void **state)
{
	char words[6];

	(void)state;
	reply_words(words, sizeof(words), STR("a\n\xc3\xa9""b"));
	assert_string_equal(words, "a??b");
	reply_words(words, sizeof(words), STR("123456"));
	assert_string_equal(words, "12345");
}

static void test_error_text(void **state)
{
	struct oauth_error e = { .code = "e", .description = "d" };

	(void)state;
	assert_string_equal(reply_error_text(&e).text, "e: d");
	e.description[0] = '\0';
	assert_string_equal(reply_error_text(&e).text, "e");
	e = (struct oauth_error){ .description = "d" };
	assert_string_equal(reply_error_text(&e).text, "d");
}

static void test_errors(void **state)
{
	struct oauth_error e = { .status = 400 };

	(void)state;
	reply_error_body("door", STR(""), STR("error=e&error_description=d"),
			 &e);
	assert_string_equal(e.code, "e");
	assert_string_equal(e.description, "d");
	e = (struct oauth_error){ .status = 502 };
	reply_error_body("door", STR(""), STR("<"), &e);
	assert_string_equal(e.code, "");
	assert_string_equal(e.description,
			    "the door answered 502 Bad Gateway without an "
			    "OAuth error");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_both_formats),
		cmocka_unit_test(test_words),
		cmocka_unit_test(test_error_text),
		cmocka_unit_test(test_errors),
	};

	return cmocka_run_group_tests_name("oauth/reply", tests, NULL, NULL);
}
