/* SPDX-License-Identifier: MIT */
#include "base/limits.h"
#include "oauth/login/pushed_authorization.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "base/buf.h"

static struct pushed_authorization pushed;
static struct oauth_error error;
static struct fault fault;

static enum token_reply read_body(int status, const char *body)
{
	pushed_authorization_fini(&pushed);
	fault.text[0] = '\0';
	return pushed_reply_read(status, STR("application/json"), str_z(body),
				 &pushed, &error, &fault);
}

/* RFC 9126 §2.2's own example. */
static void test_reply(void **state)
{
	(void)state;
	assert_int_equal(read_body(201, "{\"request_uri\":\"urn:ietf:params:"
					"oauth:request_uri:6esc_11ACC5bwc014l"
					"tc14eY22c\",\"expires_in\":60}"),
			 TOKEN_OK);
	assert_true(secret_eq_str(pushed.request_uri,
				  STR("urn:ietf:params:oauth:request_uri:6esc_"
				      "11ACC5bwc014ltc14eY22c")));
	assert_int_equal(pushed.expires_in, 60);
	assert_int_equal(read_body(200, "{\"expires_in\":1e9,\"x\":[],"
					"\"request_uri\":\"u\"}"), TOKEN_OK);
	assert_int_equal(pushed.expires_in, LIMIT_PUSHED_LIFE);
}

static void test_what_is_refused(void **state)
{
	static const struct {
		const char *body, *words;
	} rows[] = {
		{ "", "cannot be used" },
		{ "[]", "not a JSON object" },
		{ "{\"request_uri\":\"u1\",\"expires_in\":60", "cannot be" },
		{ "{\"request_uri\":\"u1\",\"request_uri\":\"u2\","
		  "\"expires_in\":60}", "cannot be used" },
		{ "request_uri=u1&expires_in=60", "cannot be used" },
		{ "{\"expires_in\":60}", "request_uri" },
		{ "{\"request_uri\":null,\"expires_in\":60}", "request_uri" },
		{ "{\"request_uri\":[\"u1\"],\"expires_in\":60}",
		  "request_uri" },
		{ "{\"request_uri\":\"\",\"expires_in\":60}", "request_uri" },
		{ "{\"request_uri\":\"u1 \",\"expires_in\":60}", "visible" },
		{ "{\"request_uri\":\"u1\\r\\n\",\"expires_in\":60}",
		  "visible" },
		{ "{\"request_uri\":\"u1\\u0000\",\"expires_in\":60}",
		  "visible" },
		{ "{\"request_uri\":\"u1\xc3\xbc\",\"expires_in\":60}",
		  "visible" },
		{ "{\"request_uri\":\"u1\"}", "expires_in" },
		{ "{\"request_uri\":\"u1\",\"expires_in\":0}", "expires_in" },
		{ "{\"request_uri\":\"u1\",\"expires_in\":-60}",
		  "expires_in" },
		{ "{\"request_uri\":\"u1\",\"expires_in\":\"60\"}",
		  "expires_in" },
		{ "{\"request_uri\":\"u1\",\"expires_in\":0.5}",
		  "expires_in" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		if (read_body(201, rows[i].body) != TOKEN_BAD)
			fail_msg("taken: %s", rows[i].body);
		assert_non_null(strstr(fault.text, rows[i].words));
		assert_null(strstr(fault.text, "u1"));
		assert_null(pushed.request_uri);
		assert_int_equal(pushed.expires_in, 0);
	}
}

static enum token_reply read_long(int octets)
{
	struct buf b = BUF_INIT(4096);
	enum token_reply reply;

	buf_add_z(&b, "{\"expires_in\":60,\"request_uri\":\"");
	for (int i = 0; i < octets; i++)
		buf_add_char(&b, 'u');
	buf_add_z(&b, "\"}");
	reply = read_body(201, buf_z(&b));
	buf_fini(&b);
	return reply;
}

static void test_lengths(void **state)
{
	static char body[LIMIT_TOKEN_RESPONSE + 64];

	(void)state;
	assert_int_equal(read_long(LIMIT_PUSHED_URI), TOKEN_OK);
	assert_int_equal(read_long(LIMIT_PUSHED_URI + 1), TOKEN_BAD);
	memset(body, ' ', sizeof(body) - 1);
	assert_int_equal(read_body(201, body), TOKEN_BAD);
	assert_non_null(strstr(fault.text, "longer"));
}

static void test_errors(void **state)
{
	(void)state;
	assert_int_equal(read_body(400, "{\"error\":\"invalid_request\","
					"\"error_description\":\"no\"}"),
			 TOKEN_ERROR);
	assert_string_equal(error.code, "invalid_request");
	assert_int_equal(error.status, 400);
	assert_int_equal(read_body(201, "{\"error\":\"e\"}"), TOKEN_ERROR);
	assert_int_equal(read_body(413, ""), TOKEN_ERROR);
	assert_non_null(strstr(error.description, "pushed authorization"));
	assert_int_equal(read_body(429, ""), TOKEN_UNAVAILABLE);
	assert_int_equal(read_body(503, ""), TOKEN_UNAVAILABLE);
	assert_int_equal(read_body(307, ""), TOKEN_BAD);
	assert_non_null(strstr(fault.text, "redirects are not followed"));
	assert_int_equal(read_body(204, ""), TOKEN_BAD);
}

static int teardown(void **state)
{
	(void)state;
	pushed_authorization_fini(&pushed);
	return 0;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_reply),
		cmocka_unit_test(test_what_is_refused),
		cmocka_unit_test(test_lengths),
		cmocka_unit_test(test_errors),
	};

	return cmocka_run_group_tests_name("oauth/pushed_authorization", tests,
					   NULL, teardown);
}
