/* SPDX-License-Identifier: MIT */
#include "base/limits.h"
#include "oauth/login/device.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "oauth/compliance/fixes.h"
#include "oauth/section.h"

#define R "device_authorization_response."
#define GOOD                                                                \
	"\"device_code\":\"d/1\",\"user_code\":\"WDJB-MJHT\","               \
	"\"verification_uri\":\"https://as.example/device\""

static struct device_authorization d;
static struct oauth_error error;
static struct fault fault;

static enum token_reply read_body(int status, const char *body)
{
	device_authorization_fini(&d);
	fault.text[0] = '\0';
	return device_reply_read(NULL, status, STR("application/json"),
				 str_z(body), 0, &d, &error, &fault);
}

/* With the fixes of these lines, asked for 1000 s after 1970 began. */
static enum token_reply read_fixed(const char *lines, int status,
				   const char *type, const char *body)
{
	struct fixes x = fixes_new(lines);
	enum token_reply reply;

	device_authorization_fini(&d);
	fault.text[0] = '\0';
	reply = device_reply_read(
		compliance_response(x.c, PHASE_DEVICE_AUTHORIZATION), status,
		str_z(type), str_z(body), 1000000, &d, &error, &fault);
	fixes_free(&x);
	return reply;
}

static void test_request(void **state)
{
	struct section x = section_new("client_id = a b\nscope = one two\n"
				       "audience = api\n");
	struct token_request r;

	(void)state;
	token_request_init(&r);
	assert_int_equal(device_request(asking(&x), &r, &fault), 0);
	assert_string_equal(form_of(&r),
			    "client_id=a+b&scope=one+two&audience=api");
	/* The client's authentication does not say it twice. */
	assert_int_equal(client_auth_none.apply(asking(&x), &r, &fault), 0);
	assert_string_equal(form_of(&r),
			    "client_id=a+b&scope=one+two&audience=api");
	token_request_fini(&r);
	section_free(&x);
}

/* What is said of token requests is not said of these. */
static void test_request_as_the_keys_have_it(void **state)
{
	struct fixes x = fixes_new(
		"client_id = me\nscope = one two\n"
		"access_token_request.param.grant_type = other\n"
		"access_token_request.format = query\n"
		"device_authorization_request.param.scopes = one,two\n"
		"device_authorization_request.param.scope =\n"
		"device_authorization_request.param.id = {client_id}\n"
		"device_authorization_request.header.X-A = {{b}}\n"
		"device_authorization_request.method = PUT\n"
		"device_authorization_request.format = json\n");
	struct token_request r;

	(void)state;
	token_request_init(&r);
	assert_int_equal(device_request(asking(&x.x), &r, &fault), 0);
	assert_int_equal(compliance_request(x.c, x.x.s, NULL, &r, &fault), 0);
	assert_int_equal(token_request_finish(&r, STR("/device"), &fault), 0);
	assert_string_equal(buf_z(&r.body),
			    "{\"client_id\":\"me\",\"scopes\":\"one,two\","
			    "\"id\":\"me\"}");
	assert_true(str_eq(r.method, STR("PUT")));
	assert_true(str_eq(fields_find(&r.fields, STR("X-A"))->value,
			   STR("{b}")));
	assert_true(str_eq(fields_find(&r.fields,
				       STR("Content-Type"))->value,
			   STR("application/json")));
	token_request_fini(&r);
	fixes_free(&x);
}

static void test_request_too_long(void **state)
{
	struct token_request r = { .phase = PHASE_DEVICE_AUTHORIZATION,
				   .size = LIMIT_TOKEN_REQUEST + 1 };

	(void)state;
	assert_int_equal(token_request_check(&r, &fault), -1);
	assert_string_equal(fault.text,
			    "the device authorization request is too long");
}

static void test_reply_as_the_keys_have_it(void **state)
{
	(void)state;
	assert_int_equal(
		read_fixed(R "select = data\n" R "rename.code = device_code\n"
			   R "rename.show = user_code\n"
			   R "set.verification_uri = https://as.example/d\n"
			   R "default.interval = 9\n"
			   R "drop = verification_uri_complete\n"
			   R "expires_unit = ms\n",
			   200, "text/html",
			   "{\"data\":{\"code\":\"d\",\"show\":\"u\","
			   "\"verification_uri_complete\":\"ftp://x/\","
			   "\"expires_in\":60000}}"), TOKEN_OK);
	assert_true(secret_eq_str(d.device_code, STR("d")));
	assert_string_equal(d.user_code, "u");
	assert_string_equal(d.verification_uri, "https://as.example/d");
	assert_null(d.verification_uri_complete);
	assert_int_equal(d.expires_in, 60);
	assert_int_equal(d.interval, 9);
	assert_int_equal(read_fixed(R "expires_at = until\n", 200,
				    "application/json",
				    "{" GOOD ",\"until\":1600}"), TOKEN_OK);
	assert_int_equal(d.expires_in, 600);
	assert_int_equal(read_fixed(R "format = form\n", 200, "text/plain",
				    "device_code=d&user_code=u&"
				    "verification_uri=https%3a%2f%2fa%2f"),
			 TOKEN_OK);
	assert_string_equal(d.verification_uri, "https://a/");
	/* What is fixed is still looked at. */
	assert_int_equal(read_fixed(R "set.verification_uri = ftp://a/\n", 200,
				    "application/json", "{" GOOD "}"),
			 TOKEN_BAD);
	assert_null(d.device_code);
	/* Those of the token's are not for it. */
	assert_int_equal(
		read_fixed("access_token_response.rename.device_code = x\n"
			   "access_token_response.error = user_code\n", 200,
			   "application/json", "{" GOOD "}"), TOKEN_OK);
}

