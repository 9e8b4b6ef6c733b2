/* SPDX-License-Identifier: MIT */
#include "base/limits.h"
#include "oauth/login/authorization_response.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "oauth/login/authorization.h"
#include "oauth/section.h"

static struct authorization_response r;
static struct fault fault;

static int read_text(const char *text)
{
	authorization_response_fini(&r);
	fault.text[0] = '\0';
	return authorization_response_read(str_z(text), 77, NULL, &r,
					   &fault);
}

static void test_code(void **state)
{
	(void)state;
	assert_int_equal(read_text("state=xyz&code=Spl%2FxlO&"
				   "iss=https%3A%2F%2Fas.example&later=1"), 0);
	assert_true(secret_eq_str(r.state, STR("xyz")));
	assert_true(secret_eq_str(r.code, STR("Spl/xlO")));
	assert_string_equal(r.iss, "https://as.example");
	assert_string_equal(r.error.code, "");
	assert_null(r.token);
	assert_null(r.id_token);
	assert_int_equal(read_text("code=a"), 0);
	assert_null(r.state);
	assert_null(r.iss);
}

/* --- as the keys have it --- */

static int read_for(const char *lines, const char *text)
{
	struct section x = section_new(lines);
	int rc;

	authorization_response_fini(&r);
	fault.text[0] = '\0';
	rc = authorization_response_read(str_z(text), 77, x.s, &r, &fault);
	section_free(&x);
	return rc;
}

#define RENAME "authorization_response.rename."
#define KEEP "authorization_response.keep = "

static void test_renamed(void **state)
{
	static const char lines[] = RENAME "auth_code = code\n"
				    RENAME "why = error\n"
				    RENAME "words = error_description\n";

	(void)state;
	assert_int_equal(read_for(lines, "auth_code=a&state=s"), 0);
	assert_true(secret_eq_str(r.code, STR("a")));
	assert_true(secret_eq_str(r.state, STR("s")));
	assert_null(r.kept);
	/* In place of one of that name; without it that one counts. */
	assert_int_equal(read_for(lines, "code=b&auth_code=a&state=s"), 0);
	assert_true(secret_eq_str(r.code, STR("a")));
	assert_int_equal(read_for(lines, "auth_code=a&code=b&state=s"), 0);
	assert_true(secret_eq_str(r.code, STR("a")));
	assert_int_equal(read_for(lines, "code=b&state=s"), 0);
	assert_true(secret_eq_str(r.code, STR("b")));
	assert_int_equal(read_for(lines, "why=no&words=not+you&state=s"), 0);
	assert_string_equal(r.error.code, "no");
	assert_string_equal(r.error.description, "not you");
	/* The same rules hold for it. */
	assert_int_equal(read_for(lines, "auth_code=a&auth_code=a"), -1);
	assert_non_null(strstr(fault.text, "code is in it twice"));
	assert_int_equal(read_for(lines, "auth_code=a%0A"), -1);
	assert_int_equal(read_for(lines, "auth_code=a&why=no"), -1);
	assert_non_null(strstr(fault.text, "both an error and a code"));
	assert_int_equal(read_for(RENAME "a = code\n" RENAME "b = code\n",
				  "a=1&b=2"), -1);
	assert_int_equal(read_text("auth_code=a&state=s"), -1);
}

static void test_kept(void **state)
{
	static char text[LIMIT_CALLBACK_VALUE + 64];

	(void)state;
	assert_int_equal(read_for(KEEP "realmId\n" KEEP "a-b\n" KEEP "none\n"
				  KEEP "scope\n",
				  "code=c&realmId=12%2F%22&other=1&a-b=&"
				  "scope=x+y"), 0);
	assert_true(secret_eq_str(r.kept, STR("{\"realmId\":\"12/\\\"\","
					      "\"scope\":\"x y\"}")));
	assert_int_equal(read_for(KEEP "realmId\n", "code=c"), 0);
	assert_true(secret_eq_str(r.kept, STR("{}")));
	assert_int_equal(read_for(KEEP "a\n", "code=c&a=1&a=1"), -1);
	assert_non_null(strstr(fault.text, "a is in it twice"));
	assert_null(r.kept);
	assert_int_equal(read_for(KEEP "a\n", "code=c&a=1%0d%0aX:+y"), -1);
	assert_non_null(strstr(fault.text, "a holds a character"));
	assert_int_equal(read_for(KEEP "a\n", "code=c&a=%C3%BC"), -1);
	memcpy(text, "code=c&a=", 9);
	memset(text + 9, 'x', LIMIT_CALLBACK_VALUE);
	assert_int_equal(read_for(KEEP "a\n", text), 0);
	text[9 + LIMIT_CALLBACK_VALUE] = 'x';
	assert_int_equal(read_for(KEEP "a\n", text), -1);
	assert_non_null(strstr(fault.text, "a is longer than 1024"));
}

