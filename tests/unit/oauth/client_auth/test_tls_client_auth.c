/* SPDX-License-Identifier: MIT */
#include "oauth/client_auth/client_auth.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "oauth/section.h"

static const struct client_auth *const method =
	&client_auth_tls_client_auth;

#define CLIENT "client_id = a b\nclient_certificate = /c.pem\n"

/* RFC 8705 §2: client_id is there, and the proof is in the connection. */
static void test_only_the_name_goes(void **state)
{
	struct section x = section_new(CLIENT);
	struct token_request r;
	struct fault f;

	(void)state;
	token_request_init(&r);
	assert_int_equal(method->apply(asking(&x), &r, &f), 0);
	assert_string_equal(form_of(&r), "client_id=a+b");
	assert_null(fields_find(&r.fields, STR("Authorization")));
	token_request_fini(&r);
	section_free(&x);
}

static void test_check(void **state)
{
	static const struct {
		const char *lines, *key; /* NULL: fine */
	} rows[] = {
		{ CLIENT "token_endpoint = https://as.example/t\n", NULL },
		{ CLIENT "client_private_key = /k.pem\n"
		  "token_endpoint = https://as.example/t\n", NULL },
		{ CLIENT "token_endpoint = http://127.0.0.1:8/t\n",
		  "token_endpoint" },
		{ CLIENT "token_endpoint = https://as.example/t\n"
		  "revocation_endpoint = http://127.0.0.1:8/r\n",
		  "revocation_endpoint" },
		{ CLIENT "token_endpoint = https://as.example/t\n"
		  "authorization_endpoint = http://127.0.0.1:8/a\n", NULL },
		{ "client_id = x\n", "client_certificate" },
		{ "client_certificate = /c.pem\n", "client_id" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct section x = section_new(rows[i].lines);
		const char *key = NULL;
		struct fault f;
		int rc = method->check(x.s, &key, &f);

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
	(void)state;
	assert_true(method->shows_certificate);
	assert_null(method->prepare);
	assert_true(client_auth_uses(method, STR("client_certificate")));
	assert_false(client_auth_uses(method, STR("client_secret")));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_only_the_name_goes),
		cmocka_unit_test(test_check),
		cmocka_unit_test(test_row),
	};

	return cmocka_run_group_tests_name("oauth/client_auth/"
					   "tls_client_auth",
					   tests, NULL, NULL);
}
