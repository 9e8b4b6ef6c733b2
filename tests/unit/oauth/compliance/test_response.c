/* SPDX-License-Identifier: MIT */
/* Replies as the keys change them, and what is read of them then. */
#include "oauth/compliance/compliance.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "oauth/compliance/fixes.h"

#define A "access_token_response."
#define JSON "application/json"

struct read {
	enum token_reply reply;
	struct token *token;
	struct oauth_error error;
	struct fault fault;
};

static struct read read_as(const char *lines, enum token_phase phase,
			   int status, const char *type, const char *body)
{
	struct fixes x = fixes_new(lines);
	struct read r = { .token = NULL };

	r.reply = token_reply_read_fixed(compliance_response(x.c, phase),
					 status, str_z(type), str_z(body), 5,
					 &r.token, &r.error, &r.fault);
	if ((r.reply == TOKEN_OK) != (r.token != NULL))
		fail_msg("a token is or is not there: %d", r.reply);
	fixes_free(&x);
	return r;
}

static void expect_members(const struct read *r, const char *members)
{
	if (r->reply != TOKEN_OK)
		fail_msg("%s%s%s", r->fault.text, r->error.code,
			 r->error.description);
	assert_true(secret_eq_str(r->token->members, str_z(members)));
	assert_int_equal(r->token->sent_wall, 5);
}

static void expect(const char *lines, const char *body, const char *members)
{
	struct read r = read_as(lines, PHASE_ACCESS_TOKEN, 200, JSON, body);

	expect_members(&r, members);
	token_unref(&r.token);
}

static void expect_error(const char *lines, int status, const char *body,
			 const char *code, const char *description)
{
	struct read r = read_as(lines, PHASE_ACCESS_TOKEN, status, JSON, body);

	assert_int_equal(r.reply, TOKEN_ERROR);
	assert_int_equal(r.error.status, status);
	assert_string_equal(r.error.code, code);
	assert_string_equal(r.error.description, description);
}

static void expect_bad(const char *lines, const char *body, const char *words)
{
	struct read r = read_as(lines, PHASE_ACCESS_TOKEN, 200, JSON, body);

	assert_int_equal(r.reply, TOKEN_BAD);
	if (!strstr(r.fault.text, words))
		fail_msg("%s", r.fault.text);
}

static void test_format(void **state)
{
	struct read r = read_as(A "format = form\n", PHASE_ACCESS_TOKEN, 200,
				JSON, "access_token=a&x=1");

	(void)state;
	expect_members(&r, "{\"access_token\":\"a\",\"x\":\"1\"}");
	token_unref(&r.token);
	r = read_as(A "format = json\n", PHASE_ACCESS_TOKEN, 200,
		    "application/x-www-form-urlencoded",
		    "{\"access_token\":\"a\"}");
	expect_members(&r, "{\"access_token\":\"a\"}");
	token_unref(&r.token);
	r = read_as(A "format = json\n", PHASE_ACCESS_TOKEN, 200, "text/html",
		    "access_token=a");
	assert_int_equal(r.reply, TOKEN_BAD);
	r = read_as(A "format = form\n", PHASE_ACCESS_TOKEN, 400, JSON,
		    "error=invalid_grant");
	assert_string_equal(r.error.code, "invalid_grant");
}

