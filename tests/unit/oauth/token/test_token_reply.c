/* SPDX-License-Identifier: MIT */
/* Replies of token endpoints: as RFC 6749 has them, as servers send them, and
 * as nobody should. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/buf.h"
#include "base/limits.h"
#include "oauth/token/token.h"

#define JSON_TYPE "application/json"
#define FORM_TYPE "application/x-www-form-urlencoded"

/* The last reply that was read. */
static struct token *token;
static struct oauth_error error;
static struct fault fault;

static enum token_reply read_as(int status, const char *type, const char *body)
{
	token_unref(&token);
	memset(&fault, 0, sizeof(fault));
	return token_reply_read(status, str_z(type), str_z(body), 1234,
				&token, &error, &fault);
}

static enum token_reply read_json(const char *body)
{
	return read_as(200, JSON_TYPE, body);
}

static void expect_secret(const struct secret *s, const char *value)
{
	assert_true(str_eq_z(secret_expose(s), value));
}

static void expect_bad(const char *type, const char *body, const char *word)
{
	assert_int_equal(read_as(200, type, body), TOKEN_BAD);
	assert_null(token);
	if (!strstr(fault.text, word))
		fail_msg("\"%s\" is not in \"%s\"", word, fault.text);
	/* Values are named val-… throughout. */
	assert_null(strstr(fault.text, "val-"));
}

static int forget(void **state)
{
	(void)state;
	token_unref(&token);
	return 0;
}

static void test_reads_a_whole_response(void **state)
{
	(void)state;
	assert_int_equal(
		read_json("{\"access_token\":\"2YotnFZFEjr1zCsicMWpAA\","
			  "\"token_type\":\"Bearer\",\"expires_in\":3600,"
			  "\"refresh_token\":\"tGzv3JOkF0XG5Qx2TlKWIA\","
			  "\"id_token\":\"a.b.c\",\"scope\":\"read write\","
			  "\"example_parameter\":\"example_value\"}"),
		TOKEN_OK);
	expect_secret(token->access_token, "2YotnFZFEjr1zCsicMWpAA");
	expect_secret(token->refresh_token, "tGzv3JOkF0XG5Qx2TlKWIA");
	expect_secret(token->id_token, "a.b.c");
	assert_string_equal(token->token_type, "Bearer");
	assert_string_equal(token->scope, "read write");
	assert_int_equal(token->expires_in, 3600);
	assert_int_equal(token->sent_wall, 1234);
	assert_int_equal(error.status, 200);
	struct buf b = BUF_INIT(100);

	assert_int_equal(token_member(token, STR("example_parameter"), &b), 0);
	assert_string_equal(buf_z(&b), "example_value");
	buf_fini(&b);
}

static void test_needs_no_more_than_a_token(void **state)
{
	(void)state;
	assert_int_equal(read_json(" {\"access_token\":\"t\"}\r\n"), TOKEN_OK);
	assert_string_equal(token->token_type, "Bearer");
	assert_null(token->scope);
	assert_null(token->refresh_token);
	assert_null(token->id_token);
	assert_int_equal(token->expires_in, 0);
	assert_int_equal(read_as(201, JSON_TYPE, "{\"access_token\":\"t\"}"),
			 TOKEN_OK);
}

static void test_format_follows_the_content_type(void **state)
{
	static const struct {
		const char *type, *body;
		enum token_reply reply;
	} rows[] = {
		{ "application/json", "{\"access_token\":\"t\"}", TOKEN_OK },
		{ "Application/JSON; charset=utf-8",
		  "{\"access_token\":\"t\"}", TOKEN_OK },
		{ "text/json", "{\"access_token\":\"t\"}", TOKEN_OK },
		{ "application/vnd.x+json ;v=1", "{\"access_token\":\"t\"}",
		  TOKEN_OK },
		{ FORM_TYPE, "access_token=t", TOKEN_OK },
		{ FORM_TYPE "; charset=utf-8", "access_token=t", TOKEN_OK },
		{ "text/plain", "access_token=t", TOKEN_OK },
		{ "text/html", "\n {\"access_token\":\"t\"}", TOKEN_OK },
		{ "", "{\"access_token\":\"t\"}", TOKEN_OK },
		{ "", "access_token=t&token_type=bearer", TOKEN_OK },
		{ "x", "access_token=t", TOKEN_OK },
		{ "application/json", "access_token=t", TOKEN_BAD },
		{ FORM_TYPE, "{\"access_token\":\"t\"}", TOKEN_OK },
		{ "text/html", "<p>access_token=t&access_token=t", TOKEN_BAD },
		{ "", "", TOKEN_UNAVAILABLE },
		{ "", "[\"access_token\"]", TOKEN_BAD },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		if (read_as(200, rows[i].type, rows[i].body) != rows[i].reply)
			fail_msg("row %zu: %s", i, fault.text);
	}
}

