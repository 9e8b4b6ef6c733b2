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

static void test_only_the_name_goes(void **state)
{
	struct section x = section_new("client_id = a b\n"
				       "client_secret = y\n");
	struct token_request r;
	const char *key;
	struct fault f;

	(void)state;
	assert_int_equal(client_auth_none.check(x.s, &key, &f), 0);
	token_request_init(&r);
	assert_int_equal(client_auth_none.apply(asking(&x), &r, &f), 0);
	assert_string_equal(form_of(&r), "client_id=a+b");
	assert_null(fields_find(&r.fields, STR("Authorization")));
	token_request_fini(&r);
	section_free(&x);
}

static void test_needs_a_name(void **state)
{
	struct section x = section_new("client_secret = y\n");
	const char *key = NULL;
	struct fault f;

	(void)state;
	assert_int_equal(client_auth_none.check(x.s, &key, &f), -1);
	assert_string_equal(key, "client_id");
	section_free(&x);
}

static void test_a_full_form_fails(void **state)
{
	static char value[LIMIT_TOKEN_REQUEST - 2];
	struct section x = section_new("client_id = a\n");
	struct token_request r;
	struct fault f;

	(void)state;
	memset(value, 'v', sizeof(value) - 1);
	token_request_init(&r);
	token_request_param(&r, "v", str_z(value));
	assert_int_equal(token_request_check(&r, NULL), 0);
	assert_int_equal(client_auth_none.apply(asking(&x), &r, &f), -1);
	assert_non_null(strstr(f.text, "too long"));
	token_request_fini(&r);
	section_free(&x);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_only_the_name_goes),
		cmocka_unit_test(test_needs_a_name),
		cmocka_unit_test(test_a_full_form_fails),
	};

	return cmocka_run_group_tests_name("oauth/client_auth/none", tests,
					   NULL, NULL);
}