/* In the words of RFC 6749, the server's own ones beside them. */
static void test_invalid_grant_if(void **state)
{
	(void)state;
	expect_error(A "invalid_grant_if = error=bad_refresh_token\n", 200,
		     "{\"error\":\"bad_refresh_token\","
		     "\"error_description\":\"it is old\"}",
		     "invalid_grant", "it is old");
	expect_error(A "invalid_grant_if = error=bad_refresh_token\n", 400,
		     "{\"error\":\"bad_refresh_token\"}",
		     "invalid_grant", "bad_refresh_token");
	expect_error(A "invalid_grant_if = error=bad_refresh_token\n", 400,
		     "{\"error\":\"invalid_scope\"}", "invalid_scope", "");
	expect_error(A "invalid_grant_if = errcode=1\n"
		     A "invalid_grant_if = errcode=40030\n"
		     A "error = errmsg\n", 200,
		     "{\"errcode\":40030,\"errmsg\":\"no good\"}",
		     "invalid_grant", "no good");
	expect_error(A "invalid_grant_if = message=Invalid refresh token\n",
		     400, "{\"status\":400,"
		     "\"message\":\"Invalid refresh token\"}", "invalid_grant",
		     "the reply's message is Invalid refresh token");
	expect_error(A "invalid_grant_if = spent=true\n", 200,
		     "{\"spent\":true,\"access_token\":\"a\"}", "invalid_grant",
		     "the reply's spent is true");
	/* in quotation marks it is a text alone */
	expect_error(A "invalid_grant_if = spent=\"601\"\n", 200,
		     "{\"spent\":\"601\",\"access_token\":\"a\"}",
		     "invalid_grant", "the reply's spent is \"601\"");
	expect(A "invalid_grant_if = spent=\"601\"\n",
	       "{\"spent\":601,\"access_token\":\"a\"}",
	       "{\"spent\":601,\"access_token\":\"a\"}");
	expect(A "invalid_grant_if = spent=true\n",
	       "{\"spent\":false,\"access_token\":\"a\"}",
	       "{\"spent\":false,\"access_token\":\"a\"}");
}

/* A refresh has its own, or the access token's. */
static void test_invalid_grant_if_of_a_refresh(void **state)
{
	static const char body[] = "{\"error\":\"old\"}";
	static const char both[] =
		A "invalid_grant_if = error=old\n"
		"refresh_token_response.invalid_grant_if = error=other\n";
	struct read r;

	(void)state;
	r = read_as(A "invalid_grant_if = error=old\n", PHASE_REFRESH_TOKEN,
		    400, JSON, body);
	assert_string_equal(r.error.code, "invalid_grant");
	r = read_as(both, PHASE_REFRESH_TOKEN, 400, JSON, body);
	assert_string_equal(r.error.code, "old");
	r = read_as(both, PHASE_ACCESS_TOKEN, 400, JSON, body);
	assert_string_equal(r.error.code, "invalid_grant");
}

static void test_select(void **state)
{
	(void)state;
	expect(A "select = data.0.token\n",
	       "{\"data\":[{\"token\":{\"access_token\":\"a\"}}],\"x\":1}",
	       "{\"access_token\":\"a\"}");
	expect_bad(A "select = data\n", "{\"access_token\":\"a\"}",
		   "no object at data (select)");
	expect_bad(A "select = data\n",
		   "{\"data\":\"x\",\"access_token\":\"a\"}", "no object");
	expect_error(A "select = data\n", 200, "{\"error\":\"oh\"}", "oh", "");
	expect_error(A "select = data\n", 400,
		     "{\"data\":{\"error\":\"in\"},\"error\":\"out\"}", "in",
		     "");
	expect_error(A "select = data\n", 400, "{\"error\":\"out\"}", "out",
		     "");
}

