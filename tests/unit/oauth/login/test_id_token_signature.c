/* SPDX-License-Identifier: MIT */
/* By whom an id_token was made: algorithms and keys. */
#include "base/limits.h"
#include "oauth/login/id_token_login.h"

/* A token that no signer makes. mem_free. */
static char *forged(const char *header, const char *claims,
		    const char *signature)
{
	struct buf out = BUF_INIT(65536);

	base64url_encode(&out, str_z(header));
	buf_add_char(&out, '.');
	base64url_encode(&out, str_z(claims));
	buf_addf(&out, ".%s", signature);
	return buf_take(&out);
}

static void expect_forged(const char *header, const char *claims,
			  const char *words)
{
	char *token = forged(header, claims, "AAAA");

	expect_token(token, ID_TOKEN_BAD, words);
	mem_free(token);
}

static void forms(void **state)
{
	static const char *const odd[] = {
		"", ".", "..", "a", "a.b", "a.b.c", "e30.e30", "e30.e30.",
		"e30.e30.x.y", "!.!.!", "bnVsbA.e30.AAAA", "e30.bnVsbA.AAAA",
	};

	(void)state;
	for (size_t i = 0; i < sizeof(odd) / sizeof(odd[0]); i++)
		expect_token(odd[i], ID_TOKEN_BAD, "refused (");
	expect_token("e30.a.b.c.d", ID_TOKEN_BAD, "encrypted");
	expect_forged("{\"alg\":\"RS256\",\"alg\":\"RS256\"}", base, "(form)");
	expect_forged("{\"alg\":\"RS256\"}", "{\"sub\":1,\"sub\":1}",
		      "(form)");
	expect_forged("{\"alg\":\"RS256\"}",
		      "{\"a\":[[[[[[[[[[[[[[[[[[1]]]]]]]]]]]]]]]]]]}",
		      "(form)");
	expect_forged("{\"alg\":\"RS256\"}", "[]", "(form)");
}

static void algorithms(void **state)
{
	static const char *const none[] = { "none", "None", "NONE", "nOnE" };
	char header[64];

	(void)state;
	for (size_t i = 0; i < 4; i++) {
		snprintf(header, sizeof(header), "{\"alg\":\"%s\"}", none[i]);
		expect_forged(header, base, "not signed at all");
	}
	expect_forged("{}", base, "(alg)");
	expect_forged("{\"alg\":null}", base, "(alg)");
	expect_forged("{\"alg\":[\"RS256\"]}", base, "(alg)");
	expect_forged("{\"alg\":\"rs256\"}", base, "(alg)");
	expect_forged("{\"alg\":\"RS256\\u0000\"}", base, "(alg)");
	expect_forged("{\"alg\":\"\\n\\u001b\"}", base, "signed with ??,");
	/* Without metadata it is RS256 alone. */
	expect_signed("RS256", signer_rsa, "rsa", "", ID_TOKEN_GOOD, NULL);
	expect_signed("PS256", signer_rsa, "rsa", "", ID_TOKEN_BAD,
		      "signed with PS256, where RS256 is expected");
	expect_signed("ES256", signer_ec, "ec", "", ID_TOKEN_BAD, "(alg)");
}

static void what_the_metadata_names(void **state)
{
	static const char *const algs[] = { "HS256", "none",  "odd",
					    "ES256", "EdDSA", "PS384" };
	char *token = forged("{\"alg\":\"none\"}", base, "");

	(void)state;
	use(CLIENT SECRET);
	rules.algs = algs;
	rules.nalgs = 6;
	expect_signed("ES256", signer_ec, "ec", "", ID_TOKEN_GOOD, NULL);
	expect_signed("EdDSA", signer_ed, "ed", "", ID_TOKEN_GOOD, NULL);
	expect_signed("PS384", signer_rsa, "rsa", "", ID_TOKEN_GOOD, NULL);
	expect_signed("RS256", signer_rsa, "rsa", "", ID_TOKEN_BAD,
		      "one of the public key algorithms");
	expect_token(token, ID_TOKEN_BAD, "not signed at all");
	expect_forged("{\"alg\":\"HS256\"}", base, "(alg)");
	expect_forged("{\"alg\":\"odd\"}", base, "(alg)");
	/* What is registered goes before it. */
	use(CLIENT "id_token_signed_response_alg = RS512\n");
	expect_signed("RS512", signer_rsa, "rsa", "", ID_TOKEN_GOOD, NULL);
	expect_signed("ES256", signer_ec, "ec", "", ID_TOKEN_BAD,
		      "where RS512 is expected");
	use(CLIENT);
	rules.nalgs = 0;
	expect_signed("RS256", signer_rsa, "rsa", "", ID_TOKEN_BAD, "(alg)");
	mem_free(token);
}

