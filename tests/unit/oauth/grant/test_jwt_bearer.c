/* SPDX-License-Identifier: MIT */
#include "oauth/grant/grant.h"

#include "oauth/keys.h"
#include "oauth/section.h"

#define ENDPOINT "token_endpoint = https://as.example/t\n"
#define ISSUER "assertion_issuer = me\n"
#define SIGNED "assertion_private_key = %s\nassertion_signing_alg = ES256\n"

static const struct grant *const grant = &grant_jwt_bearer;
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

/* What these lines ask with, verified, and what else is in the form. */
static struct jwt asked(const char *format, const char *file,
			const char *verified_by, const char *alg,
			const char *rest)
{
	struct section x = section_of(format, file);
	struct token_asking a = *asking(&x);
	struct token_request r;
	const char *key;
	void *state = NULL;
	char *assertion;
	struct jwt jwt;

	assert_int_equal(grant->check(x.s, &key, &fault), 0);
	if (grant->prepare(x.s, &state, &key, &fault) < 0)
		fail_msg("%s", fault.text);
	a.grant_state = state;
	a.now = 5000000;
	a.endpoint = "https://as.example/t";
	a.token_endpoint = "https://as.example/t";
	token_request_init(&r);
	assert_int_equal(grant->request(&a, &r, &fault), 0);
	assert_int_equal(r.nsecrets, 1);
	assertion = form_value(str_z(form_of(&r)), "assertion");
	jwt = keys_verify(verified_by, alg, str_z(assertion));
	assert_true(str_starts(str_z(form_of(&r)),
			       STR("grant_type=urn%3Aietf%3Aparams%3Aoauth%3A"
				   "grant-type%3Ajwt-bearer&assertion=")));
	assert_string_equal(strstr(form_of(&r), assertion) +
			    strlen(assertion), rest);
	free(assertion);
	token_request_fini(&r);
	grant->release(state);
	section_free(&x);
	return jwt;
}

static void test_request(void **state)
{
	struct jwt jwt = asked(ENDPOINT ISSUER SIGNED "scope = one two\n"
			       "audience = api\n", "p256.pem", "p256.pem",
			       "ES256", "&scope=one+two&audience=api");

	(void)state;
	expect_text(jwt.header, "alg", "ES256");
	expect_text(jwt.header, "kid", NULL);
	expect_text(jwt.claims, "iss", "me");
	expect_text(jwt.claims, "sub", "me");
	expect_text(jwt.claims, "aud", "https://as.example/t");
	expect_text(jwt.claims, "scope", NULL);
	assert_int_equal(date_of(jwt.claims, "exp") -
			 date_of(jwt.claims, "iat"), 3600);
	assert_int_equal(date_of(jwt.claims, "iat"), 5000000 - 60);
	jwt_fini(&jwt);
}

static void test_every_key(void **state)
{
	struct jwt jwt = asked(
		ENDPOINT ISSUER SIGNED "assertion_subject = you\n"
		"assertion_audience = them\nassertion_lifetime = 10m\n"
		"assertion_key_id = k1\nassertion.header.typ = x\n"
		"assertion.claim.box = {\"a\":1}\nassertion.claim.jti =\n",
		"p256.pem", "p256.pem", "ES256", "");

	(void)state;
	expect_text(jwt.header, "kid", "k1");
	expect_text(jwt.header, "typ", "x");
	expect_text(jwt.claims, "sub", "you");
	expect_text(jwt.claims, "aud", "them");
	expect_text(jwt.claims, "jti", NULL);
	assert_true(json_is(json_get(jwt.claims, "box"), JSON_OBJECT));
	assert_int_equal(date_of(jwt.claims, "exp") -
			 date_of(jwt.claims, "iat"), 600);
	jwt_fini(&jwt);
}

/* As Google gives it, with the key of that file in it. */
static void put_account(const char *key)
{
	struct buf b = BUF_INIT(1 << 16);
	struct json_out o;
	char pem[4096];
	FILE *file = fopen(keys_path(key), "r");
	size_t n = fread(pem, 1, sizeof(pem), file);

	assert_int_equal(fclose(file), 0);
	json_out_init(&o, &b);
	json_out_object(&o);
	json_out_key(&o, "type");
	json_out_z(&o, "service_account");
	json_out_key(&o, "client_email");
	json_out_z(&o, "x@p.example");
	json_out_key(&o, "token_uri");
	json_out_z(&o, "https://oauth2.example/token");
	json_out_key(&o, "private_key_id");
	json_out_z(&o, "gk1");
	json_out_key(&o, "private_key");
	json_out_str(&o, (struct str){ pem, n });
	json_out_object_end(&o);
	keys_put("account.json", buf_z(&b));
	buf_fini(&b);
}

static void test_service_account(void **state)
{
	put_account("rsa.pem");
	struct jwt jwt = asked("service_account_file = %s\nscope = one two\n",
			       "account.json", "rsa.pem", "RS256", "");

	(void)state;
	expect_text(jwt.header, "kid", "gk1");
	expect_text(jwt.claims, "iss", "x@p.example");
	expect_text(jwt.claims, "sub", NULL);
	expect_text(jwt.claims, "aud", "https://oauth2.example/token");
	expect_text(jwt.claims, "scope", "one two");
	jwt_fini(&jwt);
	jwt = asked("service_account_file = %s\nassertion_issuer = me\n"
		    "assertion_subject = you\nassertion_audience = them\n"
		    "assertion_key_id = k2\nassertion_signing_alg = PS256\n",
		    "account.json", "rsa.pem", "PS256", "");
	expect_text(jwt.header, "kid", "k2");
	expect_text(jwt.claims, "iss", "me");
	expect_text(jwt.claims, "sub", "you");
	expect_text(jwt.claims, "aud", "them");
	jwt_fini(&jwt);
}

