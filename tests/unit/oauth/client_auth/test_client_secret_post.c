/* SPDX-License-Identifier: MIT */
#include "base/limits.h"
#include "oauth/client_auth/client_auth.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "oauth/section.h"

static const struct client_auth *const method =
	&client_auth_client_secret_post;

static void test_both_go_into_the_body(void **state)
{
	struct section x = section_new("client_id = a:b c\n"
				       "client_secret = +%/&\n");
	struct token_request r;
	struct fault f;

	(void)state;
	token_request_init(&r);
	token_request_param(&r, "grant_type", STR("client_credentials"));
	assert_int_equal(method->apply(asking(&x), &r, &f), 0);
	assert_string_equal(form_of(&r),
			    "grant_type=client_credentials&client_id=a%3Ab+c&"
			    "client_secret=%2B%25%2F%26");
	assert_null(fields_find(&r.fields, STR("Authorization")));
	token_request_fini(&r);
	section_free(&x);
}

static void test_a_full_form_fails(void **state)
{
	static char value[LIMIT_TOKEN_REQUEST - 2];
	struct section x = section_new("client_id = a\nclient_secret = b\n");
	struct token_request r;
	struct fault f;

	(void)state;
	memset(value, 'v', sizeof(value) - 1);
	token_request_init(&r);
	token_request_param(&r, "v", str_z(value));
	assert_int_equal(token_request_check(&r, NULL), 0);
	assert_int_equal(method->apply(asking(&x), &r, &f), -1);
	assert_non_null(strstr(f.text, "too long"));
	token_request_fini(&r);
	section_free(&x);
}

static void test_needs_both(void **state)
{
	(void)state;
	assert_ptr_equal(method->check, client_auth_check_secret);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_both_go_into_the_body),
		cmocka_unit_test(test_a_full_form_fails),
		cmocka_unit_test(test_needs_both),
	};

	return cmocka_run_group_tests_name("oauth/client_auth/"
					   "client_secret_post",
					   tests, NULL, NULL);
}
