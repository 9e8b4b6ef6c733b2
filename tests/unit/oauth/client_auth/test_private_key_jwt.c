/* SPDX-License-Identifier: MIT */
#include "oauth/client_auth/client_auth.h"

#include "oauth/keys.h"
#include "oauth/section.h"

#define CLIENT "client_id = me\n"
#define ASSERTION "client_assertion_type=urn%3Aietf%3Aparams%3Aoauth%3A"   \
	"client-assertion-type%3Ajwt-bearer&client_assertion="

static const struct client_auth *const method = &client_auth_private_key_jwt;
static struct fault fault;

/* A section of these lines and the path of that file behind them. */
static struct section section_of(const char *lines, const char *file)
{
	struct buf b = BUF_INIT(4096);
	struct section x;

	buf_addf(&b, "%s%s\n", lines, keys_path(file));
	x = section_new(buf_z(&b));
	buf_fini(&b);
	return x;
}

static struct jwt sent(const char *lines, const char *file, const char *alg)
{
	struct section x = section_of(lines, file);
	struct token_asking a = *asking(&x);
	struct token_request r;
	const char *k;
	void *state = NULL;
	struct jwt jwt;

	assert_int_equal(method->check(x.s, &k, &fault), 0);
	if (method->prepare(x.s, &state, &k, &fault) < 0)
		fail_msg("%s", fault.text);
	a.auth_state = state;
	a.endpoint = a.token_endpoint = "https://as.example/t";
	a.now = 1000000;
	token_request_init(&r);
	assert_int_equal(method->apply(&a, &r, &fault), 0);
	char *assertion = form_value(str_z(form_of(&r)), "client_assertion");

	jwt = keys_verify(file, alg, str_z(assertion));
	free(assertion);
	token_request_fini(&r);
	method->release(state);
	section_free(&x);
	return jwt;
}

#define KEY CLIENT "client_private_key = "

