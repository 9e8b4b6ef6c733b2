/* SPDX-License-Identifier: MIT */
#include "base/limits.h"
#include "oauth/grant/grant.h"

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
		{ "client_id = x\nassertion_issuer = x\n", &grant_jwt_bearer },
		{ "refresh_token = x\nservice_account_file = /x\n",
		  &grant_jwt_bearer },
		{ "client_id = x\naccess_token = x\n", &grant_static },
		{ "grant_type = none\naccess_token = x\n", &grant_none },
		{ "grant_type = client_credentials\n",
		  &grant_client_credentials },
		{ "grant_type = static\nclient_id = x\n", &grant_static },
		{ "grant_type = password\n", &grant_password },
		{ "grant_type = refresh_token\n", &grant_refresh_token },
		{ "grant_type = implicit\n", &grant_implicit },
		{ "grant_type = saml2-bearer\n", NULL },
		{ "grant_type = urn:ietf:params:oauth:grant-type:device_code\n",
		  &grant_device_code },
		/* the first one that is there */
		{ "access_token = x\nrefresh_token = x\nusername = x\n"
		  "password = x\nclient_id = x\n", &grant_static },
		{ "refresh_token = x\nusername = x\npassword = x\n"
		  "client_id = x\n", &grant_refresh_token },
		{ "username = x\npassword = x\nclient_id = x\n",
		  &grant_password },
		{ "username = x\npassword = x\n"
		  "authorization_endpoint = https://as.example/\n",
		  &grant_password },
		{ "client_id = x\n"
		  "authorization_endpoint = https://as.example/\n",
		  &grant_authorization_code },
		{ "username = x\nclient_id = x\n",
		  &grant_client_credentials },
		{ "password = x\nclient_id = x\n",
		  &grant_client_credentials },
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
		{ "client_id = x\ntoken_endpoint = https://as.example/t\n"
		  "refresh_endpoint = https://as.example/r\n", NULL },
		{ "client_id = x\ntoken_endpoint = https://as.example/t\n"
		  "refresh_endpoint = http://as.example/r\n",
		  "refresh_endpoint" },
		{ "client_id = x\ntoken_endpoint = https://as.example/t\n"
		  "refresh_endpoint = https://u@as.example/r\n",
		  "refresh_endpoint" },
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

/* RFC 6749 §6: no scope where it was asked for before; what the session
 * begins with may be narrowed. */
static void test_refresh(void **state)
{
	struct section x = section_new("scope = one\naudience = api\n"
				       "resource = urn:a\nresource = urn:b\n");
	struct secret *refresh_token = secret_new(STR("r/1"));
	static const struct {
		const struct grant *grant;
		const char *form;
	} rows[] = {
		{ &grant_password,
		  "grant_type=refresh_token&refresh_token=r%2F1&audience=api"
		  "&resource=urn%3Aa&resource=urn%3Ab" },
		{ &grant_client_credentials,
		  "grant_type=refresh_token&refresh_token=r%2F1&audience=api"
		  "&resource=urn%3Aa&resource=urn%3Ab" },
		{ &grant_refresh_token,
		  "grant_type=refresh_token&refresh_token=r%2F1&scope=one"
		  "&audience=api&resource=urn%3Aa&resource=urn%3Ab" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct token_request r;
		struct fault f;

		token_request_init(&r);
		assert_int_equal(grant_refresh(rows[i].grant, x.s,
					       refresh_token, &r, &f), 0);
		assert_string_equal(form_of(&r), rows[i].form);
		token_request_fini(&r);
	}
	secret_unref(&refresh_token);
	section_free(&x);
}

static void test_refresh_that_is_too_long(void **state)
{
	struct section x = section_new("client_id = x\n");
	struct buf b = BUF_INIT(LIMIT_TOKEN_REQUEST + 1);
	struct secret *refresh_token;
	struct token_request r;
	struct fault f;

	(void)state;
	for (int i = 0; i < LIMIT_TOKEN_REQUEST; i++)
		buf_add_char(&b, 'r');
	refresh_token = secret_take(&b);
	token_request_init(&r);
	assert_int_equal(grant_refresh(&grant_password, x.s, refresh_token, &r,
				       &f), -1);
	assert_non_null(strstr(f.text, "too long"));
	token_request_fini(&r);
	secret_unref(&refresh_token);
	buf_fini(&b);
	section_free(&x);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_find_lists_the_names),
		cmocka_unit_test(test_what_is_named_or_meant),
		cmocka_unit_test(test_client_check),
		cmocka_unit_test(test_refresh),
		cmocka_unit_test(test_refresh_that_is_too_long),
	};

	return cmocka_run_group_tests_name("oauth/grant", tests, NULL, NULL);
}
