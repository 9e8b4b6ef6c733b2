/* SPDX-License-Identifier: MIT */
#include "http/challenge.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

static struct buf out = BUF_INIT(100);

static int end(void **state)
{
	(void)state;
	buf_fini(&out);
	return 0;
}

static struct str next(struct str *rest, const char *expected)
{
	struct str scheme, params;

	assert_true(challenge_next(rest, &scheme, &params));
	assert_true(str_eq_z(scheme, expected));
	return params;
}

static void assert_end(struct str *rest)
{
	struct str scheme, params;

	assert_false(challenge_next(rest, &scheme, &params));
}

static void assert_param(struct str params, const char *name,
			 const char *value)
{
	assert_true(challenge_param(params, str_z(name), &out));
	assert_string_equal(buf_z(&out), value);
}

static void test_bearer(void **state)
{
	struct str rest = STR("Bearer realm=\"example\", "
			      "error=\"invalid_token\", error_description="
			      "\"The access token expired\"");

	(void)state;
	struct str params = next(&rest, "Bearer");

	assert_param(params, "realm", "example");
	assert_param(params, "ERROR", "invalid_token");
	assert_param(params, "error_description", "The access token expired");
	assert_false(challenge_param(params, STR("scope"), &out));
	assert_int_equal(out.n, 0);
	assert_false(challenge_param(params, STR("erro"), &out));
	assert_end(&rest);
}

static void test_several(void **state)
{
	struct str rest = STR("Newauth realm=\"apps\", type=1, title=\"Login "
			      "to \\\"apps\\\"\", Basic realm=\"simple\"");
	struct str params = next(&rest, "Newauth");

	(void)state;
	assert_param(params, "type", "1");
	assert_param(params, "title", "Login to \"apps\"");
	assert_false(challenge_param(params, STR("Basic"), &out));
	params = next(&rest, "Basic");
	assert_param(params, "realm", "simple");
	assert_false(challenge_param(params, STR("title"), &out));
	assert_end(&rest);
}

static void test_without_parameters(void **state)
{
	struct str rest = STR(" , Negotiate,Bearer , Basic realm=x,,");
	struct str params = next(&rest, "Negotiate");

	(void)state;
	assert_int_equal(params.n, 0);
	assert_int_equal(next(&rest, "Bearer").n, 0);
	assert_param(next(&rest, "Basic"), "realm", "x");
	assert_end(&rest);
	rest = STR("Bearer");
	assert_int_equal(next(&rest, "Bearer").n, 0);
	assert_end(&rest);
	rest = STR("Bearer  ");
	assert_int_equal(next(&rest, "Bearer").n, 0);
	assert_end(&rest);
}

static void test_token68(void **state)
{
	struct str rest = STR("Negotiate YII+/-._~09==, Bearer a=b, NTLM "
			      "TlRM");

	(void)state;
	assert_true(str_eq_z(next(&rest, "Negotiate"), "YII+/-._~09=="));
	assert_param(next(&rest, "Bearer"), "a", "b");
	assert_true(str_eq_z(next(&rest, "NTLM"), "TlRM"));
	assert_end(&rest);
}

static void test_space_around_equals(void **state)
{
	struct str rest = STR("DPoP\terror = \"use_dpop_nonce\"\t,algs =ES256");
	struct str params = next(&rest, "DPoP");

	(void)state;
	assert_param(params, "error", "use_dpop_nonce");
	assert_param(params, "algs", "ES256");
}

static void test_quotes_hide_commas(void **state)
{
	struct str rest = STR("Bearer a=\"x, Basic realm=y, error=z\", b=\"\","
			      " c=\"\\\\\\,\", Basic realm=w");
	struct str params = next(&rest, "Bearer");

	(void)state;
	assert_param(params, "a", "x, Basic realm=y, error=z");
	assert_param(params, "b", "");
	assert_param(params, "c", "\\,");
	assert_false(challenge_param(params, STR("error"), &out));
	assert_param(next(&rest, "Basic"), "realm", "w");
	assert_end(&rest);
}

static void test_urls_without_quotes(void **state)
{
	struct str rest = STR("Bearer authorization_uri=https://a.example/x?y"
			      "=z, error=invalid_token");
	struct str params = next(&rest, "Bearer");

	(void)state;
	assert_param(params, "authorization_uri", "https://a.example/x?y=z");
	assert_param(params, "error", "invalid_token");
}

static void test_first_of_two_counts(void **state)
{
	(void)state;
	assert_param(STR("error=a, error=b"), "error", "a");
}

static void test_what_is_none(void **state)
{
	static const char *const BAD[] = {
		"", " ", ",", ",, ,", "=", "\"x\"", "a=b", "a =b", "Bearer@x",
		"realm=\"x\"", "(", "\xc3\xa4",
	};

	(void)state;
	for (size_t i = 0; i < sizeof(BAD) / sizeof(BAD[0]); i++) {
		struct str rest = str_z(BAD[i]);

		assert_end(&rest);
	}
	struct str rest = { NULL, 0 };

	assert_end(&rest);
}

static void test_broken_parameters(void **state)
{
	struct str rest = STR("Bearer a=1, b=\"unterminated, Basic realm=x");
	struct str params = next(&rest, "Bearer");

	(void)state;
	assert_param(params, "a", "1");
	assert_false(challenge_param(params, STR("b"), &out));
	assert_false(challenge_param(params, STR("realm"), &out));
	assert_end(&rest);

	rest = STR("Bearer a=1, b=, Basic realm=x");
	params = next(&rest, "Bearer");
	assert_param(params, "a", "1");
	assert_false(challenge_param(params, STR("b"), &out));
	assert_end(&rest);

	rest = STR("Bearer a=\"x\\");
	assert_false(challenge_param(next(&rest, "Bearer"), STR("a"), &out));
	rest = STR("Bearer @, error=x");
	assert_int_equal(next(&rest, "Bearer").n, 0);
	assert_end(&rest);
	assert_false(challenge_param(STR("YII="), STR("YII"), &out));
	assert_false(challenge_param((struct str){ NULL, 0 }, STR("a"),
				     &out));
}

static void test_too_long_a_value(void **state)
{
	struct buf small = BUF_INIT(3);

	(void)state;
	assert_false(challenge_param(STR("a=1234, b=1"), STR("a"), &small));
	assert_true(challenge_param(STR("a=1234, b=1"), STR("b"), &small));
	buf_fini(&small);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_bearer),
		cmocka_unit_test(test_several),
		cmocka_unit_test(test_without_parameters),
		cmocka_unit_test(test_token68),
		cmocka_unit_test(test_space_around_equals),
		cmocka_unit_test(test_quotes_hide_commas),
		cmocka_unit_test(test_urls_without_quotes),
		cmocka_unit_test(test_first_of_two_counts),
		cmocka_unit_test(test_what_is_none),
		cmocka_unit_test(test_broken_parameters),
		cmocka_unit_test(test_too_long_a_value),
	};

	return cmocka_run_group_tests(tests, NULL, end);
}
