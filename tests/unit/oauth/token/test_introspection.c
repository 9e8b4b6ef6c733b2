/* SPDX-License-Identifier: MIT */
#include "base/limits.h"
#include "oauth/token/introspection.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "oauth/section.h"

static struct json *reply;
static struct oauth_error error;
static struct fault fault;

static enum token_reply read_body(int status, const char *body)
{
	json_free(&reply);
	fault.text[0] = '\0';
	return introspection_reply_read(status, STR("application/json"),
					str_z(body), &reply, &error, &fault);
}

static void test_request(void **state)
{
	struct secret *token = secret_new(STR("a+b/c="));
	struct token_request r;

	(void)state;
	token_request_init(&r);
	assert_int_equal(introspection_request(token, &r, &fault), 0);
	assert_int_equal(r.phase, PHASE_OTHER);
	assert_string_equal(form_of(&r), "token=a%2Bb%2Fc%3D"
					 "&token_type_hint=access_token");
	token_request_fini(&r);
	secret_unref(&token);
}

/* RFC 7662 §2.2's own examples. */
static void test_reply(void **state)
{
	int64_t exp;

	(void)state;
	assert_int_equal(
		read_body(200,
			  "{\"active\":true,\"client_id\":\"l238j323ds-23ij4\","
			  "\"username\":\"jdoe\",\"scope\":\"read write "
			  "dolphin\",\"sub\":\"Z5O3upPC88QrAjx00dis\",\"aud\":"
			  "\"https://protected.example.net/resource\",\"iss\":"
			  "\"https://server.example.com/\",\"exp\":1419356238,"
			  "\"iat\":1419350238,\"extension_field\":"
			  "\"twenty-seven\"}"), TOKEN_OK);
	assert_true(json_bool(json_get(reply, "active")));
	assert_true(json_int(json_get(reply, "exp"), &exp));
	assert_int_equal(exp, 1419356238);
	assert_int_equal(json_count(reply), 10);
	assert_int_equal(read_body(200, "{\"active\":false}"), TOKEN_OK);
	assert_false(json_bool(json_get(reply, "active")));
	/* what it says of an error is a member like others then */
	assert_int_equal(read_body(200, "{\"active\":false,\"error\":\"x\"}"),
			 TOKEN_OK);
}

static void test_what_is_refused(void **state)
{
	static const struct {
		const char *body, *words;
	} rows[] = {
		{ "", "cannot be used" },
		{ "[]", "not a JSON object" },
		{ "true", "not a JSON object" },
		{ "{}", "active" },
		{ "{\"active\":\"v4lue\"}", "active" },
		{ "{\"active\":1}", "active" },
		{ "{\"active\":null}", "active" },
		{ "{\"active\":[true]}", "active" },
		{ "{\"active\":true,\"active\":true}", "cannot be used" },
		{ "{\"active\":true,\"v4lue\":}", "cannot be used" },
		{ "{\"active\":true}{}", "cannot be used" },
		{ "active=true", "cannot be used" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		if (read_body(200, rows[i].body) != TOKEN_BAD)
			fail_msg("taken: %s", rows[i].body);
		assert_non_null(strstr(fault.text, rows[i].words));
		assert_null(strstr(fault.text, "v4lue"));
		assert_null(reply);
	}
}

static void test_length(void **state)
{
	static char body[LIMIT_INTROSPECTION + 2];

	(void)state;
	memset(body, ' ', LIMIT_INTROSPECTION);
	memcpy(body, "{\"active\":true}", 15);
	assert_int_equal(read_body(200, body), TOKEN_OK);
	body[LIMIT_INTROSPECTION] = ' ';
	assert_int_equal(read_body(200, body), TOKEN_BAD);
	assert_non_null(strstr(fault.text, "longer"));
}

static void test_errors(void **state)
{
	(void)state;
	assert_int_equal(read_body(401, "{\"error\":\"invalid_client\"}"),
			 TOKEN_ERROR);
	assert_string_equal(error.code, "invalid_client");
	assert_int_equal(error.status, 401);
	assert_int_equal(read_body(403, "{\"active\":true}"), TOKEN_ERROR);
	assert_non_null(strstr(error.description, "introspection"));
	assert_int_equal(read_body(200, "{\"error\":\"e\"}"), TOKEN_ERROR);
	assert_int_equal(read_body(429, ""), TOKEN_UNAVAILABLE);
	assert_int_equal(read_body(500, ""), TOKEN_UNAVAILABLE);
	assert_int_equal(read_body(302, ""), TOKEN_BAD);
	assert_non_null(strstr(fault.text, "introspection_endpoint"));
	assert_int_equal(read_body(204, "{\"active\":true}"), TOKEN_BAD);
	assert_null(reply);
}

static bool hides(void *arg, struct str text)
{
	return str_find_str(text, str_z(arg)) < text.n;
}

static void clean_to(const char *body, const char *want)
{
	char secret[] = "s3cr3t";
	struct buf b = BUF_INIT(4096);
	struct json *clean;

	assert_int_equal(read_body(200, body), TOKEN_OK);
	clean = introspection_clean(reply, hides, secret);
	json_print(clean, &b);
	assert_string_equal(buf_z(&b), want);
	buf_fini(&b);
	json_free(&clean);
}

static void test_cleaning(void **state)
{
	(void)state;
	clean_to("{ \"active\": true, \"n\": [1.50, null, {}, [], "
		 "\"\\u0007\"]}",
		 "{\"active\":true,\"n\":[1.50,null,{},[],\"\\u0007\"]}");
	clean_to("{\"active\":true,\"a\":\"<s3cr3t>\",\"xs3cr3tx\":1,"
		 "\"b\":[\"s3cr3t\",{\"c\":\"s3cr3t\",\"s3cr3t\":{}}]}",
		 "{\"active\":true,"
		 "\"a\":\"(not shown, for it repeats a secret)\","
		 "\"b\":[\"(not shown, for it repeats a secret)\","
		 "{\"c\":\"(not shown, for it repeats a secret)\"}]}");
}

static int teardown(void **state)
{
	(void)state;
	json_free(&reply);
	return 0;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_request),
		cmocka_unit_test(test_reply),
		cmocka_unit_test(test_what_is_refused),
		cmocka_unit_test(test_length),
		cmocka_unit_test(test_errors),
		cmocka_unit_test(test_cleaning),
	};

	return cmocka_run_group_tests_name("oauth/introspection", tests, NULL,
					   teardown);
}