static void expect_state(const char *text, const char *state)
{
	struct secret *s = authorization_response_state(str_z(text));

	if (state)
		assert_true(secret_eq_str(s, str_z(state)));
	else
		assert_null(s);
	secret_unref(&s);
}

static void test_state(void **state)
{
	(void)state;
	expect_state("auth_code=c&state=a%2Bb&x=1", "a+b");
	expect_state("code=c", NULL);
	expect_state("state=", NULL);
	expect_state("", NULL);
}

static void expect_mistake(const char *lines, const char *words)
{
	struct section x = section_new(lines);
	const char *key;

	fault.text[0] = '\0';
	assert_int_equal(authorization_check(x.s, &grant_authorization_code,
					     &key, &fault), -1);
	if (!strstr(fault.text, words))
		fail_msg("%s%s", lines, fault.text);
	assert_non_null(strstr(key, "authorization_response."));
	section_free(&x);
}

static void test_mistakes(void **state)
{
	(void)state;
	expect_mistake(RENAME "state = code\n", "state cannot be");
	expect_mistake(RENAME "iss = code\n", "iss cannot be");
	expect_mistake(RENAME "id_token = code\n", "id_token cannot be");
	expect_mistake(RENAME "access_token = code\n", "access_token cannot");
	expect_mistake(RENAME "x = state\n", "must be code, error or");
	expect_mistake(RENAME "x = access_token\n", "must be code, error or");
	expect_mistake(RENAME "x =\n", "must be code, error or");
	expect_mistake(KEEP "state\n", "state is not kept");
	expect_mistake(KEEP "code\n", "code is not kept");
	expect_mistake(KEEP "id_token\n", "id_token is not kept");
	expect_mistake(KEEP "a.b\n", "letters");
	expect_mistake(KEEP "a b\n", "letters");
	expect_mistake(KEEP "a\n" KEEP "b\n" KEEP "c\n" KEEP "d\n" KEEP "e\n"
		       KEEP "f\n" KEEP "g\n" KEEP "h\n" KEEP "i\n",
		       "more than 8");
}

static void test_error(void **state)
{
	(void)state;
	assert_int_equal(read_text("error=access_denied&state=s"
				   "&error_description=no+%C3%BC%0Aber"
				   "&error_uri=https%3A%2F%2Fas.example%2Fe"),
			 0);
	assert_string_equal(r.error.code, "access_denied");
	assert_string_equal(r.error.description, "no ??ber");
	assert_string_equal(r.error_uri, "https://as.example/e");
	assert_true(secret_eq_str(r.state, STR("s")));
	assert_int_equal(read_text("error=e&error_uri=javascript:alert(1)"),
			 0);
	assert_null(r.error_uri);
}

/* RFC 6749 §4.2.2, in another order. */
static void test_token(void **state)
{
	(void)state;
	assert_int_equal(read_text("token_type=bearer&expires_in=3600&"
				   "state=xyz&scope=a+b&"
				   "access_token=2YotnFZFEjr1zCsicMWpAA"), 0);
	assert_non_null(r.token);
	assert_true(secret_eq_str(r.token->access_token,
				  STR("2YotnFZFEjr1zCsicMWpAA")));
	assert_int_equal(r.token->expires_in, 3600);
	assert_string_equal(r.token->scope, "a b");
	assert_int_equal(r.token->sent_wall, 77);
	assert_null(r.token->refresh_token);
	assert_null(r.code);
	struct buf b = BUF_INIT(64);

	assert_int_equal(token_member(r.token, STR("scope"), &b), 0);
	assert_string_equal(buf_z(&b), "a b");
	buf_fini(&b);
}