static void test_rename(void **state)
{
	(void)state;
	expect(A "rename.accessToken = access_token\n"
	       A "rename.expires = expires_in\n"
	       A "rename.absent = scope\n"
	       A "rename.nothing = token_type\n",
	       "{\"accessToken\":\"a\",\"expires\":7,\"scope\":\"s\","
	       "\"nothing\":null,\"token_type\":\"bearer\"}",
	       "{\"scope\":\"s\",\"token_type\":\"bearer\","
	       "\"access_token\":\"a\",\"expires_in\":7}");
	/* What had the new name gives way. */
	expect(A "rename.b = access_token\n",
	       "{\"access_token\":\"a\",\"b\":\"B\"}",
	       "{\"access_token\":\"B\"}");
	/* Both at once. */
	expect(A "rename.a = access_token\n" A "rename.access_token = a\n",
	       "{\"access_token\":\"a\",\"a\":\"B\"}",
	       "{\"access_token\":\"B\",\"a\":\"a\"}");
	/* Of two, the first that is there. */
	expect(A "rename.one = access_token\n" A "rename.two = access_token\n",
	       "{\"two\":\"2\",\"one\":\"1\"}", "{\"access_token\":\"1\"}");
	expect(A "rename.one = access_token\n" A "rename.two = access_token\n",
	       "{\"two\":\"2\"}", "{\"access_token\":\"2\"}");
	/* From below, where it stays. */
	expect(A "rename.user.token = access_token\n",
	       "{\"user\":{\"token\":\"t\"}}",
	       "{\"user\":{\"token\":\"t\"},\"access_token\":\"t\"}");
}

static void test_set(void **state)
{
	(void)state;
	expect(A "set.a = 3600\n" A "set.b = true\n" A "set.c = null\n"
	       A "set.d = \"12\"\n" A "set.e = one two\n" A "set.f =\n"
	       A "set.g = {\"x\":1}\n" A "set.h = 0x10\n" A "set.i = 010\n"
	       A "set.z = -1.5e3\n",
	       "{\"access_token\":\"a\",\"z\":[1]}",
	       "{\"access_token\":\"a\",\"z\":-1.5e3,\"a\":3600,\"b\":true,"
	       "\"c\":null,\"d\":\"12\",\"e\":\"one two\",\"f\":\"\","
	       "\"g\":\"{\\\"x\\\":1}\",\"h\":\"0x10\",\"i\":\"010\"}");
}

static void test_token_type(void **state)
{
	struct read r;

	(void)state;
	expect(A "set.token_type = Bearer\n",
	       "{\"access_token\":\"a\",\"token_type\":\"User Access Token\"}",
	       "{\"access_token\":\"a\",\"token_type\":\"Bearer\"}");
	r = read_as(A "set.token_type = OAuth\n", PHASE_ACCESS_TOKEN, 200,
		    JSON, "{\"access_token\":\"a\",\"token_type\":\"x\"}");
	assert_int_equal(r.reply, TOKEN_OK);
	assert_string_equal(r.token->token_type, "OAuth");
	struct buf b = BUF_INIT_SECRET(4096);
	struct token *back;

	/* The store takes it back. */
	token_write(r.token, &b);
	back = token_parse(buf_str(&b), NULL);
	assert_non_null(back);
	assert_string_equal(back->token_type, "OAuth");
	token_unref(&back);
	token_unref(&r.token);
	buf_fini(&b);
	/* Anything else does not agree to another type. */
	expect_bad(A "default.token_type = OAuth\n",
		   "{\"access_token\":\"a\"}", "token_type is neither Bearer");
	expect_bad(A "rename.kind = token_type\n",
		   "{\"access_token\":\"a\",\"kind\":\"mac\"}",
		   "token_type is neither Bearer");
}

static void test_default(void **state)
{
	struct read r;

	(void)state;
	expect(A "default.a = 1\n" A "default.b = 2\n" A "default.c = 3\n"
	       A "default.d = 4\n",
	       "{\"access_token\":\"t\",\"a\":\"x\",\"b\":null,\"c\":\"\"}",
	       "{\"access_token\":\"t\",\"a\":\"x\",\"b\":2,\"c\":3,"
	       "\"d\":4}");
	expect(A "default.x = 1\n", "{\"access_token\":\"t\",\"x\":false}",
	       "{\"access_token\":\"t\",\"x\":false}");
	r = read_as(A "default.expires_in = 3600\n", PHASE_ACCESS_TOKEN, 200,
		    JSON, "{\"access_token\":\"t\",\"expires_in\":0}");
	expect_members(&r, "{\"access_token\":\"t\",\"expires_in\":3600}");
	assert_int_equal(r.token->expires_in, 3600);
	token_unref(&r.token);
}