static void test_algorithms(void **state)
{
	static const struct {
		const char *lines, *file, *alg;
	} rows[] = {
		{ KEY, "rsa.pem", "RS256" },
		{ "token_endpoint_auth_signing_alg = PS512\n" KEY, "rsa.pem",
		  "PS512" },
		{ KEY, "p256.pem", "ES256" },
		{ KEY, "p384.pem", "ES384" },
		{ KEY, "ed25519.pem", "EdDSA" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct jwt jwt = sent(rows[i].lines, rows[i].file,
				      rows[i].alg);

		expect_text(jwt.header, "alg", rows[i].alg);
		expect_text(jwt.claims, "iss", "me");
		expect_text(jwt.claims, "sub", "me");
		expect_text(jwt.claims, "aud", "https://as.example/t");
		jwt_fini(&jwt);
	}
}

/* RFC 8037 appendix A.1. */
static const char jwk[] =
	"{\"kty\":\"OKP\",\"crv\":\"Ed25519\",\"kid\":\"own\","
	"\"d\":\"nWGxne_9WmC6hEr0kuwsxERJxWl7MmkZcDusAxyuf2A\","
	"\"x\":\"11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo\"}";

static void test_key_ids(void **state)
{
	(void)state;
	keys_put("key.jwk", jwk);
	struct jwt jwt = sent(KEY, "key.jwk", "EdDSA");

	expect_text(jwt.header, "kid", "own");
	jwt_fini(&jwt);
	jwt = sent("client_key_id = given\n" KEY, "key.jwk", "EdDSA");
	expect_text(jwt.header, "kid", "given");
	jwt_fini(&jwt);
	jwt = sent(KEY, "p256.pem", "ES256");
	expect_text(jwt.header, "kid", NULL);
	jwt_fini(&jwt);
}

/* As a server of its own mind wants them. */
static void test_header_and_claims(void **state)
{
	(void)state;
	struct jwt jwt = sent("client_assertion.header.x5t#S256 = A1jN-_\n"
			      "client_assertion.header.typ =\n"
			      "client_assertion.claim.aud = api\n"
			      "client_assertion.claim.sub =\n"
			      "client_assertion.claim.scope = [\"a\", \"b\"]\n"
			      KEY, "rsa.pem", "RS256");

	expect_text(jwt.header, "x5t#S256", "A1jN-_");
	expect_text(jwt.header, "typ", NULL);
	expect_text(jwt.claims, "iss", "me");
	expect_text(jwt.claims, "aud", "api");
	expect_text(jwt.claims, "sub", NULL);
	assert_int_equal(json_count(json_get(jwt.claims, "scope")), 2);
	jwt_fini(&jwt);
}

static void test_a_ready_made_one(void **state)
{
	keys_put("token", "one\n");
	struct section x = section_of(CLIENT "client_assertion_file = ",
				      "token");
	struct token_request r;
	const char *k;
	void *held = NULL;

	(void)state;
	assert_int_equal(method->check(x.s, &k, &fault), 0);
	assert_int_equal(method->prepare(x.s, &held, &k, &fault), 0);
	assert_null(held);
	keys_put("token", "two\n");
	token_request_init(&r);
	assert_int_equal(method->apply(asking(&x), &r, &fault), 0);
	assert_string_equal(form_of(&r), "client_id=me&" ASSERTION "two");
	assert_int_equal(r.nsecrets, 1);
	token_request_fini(&r);
	assert_int_equal(unlink(keys_path("token")), 0);
	token_request_init(&r);
	assert_int_equal(method->apply(asking(&x), &r, &fault), -1);
	assert_non_null(strstr(fault.text, "client_assertion: "));
	assert_non_null(strstr(fault.text, keys_path("token")));
	token_request_fini(&r);
	method->release(held);
	section_free(&x);
}

static void test_check(void **state)
{
	static const struct {
		const char *lines, *key; /* NULL: fine */
	} rows[] = {
		{ CLIENT "client_private_key = /k\n", NULL },
		{ CLIENT "client_assertion = a\n", NULL },
		{ "client_private_key = /k\n", "client_id" },
		{ CLIENT, "client_private_key" },
		{ CLIENT "client_assertion = a\nclient_private_key = /k\n",
		  "client_private_key" },
		{ CLIENT "client_assertion = a\nclient_key_id = k\n",
		  "client_key_id" },
		{ CLIENT "client_assertion = a\n"
		  "client_assertion_audience = k\n",
		  "client_assertion_audience" },
		{ CLIENT "client_assertion = a\n"
		  "token_endpoint_auth_signing_alg = ES256\n",
		  "token_endpoint_auth_signing_alg" },
		{ CLIENT "client_assertion = a\n"
		  "client_assertion.header.x5t = k\n",
		  "client_assertion.header.x5t" },
		{ CLIENT "client_assertion = a\n"
		  "client_assertion.claim.x = k\n",
		  "client_assertion.claim.x" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct section x = section_new(rows[i].lines);
		const char *key = NULL;
		int rc = method->check(x.s, &key, &fault);

		assert_int_equal(rc, rows[i].key ? -1 : 0);
		if (rc < 0) {
			assert_string_equal(key, rows[i].key);
			assert_non_null(strstr(fault.text, key));
		}
		section_free(&x);
	}
}

static void test_prepare(void **state)
{
	static const struct {
		const char *lines, *file, *key, *words;
	} rows[] = {
		{ "client_assertion.header.alg = none\n" KEY, "rsa.pem",
		  "client_assertion.header.alg",
		  "token_endpoint_auth_signing_alg" },
		{ KEY, "nothing.pem", "client_private_key", "nothing.pem" },
		{ KEY, "broken.pem", "client_private_key", "broken.pem" },
		{ KEY, "oct.jwk", "client_private_key", "shared secret" },
		{ "token_endpoint_auth_signing_alg = ES256\n" KEY, "rsa.pem",
		  "token_endpoint_auth_signing_alg", "RSA" },
		{ "token_endpoint_auth_signing_alg = HS256\n" KEY, "rsa.pem",
		  "token_endpoint_auth_signing_alg", "RSA" },
		{ "token_endpoint_auth_signing_alg = es256\n" KEY, "p256.pem",
		  "token_endpoint_auth_signing_alg", "ES256" },
	};

	(void)state;
	keys_put("broken.pem", "-----BEGIN PRIVATE KEY-----\ns3cret\n");
	keys_put("oct.jwk", "{\"kty\":\"oct\",\"k\":\"AyM1SysPpbyDfgZld3umj1qz"
			    "KObwVMkoqQ-EstJQLr_T-1qS0gZH75aKtMN3Yj0iPS4hcgUu"
			    "TwjAzZr1Z9CAow\"}");
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct section x = section_of(rows[i].lines, rows[i].file);
		const char *key = NULL;
		void *held = NULL;

		assert_int_equal(method->prepare(x.s, &held, &key, &fault),
				 -1);
		assert_null(held);
		assert_string_equal(key, rows[i].key);
		assert_non_null(strstr(fault.text, key));
		if (!strstr(fault.text, rows[i].words))
			fail_msg("%s", fault.text);
		assert_null(strstr(fault.text, "s3cret"));
		section_free(&x);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_algorithms),
		cmocka_unit_test(test_key_ids),
		cmocka_unit_test(test_header_and_claims),
		cmocka_unit_test(test_a_ready_made_one),
		cmocka_unit_test(test_check),
		cmocka_unit_test(test_prepare),
	};

	return cmocka_run_group_tests_name("oauth/client_auth/"
					   "private_key_jwt",
					   tests, keys_setup, keys_teardown);
}