static void test_hybrid(void **state)
{
	(void)state;
	assert_int_equal(read_text("code=c&id_token=a.b.c&state=s"), 0);
	assert_true(secret_eq_str(r.id_token, STR("a.b.c")));
	assert_true(secret_eq_str(r.code, STR("c")));
	assert_null(r.token);
	assert_int_equal(read_text("access_token=t&id_token=a.b.c"
				   "&refresh_token=never"), 0);
	assert_true(secret_eq_str(r.token->id_token, STR("a.b.c")));
	assert_null(r.token->refresh_token);
}

static void test_what_is_refused(void **state)
{
	static const struct {
		const char *text, *words;
	} rows[] = {
		{ "", "no code" },
		{ "state=x", "no code" },
		{ "code=&state=x", "no code" },
		{ "code=a&code=b", "code is in it twice" },
		{ "code=a&code=a", "code is in it twice" },
		{ "code=a&%63ode=b", "code is in it twice" },
		{ "code=a&state=&state=x", "state is in it twice" },
		{ "code=a&iss=x&iss=y", "iss is in it twice" },
		{ "error=%ae", "error holds" },
		{ "error=a&error=b", "error is in it twice" },
		{ "error=a&code=b", "both an error" },
		{ "error=a&access_token=b", "both an error" },
		{ "error=a&id_token=b", "both an error" },
		{ "code=a%00b", "code holds" },
		{ "code=a&state=%0a", "state holds" },
		{ "code=a&iss=https%3A%2F%2Fas%C3%BC", "iss holds" },
		{ "access_token=a%20b", "access_token" },
		{ "access_token=a&token_type=mac", "token_type" },
		{ "access_token=a&token_type=bearer&token_type=bearer",
		  "token_type is in it twice" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		if (read_text(rows[i].text) == 0)
			fail_msg("taken: %s", rows[i].text);
		assert_non_null(strstr(fault.text, rows[i].words));
		assert_null(r.state);
		assert_null(r.code);
		assert_null(r.token);
		assert_null(r.iss);
	}
}

static int read_long(const char *before, size_t n)
{
	struct buf b = BUF_INIT(2 * LIMIT_AUTHORIZATION_RESPONSE);
	int rc;

	buf_add_z(&b, before);
	for (size_t i = 0; i < n; i++)
		buf_add_char(&b, 'x');
	rc = read_text(buf_z(&b));
	buf_fini(&b);
	return rc;
}

static void test_lengths(void **state)
{
	(void)state;
	assert_int_equal(read_long("code=", LIMIT_AUTHORIZATION_VALUE), 0);
	assert_int_equal(read_long("code=", LIMIT_AUTHORIZATION_VALUE + 1), -1);
	assert_non_null(strstr(fault.text, "code is longer"));
	assert_int_equal(read_long("access_token=", LIMIT_TOKEN_VALUE), 0);
	assert_int_equal(read_long("access_token=", LIMIT_TOKEN_VALUE + 1), -1);
	assert_int_equal(read_long("code=a&other=", LIMIT_TOKEN_VALUE + 1), 0);
	assert_int_equal(read_long("code=a&", 200), 0);
	assert_int_equal(read_long("code=a&x=", LIMIT_AUTHORIZATION_RESPONSE),
			 -1);
}

static int teardown(void **state)
{
	(void)state;
	authorization_response_fini(&r);
	return 0;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_renamed),
		cmocka_unit_test(test_kept),
		cmocka_unit_test(test_state),
		cmocka_unit_test(test_mistakes),
		cmocka_unit_test(test_code),
		cmocka_unit_test(test_error),
		cmocka_unit_test(test_token),
		cmocka_unit_test(test_hybrid),
		cmocka_unit_test(test_what_is_refused),
		cmocka_unit_test(test_lengths),
	};

	return cmocka_run_group_tests_name("oauth/authorization_response",
					   tests, NULL, teardown);
}