static void test_drop(void **state)
{
	(void)state;
	expect(A "drop = error\n" A "drop = absent\n" A "drop = x\n"
	       A "set.x = 1\n",
	       "{\"access_token\":\"t\",\"error\":\"none\",\"x\":2}",
	       "{\"access_token\":\"t\"}");
}

static void test_error_if(void **state)
{
	static const char lines[] = A "error_if = ok=false\n"
				    A "error_if = code=7\n"
				    A "error_if = status.word=no = way\n"
				    A "error_if = gone=null\n";

	(void)state;
	expect(lines, "{\"access_token\":\"t\",\"ok\":true,\"code\":70}",
	       "{\"access_token\":\"t\",\"ok\":true,\"code\":70}");
	expect_error(lines, 200, "{\"ok\":false,\"error\":\"invalid_code\"}",
		     "invalid_code", "");
	expect_error(lines, 200, "{\"access_token\":\"t\",\"ok\":false}", "",
		     "the reply's ok is false");
	expect_error(lines, 200, "{\"access_token\":\"t\",\"code\":7}", "",
		     "the reply's code is 7");
	expect_error(lines, 200, "{\"status\":{\"word\":\"no = way\"}}", "",
		     "the reply's status.word is no = way");
	expect_error(lines, 200, "{\"gone\":null,\"error_description\":\"d\"}",
		     "", "d");
	expect_bad(lines, "{\"ok\":\"maybe\"}", "no access_token");
}

/* Beside what is selected, and after it was renamed. */
static void test_error_if_elsewhere(void **state)
{
	(void)state;
	expect_error(A "select = data\n" A "error_if = status=fail\n"
		     A "error = message\n",
		     200, "{\"status\":\"fail\",\"message\":\"not today\","
		     "\"data\":{\"access_token\":\"t\"}}", "", "not today");
	expect_error(A "rename.state = ok\n" A "error_if = ok=0\n", 200,
		     "{\"state\":0}", "", "the reply's ok is 0");
	expect_error(A "select = data\n" A "error_if = ok=false\n", 200,
		     "{\"ok\":false}", "", "the reply's ok is false");
}

static void test_error(void **state)
{
	static const char lines[] = A "error = errors.0.errorType\n";
	static const char object[] = A "error = error\n";

	(void)state;
	expect_error(lines, 400,
		     "{\"errors\":[{\"errorType\":\"invalid_grant\"}]}",
		     "invalid_grant", "");
	/* No token, no error_if. */
	expect_error(lines, 200,
		     "{\"errors\":[{\"errorType\":\"invalid_client\"}]}",
		     "invalid_client", "");
	expect(lines, "{\"access_token\":\"t\","
	       "\"errors\":[{\"errorType\":\"none\"}]}",
	       "{\"access_token\":\"t\","
	       "\"errors\":[{\"errorType\":\"none\"}]}");
	/* A sentence is for people, and the standard's own are read too. */
	expect_error(A "error = errmsg\n", 400,
		     "{\"errmsg\":\"no such thing\",\"error\":\"e\"}", "e",
		     "no such thing");
	expect_error(A "error = code\n", 400,
		     "{\"code\":40029,\"error\":\"e\","
		     "\"error_description\":\"d\"}", "40029", "d");
	expect_error(object, 400,
		     "{\"error\":{\"message\":\"It is over.\","
		     "\"type\":\"OAuthException\",\"code\":190}}",
		     "OAuthException", "It is over.");
	expect_error(object, 400, "{\"error\":[{\"code\":7}]}", "7", "");
	expect_error(object, 400, "{\"error\":[]}", "",
		     "the token endpoint answered 400 Bad Request without an "
		     "OAuth error");
	expect_error(object, 403, "<html>", "",
		     "the token endpoint answered 403 Forbidden without an "
		     "OAuth error");
	expect_bad(A "error = errmsg\n", "{\"errmsg\":\"\"}",
		   "no access_token");
}