static void test_what_it_stands_for(void **state)
{
	put_account("rsa.pem");
	struct section x = section_of("service_account_file = %s\n",
				      "account.json");
	void *held;
	const char *key;

	(void)state;
	assert_true(grant->infer(x.s));
	assert_int_equal(grant->prepare(x.s, &held, &key, &fault), 0);
	assert_string_equal(grant->token_endpoint(held),
			    "https://oauth2.example/token");
	assert_string_equal(grant->user(x.s, held), "x@p.example");
	grant->release(held);
	section_free(&x);
	x = section_of(ENDPOINT ISSUER SIGNED "assertion_subject = you\n",
		       "p256.pem");
	assert_true(grant->infer(x.s));
	assert_int_equal(grant->prepare(x.s, &held, &key, &fault), 0);
	assert_null(grant->token_endpoint(held));
	assert_string_equal(grant->user(x.s, held), "you");
	grant->release(held);
	section_free(&x);
	x = section_new("client_id = x\n");
	assert_false(grant->infer(x.s));
	section_free(&x);
}

static void test_check(void **state)
{
	static const struct {
		const char *lines, *key; /* NULL: fine */
	} rows[] = {
		{ ENDPOINT ISSUER SIGNED, NULL },
		{ "service_account_file = %s\n", NULL },
		{ ENDPOINT ISSUER SIGNED "client_secret = x\n", "client_id" },
		{ ISSUER SIGNED, "token_endpoint" },
		{ ENDPOINT SIGNED, "assertion_issuer" },
		{ ENDPOINT ISSUER, "assertion_private_key" },
		{ ENDPOINT ISSUER SIGNED "assertion_lifetime = 59s\n",
		  "assertion_lifetime" },
		{ ENDPOINT ISSUER SIGNED "assertion_lifetime = 24h\n", NULL },
		{ ENDPOINT ISSUER SIGNED "assertion_lifetime = 25h\n",
		  "assertion_lifetime" },
		{ "service_account_file = %s\nassertion_lifetime = 61m\n",
		  "assertion_lifetime" },
		{ ENDPOINT ISSUER SIGNED "assertion.header.alg = none\n",
		  "assertion.header.alg" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct section x = section_of(rows[i].lines, "p256.pem");
		const char *key = NULL;
		int rc = grant->check(x.s, &key, &fault);

		if ((rc < 0) != (rows[i].key != NULL))
			fail_msg("%d for %s", rc, rows[i].lines);
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
		{ ENDPOINT ISSUER "assertion_private_key = %s\n", "p256.pem",
		  "assertion_signing_alg", "(P-256) it can be ES256" },
		{ ENDPOINT ISSUER "assertion_private_key = %s\n", "rsa.pem",
		  "assertion_signing_alg", "RS256, RS384, RS512, PS256" },
		{ ENDPOINT ISSUER SIGNED, "rsa.pem", "assertion_signing_alg",
		  "assertion_signing_alg: " },
		{ ENDPOINT ISSUER SIGNED, "nothing.pem",
		  "assertion_private_key", "nothing.pem" },
		{ ENDPOINT ISSUER SIGNED, "oct.json", "assertion_signing_alg",
		  "assertion_signing_alg: " },
		{ ENDPOINT ISSUER "assertion_private_key = %s\n", "oct.json",
		  "assertion_signing_alg", "it can be HS256, HS384, HS512" },
		{ ENDPOINT ISSUER "assertion_private_key = %s\n"
		  "assertion_signing_alg = none\n", "p256.pem",
		  "assertion_signing_alg", "ES256" },
		{ "service_account_file = %s\n", "nothing.json",
		  "service_account_file", "nothing.json" },
		{ "service_account_file = %s\n", "p256.pem",
		  "service_account_file", "p256.pem" },
	};

	(void)state;
	keys_put("oct.json", "{\"kty\":\"oct\",\"k\":\"AyM1SysPpbyDfgZld3umj1q"
			     "zKObwVMkoqQ-EstJQLr_T-1qS0gZH75aKtMN3Yj0iPS4hcgU"
			     "uTwjAzZr1Z9CAow\"}");
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct section x = section_of(rows[i].lines, rows[i].file);
		const char *key = NULL;
		void *held = NULL;

		assert_int_equal(grant->prepare(x.s, &held, &key, &fault), -1);
		assert_string_equal(key, rows[i].key);
		assert_non_null(strstr(fault.text, key));
		if (!strstr(fault.text, rows[i].words))
			fail_msg("%s", fault.text);
		grant->release(held);
		section_free(&x);
	}
}

static void test_row(void **state)
{
	(void)state;
	assert_ptr_equal(grant_find("urn:ietf:params:oauth:grant-type:"
				    "jwt-bearer", &fault), grant);
	assert_true(grant->repeatable);
	assert_false(grant->person);
	assert_null(grant->seed);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_request),
		cmocka_unit_test(test_every_key),
		cmocka_unit_test(test_service_account),
		cmocka_unit_test(test_what_it_stands_for),
		cmocka_unit_test(test_check),
		cmocka_unit_test(test_prepare),
		cmocka_unit_test(test_row),
	};

	return cmocka_run_group_tests_name("oauth/grant/jwt_bearer", tests,
					   keys_setup, keys_teardown);
}