static void test_reads_a_form(void **state)
{
	(void)state;
	assert_int_equal(read_as(200, FORM_TYPE,
				 "access_token=gho_1%2B%2F&expires_in=28800&"
				 "refresh_token=r+1&scope=repo%2Cgist+user&"
				 "token_type=bearer&empty=\r\n"),
			 TOKEN_OK);
	expect_secret(token->access_token, "gho_1+/");
	expect_secret(token->refresh_token, "r 1");
	assert_string_equal(token->scope, "repo,gist user");
	assert_string_equal(token->token_type, "bearer");
	assert_int_equal(token->expires_in, 28800);
	struct buf b = BUF_INIT(100);

	assert_int_equal(token_member(token, STR("scope"), &b), 0);
	assert_string_equal(buf_z(&b), "repo,gist user");
	buf_fini(&b);
	expect_bad(FORM_TYPE, "access_token=val-1&access_token=val-2",
		   "twice");
	expect_bad(FORM_TYPE, "access_token=val-1%0d%0aX", "characters");
	expect_bad(FORM_TYPE, "access_token=val-1%00", "characters");
	expect_bad(FORM_TYPE, "access_token=val-1%ff", "characters");
	expect_bad(FORM_TYPE, "token=val-1", "no access_token");
}

static void test_refuses_what_is_no_token_response(void **state)
{
	static const struct {
		const char *body, *word;
	} rows[] = {
		{ "null", "object" },
		{ "\"val-1\"", "object" },
		{ "[{\"access_token\":\"val-1\"}]", "object" },
		{ "{}", "no access_token" },
		{ "{\"access_token\":\"val-1\"}{}", "response" },
		{ "{\"access_token\":\"val-1\"} x", "response" },
		{ "{\"access_token\":\"val-1\",\"access_token\":\"val-2\"}",
		  "twice" },
		{ "{\"access_token\":\"val-1\",\"a\":{\"b\":1,\"b\":2}}",
		  "twice" },
		{ "{\"access_token\":null}", "no access_token" },
		{ "{\"access_token\":\"\"}", "no access_token" },
		{ "{\"access_token\":17}", "type number" },
		{ "{\"access_token\":true}", "type boolean" },
		{ "{\"access_token\":{\"x\":\"val-1\"}}", "type object" },
		{ "{\"access_token\":[\"val-1\"]}", "type array" },
		{ "{\"access_token\":\"val-1 val-2\"}", "characters" },
		{ "{\"access_token\":\"val-1\\r\\nX: y\"}", "characters" },
		{ "{\"access_token\":\"val-1\\u0000\"}", "characters" },
		{ "{\"access_token\":\"val-1\\u00e9\"}", "characters" },
		{ "{\"access_token\":\"val-1\\u007f\"}", "characters" },
		{ "{\"access_token\":\"val-1\",\"token_type\":\"mac\"}",
		  "token_type" },
		{ "{\"access_token\":\"val-1\",\"token_type\":\"DPoP2\"}",
		  "token_type" },
		{ "{\"access_token\":\"val-1\",\"token_type\":\"bearer\\u0000"
		  "\"}", "token_type" },
		{ "{\"access_token\":\"val-1\",\"token_type\":1}",
		  "token_type" },
		{ "{\"access_token\":\"val-1\",\"refresh_token\":5}",
		  "refresh_token is of type number" },
		{ "{\"access_token\":\"val-1\",\"refresh_token\":{}}",
		  "refresh_token is of type object" },
		{ "{\"access_token\":\"val-1\",\"id_token\":[]}",
		  "id_token is of type array" },
		{ "{\"access_token\":\"val-1\",\"error\":\"val-x\"}", "both" },
		{ "{\"access_token\":\"val-1\",\"error\":{}}", "both" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		expect_bad(JSON_TYPE, rows[i].body, rows[i].word);
}

static void test_empty_and_null_are_absent(void **state)
{
	(void)state;
	assert_int_equal(
		read_json("{\"access_token\":\"t\",\"token_type\":null,"
			  "\"refresh_token\":null,\"id_token\":\"\","
			  "\"scope\":\"\",\"expires_in\":null,"
			  "\"error\":null}"),
		TOKEN_OK);
	assert_null(token->refresh_token);
	assert_null(token->id_token);
	assert_null(token->scope);
	assert_int_equal(read_json("{\"access_token\":\"t\","
				   "\"refresh_token\":\"\",\"id_token\":null}"),
			 TOKEN_OK);
	assert_null(token->refresh_token);
}

static void test_bounds_the_sizes(void **state)
{
	static char body[LIMIT_TOKEN_RESPONSE + 100];
	static char value[LIMIT_TOKEN_VALUE + 2];
	struct buf b = BUF_INIT(sizeof(body));

	(void)state;
	memset(value, 'v', LIMIT_TOKEN_VALUE + 1);
	buf_addf(&b, "{\"access_token\":\"%s\"}", value);
	expect_bad(JSON_TYPE, buf_z(&b), "longer");
	buf_reset(&b);
	buf_addf(&b, "access_token=%s", value);
	expect_bad(FORM_TYPE, buf_z(&b), "longer");
	buf_reset(&b);
	buf_addf(&b, "%s=1", value);
	expect_bad(FORM_TYPE, buf_z(&b), "longer");
	value[LIMIT_TOKEN_VALUE] = '\0';
	buf_reset(&b);
	buf_addf(&b, "{\"access_token\":\"%s\"}", value);
	assert_int_equal(read_json(buf_z(&b)), TOKEN_OK);
	memset(body, ' ', sizeof(body) - 1);
	memcpy(body, "{\"access_token\":\"t\"}", 20);
	expect_bad(JSON_TYPE, body, "longer");
	body[LIMIT_TOKEN_RESPONSE] = '\0';
	assert_int_equal(read_json(body), TOKEN_OK);
	buf_fini(&b);
}

/* A form whose JSON is far longer than itself. */
static void test_bounds_what_a_form_becomes(void **state)
{
	static char body[LIMIT_TOKEN_RESPONSE + 1];

	(void)state;
	for (size_t i = 0; i + 1 < sizeof(body); i++)
		body[i] = i % 2 ? '&' : 'a';
	expect_bad(FORM_TYPE, body, "response");
}

static void test_bounds_the_depth(void **state)
{
	char body[200] = "{\"access_token\":\"val-1\",\"x\":";

	(void)state;
	for (int i = 0; i < 20; i++)
		strcat(body, "[");
	for (int i = 0; i < 20; i++)
		strcat(body, "]");
	strcat(body, "}");
	expect_bad(JSON_TYPE, body, "response");
}

static void test_errors_keep_the_servers_words(void **state)
{
	(void)state;
	assert_int_equal(read_as(400, JSON_TYPE,
				 "{\"error\":\"invalid_client\","
				 "\"error_description\":\"No such client\"}"),
			 TOKEN_ERROR);
	assert_null(token);
	assert_string_equal(error.code, "invalid_client");
	assert_string_equal(error.description, "No such client");
	assert_int_equal(error.status, 400);
	assert_int_equal(read_as(401, FORM_TYPE, "error=invalid_grant"),
			 TOKEN_ERROR);
	assert_string_equal(error.code, "invalid_grant");
	assert_string_equal(error.description, "");
	/* GitHub says no with 200. */
	assert_int_equal(read_as(200, FORM_TYPE,
				 "error=bad_verification_code&"
				 "error_description=The+code+is+old."),
			 TOKEN_ERROR);
	assert_string_equal(error.code, "bad_verification_code");
	assert_string_equal(error.description, "The code is old.");
	assert_int_equal(error.status, 200);
	assert_int_equal(read_json("{\"error\":\"e\",\"access_token\":\"\"}"),
			 TOKEN_ERROR);
	assert_int_equal(read_json("{\"error\":{\"code\":5}}"), TOKEN_ERROR);
	assert_string_equal(error.code, "");
	assert_non_null(strstr(error.description, "200 OK"));
}

/* A refusal gives words and nothing else: whatever is read in it, no token and
 * no person comes of it, and a token reply is taken as strictly as ever. */
static void test_refusals_are_read_leniently(void **state)
{
	static const struct {
		int status;
		const char *type, *body, *code;
		bool confirmed;
	} rows[] = {
		{ 400, JSON_TYPE,
		  "{\"error\":\"e\",\"error_description\":\"caf\xe9\"}", "e",
		  true },
		{ 401, JSON_TYPE, "{\"error\":\"e\"}<!-- x -->", "e", true },
		{ 403, "text/html", "{\"error\":\"e\",\"error_description\":"
		  "{\"a\":[]}}", "e", true },
		{ 400, FORM_TYPE, "{\"error\":\"e\",}", "e", true },
		{ 400, JSON_TYPE, "error=e&error_description=a+b", "e", true },
		{ 400, FORM_TYPE, "error=e&x=1&x=2", "e", true },
		{ 400, FORM_TYPE, "error=e&error=f", "", true },
		{ 400, JSON_TYPE, "{\"x\":1,\"x\":2,\"error\":\"e\"}", "e",
		  true },
		{ 400, JSON_TYPE, "{\"error\":\"e\",\"error\":\"f\",}", "",
		  true },
		{ 400, "text/plain", "x error=e&y=1", "", true },
		{ 400, "text/plain", "error=e and more", "", true },
		{ 400, "text/plain", "See the log&error=e", "", true },
		{ 400, "text/html", "<p>{\"error\":\"e\"}", "", true },
		{ 400, JSON_TYPE, "{\"error\":\"e\"", "", true },
		{ 404, JSON_TYPE, "{\"error\":\"e\"}", "e", false },
		{ 422, JSON_TYPE, "{\"error\":\"e\",}", "e", false },
		{ 200, JSON_TYPE, "{\"error\":\"e\",\"d\":\"\xe9\"}", "e",
		  false },
		{ 200, JSON_TYPE, "{\"error\":\"e\"}", "e", false },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		enum token_reply reply =
			read_as(rows[i].status, rows[i].type, rows[i].body);

		if (reply != TOKEN_ERROR || strcmp(error.code, rows[i].code) ||
		    error.confirmed != rows[i].confirmed)
			fail_msg("row %zu: %d, %s", i, (int)reply, error.code);
		assert_null(token);
	}
}

/* What passes by itself, whatever carries it. */
static void test_troubles_that_pass(void **state)
{
	static const struct {
		int status;
		const char *body;
	} rows[] = {
		{ 400, "{\"error\":\"temporarily_unavailable\"}" },
		{ 400, "{\"error\":\"slow_down\",}" },
		{ 200, "{\"error\":\"temporarily_unavailable\"}" },
		{ 408, "" }, { 429, "{\"error\":\"invalid_grant\"}" },
		{ 500, "<p>" }, { 599, "" },
		{ 200, "" }, { 200, " \r\n" }, { 201, "{" },
		{ 200, "{\"access_token\":\"t\"" },
		{ 200, "{\"access_token\":\"t\",\"x\":\"caf\xc3" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		if (read_as(rows[i].status, JSON_TYPE, rows[i].body) !=
		    TOKEN_UNAVAILABLE)
			fail_msg("row %zu", i);
		assert_null(token);
	}
}

static void test_no_token_comes_of_what_is_mended(void **state)
{
	static const char *const bodies[] = {
		"{\"access_token\":\"t\",}",
		"{\"access_token\":\"t\",\"d\":\"\xe9\"}",
		"{\"access_token\":\"t\"}<!-- x -->",
		"{\"access_token\":\"t\",\"access_token\":\"t\"}",
		"{\"access_token\":\"t\",\"error\":\"e\",}",
		"{\"access_token\":\"t\",\"d\":NaN}",
	};

	(void)state;
	for (size_t i = 0; i < sizeof(bodies) / sizeof(bodies[0]); i++) {
		assert_int_equal(read_json(bodies[i]), TOKEN_BAD);
		assert_null(token);
	}
}

static void test_errors_without_words_tell_the_status(void **state)
{
	static const struct {
		int status;
		const char *body, *word;
	} rows[] = {
		{ 400, "", "400 Bad Request" },
		{ 401, "", "401 Unauthorized" },
		{ 403, "", "403 Forbidden" },
		{ 404, "<html>error=x&y</html>", "404 Not Found" },
		{ 418, "{\"error\":", "418" },
		{ 400, "{\"error\":\"a\",\"error\":\"b\"}", "400" },
		{ 400, "[]", "400" },
		{ 400, "{\"error\":null,\"error_description\":7}", "400" },
		{ 499, "{}", "499 without" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		assert_int_equal(read_as(rows[i].status, "", rows[i].body),
				 TOKEN_ERROR);
		assert_int_equal(error.status, rows[i].status);
		assert_string_equal(error.code, "");
		assert_non_null(strstr(error.description, rows[i].word));
	}
}

static void test_words_are_bounded_and_printable(void **state)
{
	struct buf b = BUF_INIT(4096);

	(void)state;
	buf_add_z(&b, "{\"error\":\"");
	for (int i = 0; i < 100; i++)
		buf_add_z(&b, "c");
	buf_add_z(&b, "\",\"error_description\":\"");
	for (int i = 0; i < 500; i++)
		buf_add_z(&b, "d");
	buf_add_z(&b, "\"}");
	assert_int_equal(read_as(400, JSON_TYPE, buf_z(&b)), TOKEN_ERROR);
	assert_int_equal(strlen(error.code), sizeof(error.code) - 1);
	assert_int_equal(strlen(error.description),
			 sizeof(error.description) - 1);
	buf_fini(&b);
	assert_int_equal(
		read_as(400, JSON_TYPE,
			"{\"error\":\"a\\r\\nb\\u0000c\\u001b[2J\","
			"\"error_description\":\"caf\\u00e9 \\ud83d\\ude00!"
			"\\u007f\"}"),
		TOKEN_ERROR);
	assert_string_equal(error.code, "a??b?c?[2J");
	assert_string_equal(error.description, "caf? ?!?");
}

static void test_server_failures_may_be_tried_again(void **state)
{
	static const int statuses[] = { 429, 500, 502, 503, 504, 599 };

	(void)state;
	for (size_t i = 0; i < sizeof(statuses) / sizeof(statuses[0]); i++) {
		assert_int_equal(read_as(statuses[i], "text/html", "<p>x</p>"),
				 TOKEN_UNAVAILABLE);
		assert_int_equal(error.status, statuses[i]);
		assert_null(token);
	}
	assert_int_equal(read_as(503, JSON_TYPE,
				 "{\"error\":\"temporarily_unavailable\","
				 "\"access_token\":\"val-1\"}"),
			 TOKEN_UNAVAILABLE);
	assert_string_equal(error.code, "temporarily_unavailable");
	assert_null(token);
}

static void test_other_statuses_are_bad(void **state)
{
	static const int statuses[] = { 0, 100, 202, 204, 206, 301, 302, 307,
					308, 600, 999 };

	(void)state;
	for (size_t i = 0; i < sizeof(statuses) / sizeof(statuses[0]); i++) {
		assert_int_equal(read_as(statuses[i], JSON_TYPE,
					 "{\"access_token\":\"val-1\"}"),
				 TOKEN_BAD);
		assert_null(token);
		assert_null(strstr(fault.text, "val-1"));
	}
	read_as(302, "", "");
	assert_non_null(strstr(fault.text, "redirects are not followed"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_reads_a_whole_response),
		cmocka_unit_test(test_needs_no_more_than_a_token),
		cmocka_unit_test(test_format_follows_the_content_type),
		cmocka_unit_test(test_reads_a_form),
		cmocka_unit_test(test_refuses_what_is_no_token_response),
		cmocka_unit_test(test_empty_and_null_are_absent),
		cmocka_unit_test(test_bounds_the_sizes),
		cmocka_unit_test(test_bounds_what_a_form_becomes),
		cmocka_unit_test(test_bounds_the_depth),
		cmocka_unit_test(test_errors_keep_the_servers_words),
		cmocka_unit_test(test_refusals_are_read_leniently),
		cmocka_unit_test(test_troubles_that_pass),
		cmocka_unit_test(test_no_token_comes_of_what_is_mended),
		cmocka_unit_test(test_errors_without_words_tell_the_status),
		cmocka_unit_test(test_words_are_bounded_and_printable),
		cmocka_unit_test(test_server_failures_may_be_tried_again),
		cmocka_unit_test(test_other_statuses_are_bad),
	};

	return cmocka_run_group_tests_name("oauth/token_reply", tests, NULL,
					   forget);
}