static void test_errors_as_the_keys_have_them(void **state)
{
	static const char lines[] = R "error_if = ok=false\n"
				    R "unavailable_if = code=7\n"
				    R "invalid_grant_if = code=8\n"
				    R "error = what\n";
	static const char JSON[] = "application/json";

	(void)state;
	assert_int_equal(read_fixed(lines, 200, JSON,
				    "{" GOOD ",\"ok\":false,"
				    "\"what\":\"nope\"}"), TOKEN_ERROR);
	assert_string_equal(error.code, "nope");
	assert_null(d.device_code);
	assert_int_equal(read_fixed(lines, 200, JSON,
				    "{" GOOD ",\"code\":7}"),
			 TOKEN_UNAVAILABLE);
	assert_int_equal(read_fixed(lines, 400, JSON, "{\"code\":7}"),
			 TOKEN_UNAVAILABLE);
	assert_int_equal(read_fixed(lines, 400, JSON,
				    "{\"what\":\"a b\",\"code\":8}"),
			 TOKEN_ERROR);
	assert_string_equal(error.code, "invalid_grant");
	assert_string_equal(error.description, "a b");
	/* With a device_code, what is at the path is no error. */
	assert_int_equal(read_fixed(lines, 200, JSON,
				    "{" GOOD ",\"what\":\"x\"}"), TOKEN_OK);
	assert_int_equal(read_fixed(lines, 200, JSON, "{\"what\":\"x\"}"),
			 TOKEN_ERROR);
	assert_int_equal(read_fixed(R "select = a\n", 200, JSON,
				    "{" GOOD "}"), TOKEN_BAD);
	assert_non_null(strstr(fault.text, "no object at a (select)"));
}

/* RFC 8628 §3.2's own example. */
static void test_reply(void **state)
{
	(void)state;
	assert_int_equal(
		read_body(200,
			  "{\"device_code\":\"GmRhmhcxhwAzkoEqiMEg_DnyEysNkuN"
			  "hszIySk9eS\",\"user_code\":\"WDJB-MJHT\","
			  "\"verification_uri\":\"https://example.com/device\""
			  ",\"verification_uri_complete\":\"https://example."
			  "com/device?user_code=WDJB-MJHT\","
			  "\"expires_in\":1800,\"interval\":7}"), TOKEN_OK);
	assert_true(secret_eq_str(d.device_code,
				  STR("GmRhmhcxhwAzkoEqiMEg_DnyEysNkuNhszIySk9"
				      "eS")));
	assert_string_equal(d.user_code, "WDJB-MJHT");
	assert_string_equal(d.verification_uri, "https://example.com/device");
	assert_string_equal(d.verification_uri_complete,
			    "https://example.com/device?user_code=WDJB-MJHT");
	assert_int_equal(d.expires_in, 1800);
	assert_int_equal(d.interval, 7);
}

static void test_times(void **state)
{
	static const struct {
		const char *members;
		int64_t expires_in, interval;
	} rows[] = {
		{ "", 900, 5 },
		{ ",\"expires_in\":0,\"interval\":0", 900, 5 },
		{ ",\"expires_in\":-1,\"interval\":-1", 900, 5 },
		{ ",\"expires_in\":null,\"interval\":null", 900, 5 },
		{ ",\"expires_in\":\"600\",\"interval\":\"3\"", 600, 3 },
		{ ",\"expires_in\":1e3,\"interval\":1", 1000, 1 },
		{ ",\"expires_in\":999999999,\"interval\":999999999",
		  LIMIT_DEVICE_LIFE, LIMIT_DEVICE_INTERVAL },
		{ ",\"expires_in\":[],\"interval\":{}", 900, 5 },
		{ ",\"interval\":\"soon\"", 900, 5 },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		char body[512];

		(void)snprintf(body, sizeof(body), "{" GOOD "%s}",
			       rows[i].members);
		assert_int_equal(read_body(200, body), TOKEN_OK);
		assert_int_equal(d.expires_in, rows[i].expires_in);
		assert_int_equal(d.interval, rows[i].interval);
		assert_null(d.verification_uri_complete);
	}
}

