/* SPDX-License-Identifier: MIT */
/* Token requests while they are built. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/limits.h"
#include "oauth/section.h"

#include "oauth/request.h"

static void test_begins_with_its_fields(void **state)
{
	struct token_request r;

	(void)state;
	token_request_init(&r);
	assert_int_equal(r.fields.n, 4);
	assert_true(str_eq_z(
		fields_find(&r.fields, STR("Accept-Encoding"))->value,
		"identity"));
	assert_true(str_starts(fields_find(&r.fields, STR("User-Agent"))->value,
			       STR("bearerd/")));
	assert_true(str_eq_z(r.method, "POST"));
	assert_int_equal(r.phase, PHASE_ACCESS_TOKEN);
	assert_true(str_eq_z(fields_find(&r.fields, STR("Accept"))->value,
			     "application/json"));
	assert_true(str_eq_z(fields_find(&r.fields, STR("Content-Type"))->value,
			     "application/x-www-form-urlencoded"));
	assert_int_equal(r.nparams, 0);
	token_request_fini(&r);
	assert_int_equal(r.fields.n, 0);
}

/* RFC 6749 appendix B's own example. */
static void test_encodes_parameters(void **state)
{
	struct token_request r;

	(void)state;
	token_request_init(&r);
	token_request_param(&r, "a", STR(" %&+\xc2\xa3\xe2\x82\xac"));
	token_request_param(&r, "b", STR(""));
	token_request_param(&r, "c", str_z(NULL));
	token_request_param(&r, "r", STR("https://x/?y=1"));
	token_request_param(&r, "r", STR("2"));
	assert_string_equal(form_of(&r),
			    "a=+%25%26%2B%C2%A3%E2%82%AC&"
			    "r=https%3A%2F%2Fx%2F%3Fy%3D1&r=2");
	token_request_fini(&r);
}

static void test_fields_are_copied(void **state)
{
	struct token_request r;
	char value[] = "one";

	(void)state;
	token_request_init(&r);
	token_request_field(&r, STR("X-Test"), str_z(value));
	memset(value, 'x', 3);
	assert_true(str_eq_z(fields_find(&r.fields, STR("x-test"))->value,
			     "one"));
	token_request_fini(&r);
}

static void test_too_long_a_form_fails(void **state)
{
	static char value[LIMIT_TOKEN_REQUEST + 1];
	struct token_request r;

	(void)state;
	memset(value, 'v', sizeof(value) - 1);
	token_request_init(&r);
	token_request_param(&r, "v", str_z(value));
	assert_int_equal(token_request_check(&r, NULL), -1);
	token_request_fini(&r);
}

static void test_set_and_drop(void **state)
{
	struct token_request r;

	(void)state;
	token_request_init(&r);
	for (int i = 0; i < 20; i++) {
		token_request_param(&r, "many", STR("m"));
		token_request_param(&r, "a", STR("1"));
	}
	token_request_param(&r, "b", STR("2"));
	token_request_drop(&r, STR("many"));
	token_request_drop(&r, STR("absent"));
	token_request_set(&r, STR("a"), STR("one"));
	token_request_set(&r, STR("c"), STR("3"));
	token_request_set(&r, STR("A"), STR(""));
	assert_string_equal(form_of(&r), "a=one&b=2&c=3&A=");
	token_request_client_id(&r, "x");
	token_request_client_id(&r, "y");
	token_request_client_id(&r, NULL);
	token_request_drop(&r, STR("a"));
	assert_string_equal(form_of(&r), "b=2&c=3&A=&client_id=x");
	token_request_fini(&r);
}

static void test_json(void **state)
{
	struct token_request r;
	struct fault f;

	(void)state;
	token_request_init(&r);
	r.format = TOKEN_JSON;
	token_request_param(&r, "a", STR("\"\n\xc3\xb6"));
	token_request_param(&r, "resource", STR("1"));
	token_request_param(&r, "b", STR("true"));
	token_request_param(&r, "resource", STR("2"));
	assert_int_equal(token_request_finish(&r, STR("/t?x"), &f), 0);
	assert_string_equal(buf_z(&r.body),
			    "{\"a\":\"\\\"\\n\xc3\xb6\","
			    "\"resource\":[\"1\",\"2\"],\"b\":\"true\"}");
	assert_true(str_eq_z(r.target, "/t?x"));
	token_request_fini(&r);
	token_request_init(&r);
	r.format = TOKEN_JSON;
	token_request_param(&r, "latin", STR("\xe4"));
	assert_int_equal(token_request_finish(&r, STR("/"), &f), -1);
	assert_non_null(strstr(f.text, "latin is not UTF-8"));
	token_request_fini(&r);
}

static void expect_query(const char *target, const char *whole)
{
	struct token_request r;

	token_request_init(&r);
	r.format = TOKEN_QUERY;
	token_request_param(&r, "a b", STR("1 &"));
	token_request_param(&r, "c", STR("2"));
	assert_int_equal(token_request_finish(&r, str_z(target), NULL), 0);
	assert_true(str_eq_z(r.target, whole));
	assert_int_equal(r.body.n, 0);
	token_request_fini(&r);
}

static void test_query(void **state)
{
	(void)state;
	expect_query("/t", "/t?a%20b=1%20%26&c=2");
	expect_query("/t?x=1", "/t?x=1&a%20b=1%20%26&c=2");
}

static void test_too_long_once_it_is_encoded(void **state)
{
	static char value[LIMIT_TOKEN_REQUEST / 2];
	struct token_request r;
	struct fault f;

	(void)state;
	memset(value, '%', sizeof(value) - 1);
	token_request_init(&r);
	token_request_param(&r, "v", str_z(value));
	assert_int_equal(token_request_check(&r, &f), 0);
	assert_int_equal(token_request_finish(&r, STR("/"), &f), -1);
	assert_string_equal(f.text, "the token request is too long");
	token_request_fini(&r);
}

static void test_secrets_are_noted(void **state)
{
	struct secret *s = secret_new(STR("s3cret"));
	struct token_request r;

	(void)state;
	token_request_init(&r);
	for (int i = 0; i < 40; i++)
		token_request_secret(&r, "s", s);
	secret_unref(&s);
	assert_int_equal(r.nsecrets, 40);
	assert_true(secret_eq_str(r.secrets[39], STR("s3cret")));
	token_request_fini(&r);
	assert_int_equal(r.nsecrets, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_begins_with_its_fields),
		cmocka_unit_test(test_encodes_parameters),
		cmocka_unit_test(test_fields_are_copied),
		cmocka_unit_test(test_too_long_a_form_fails),
		cmocka_unit_test(test_set_and_drop),
		cmocka_unit_test(test_json),
		cmocka_unit_test(test_query),
		cmocka_unit_test(test_too_long_once_it_is_encoded),
		cmocka_unit_test(test_secrets_are_noted),
	};

	return cmocka_run_group_tests_name("oauth/request", tests, NULL, NULL);
}