static void test_unavailable(void **state)
{
	struct read r = read_as(A "error = m\n", PHASE_ACCESS_TOKEN, 503, JSON,
				"{\"m\":\"come back\"}");

	(void)state;
	assert_int_equal(r.reply, TOKEN_UNAVAILABLE);
	assert_string_equal(r.error.description, "come back");
}

static void test_refreshes(void **state)
{
	static const char lines[] = A "select = data\n" A "rename.t = x\n"
		A "rename.a = access_token\n" A "drop = d\n" A "set.s = 1\n"
		"refresh_token_response.select = .\n"
		"refresh_token_response.rename.t = access_token\n"
		"refresh_token_response.drop = e\n";
	struct read r = read_as(lines, PHASE_REFRESH_TOKEN, 200, JSON,
				"{\"t\":\"T\",\"d\":1,\"e\":2}");

	(void)state;
	expect_members(&r, "{\"d\":1,\"access_token\":\"T\",\"s\":1}");
	token_unref(&r.token);
	expect(lines, "{\"data\":{\"t\":1,\"a\":\"A\",\"d\":1,\"e\":2}}",
	       "{\"e\":2,\"x\":1,\"access_token\":\"A\",\"s\":1}");
}

/* The rules of token responses hold for what comes out. */
static void test_what_comes_out_is_checked(void **state)
{
	(void)state;
	expect_bad(A "rename.t = access_token\n", "{\"t\":7}",
		   "access_token is of type number");
	expect_bad(A "rename.t = access_token\n", "{\"t\":\"a b\"}",
		   "access_token holds");
	expect_bad(A "drop = x\n", "{\"access_token\":\"a\",\"error\":\"e\"}",
		   "both error and access_token");
	expect_bad(A "drop = x\n",
		   "{\"access_token\":\"a\",\"access_token\":\"b\"}",
		   "stands twice");
	expect_bad(A "drop = access_token\n", "{\"access_token\":\"a\"}",
		   "no access_token");
}

/* Asked for at 5 ms since 1970: dates are as many seconds of life. */
static int64_t life_of(const char *lines, enum token_phase phase,
		       const char *body)
{
	struct read r = read_as(lines, phase, 200, JSON, body);
	int64_t life;

	if (r.reply != TOKEN_OK)
		fail_msg("%s", r.fault.text);
	life = r.token->expires_in;
	token_unref(&r.token);
	return life;
}

#define TOKEN "{\"access_token\":\"t\","

static void test_expires_unit(void **state)
{
	static const char lines[] = A "expires_unit = ms\n";
	static const char both[] =
		A "expires_unit = ms\n"
		  "refresh_token_response.expires_unit = s\n";

	(void)state;
#define LIFE(lines, body) life_of(lines, PHASE_ACCESS_TOKEN, TOKEN body "}")
	assert_int_equal(LIFE(lines, "\"expires_in\":3600000"), 3600);
	assert_int_equal(LIFE(lines, "\"expires_in\":\"1500\""), 2);
	assert_int_equal(LIFE(lines, "\"expires_in\":500"), 1);
	assert_int_equal(LIFE(lines, "\"expires_in\":0"), 0);
	assert_int_equal(LIFE(lines, "\"expires_in\":null"), 0);
	assert_int_equal(LIFE(lines, "\"x\":1"), 0);
	assert_int_equal(LIFE(lines, "\"expires_in\":31536000000"),
			 365 * 86400);
	assert_int_equal(LIFE(A "expires_unit = s\n", "\"expires_in\":7"),
			 7);
	assert_int_equal(life_of(both, PHASE_REFRESH_TOKEN,
				 TOKEN "\"expires_in\":3600}"), 3600);
	assert_int_equal(life_of(both, PHASE_ACCESS_TOKEN,
				 TOKEN "\"expires_in\":3600000}"), 3600);
}

