/* SPDX-License-Identifier: MIT */
#include "oauth/grant/grant.h"

#include "base/clock.h"
#include "oauth/keys.h"
#include "oauth/section.h"

#define ISSUER "grant_type = signed-jwt\nassertion_issuer = me\n"
#define SIGNED "assertion_private_key = %s\nassertion_signing_alg = ES256\n"

static const struct grant *const grant = &grant_signed_jwt;
static struct fault fault;

/* A section of these lines, where each %s is the path of that file. */
static struct section section_of(const char *format, const char *file)
{
	struct buf b = BUF_INIT(8192);
	struct section x;

	for (const char *p = format; *p; p++) {
		if (p[0] == '%' && p[1] == 's') {
			buf_add_z(&b, keys_path(file));
			p++;
		} else {
			buf_add_char(&b, *p);
		}
	}
	x = section_new(buf_z(&b));
	buf_fini(&b);
	return x;
}

/* The token of these lines, verified. */
static struct jwt made(const char *format, int64_t expires_in)
{
	struct section x = section_of(format, "p256.pem");
	struct token_asking a = *asking(&x);
	int64_t sent = 0, before = clock_ms();
	struct token *t;
	const char *key;
	void *state = NULL;
	struct jwt jwt;

	assert_ptr_equal(grant_of(x.s, &fault), grant);
	assert_int_equal(grant->check(x.s, &key, &fault), 0);
	assert_int_equal(grant->prepare(x.s, &state, &key, &fault), 0);
	a.grant_state = state;
	a.now = 5000000;
	a.token_endpoint = "https://as.example/t";
	t = grant->make(&a, &sent, &fault);
	assert_non_null(t);
	assert_true(sent >= before && sent <= clock_ms());
	assert_int_equal(t->expires_in, expires_in);
	assert_int_equal(t->sent_wall, 5000000 * INT64_C(1000));
	jwt = keys_verify("p256.pem", "ES256", secret_expose(t->access_token));
	assert_int_equal(date_of(jwt.claims, "exp"), 5000000 + expires_in);
	token_unref(&t);
	grant->release(state);
	section_free(&x);
	return jwt;
}

static void test_token(void **state)
{
	struct jwt jwt = made(ISSUER SIGNED, 3540);

	(void)state;
	expect_text(jwt.claims, "iss", "me");
	expect_text(jwt.claims, "sub", "me");
	expect_text(jwt.claims, "aud", NULL);
	expect_text(jwt.claims, "scope", NULL);
	jwt_fini(&jwt);
	jwt = made(ISSUER SIGNED "assertion_subject = you\n"
		   "assertion_audience = them\nassertion_lifetime = 5m\n"
		   "assertion_key_id = k\n", 270);
	expect_text(jwt.header, "kid", "k");
	expect_text(jwt.claims, "sub", "you");
	expect_text(jwt.claims, "aud", "them");
	jwt_fini(&jwt);
}

/* The key of a person: nobody is its issuer. */
static void test_without_an_issuer(void **state)
{
	struct jwt jwt = made("grant_type = signed-jwt\n" SIGNED
			      "assertion.claim.iss =\n"
			      "assertion.claim.sub = user\n", 3540);

	(void)state;
	expect_text(jwt.claims, "iss", NULL);
	expect_text(jwt.claims, "sub", "user");
	jwt_fini(&jwt);
}

static void test_check(void **state)
{
	static const struct {
		const char *lines, *key; /* NULL: fine */
	} rows[] = {
		{ ISSUER SIGNED, NULL },
		{ SIGNED, "assertion_issuer" },
		{ ISSUER, "assertion_private_key" },
		{ ISSUER SIGNED "assertion_lifetime = 59s\n",
		  "assertion_lifetime" },
		{ ISSUER SIGNED "assertion.header.alg = none\n",
		  "assertion.header.alg" },
		{ "service_account_file = %s\n", "service_account_file" },
		{ "service_account_file = %s\nscope = a\n", NULL },
		{ "service_account_file = %s\nassertion_audience = a\n", NULL },
		{ ISSUER SIGNED "introspection_endpoint = http://as.example\n",
		  "introspection_endpoint" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct section x = section_of(rows[i].lines, "p256.pem");
		const char *key = NULL;
		int rc = grant->check(x.s, &key, &fault);

		if ((rc < 0) != (rows[i].key != NULL))
			fail_msg("%d for %s", rc, rows[i].lines);
		if (rc < 0)
			assert_string_equal(key, rows[i].key);
		section_free(&x);
	}
}

/* The same keys mean jwt-bearer where no grant is named. */
static void test_it_is_not_inferred(void **state)
{
	struct section x = section_of("assertion_issuer = me\n" SIGNED,
				      "p256.pem");

	(void)state;
	assert_false(grant->infer(x.s));
	assert_ptr_equal(grant_of(x.s, &fault), &grant_jwt_bearer);
	section_free(&x);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_token),
		cmocka_unit_test(test_without_an_issuer),
		cmocka_unit_test(test_check),
		cmocka_unit_test(test_it_is_not_inferred),
	};

	return cmocka_run_group_tests(tests, keys_setup, keys_teardown);
}
