/* SPDX-License-Identifier: MIT */
#include <string.h>

#include "oauth/login/id_token.h"
#include "oauth/section.h"

#define LOGIN                                        \
	"authorization_endpoint = https://as.test/a\n" \
	"token_endpoint = https://as.test/t\nclient_id = c\n"
#define ISSUER "issuer = https://as.test\n"
#define SECRET32 "client_secret = 0123456789abcdef0123456789abcdef\n"

static const struct grant *const code = &grant_authorization_code;

static void what_is_verified(void **state)
{
	static const struct {
		const struct grant *grant;
		const char *lines;
		bool verified;
	} rows[] = {
		{ &grant_authorization_code, "scope = openid\n", true },
		{ &grant_authorization_code, "scope = x openid y\n", true },
		{ &grant_authorization_code, "scope = openids\n", false },
		{ &grant_authorization_code, "client_id = x\n", false },
		{ &grant_implicit, "scope = openid\n", true },
		{ &grant_device_code, "scope = openid\n", true },
		{ &grant_password, "scope = openid\n", false },
		{ &grant_refresh_token, "scope = openid\n", false },
		{ &grant_password, "id_token = verify\n", true },
		{ &grant_authorization_code, "id_token = verify\n", true },
		{ &grant_authorization_code,
		  "scope = openid\nid_token = ignore\n", false },
		{ &grant_static, "id_token = verify\n", false },
		{ &grant_none, "id_token = verify\n", false },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct section x = section_new(rows[i].lines);

		assert_int_equal(id_token_is_verified(x.s, rows[i].grant),
				 rows[i].verified);
		section_free(&x);
	}
}

static void mistakes(void **state)
{
	static const struct {
		const struct grant *const *grant;
		const char *lines, *key, *words; /* NULL: all is well */
	} rows[] = {
		{ &code, LOGIN ISSUER "scope = openid\n", NULL, NULL },
		{ &code, LOGIN, NULL, NULL },
		{ &code, LOGIN "scope = openid\n", "issuer", "is missing" },
		{ &code, LOGIN "scope = openid\nid_token = ignore\n", NULL,
		  NULL },
		{ &code, LOGIN "require_claim.sub = x\n", "id_token",
		  "require_claim needs" },
		{ &code, LOGIN ISSUER "scope = openid\n"
		  "require_claim.sub = x\n", NULL, NULL },
		{ &code, LOGIN ISSUER "scope = openid\n"
		  "id_token_signed_response_alg = ES512\n", NULL, NULL },
		{ &code, LOGIN ISSUER "scope = openid\n"
		  "id_token_signed_response_alg = es512\n",
		  "id_token_signed_response_alg", "not one of the signature" },
		{ &code, LOGIN "id_token_signed_response_alg = NONE\n",
		  "id_token_signed_response_alg", "could be anybody's" },
		{ &code, LOGIN "id_token_signed_response_alg = HS256\n",
		  "id_token_signed_response_alg", "needs client_secret" },
		{ &code, LOGIN "client_secret = short\n"
		  "id_token_signed_response_alg = HS256\n",
		  "id_token_signed_response_alg", "too short" },
		{ &code, LOGIN ISSUER SECRET32 "scope = openid\n"
		  "id_token_signed_response_alg = HS256\n", NULL, NULL },
		{ &code, LOGIN ISSUER SECRET32 "scope = openid\n"
		  "id_token_signed_response_alg = HS512\n",
		  "id_token_signed_response_alg", "too short" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct section x = section_new(rows[i].lines);
		struct fault f = { "" };
		const char *key = NULL;
		int rc = id_token_check(x.s, *rows[i].grant, &key, &f);

		assert_int_equal(rc, rows[i].words ? -1 : 0);
		if (rc < 0) {
			assert_string_equal(key, rows[i].key);
			if (!strstr(f.text, rows[i].words))
				fail_msg("%s", f.text);
		}
		section_free(&x);
	}
}

/* Where a token comes from the authorization endpoint alone. */
static void implicit(void **state)
{
	static const char *const lines[] = {
		LOGIN ISSUER "scope = openid\n",
		LOGIN ISSUER "scope = openid\nresponse_type = token\n",
	};

	(void)state;
	for (size_t i = 0; i < 2; i++) {
		struct section x = section_new(lines[i]);
		struct fault f = { "" };
		const char *key;

		assert_int_equal(id_token_check(x.s, &grant_implicit, &key, &f),
				 i == 0 ? 0 : -1);
		if (i == 1)
			assert_string_equal(key, "response_type");
		section_free(&x);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_is_verified),
		cmocka_unit_test(mistakes),
		cmocka_unit_test(implicit),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