static const char oct[] =
	"{\"kty\":\"oct\",\"k\":"
	"\"MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3ODlhYmNkZWY\"}";

static void with_the_clients_secret(void **state)
{
	static const char other[] =
		"{\"kty\":\"oct\",\"k\":"
		"\"MTEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3ODlhYmNkZWY\"}";

	(void)state;
	use(CLIENT SECRET);
	expect_signed("HS256", oct, NULL, "", ID_TOKEN_BAD, "(alg)");
	use(CLIENT SECRET "id_token_signed_response_alg = HS256\n");
	rules.keys = NULL;
	expect_signed("HS256", oct, NULL, "", ID_TOKEN_GOOD, NULL);
	expect_signed("HS256", oct, "any", "", ID_TOKEN_GOOD, NULL);
	expect_signed("HS256", other, NULL, "", ID_TOKEN_BAD, "(signature)");
	expect_signed("RS256", signer_rsa, "rsa", "", ID_TOKEN_BAD, "(alg)");
}

/* Whoever takes a public key for a secret can be told anything. */
static void a_public_key_is_no_secret(void **state)
{
	static const char *const algs[] = { "HS256", "RS256" };
	struct buf jwk = BUF_INIT(8192), k = BUF_INIT(8192);
	struct buf set = BUF_INIT(8192);

	(void)state;
	rules.algs = algs;
	rules.nalgs = 2;
	signer_publish(&set, signer_rsa, "rsa", "");
	base64url_encode(&k, buf_str(&set));
	buf_addf(&jwk, "{\"kty\":\"oct\",\"k\":\"%s\"}", buf_z(&k));
	expect_signed("HS256", buf_z(&jwk), "rsa", "", ID_TOKEN_BAD, "(alg)");
	use(CLIENT SECRET "id_token_signed_response_alg = HS256\n");
	expect_signed("HS256", buf_z(&jwk), "rsa", "", ID_TOKEN_BAD,
		      "(signature)");
	buf_fini(&jwk);
	buf_fini(&k);
	buf_fini(&set);
}

/* One key in the set behind so many of its kind. */
static void publish_behind(struct buf *members, int n, const char *kid)
{
	struct buf other = BUF_INIT(1024);

	/* 2048 ones */
	buf_add_z(&other, "{\"kty\":\"RSA\",\"e\":\"AQAB\",\"n\":\"");
	for (int i = 0; i < 340; i++)
		buf_add_char(&other, '_');
	buf_add_z(&other, "_w\"}");
	jwk_set_free(&keys);
	while (n-- > 0)
		signer_publish(members, buf_z(&other), kid, "");
	buf_fini(&other);
	signer_publish(members, signer_rsa, kid, "");
	rules.keys = keys = signer_set(members);
}

/* Of one id, or of none: the first few, and then newer ones may do. */
static void how_many_keys(void **state)
{
	static const char *const ids[] = { "rsa", NULL };
	struct buf members = BUF_INIT(65536);

	(void)state;
	for (size_t i = 0; i < 2; i++) {
		publish_behind(&members, LIMIT_ID_TOKEN_KEYS - 1, ids[i]);
		expect_signed("RS256", signer_rsa, ids[i], "", ID_TOKEN_GOOD,
			      NULL);
		publish_behind(&members, LIMIT_ID_TOKEN_KEYS, ids[i]);
		expect_signed("RS256", signer_rsa, ids[i], "",
			      ID_TOKEN_UNKNOWN_KEY, "(signature)");
	}
	buf_fini(&members);
}

