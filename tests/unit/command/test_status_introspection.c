/* SPDX-License-Identifier: MIT */
#include "command/status_introspection.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/clock.h"

enum { NOW = 1419350300 };

static int set_up(void **state)
{
	(void)state;
	clock_fake(1000, (int64_t)NOW * 1000);
	return 0;
}

static int tear_down(void **state)
{
	(void)state;
	clock_real();
	return 0;
}

static void expect(const char *event, const char *lines)
{
	struct json *j = json_parse(str_z(event), NULL);
	struct buf out = BUF_INIT(4096);

	assert_non_null(j);
	status_introspection_show(&out, j);
	assert_string_equal(buf_z(&out), lines);
	buf_fini(&out);
	json_free(&j);
}

#define SAYS(members) "{\"introspection\":{" members "}}"

static void test_order(void **state)
{
	(void)state;
	expect(SAYS("\"x\":1,\"iss\":\"i\",\"scope\":\"a b\",\"aud\":[\"c\","
		    "\"d\"],\"active\":true,\"sub\":null,\"client_id\":\"e\","
		    "\"y\":{\"z\":[null]}"),
	       "    active: true\n    scope: a b\n    client_id: e\n"
	       "    aud: [\"c\",\"d\"]\n    iss: i\n    x: 1\n"
	       "    y: {\"z\":[null]}\n");
	expect(SAYS("\"active\":false"), "    active: false\n");
}

static void test_dates(void **state)
{
	(void)state;
	expect(SAYS("\"exp\":1419356238,\"iat\":1419350238,\"nbf\":1419350300"),
	       "    exp: 2014-12-23T17:37:18Z (in 1h 38m)\n"
	       "    iat: 2014-12-23T15:57:18Z (1m ago)\n"
	       "    nbf: 2014-12-23T15:58:20Z (in 0s)\n");
	/* no seconds since the epoch that a date could be of */
	expect(SAYS("\"exp\":\"soon\",\"iat\":-1,\"nbf\":1.5"),
	       "    exp: soon\n    iat: -1\n    nbf: 1.5\n");
	expect(SAYS("\"exp\":253402300800,\"iat\":1e400,\"nbf\":[0]"),
	       "    exp: 253402300800\n    iat: 1e400\n    nbf: [0]\n");
}

static void test_control_characters(void **state)
{
	(void)state;
	expect(SAYS("\"\\u001b[2J\":\"a\\nb\\u009b\",\"l\":[\"\\u009b\"]"),
	       "    ?[2J: a?b?\n    l: [\"\\u009b\"]\n");
}

static void test_nothing(void **state)
{
	(void)state;
	expect("{\"introspection\":null,\"introspection_error\":\"no \\u0007"
	       "token\"}", "    introspection: no ?token\n");
	expect("{}", "");
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_order),
		TEST(test_dates),
		TEST(test_control_characters),
		TEST(test_nothing),
	};

	return cmocka_run_group_tests_name("command/status_introspection",
					   tests, NULL, NULL);
}