static void test_as_google_names_it(void **state)
{
	(void)state;
	assert_int_equal(read_body(200, "{\"device_code\":\"d\",\"user_code\":"
					"\"u\",\"verification_url\":"
					"\"https://www.google.com/device\"}"),
			 TOKEN_OK);
	assert_string_equal(d.verification_uri,
			    "https://www.google.com/device");
}

static void test_what_is_refused(void **state)
{
	static const struct {
		const char *body, *words;
	} rows[] = {
		{ "", "cannot be used" },
		{ "[]", "not a JSON object" },
		{ "{" GOOD, "cannot be used" },
		{ "{" GOOD ",\"device_code\":\"e\"}", "cannot be used" },
		{ "device_code=d&user_code=u&verification_uri=https://a/",
		  "cannot be used" },
		{ "{\"user_code\":\"u\",\"verification_uri\":\"https://a/\"}",
		  "device_code" },
		{ "{\"device_code\":1,\"user_code\":\"u\","
		  "\"verification_uri\":\"https://a/\"}",
		  "device_code" },
		{ "{\"device_code\":\"d\","
		  "\"verification_uri\":\"https://a/\"}",
		  "user_code" },
		{ "{\"device_code\":\"d\",\"user_code\":\"\\u001b[2J\","
		  "\"verification_uri\":\"https://a/\"}",
		  "user_code" },
		{ "{\"device_code\":\"d\",\"user_code\":\"\xc3\xbc\","
		  "\"verification_uri\":\"https://a/\"}",
		  "user_code" },
		{ "{\"device_code\":\"d\",\"user_code\":\"u\"}",
		  "verification_uri" },
		{ "{\"device_code\":\"d\",\"user_code\":\"u\","
		  "\"verification_uri\":\"javascript:alert(1)\"}",
		  "verification_uri is not an http" },
		{ "{\"device_code\":\"d\",\"user_code\":\"u\","
		  "\"verification_uri\":\"ftp://a/\"}",
		  "verification_uri is not an http" },
		{ "{" GOOD ",\"verification_uri_complete\":\"file:///etc\"}",
		  "verification_uri_complete" },
		{ "{" GOOD ",\"verification_uri_complete\":7}",
		  "verification_uri_complete" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		if (read_body(200, rows[i].body) != TOKEN_BAD)
			fail_msg("taken: %s", rows[i].body);
		assert_non_null(strstr(fault.text, rows[i].words));
		assert_null(d.device_code);
		assert_null(d.user_code);
		assert_null(d.verification_uri);
	}
}

static void test_lengths(void **state)
{
	static char body[LIMIT_TOKEN_RESPONSE + 64];
	struct buf b = BUF_INIT(sizeof(body));

	(void)state;
	buf_add_z(&b, "{\"device_code\":\"d\",\"verification_uri\":"
		      "\"https://a/\",\"user_code\":\"");
	for (int i = 0; i < 129; i++)
		buf_add_char(&b, 'u');
	buf_add_z(&b, "\"}");
	assert_int_equal(read_body(200, buf_z(&b)), TOKEN_BAD);
	buf_fini(&b);
	memset(body, ' ', sizeof(body) - 1);
	memcpy(body, "{" GOOD "}", sizeof("{" GOOD "}") - 1);
	assert_int_equal(read_body(200, body), TOKEN_BAD);
	assert_non_null(strstr(fault.text, "longer"));
}

static void test_errors(void **state)
{
	(void)state;
	assert_int_equal(read_body(400, "{\"error\":\"unauthorized_client\","
					"\"error_description\":\"no\"}"),
			 TOKEN_ERROR);
	assert_string_equal(error.code, "unauthorized_client");
	assert_int_equal(read_body(200, "{\"error\":\"slow\"}"), TOKEN_ERROR);
	assert_string_equal(error.code, "slow");
	assert_int_equal(read_body(503, ""), TOKEN_UNAVAILABLE);
	assert_int_equal(error.status, 503);
	assert_non_null(strstr(error.description, "device authorization"));
	assert_int_equal(read_body(429, ""), TOKEN_UNAVAILABLE);
	assert_int_equal(read_body(302, ""), TOKEN_BAD);
	assert_non_null(strstr(fault.text, "device_authorization_endpoint"));
	assert_int_equal(read_body(204, ""), TOKEN_BAD);
}

static int teardown(void **state)
{
	(void)state;
	device_authorization_fini(&d);
	return 0;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_request),
		cmocka_unit_test(test_request_as_the_keys_have_it),
		cmocka_unit_test(test_request_too_long),
		cmocka_unit_test(test_reply_as_the_keys_have_it),
		cmocka_unit_test(test_errors_as_the_keys_have_them),
		cmocka_unit_test(test_reply),
		cmocka_unit_test(test_times),
		cmocka_unit_test(test_as_google_names_it),
		cmocka_unit_test(test_what_is_refused),
		cmocka_unit_test(test_lengths),
		cmocka_unit_test(test_errors),
	};

	return cmocka_run_group_tests_name("oauth/device", tests, NULL,
					   teardown);
}