static void which_key(void **state)
{
	struct buf members = BUF_INIT(65536);

	(void)state;
	expect_signed("RS256", signer_rsa, NULL, "", ID_TOKEN_GOOD, NULL);
	expect_signed("RS256", signer_rsa, "other", "", ID_TOKEN_UNKNOWN_KEY,
		      "an unknown kid");
	expect_signed("RS256", signer_rsa, NULL, "{\"kid\":null}",
		      ID_TOKEN_GOOD, NULL);
	expect_signed("RS256", signer_rsa, NULL, "{\"kid\":7}", ID_TOKEN_BAD,
		      "kid is not a string");
	expect_signed("RS256", signer_rsa, "ec", "", ID_TOKEN_UNKNOWN_KEY,
		      "(signature)");
	/* A key without an id fits any, as does one of several. */
	jwk_set_free(&keys);
	signer_publish(&members, signer_ec, "a", "");
	signer_publish(&members, signer_rsa, NULL, "");
	rules.keys = keys = signer_set(&members);
	expect_signed("RS256", signer_rsa, "b", "", ID_TOKEN_GOOD, NULL);
	/* A key that is for something else. */
	jwk_set_free(&keys);
	signer_publish(&members, signer_rsa, "rsa", ",\"use\":\"enc\"");
	rules.keys = keys = signer_set(&members);
	expect_signed("RS256", signer_rsa, "rsa", "", ID_TOKEN_UNKNOWN_KEY,
		      "(signature)");
	jwk_set_free(&keys);
	rules.keys = keys = signer_set(&members);
	expect_signed("RS256", signer_rsa, NULL, "", ID_TOKEN_UNKNOWN_KEY,
		      "none of the server's 0 keys");
	rules.keys = NULL;
	expect_signed("RS256", signer_rsa, "rsa", "", ID_TOKEN_UNKNOWN_KEY,
		      "not known");
}

/* The keys are those that the server publishes, whatever a token says. */
static void keys_that_are_brought_along(void **state)
{
	struct buf members = BUF_INIT(65536), more = BUF_INIT(8192);
	struct buf jwk = BUF_INIT(8192);

	(void)state;
	jwk_set_free(&keys);
	signer_publish(&members, signer_ec, "ec", "");
	rules.keys = keys = signer_set(&members);
	signer_publish(&jwk, signer_rsa, "rsa", "");
	buf_addf(&more,
		 "{\"jwk\":%s,\"jku\":\"https://evil.test/k\","
		 "\"x5u\":\"https://evil.test/x\",\"x5c\":[\"AAAA\"]}",
		 buf_z(&jwk));
	expect_signed("RS256", signer_rsa, "rsa", buf_z(&more),
		      ID_TOKEN_UNKNOWN_KEY, "(signature)");
	expect_signed("RS256", signer_rsa, NULL, buf_z(&more),
		      ID_TOKEN_UNKNOWN_KEY, "(signature)");
	jwk_set_free(&keys);
	rules.keys = keys = all_keys();
	expect_signed("RS256", signer_rsa, "rsa", buf_z(&more), ID_TOKEN_GOOD,
		      NULL);
	expect_forged("{\"alg\":\"RS256\",\"kid\":\"unknown\","
		      "\"crit\":[\"exp\"]}", base, "crit");
	buf_fini(&more);
	buf_fini(&jwk);
}

/* Each octet of the text counts. */
static void tampering(void **state)
{
	char *token = signer_sign("RS256", signer_rsa, "rsa", "", base);
	size_t n = strlen(token);

	(void)state;
	for (size_t i = 0; i < n; i += 7) {
		struct id_token_subject who;
		char was = token[i];

		token[i] = was == 'A' ? 'B' : 'A';
		assert_int_not_equal(id_token_verify(&rules, str_z(token),
						     &who, NULL),
				     ID_TOKEN_GOOD);
		token[i] = was;
	}
	expect_token(token, ID_TOKEN_GOOD, NULL);
	token[n - 1] = '\0';
	expect_token(token, ID_TOKEN_UNKNOWN_KEY, "refused (");
	mem_free(token);
}

#define T(test) cmocka_unit_test_setup_teardown(test, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		T(forms),
		T(algorithms),
		T(what_the_metadata_names),
		T(with_the_clients_secret),
		T(a_public_key_is_no_secret),
		T(which_key),
		T(how_many_keys),
		T(keys_that_are_brought_along),
		T(tampering),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
