/* SPDX-License-Identifier: MIT */
#include "base/limits.h"
#include "oauth/client_auth/assertion.h"

#include "oauth/keys.h"

static struct fault fault;

static struct key *load(const char *name)
{
	struct key *key = key_load(keys_path(name), &fault);

	assert_non_null(key);
	return key;
}

/* What a file's key makes of an assertion, verified. */
static struct jwt made(const char *file, const char *alg, const char *kid,
		       const struct assertion *a)
{
	struct key *key = load(file);
	struct assertion_signer s;
	struct secret *assertion;
	struct jwt jwt;

	assert_int_equal(assertion_signer_init(&s, key, alg, kid, &fault), 0);
	assertion = assertion_make(&s, a, &fault);
	assert_non_null(assertion);
	jwt = keys_verify(file, jws_alg_name(s.alg), secret_expose(assertion));
	secret_unref(&assertion);
	assertion_signer_fini(&s);
	key_unref(&key);
	return jwt;
}

static const struct assertion usual = {
	.issuer = "i", .subject = "s", .audience = "https://as.example/t",
	.now = 1000000, .lifetime = 3600,
};

static void test_what_it_says(void **state)
{
	struct jwt jwt = made("rsa.pem", NULL, "k1", &usual);
	struct jwt other = made("rsa.pem", NULL, "k1", &usual);

	(void)state;
	expect_text(jwt.header, "alg", "RS256");
	expect_text(jwt.header, "typ", "JWT");
	expect_text(jwt.header, "kid", "k1");
	expect_text(jwt.claims, "iss", "i");
	expect_text(jwt.claims, "sub", "s");
	expect_text(jwt.claims, "aud", "https://as.example/t");
	assert_null(json_get(jwt.claims, "scope"));
	assert_int_equal(date_of(jwt.claims, "iat"), 1000000 - 60);
	assert_int_equal(date_of(jwt.claims, "exp"), 1000000 - 60 + 3600);
	/* 128 bits, and others each time */
	assert_int_equal(json_text(json_get(jwt.claims, "jti")).n, 22);
	assert_false(str_eq(json_text(json_get(jwt.claims, "jti")),
			    json_text(json_get(other.claims, "jti"))));
	jwt_fini(&jwt);
	jwt_fini(&other);
}

static void test_a_short_life(void **state)
{
	struct assertion a = usual;

	(void)state;
	a.lifetime = 120;
	a.subject = NULL;
	a.scope = "one two";
	struct jwt jwt = made("p256.pem", NULL, NULL, &a);

	assert_int_equal(date_of(jwt.claims, "iat"), 1000000 - 12);
	assert_int_equal(date_of(jwt.claims, "exp"), 1000000 + 108);
	expect_text(jwt.claims, "sub", NULL);
	expect_text(jwt.claims, "scope", "one two");
	expect_text(jwt.header, "kid", NULL);
	jwt_fini(&jwt);
}

/* Each kind's own algorithm, and those that were asked for. */
static void test_algorithms(void **state)
{
	static const struct {
		const char *file, *asked, *alg; /* NULL: does not fit */
	} rows[] = {
		{ "rsa.pem", NULL, "RS256" },
		{ "rsa.pem", "PS384", "PS384" },
		{ "p256.pem", NULL, "ES256" },
		{ "p384.pem", NULL, "ES384" },
		{ "ed25519.pem", NULL, "EdDSA" },
		{ "p256.pem", "ES384", NULL },
		{ "p256.pem", "RS256", NULL },
		{ "rsa.pem", "HS256", NULL },
		{ "rsa.pem", "none", NULL },
		{ "rsa.pem", "rs256", NULL },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct key *key = load(rows[i].file);
		struct assertion_signer s;
		int rc = assertion_signer_init(&s, key, rows[i].asked, NULL,
					       &fault);

		assert_int_equal(rc, rows[i].alg ? 0 : -1);
		if (rc == 0)
			assert_string_equal(jws_alg_name(s.alg), rows[i].alg);
		assertion_signer_fini(&s);
		key_unref(&key);
	}
}

static void test_the_names_that_fit(void **state)
{
	struct buf b = BUF_INIT(256);
	struct key *key = load("rsa.pem");

	(void)state;
	assertion_algs(key, &b);
	assert_string_equal(buf_z(&b),
			    "RS256, RS384, RS512, PS256, PS384, PS512");
	key_unref(&key);
	key = load("p256.pem");
	buf_reset(&b);
	assertion_algs(key, &b);
	assert_string_equal(buf_z(&b), "ES256");
	key_unref(&key);
	buf_fini(&b);
}

static void test_the_configurations_own(void **state)
{
	static char h1[] = "typ=at+jwt", h2[] = "kid=", h3[] = "x=\"q\"";
	static char c1[] = "aud=[\"a\",\"b\"]", c2[] = "sub=", c3[] = "n=7",
		    c4[] = "text=7 days", c5[] = "yes=true",
		    c6[] = "o={\"a\":{\"b\":null}}", c7[] = "q=\"123\"",
		    c8[] = "iat=5", c9[] = "nothing=null", c10[] = "u=\xc3\xbc";
	static char *header[] = { h1, h2, h3 };
	static char *claims[] = { c1, c2, c3, c4, c5, c6, c7, c8, c9, c10 };
	const struct config_list h = { header, 3 }, c = { claims, 10 };
	struct assertion a = usual;
	struct buf b = BUF_INIT(1000);

	(void)state;
	a.header = &h;
	a.claims = &c;
	struct jwt jwt = made("p256.pem", NULL, "k1", &a);

	expect_text(jwt.header, "typ", "at+jwt");
	expect_text(jwt.header, "kid", NULL);
	expect_text(jwt.header, "x", "q");
	expect_text(jwt.claims, "iss", "i");
	expect_text(jwt.claims, "sub", NULL);
	expect_text(jwt.claims, "text", "7 days");
	expect_text(jwt.claims, "q", "123");
	expect_text(jwt.claims, "u", "\xc3\xbc");
	assert_int_equal(date_of(jwt.claims, "iat"), 5);
	assert_int_equal(date_of(jwt.claims, "n"), 7);
	assert_true(json_bool(json_get(jwt.claims, "yes")));
	assert_int_equal(json_count(json_get(jwt.claims, "aud")), 2);
	assert_non_null(json_get(jwt.claims, "nothing"));
	json_print(json_get(jwt.claims, "o"), &b);
	assert_string_equal(buf_z(&b), "{\"a\":{\"b\":null}}");
	buf_fini(&b);
	jwt_fini(&jwt);
}

static void test_too_long(void **state)
{
	static char scope[LIMIT_ASSERTION + 1];
	struct assertion a = usual;
	struct assertion_signer s;
	struct key *key = load("p256.pem");

	(void)state;
	memset(scope, 's', LIMIT_ASSERTION);
	a.scope = scope;
	assert_int_equal(assertion_signer_init(&s, key, NULL, NULL, &fault),
			 0);
	assert_null(assertion_make(&s, &a, &fault));
	assert_non_null(strstr(fault.text, "too long"));
	assertion_signer_fini(&s);
	key_unref(&key);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_what_it_says),
		cmocka_unit_test(test_a_short_life),
		cmocka_unit_test(test_algorithms),
		cmocka_unit_test(test_the_names_that_fit),
		cmocka_unit_test(test_the_configurations_own),
		cmocka_unit_test(test_too_long),
	};

	return cmocka_run_group_tests_name("oauth/assertion", tests,
					   keys_setup, keys_teardown);
}
