/* SPDX-License-Identifier: MIT */
#include "base/limits.h"
#include "oauth/token/revocation.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "oauth/section.h"

static void test_request(void **state)
{
	struct secret *token = secret_new(STR("45ghiukldjahdnhzdauz+"));
	struct token_request r;
	struct fault f;

	(void)state;
	token_request_init(&r);
	assert_int_equal(revocation_request(token, "refresh_token", &r, &f),
			 0);
	assert_string_equal(form_of(&r),
			    "token=45ghiukldjahdnhzdauz%2B"
			    "&token_type_hint=refresh_token");
	token_request_fini(&r);
	secret_unref(&token);
}

static void test_request_that_is_too_long(void **state)
{
	static char octets[LIMIT_TOKEN_REQUEST];
	struct secret *token;
	struct token_request r;
	struct fault f;

	(void)state;
	memset(octets, 't', sizeof(octets));
	token = secret_new((struct str){ octets, sizeof(octets) });
	token_request_init(&r);
	assert_int_equal(revocation_request(token, "access_token", &r, &f),
			 -1);
	assert_non_null(strstr(f.text, "too long"));
	token_request_fini(&r);
	secret_unref(&token);
}

static void test_replies(void **state)
{
	static const struct {
		int status;
		const char *body;
		enum revocation_reply reply;
		const char *code, *words;
	} rows[] = {
		{ 200, "", REVOCATION_DONE, "", "" },
		{ 200, "{}", REVOCATION_DONE, "", "" },
		{ 204, "", REVOCATION_DONE, "", "" },
		{ 503, "", REVOCATION_LATER, "",
		  "the revocation endpoint answered 503" },
		{ 500, "<html>", REVOCATION_LATER, "", "500" },
		{ 429, "", REVOCATION_LATER, "", "429" },
		{ 400, "{\"error\":\"unsupported_token_type\"}",
		  REVOCATION_REFUSED, "unsupported_token_type",
		  "does not revoke tokens of this kind" },
		{ 400, "{\"error\":\"unsupported_token_type\","
		       "\"error_description\":\"only refresh\"}",
		  REVOCATION_REFUSED, "unsupported_token_type",
		  "only refresh" },
		{ 401, "{\"error\":\"invalid_client\"}", REVOCATION_REFUSED,
		  "invalid_client", "" },
		{ 302, "", REVOCATION_REFUSED, "", "302" },
		{ 404, "", REVOCATION_REFUSED, "", "404" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct oauth_error e;

		assert_int_equal(revocation_reply_read(
					 rows[i].status,
					 STR("application/json"),
					 str_z(rows[i].body), &e),
				 rows[i].reply);
		assert_int_equal(e.status, rows[i].status);
		assert_string_equal(e.code, rows[i].code);
		assert_non_null(strstr(e.description, rows[i].words));
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_request),
		cmocka_unit_test(test_request_that_is_too_long),
		cmocka_unit_test(test_replies),
	};

	return cmocka_run_group_tests_name("oauth/revocation", tests, NULL,
					   NULL);
}
