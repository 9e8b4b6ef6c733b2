/* SPDX-License-Identifier: MIT */
/* Token requests while they are built. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "oauth/request.h"

static void test_begins_with_its_fields(void **state)
{
	struct token_request r;

	(void)state;
	token_request_init(&r);
	assert_int_equal(r.fields.n, 2);
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
	static char value[TOKEN_REQUEST_MAX + 1];
	struct token_request r;

	(void)state;
	memset(value, 'v', sizeof(value) - 1);
	token_request_init(&r);
	token_request_param(&r, "v", str_z(value));
	assert_int_equal(token_request_check(&r, NULL), -1);
	token_request_fini(&r);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_begins_with_its_fields),
		cmocka_unit_test(test_encodes_parameters),
		cmocka_unit_test(test_fields_are_copied),
		cmocka_unit_test(test_too_long_a_form_fails),
	};

	return cmocka_run_group_tests_name("oauth/request", tests, NULL, NULL);
}
