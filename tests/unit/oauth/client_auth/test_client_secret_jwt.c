/* SPDX-License-Identifier: MIT */
#include "oauth/client_auth/client_auth.h"

#include "oauth/keys.h"
#include "oauth/section.h"

#define SECRET "0123456789abcdef0123456789abcdef"
#define CLIENT "client_id = me\nclient_secret = " SECRET "\n"

static const struct client_auth *const method = &client_auth_client_secret_jwt;
static struct fault fault;

/* The assertion that these lines make for a call, verified with SECRET. */
static struct jwt sent(const char *lines, const char *issuer,
		       const char *endpoint, const char *alg)
{
	struct section x = section_new(lines);
	struct secret *secret = secret_new(STR(SECRET));
	struct key *key = key_symmetric(secret);
	struct token_asking a = *asking(&x);
	struct token_request r;
	const char *k;
	void *state = NULL;
	struct jwt jwt;

	assert_int_equal(method->check(x.s, &k, &fault), 0);
	assert_int_equal(method->prepare(x.s, &state, &k, &fault), 0);
	a.auth_state = state;
	a.issuer = issuer;
	a.endpoint = endpoint;
	a.token_endpoint = "https://as.example/t";
	a.now = 1000000;
	token_request_init(&r);
	token_request_param(&r, "grant_type", STR("x"));
	assert_int_equal(method->apply(&a, &r, &fault), 0);
	char *assertion = form_value(str_z(form_of(&r)), "client_assertion");

	assert_true(str_starts(str_z(form_of(&r)),
			       STR("grant_type=x&client_id=me&"
				   "client_assertion_type=urn%3Aietf%3Aparams"
				   "%3Aoauth%3Aclient-assertion-type%3A"
				   "jwt-bearer&client_assertion=")));
	assert_null(strstr(form_of(&r), SECRET));
	assert_null(fields_find(&r.fields, STR("Authorization")));
	assert_int_equal(r.nsecrets, 2);
	if (jwt_verify(jws_alg_find(alg, &fault), key, str_z(assertion), &jwt,
		       &fault) < 0)
		fail_msg("%s", fault.text);
	free(assertion);
	token_request_fini(&r);
	method->release(state);
	key_unref(&key);
	secret_unref(&secret);
	section_free(&x);
	return jwt;
}

static void test_assertion(void **state)
{
	struct jwt jwt = sent(CLIENT, NULL, "https://as.example/t", "HS256");

	(void)state;
	expect_text(jwt.header, "alg", "HS256");
	expect_text(jwt.header, "kid", NULL);
	expect_text(jwt.claims, "iss", "me");
	expect_text(jwt.claims, "sub", "me");
	expect_text(jwt.claims, "aud", "https://as.example/t");
	assert_int_equal(date_of(jwt.claims, "iat"), 1000000 - 12);
	assert_int_equal(date_of(jwt.claims, "exp"), 1000000 + 108);
	assert_int_equal(json_text(json_get(jwt.claims, "jti")).n, 22);
	jwt_fini(&jwt);
}

/* Never the endpoint that it happens to go to. */
static void test_audience(void **state)
{
	struct jwt jwt = sent(CLIENT, NULL, "https://as.example/revoke",
			      "HS256");

	(void)state;
	expect_text(jwt.claims, "aud", "https://as.example/t");
	jwt_fini(&jwt);
	jwt = sent(CLIENT, "https://as.example", "https://as.example/t",
		   "HS256");
	expect_text(jwt.claims, "aud", "https://as.example");
	jwt_fini(&jwt);
	jwt = sent(CLIENT "client_assertion_audience = urn:them\n",
		   "https://as.example", "https://as.example/t", "HS256");
	expect_text(jwt.claims, "aud", "urn:them");
	jwt_fini(&jwt);
}

static void test_each_is_new(void **state)
{
	struct jwt a = sent(CLIENT, NULL, "https://as.example/t", "HS256");
	struct jwt b = sent(CLIENT, NULL, "https://as.example/t", "HS256");

	(void)state;
	assert_false(str_eq(json_text(json_get(a.claims, "jti")),
			    json_text(json_get(b.claims, "jti"))));
	jwt_fini(&a);
	jwt_fini(&b);
}

static void test_prepare(void **state)
{
	static const struct {
		const char *lines, *key, *words;
	} rows[] = {
		{ "client_id = me\nclient_secret = 0123456789abcdef\n",
		  "client_secret", "HS256" },
		{ CLIENT "token_endpoint_auth_signing_alg = HS384\n",
		  "token_endpoint_auth_signing_alg", "HS384" },
		{ CLIENT "token_endpoint_auth_signing_alg = RS256\n",
		  "token_endpoint_auth_signing_alg", "RS256" },
		{ CLIENT "token_endpoint_auth_signing_alg = none\n",
		  "token_endpoint_auth_signing_alg", "HS256" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct section x = section_new(rows[i].lines);
		const char *key = NULL;
		void *held = NULL;

		assert_int_equal(method->prepare(x.s, &held, &key, &fault),
				 -1);
		assert_null(held);
		assert_string_equal(key, rows[i].key);
		assert_non_null(strstr(fault.text, key));
		if (!strstr(fault.text, rows[i].words))
			fail_msg("%s", fault.text);
		assert_null(strstr(fault.text, "0123"));
		section_free(&x);
	}
}

static void test_row(void **state)
{
	(void)state;
	assert_ptr_equal(method->check, client_auth_check_secret);
	assert_false(method->shows_certificate);
	assert_true(client_auth_uses(method, STR("client_secret")));
	assert_false(client_auth_uses(method, STR("client_private_key")));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_assertion),
		cmocka_unit_test(test_audience),
		cmocka_unit_test(test_each_is_new),
		cmocka_unit_test(test_prepare),
		cmocka_unit_test(test_row),
	};

	return cmocka_run_group_tests_name("oauth/client_auth/"
					   "client_secret_jwt",
					   tests, NULL, NULL);
}
