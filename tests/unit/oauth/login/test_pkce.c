/* SPDX-License-Identifier: MIT */
#include "oauth/login/pkce.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

/* RFC 7636 appendix B. */
static void test_the_standards_vector(void **state)
{
	struct secret *verifier = secret_new(
		STR("dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk"));
	struct buf b = BUF_INIT(64);

	(void)state;
	pkce_challenge(PKCE_S256, verifier, &b);
	assert_string_equal(buf_z(&b),
			    "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM");
	buf_reset(&b);
	pkce_challenge(PKCE_PLAIN, verifier, &b);
	assert_true(secret_eq_str(verifier, buf_str(&b)));
	buf_fini(&b);
	secret_unref(&verifier);
}

/* RFC 7636 §4.1: 43 to 128 unreserved characters. */
static void test_verifiers(void **state)
{
	struct secret *a = pkce_verifier_new(), *b = pkce_verifier_new();
	struct str text = secret_expose(a);

	(void)state;
	assert_int_equal(text.n, 43);
	for (size_t i = 0; i < text.n; i++)
		assert_true(char_is_alpha(text.p[i]) ||
			    char_is_digit(text.p[i]) || text.p[i] == '-' ||
			    text.p[i] == '_');
	assert_false(secret_eq(a, b));
	secret_unref(&a);
	secret_unref(&b);
}

static void test_names(void **state)
{
	(void)state;
	assert_string_equal(pkce_method_name(PKCE_S256), "S256");
	assert_string_equal(pkce_method_name(PKCE_PLAIN), "plain");
	assert_null(pkce_method_name(PKCE_NO));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_the_standards_vector),
		cmocka_unit_test(test_verifiers),
		cmocka_unit_test(test_names),
	};

	return cmocka_run_group_tests_name("oauth/pkce", tests, NULL, NULL);
}