static void test_expires_at(void **state)
{
	static const char lines[] = A "expires_at = a.ends\n";
	static const char renamed[] = A "select = d\n" A "rename.e = at\n"
				      A "expires_at = at\n";

	(void)state;
#define ENDS(value) \
	LIFE(lines, "\"expires_in\":9,\"a\":{\"ends\":" value "}")
	assert_int_equal(ENDS("\"1970-01-01T01:00:00Z\""), 3600);
	assert_int_equal(ENDS("\"Thu, 01 Jan 1970 00:01:00 GMT\""), 60);
	assert_int_equal(ENDS("60"), 60);
	assert_int_equal(ENDS("\"60\""), 60);
	assert_int_equal(ENDS("100000060000"), 100000060);
	assert_int_equal(ENDS("1.9e2"), 190);
	/* What is no date, or past, says nothing. */
	assert_int_equal(ENDS("0"), 9);
	assert_int_equal(ENDS("-7"), 9);
	assert_int_equal(ENDS("\"soon\""), 9);
	assert_int_equal(ENDS("null"), 9);
	assert_int_equal(ENDS("{}"), 9);
	assert_int_equal(LIFE(lines, "\"expires_in\":9"), 9);
	/* Under its new name, and beside what is selected. */
	assert_int_equal(life_of(renamed, PHASE_ACCESS_TOKEN,
				 "{\"d\":" TOKEN "\"e\":60}}"), 60);
	assert_int_equal(life_of(A "select = d\n" A "expires_at = e\n",
				 PHASE_ACCESS_TOKEN,
				 "{\"e\":60,\"d\":" TOKEN "\"x\":1}}"),
			 60);
}

/* It says no more than that: not even a token beside it is taken. */
static void test_unavailable_if(void **state)
{
	static const char lines[] = A "unavailable_if = status=601\n"
				    A "invalid_grant_if = status=401\n"
				    A "invalid_grant_if = both=1\n"
				    A "unavailable_if = both=1\n"
				    A "error_if = status=601\n";
	static const char *const bodies[] = {
		"{\"status\":601}", "{\"status\":601,\"access_token\":\"t\"}",
		"{\"both\":1}",
	};

	(void)state;
	for (size_t i = 0; i < 3; i++) {
		for (int status = 200; status <= 400; status += 200) {
			struct read r = read_as(lines, PHASE_REFRESH_TOKEN,
						status, JSON, bodies[i]);

			assert_int_equal(r.reply, TOKEN_UNAVAILABLE);
			assert_true(r.error.passes);
			assert_string_not_equal(r.error.code, "invalid_grant");
		}
	}
	expect_error(lines, 200, "{\"status\":401}", "invalid_grant",
		     "the reply's status is 401");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_format),
		cmocka_unit_test(test_invalid_grant_if),
		cmocka_unit_test(test_invalid_grant_if_of_a_refresh),
		cmocka_unit_test(test_select),
		cmocka_unit_test(test_rename),
		cmocka_unit_test(test_set),
		cmocka_unit_test(test_token_type),
		cmocka_unit_test(test_default),
		cmocka_unit_test(test_drop),
		cmocka_unit_test(test_error_if),
		cmocka_unit_test(test_error_if_elsewhere),
		cmocka_unit_test(test_expires_unit),
		cmocka_unit_test(test_expires_at),
		cmocka_unit_test(test_unavailable_if),
		cmocka_unit_test(test_error),
		cmocka_unit_test(test_unavailable),
		cmocka_unit_test(test_refreshes),
		cmocka_unit_test(test_what_comes_out_is_checked),
	};

	return cmocka_run_group_tests_name("oauth/compliance_response", tests,
					   NULL, NULL);
}
