/* SPDX-License-Identifier: MIT */
#include "control/request.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

static struct control_request request;
static struct fault f;

static int parse(const char *text)
{
	control_request_fini(&request);
	f.text[0] = '\0';
	return control_request_parse(str_z(text), &request, &f);
}

static int finish(void **state)
{
	(void)state;
	control_request_fini(&request);
	return 0;
}

static void test_commands(void **state)
{
	(void)state;
	assert_int_equal(parse("{\"command\":\"status\"}"), 0);
	assert_true(str_eq(request.command, STR("status")));
	assert_int_equal(request.service.n, 0);
	assert_int_equal(request.way.n, 0);
	assert_false(request.has_line);
	assert_int_equal(parse(" { \"way\" : \"paste\", \"service\" : "
			       "\"a\\u0062\", \"command\" : \"login\" } \r"),
			 0);
	assert_true(str_eq(request.command, STR("login")));
	assert_true(str_eq(request.service, STR("ab")));
	assert_true(str_eq(request.way, STR("paste")));
}

static void test_lines(void **state)
{
	(void)state;
	assert_int_equal(parse("{\"line\":\"a b\"}"), 0);
	assert_true(request.has_line);
	assert_true(str_eq(request.line, STR("a b")));
	assert_int_equal(parse("{\"line\":\"\"}"), 0);
	assert_true(request.has_line);
	assert_int_equal(request.line.n, 0);
}

static void refused(const char *text, const char *words)
{
	assert_int_equal(parse(text), -1);
	assert_non_null(strstr(f.text, words));
	assert_null(strstr(f.text, "s3cr3t"));
}

static void test_what_is_no_request(void **state)
{
	(void)state;
	refused("", "JSON object");
	refused("s3cr3t", "JSON object");
	refused("[\"s3cr3t\"]", "JSON object");
	refused("\"s3cr3t\"", "JSON object");
	refused("{\"command\":\"s3cr3t\"", "JSON object");
	refused("{\"command\":\"a\"}{}", "JSON object");
	refused("{\"command\":\"a\",\"command\":\"b\"}", "JSON object");
	refused("{\"command\":\"s3cr3t\xff\"}", "JSON object");
	refused("{}", "a command, or a line");
	refused("{\"service\":\"s3cr3t\"}", "a command, or a line");
	refused("{\"command\":\"\"}", "a command, or a line");
	refused("{\"command\":\"a\",\"line\":\"s3cr3t\"}", "nothing else");
	refused("{\"line\":1}", "line must be a string");
	refused("{\"command\":null}", "command must be a string");
	refused("{\"command\":\"a\",\"way\":[\"s3cr3t\"]}",
		"way must be a string");
	refused("{\"command\":\"a\",\"s3cr3t\":\"b\"}", "no such member");
	refused("{\"Command\":\"a\"}", "no such member");
}

#define TEST(name) cmocka_unit_test_teardown(name, finish)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_commands),
		TEST(test_lines),
		TEST(test_what_is_no_request),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
