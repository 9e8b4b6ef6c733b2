/* SPDX-License-Identifier: MIT */
#include "oauth/grant/grant.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "oauth/section.h"

#define CLIENT "client_id = x\ntoken_endpoint = https://as.example/t\n"
#define DEVICE "device_authorization_endpoint = https://as.example/d\n"

static void test_request(void **state)
{
	struct section x = section_new(CLIENT DEVICE "scope = a\n");
	struct secret *code = secret_new(STR("GmRh/1"));
	struct token_asking a = *asking(&x);
	struct token_request r;
	struct fault f;

	(void)state;
	a.device_code = code;
	token_request_init(&r);
	assert_int_equal(grant_device_code.request(&a, &r, &f), 0);
	assert_string_equal(form_of(&r),
			    "grant_type=urn%3Aietf%3Aparams%3Aoauth%3A"
			    "grant-type%3Adevice_code&device_code=GmRh%2F1");
	token_request_fini(&r);
	secret_unref(&code);
	section_free(&x);
}

static void test_check(void **state)
{
	static const struct {
		const char *lines, *key; /* NULL: fine */
	} rows[] = {
		{ CLIENT DEVICE, NULL },
		{ CLIENT, "device_authorization_endpoint" },
		{ CLIENT "device_authorization_endpoint = "
		  "http://as.example/d\n", "device_authorization_endpoint" },
		{ DEVICE "client_id = x\n", "token_endpoint" },
		{ DEVICE "token_endpoint = https://as.example/t\n",
		  "client_id" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct section x = section_new(rows[i].lines);
		const char *key = NULL;
		struct fault f;
		int rc = grant_device_code.check(x.s, &key, &f);

		assert_int_equal(rc, rows[i].key ? -1 : 0);
		if (rc < 0) {
			assert_string_equal(key, rows[i].key);
			assert_non_null(strstr(f.text, key));
		}
		section_free(&x);
	}
}

static void test_row(void **state)
{
	struct section x = section_new(CLIENT DEVICE);
	struct fault f;

	(void)state;
	assert_false(grant_device_code.infer(x.s));
	section_free(&x);
	assert_ptr_equal(grant_find("urn:ietf:params:oauth:grant-type:"
				    "device_code", &f), &grant_device_code);
	assert_true(grant_device_code.person);
	assert_false(grant_device_code.repeatable);
	assert_null(grant_device_code.response_type);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_request),
		cmocka_unit_test(test_check),
		cmocka_unit_test(test_row),
	};

	return cmocka_run_group_tests_name("oauth/grant/device_code", tests,
					   NULL, NULL);
}
