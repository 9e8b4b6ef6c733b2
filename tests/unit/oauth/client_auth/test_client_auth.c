/* SPDX-License-Identifier: MIT */
#include "oauth/client_auth/client_auth.h"

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
	for (size_t i = 0; client_auths[i]; i++)
		assert_ptr_equal(client_auth_find(client_auths[i]->name, &f),
				 client_auths[i]);
	assert_null(client_auth_find("basic", &f));
	for (size_t i = 0; client_auths[i]; i++)
		assert_non_null(strstr(f.text, client_auths[i]->name));
	assert_non_null(strstr(f.text, "\"basic\""));
}

static void test_what_is_named_or_meant(void **state)
{
	static const struct {
		const char *lines;
		const struct client_auth *method;
	} rows[] = {
		{ "client_id = x\n", &client_auth_none },
		{ "client_id = x\nclient_secret = y\n",
		  &client_auth_client_secret_basic },
		/* A key alone, where the metadata can say what it is for. */
		{ "client_id = x\nissuer = https://as.test\n"
		  "client_private_key = k.pem\n",
		  &client_auth_private_key_jwt },
		{ "client_id = x\nclient_private_key = k.pem\n",
		  &client_auth_none },
		{ "client_id = x\nissuer = https://as.test\n"
		  "client_private_key = k.pem\nclient_certificate = c.pem\n",
		  &client_auth_none },
		{ "client_id = x\nissuer = https://as.test\n"
		  "client_secret = y\nclient_private_key = k.pem\n",
		  &client_auth_client_secret_basic },
		{ "token_endpoint_auth_method = client_secret_basic\n",
		  &client_auth_client_secret_basic },
		{ "token_endpoint_auth_method = client_secret_post\n",
		  &client_auth_client_secret_post },
		{ "token_endpoint_auth_method = none\nclient_secret = y\n",
		  &client_auth_none },
		{ "token_endpoint_auth_method = hook\n", &client_auth_hook },
		{ "token_endpoint_auth_method = hooks\n", NULL },
	};
	struct fault f;

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct section x = section_new(rows[i].lines);

		assert_ptr_equal(client_auth_of(x.s, &f), rows[i].method);
		section_free(&x);
	}
}

static void test_secret_check(void **state)
{
	static const struct {
		const char *lines, *key; /* NULL: fine */
	} rows[] = {
		{ "client_id = x\nclient_secret = y\n", NULL },
		{ "client_secret = y\n", "client_id" },
		{ "client_id = x\n", "client_secret" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct section x = section_new(rows[i].lines);
		const char *key = NULL;
		struct fault f;
		int rc = client_auth_check_secret(x.s, &key, &f);

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
		cmocka_unit_test(test_secret_check),
	};

	return cmocka_run_group_tests_name("oauth/client_auth", tests, NULL,
					   NULL);
}
