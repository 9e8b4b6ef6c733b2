/* SPDX-License-Identifier: MIT */
#include "oauth/grant/grant.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "oauth/section.h"

#define ALL                                                                 \
	"client_id = x\ntoken_endpoint = https://as.example/t\n"            \
	"authorization_endpoint = https://as.example/a\n"

static void expect_form(const char *lines, const struct secret *verifier,
			const char *form)
{
	struct section x = section_new(lines);
	struct secret *code = secret_new(STR("c/1"));
	struct token_asking a = *asking(&x);
	struct token_request r;
	struct fault f;

	a.code = code;
	a.redirect_uri = "http://127.0.0.1/-/callback/api";
	a.verifier = verifier;
	token_request_init(&r);
	assert_int_equal(grant_authorization_code.request(&a, &r, &f), 0);
	assert_string_equal(form_of(&r), form);
	token_request_fini(&r);
	secret_unref(&code);
	section_free(&x);
}

static void test_requests(void **state)
{
	struct secret *verifier = secret_new(STR("v-1"));

	(void)state;
	expect_form(ALL "scope = a\nresource = urn:a\n", verifier,
		    "grant_type=authorization_code&code=c%2F1&redirect_uri="
		    "http%3A%2F%2F127.0.0.1%2F-%2Fcallback%2Fapi"
		    "&code_verifier=v-1&resource=urn%3Aa");
	expect_form(ALL, NULL,
		    "grant_type=authorization_code&code=c%2F1&redirect_uri="
		    "http%3A%2F%2F127.0.0.1%2F-%2Fcallback%2Fapi");
	secret_unref(&verifier);
}

static void test_check(void **state)
{
	static const struct {
		const char *lines, *key; /* NULL: fine */
	} rows[] = {
		{ ALL, NULL },
		{ ALL "pkce = no\n", NULL },
		{ "token_endpoint = https://as.example/t\n"
		  "authorization_endpoint = https://as.example/a\n",
		  "client_id" },
		{ "client_id = x\n"
		  "authorization_endpoint = https://as.example/a\n",
		  "token_endpoint" },
		{ "client_id = x\ntoken_endpoint = https://as.example/t\n",
		  "authorization_endpoint" },
		{ ALL "response_type = token\n", "response_type" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct section x = section_new(rows[i].lines);
		const char *key = NULL;
		struct fault f;
		int rc = grant_authorization_code.check(x.s, &key, &f);

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
	struct section x = section_new(ALL);

	(void)state;
	assert_true(grant_authorization_code.infer(x.s));
	section_free(&x);
	x = section_new("client_id = x\n");
	assert_false(grant_authorization_code.infer(x.s));
	section_free(&x);
	assert_true(grant_has_tokens(&grant_authorization_code));
	assert_true(grant_authorization_code.person);
	assert_false(grant_authorization_code.repeatable);
	assert_string_equal(grant_authorization_code.response_type, "code");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_requests),
		cmocka_unit_test(test_check),
		cmocka_unit_test(test_row),
	};

	return cmocka_run_group_tests_name("oauth/grant/authorization_code",
					   tests, NULL, NULL);
}
