/* SPDX-License-Identifier: MIT */
#include "oauth/grant.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "oauth/section.h"

static void test_find_lists_the_names(void **state)
{
	struct fault f;

	(void)state;
	for (size_t i = 0; grants[i]; i++)
		assert_ptr_equal(grant_find(grants[i]->name, &f), grants[i]);
	assert_null(grant_find("client-credentials", &f));
	for (size_t i = 0; grants[i]; i++)
		assert_non_null(strstr(f.text, grants[i]->name));
	assert_non_null(strstr(f.text, "\"client-credentials\""));
	assert_null(grant_find("", &f));
}

static void test_what_is_named_or_meant(void **state)
{
	static const struct {
		const char *lines;
		const struct grant *grant;
	} rows[] = {
		{ "", &grant_none },
		{ "scope = x\n", &grant_none },
		{ "client_id = x\n", &grant_client_credentials },
		{ "access_token = x\n", &grant_static },
		{ "client_id = x\naccess_token = x\n", &grant_static },
		{ "grant_type = none\naccess_token = x\n", &grant_none },
		{ "grant_type = client_credentials\n",
		  &grant_client_credentials },
		{ "grant_type = static\nclient_id = x\n", &grant_static },
		{ "grant_type = password\n", NULL },
	};
	struct fault f;

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct section x = section_new(rows[i].lines);

		assert_ptr_equal(grant_of(x.s, &f), rows[i].grant);
		section_free(&x);
	}
}

static void test_client_check(void **state)
{
	static const struct {
		const char *lines, *key; /* NULL: fine */
	} rows[] = {
		{ "client_id = x\ntoken_endpoint = https://as.example/t\n",
		  NULL },
		{ "client_id = x\ntoken_endpoint = HTTPS://as.example/t?a=b\n",
		  NULL },
		{ "client_id = x\ntoken_endpoint = http://127.0.0.1:8/t\n",
		  NULL },
		{ "client_id = x\ntoken_endpoint = http://localhost/t\n",
		  NULL },
		{ "client_id = x\ntoken_endpoint = http://[::1]:80/t\n", NULL },
		{ "client_id = x\ntoken_endpoint = http://as.example/t\n",
		  "token_endpoint" },
		{ "client_id = x\ntoken_endpoint = https://u:p@as.example/t\n",
		  "token_endpoint" },
		{ "client_id = x\n", "token_endpoint" },
		{ "token_endpoint = https://as.example/t\n", "client_id" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct section x = section_new(rows[i].lines);
		const char *key = NULL;
		struct fault f;
		int rc = grant_check_client(x.s, &key, &f);

		assert_int_equal(rc, rows[i].key ? -1 : 0);
		if (rc < 0) {
			assert_string_equal(key, rows[i].key);
			assert_non_null(strstr(f.text, key));
		}
		section_free(&x);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_find_lists_the_names),
		cmocka_unit_test(test_what_is_named_or_meant),
		cmocka_unit_test(test_client_check),
	};

	return cmocka_run_group_tests_name("oauth/grant", tests, NULL, NULL);
}
