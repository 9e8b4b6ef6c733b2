/* SPDX-License-Identifier: MIT */
#include "oauth/grant/grant.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "oauth/section.h"

static void expect_form(const char *lines, const char *form)
{
	struct section x = section_new(lines);
	struct token_request r;
	struct fault f;

	token_request_init(&r);
	assert_int_equal(grant_client_credentials.request(asking(&x), &r, &f),
			 0);
	assert_string_equal(form_of(&r), form);
	assert_null(fields_find(&r.fields, STR("Authorization")));
	token_request_fini(&r);
	section_free(&x);
}

static void test_requests(void **state)
{
	(void)state;
	expect_form("client_id = x\nclient_secret = y\n",
		    "grant_type=client_credentials");
	expect_form("scope = read write:all\n",
		    "grant_type=client_credentials&scope=read+write%3Aall");
	expect_form("audience = https://api/\nresource = urn:a\n"
		    "resource = urn:b\n",
		    "grant_type=client_credentials&audience=https%3A%2F%2Fapi"
		    "%2F&resource=urn%3Aa&resource=urn%3Ab");
}

static void test_too_long_a_request_fails(void **state)
{
	struct buf lines = BUF_INIT(400000);
	struct token_request r;
	struct fault f;

	(void)state;
	for (int i = 0; i < 60; i++) {
		buf_add_z(&lines, "resource = ");
		for (int n = 0; n < 5000; n++)
			buf_add_char(&lines, 'r');
		buf_add_char(&lines, '\n');
	}
	assert_true(buf_ok(&lines));
	struct section x = section_new(buf_z(&lines));

	token_request_init(&r);
	assert_int_equal(grant_client_credentials.request(asking(&x), &r, &f),
			 -1);
	assert_non_null(strstr(f.text, "too long"));
	token_request_fini(&r);
	section_free(&x);
	buf_fini(&lines);
}

static void test_row(void **state)
{
	(void)state;
	assert_true(grant_client_credentials.uses_client);
	assert_true(grant_client_credentials.repeatable);
	assert_ptr_equal(grant_client_credentials.check, grant_check_client);
	assert_null(grant_client_credentials.fixed);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_requests),
		cmocka_unit_test(test_too_long_a_request_fails),
		cmocka_unit_test(test_row),
	};

	return cmocka_run_group_tests_name("oauth/grant/client_credentials",
					   tests, NULL, NULL);
}
