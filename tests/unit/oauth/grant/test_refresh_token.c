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

static void test_request_with_the_seed(void **state)
{
	struct section x = section_new("refresh_token = 1//0a b\n"
				       "scope = one two\nresource = urn:a\n");
	struct token_request r;
	struct secret *seed;
	struct fault f;

	(void)state;
	token_request_init(&r);
	assert_int_equal(grant_refresh_token.request(asking(&x), &r, &f), 0);
	assert_string_equal(form_of(&r),
			    "grant_type=refresh_token"
			    "&refresh_token=1%2F%2F0a+b&scope=one+two"
			    "&resource=urn%3Aa");
	token_request_fini(&r);
	seed = grant_refresh_token.seed(x.s);
	assert_true(secret_eq_str(seed, STR("1//0a b")));
	secret_unref(&seed);
	section_free(&x);
}

static void test_check(void **state)
{
	static const struct {
		const char *lines, *key; /* NULL: fine */
	} rows[] = {
		{ CLIENT "refresh_token = r\n", NULL },
		{ CLIENT, "refresh_token" },
		{ "refresh_token = r\nclient_id = x\n", "token_endpoint" },
		{ "refresh_token = r\ntoken_endpoint = https://as.example/\n",
		  "client_id" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct section x = section_new(rows[i].lines);
		const char *key = NULL;
		struct fault f;
		int rc = grant_refresh_token.check(x.s, &key, &f);

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
	assert_true(grant_refresh_token.uses_client);
	assert_false(grant_refresh_token.repeatable);
	assert_non_null(grant_refresh_token.remedy);
	assert_null(grant_refresh_token.fixed);
	assert_null(grant_refresh_token.user);
	assert_int_equal(grant_refresh_token.table->nkeys, 1);
	assert_int_equal(grant_refresh_token.table->keys[0].flags,
			 CONFIG_SECRET);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_request_with_the_seed),
		cmocka_unit_test(test_check),
		cmocka_unit_test(test_row),
	};

	return cmocka_run_group_tests_name("oauth/grant/refresh_token", tests,
					   NULL, NULL);
}
