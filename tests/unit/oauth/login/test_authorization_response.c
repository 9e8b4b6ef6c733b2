/* SPDX-License-Identifier: MIT */
#include "base/limits.h"
#include "oauth/login/authorization_response.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

static struct authorization_response r;
static struct fault fault;

static int read_text(const char *text)
{
	authorization_response_fini(&r);
	fault.text[0] = '\0';
	return authorization_response_read(str_z(text), 77, &r, &fault);
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
