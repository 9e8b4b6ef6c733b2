/* SPDX-License-Identifier: MIT */
#include "oauth/id_token.h"

#include <string.h>

#include "oauth/section.h"
#include "oauth/signer.h"

#define ISSUER "https://as.test"
#define NOW 1800000000
#define CLIENT "client_id = c1\n"
#define SECRET "client_secret = 0123456789abcdef0123456789abcdef\n"

static const char base[] =
	"{\"iss\":\"" ISSUER "\",\"sub\":\"alice\",\"aud\":\"c1\","
	"\"exp\":1800003600,\"iat\":1800000000,\"nonce\":\"n-1\"}";

static struct section section;
static struct id_token_rules rules;
static struct jwk_set *keys;
static struct secret *nonce;

/* Three keys, of kids "rsa", "ec" and "ed". */
static struct jwk_set *all_keys(void)
{
	struct buf members = BUF_INIT(65536);

	signer_publish(&members, signer_rsa, "rsa", "");
	signer_publish(&members, signer_ec, "ec", "");
	signer_publish(&members, signer_ed, "ed", ",\"use\":\"sig\"");
	return signer_set(&members);
}

static void use(const char *lines)
{
	section_free(&section);
	section = section_new(lines);
	rules.section = section.s;
}

static int setup(void **state)
{
	(void)state;
	keys = all_keys();
	nonce = secret_new(STR("n-1"));
	section = section_new(CLIENT);
	rules = (struct id_token_rules){
		.section = section.s,
		.issuer = ISSUER,
		.keys = keys,
		.now = NOW,
		.nonce = nonce,
		.max_age = -1,
	};
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	section_free(&section);
	jwk_set_free(&keys);
	secret_unref(&nonce);
	return 0;
}

/* The verdict on a token; words: what the fault says, NULL where it is good. */
static void expect_token(const char *token, enum id_token_verdict verdict,
			 const char *words)
{
	struct id_token_subject who;
	struct fault f = { "" };

	if (id_token_verify(&rules, str_z(token), &who, &f) != verdict)
		fail_msg("unexpected verdict: %s", f.text);
	if (verdict == ID_TOKEN_GOOD) {
		assert_non_null(who.iss);
		assert_non_null(who.sub);
	} else {
		assert_null(who.iss);
		assert_null(who.sub);
		if (!strstr(f.text, words))
			fail_msg("\"%s\" does not say \"%s\"", f.text, words);
	}
	id_token_subject_fini(&who);
}

static void expect(const char *claims, enum id_token_verdict verdict,
		   const char *words)
{
	struct buf text = BUF_INIT(65536);
	char *token;

	signer_merge(&text, base, claims);
	token = signer_sign("RS256", signer_rsa, "rsa", "", buf_z(&text));
	expect_token(token, verdict, words);
	mem_free(token);
	buf_fini(&text);
}

static void good(const char *claims)
{
	expect(claims, ID_TOKEN_GOOD, NULL);
}

static void bad(const char *claims, const char *words)
{
	expect(claims, ID_TOKEN_BAD, words);
}

/* The good claims, signed so. */
static void expect_signed(const char *alg, const char *jwk, const char *kid,
			  const char *more, enum id_token_verdict verdict,
			  const char *words)
{
	char *token = signer_sign(alg, jwk, kid, more, base);

	expect_token(token, verdict, words);
	mem_free(token);
}

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

static void who_it_is(void **state)
{
	char *token = signer_sign("RS256", signer_rsa, "rsa", "", base);
	struct id_token_subject who, copy = { NULL, NULL, NULL };
	struct fault f;

	(void)state;
	assert_int_equal(id_token_verify(&rules, str_z(token), &who, &f),
			 ID_TOKEN_GOOD);
	assert_string_equal(who.iss, ISSUER);
	assert_string_equal(who.sub, "alice");
	assert_true(secret_eq_str(who.nonce, STR("n-1")));
	id_token_subject_copy(&copy, &who);
	id_token_subject_copy(&copy, &who);
	id_token_subject_fini(&who);
	assert_string_equal(copy.sub, "alice");
	id_token_subject_fini(&copy);
	assert_null(copy.sub);
	mem_free(token);
}

/* --- alg and signature --- */

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
	static const char *const algs[] = { "HS256", "none", "odd", "ES256", "EdDSA", "PS384" };
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
		      "kid is no string");
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
	expect_token(token, ID_TOKEN_BAD, "refused (");
	mem_free(token);
}

/* --- the claims --- */

static void issuers(void **state)
{
	(void)state;
	good("{}");
	bad("{\"iss\":null}", "(iss)");
	bad("{\"iss\":7}", "(iss)");
	bad("{\"iss\":[\"" ISSUER "\"]}", "(iss)");
	bad("{\"iss\":\"" ISSUER "/\"}", "is of issuer \"" ISSUER "/\"");
	bad("{\"iss\":\"https://AS.test\"}", "(iss)");
	bad("{\"iss\":\"http://as.test\"}", "(iss)");
	bad("{\"iss\":\"" ISSUER "\\u0000\"}", "(iss)");
	rules.issuer = NULL;
	bad("{}", "give issuer");
}

static void audiences(void **state)
{
	(void)state;
	good("{\"aud\":[\"c1\"]}");
	good("{\"aud\":[\"x\",\"c1\"],\"azp\":\"c1\"}");
	good("{\"aud\":\"c1\",\"azp\":\"c1\"}");
	bad("{\"aud\":null}", "(aud)");
	bad("{\"aud\":\"c2\"}", "(aud)");
	bad("{\"aud\":\"c1 \"}", "(aud)");
	bad("{\"aud\":\"C1\"}", "(aud)");
	bad("{\"aud\":[]}", "(aud)");
	bad("{\"aud\":[\"x\",\"y\"],\"azp\":\"c1\"}", "(aud)");
	bad("{\"aud\":[\"c1\",7],\"azp\":\"c1\"}", "(aud)");
	bad("{\"aud\":{\"c1\":true}}", "(aud)");
	bad("{\"aud\":[\"c1\",\"x\"]}", "(azp)");
	bad("{\"aud\":[\"c1\",\"x\"],\"azp\":\"x\"}", "(azp)");
	bad("{\"azp\":\"x\"}", "(azp)");
	bad("{\"azp\":[\"c1\"]}", "(azp)");
}

static void times(void **state)
{
	(void)state;
	good("{\"exp\":1799999881}");
	bad("{\"exp\":1799999880}", "(exp)");
	bad("{\"exp\":null}", "(exp)");
	bad("{\"exp\":\"1800003600\"}", "(exp)");
	bad("{\"exp\":-1}", "(exp)");
	good("{\"exp\":1800003600.5}");
	good("{\"iat\":1800000120}");
	bad("{\"iat\":1800000121}", "in the future");
	good("{\"iat\":1799913600}");
	bad("{\"iat\":1799913599}", "not for this login");
	bad("{\"iat\":null}", "(iat)");
	bad("{\"iat\":true}", "(iat)");
	good("{\"nbf\":1800000120}");
	bad("{\"nbf\":1800000121}", "(nbf)");
	bad("{\"nbf\":\"\"}", "(nbf)");
}

static void when_the_person_logged_in(void **state)
{
	(void)state;
	good("{\"auth_time\":1700000000}");
	bad("{\"auth_time\":1800000121}", "(auth_time)");
	bad("{\"auth_time\":\"x\"}", "(auth_time)");
	rules.max_age = 300;
	good("{\"auth_time\":1799999580}");
	bad("{\"auth_time\":1799999579}", "longer than max_age");
	bad("{}", "(auth_time)");
	rules.max_age = 0;
	good("{\"auth_time\":1799999880}");
	bad("{\"auth_time\":1799999879}", "(auth_time)");
}

static void subjects_and_nonces(void **state)
{
	struct id_token_subject before = { NULL, NULL, NULL };

	(void)state;
	bad("{\"sub\":null}", "(sub)");
	bad("{\"sub\":\"\"}", "(sub)");
	bad("{\"sub\":7}", "(sub)");
	bad("{\"sub\":\"a\\u0000b\"}", "(sub)");
	bad("{\"nonce\":null}", "has no nonce");
	bad("{\"nonce\":\"n-2\"}", "has another nonce");
	bad("{\"nonce\":[\"n-1\"]}", "(nonce)");
	rules.nonce = NULL;
	good("{\"nonce\":null}");
	good("{\"nonce\":\"n-2\"}");
	rules.before = &before;
	good("{\"sub\":\"bob\"}");
	before.sub = mem_strdup("alice");
	good("{}");
	bad("{\"sub\":\"bob\"}", "another account");
	before.iss = mem_strdup("https://old.test");
	bad("{}", "another issuer than the one before");
	id_token_subject_fini(&before);
}

static void refreshes(void **state)
{
	struct id_token_subject before = { .nonce = secret_ref(nonce) };

	(void)state;
	use(CLIENT "require_claim.hd = x\n");
	before.iss = mem_strdup(ISSUER);
	before.sub = mem_strdup("alice");
	rules.before = &before;
	rules.refresh = true;
	rules.nonce = NULL;
	rules.max_age = 300;
	good("{\"nonce\":null}");
	good("{\"nonce\":\"n-1\"}");
	good("{\"iat\":1700000000,\"auth_time\":1700000000}");
	bad("{\"nonce\":\"n-2\"}", "(nonce)");
	bad("{\"sub\":\"bob\"}", "(sub)");
	bad("{\"exp\":1700000000}", "(exp)");
	bad("{\"aud\":\"x\"}", "(aud)");
	good("{\"hd\":\"x\"}");
	bad("{\"hd\":\"y\"}", "(require_claim)");
	secret_unref(&before.nonce);
	good("{\"nonce\":\"n-2\"}");
	rules.before = NULL;
	good("{\"nonce\":\"n-2\",\"sub\":\"bob\"}");
	id_token_subject_fini(&before);
}

/* The examples of OpenID Connect Core's appendix A.3, A.4 and A.6. */
static void hashes(void **state)
{
	struct secret *token = secret_new(STR("jHkWEdUXMU1BwAsC4vtUsZwnNvTIxEl"
					      "0z9K3vx5KF0Y"));
	struct secret *code = secret_new(STR("Qcb0Orv1zh30vL1MPRsbm-diHiMwcLyZ"
					     "vn1arpZv-Jxf_11jnpEX3Tgfvk"));

	(void)state;
	good("{\"at_hash\":\"x\",\"c_hash\":\"x\"}");
	rules.access_token = token;
	rules.code = code;
	good("{}");
	good("{\"at_hash\":\"77QmUPtjPfzWtF2AnpK9RQ\","
	     "\"c_hash\":\"LDktKdoQak3Pk0cnXxCltA\"}");
	bad("{\"at_hash\":\"77QmUPtjPfzWtF2AnpK9RA\"}", "(at_hash)");
	bad("{\"at_hash\":7}", "(at_hash)");
	bad("{\"at_hash\":\"\"}", "(at_hash)");
	bad("{\"c_hash\":\"77QmUPtjPfzWtF2AnpK9RQ\"}", "(c_hash)");
	rules.at_hash_due = true;
	bad("{}", "(at_hash)");
	bad("{\"at_hash\":null}", "(at_hash)");
	good("{\"at_hash\":\"77QmUPtjPfzWtF2AnpK9RQ\"}");
	rules.c_hash_due = true;
	bad("{\"at_hash\":\"77QmUPtjPfzWtF2AnpK9RQ\"}", "(c_hash)");
	secret_unref(&token);
	secret_unref(&code);
}

/* at_hash of "token", by algorithm. */
static void hashes_of_other_algorithms(void **state)
{
	static const struct {
		const char *alg, *jwk, *kid, *hash;
	} rows[] = {
		{ "RS256", signer_rsa, "rsa", "PEaenWxYddN6Q_NT1PiOYQ" },
		{ "PS384", signer_rsa, "rsa",
		  "Cm6hANx1qgPTYYSWu3KFaieklEAsPkh3" },
		{ "RS512", signer_rsa, "rsa",
		  "ImXaughy_DrvFp0Hk2XlkPDLyO1GwqeYTIpkKAPP2Ww" },
		{ "EdDSA", signer_ed, "ed",
		  "ImXaughy_DrvFp0Hk2XlkPDLyO1GwqeYTIpkKAPP2Ww" },
	};
	static const char *const algs[] = { "RS256", "PS384", "RS512", "EdDSA" };
	struct secret *access_token = secret_new(STR("token"));

	(void)state;
	rules.algs = algs;
	rules.nalgs = 4;
	rules.access_token = access_token;
	for (size_t i = 0; i < 4; i++) {
		struct buf hash = BUF_INIT(128), claims = BUF_INIT(4096);
		char *token;

		buf_addf(&hash, "{\"at_hash\":\"%s\"}", rows[i].hash);
		signer_merge(&claims, base, buf_z(&hash));
		token = signer_sign(rows[i].alg, rows[i].jwk, rows[i].kid, "",
				    buf_z(&claims));
		expect_token(token, ID_TOKEN_GOOD, NULL);
		mem_free(token);
		buf_fini(&hash);
		buf_fini(&claims);
	}
	secret_unref(&access_token);
}

static void claims_that_are_required(void **state)
{
	(void)state;
	use(CLIENT "require_claim.email = a@x.test\n"
	    "require_claim.email_verified = true\n"
	    "require_claim.groups = admins\n"
	    "require_claim.realm.level = 3\n"
	    "require_claim.x.test/id = 7\n");
	good("{\"email\":\"a@x.test\",\"email_verified\":true,"
	     "\"groups\":[\"users\",\"admins\"],\"realm\":{\"level\":3},"
	     "\"x.test/id\":\"7\"}");
	bad("{\"email\":\"a@x.test\",\"email_verified\":false,"
	    "\"groups\":[\"users\",\"admins\"],\"realm\":{\"level\":3},"
	    "\"x.test/id\":\"7\"}", "the claim email_verified");
	bad("{\"email\":\"a@x.test\"}", "is missing");
	bad("{\"email\":\"A@x.test\"}", "the claim email is not what");
	use(CLIENT "require_claim.groups = admins\n");
	good("{\"groups\":\"admins\"}");
	bad("{\"groups\":[[\"admins\"]]}", "(require_claim)");
	bad("{\"groups\":{\"admins\":true}}", "(require_claim)");
	bad("{\"groups\":[]}", "(require_claim)");
	bad("{\"groups\":\"admins,users\"}", "(require_claim)");
	use(CLIENT "require_claim.a.b = x=y\n");
	good("{\"a.b\":\"x=y\",\"a\":{\"b\":\"z\"}}");
	good("{\"a\":{\"b\":\"x=y\"}}");
	bad("{\"a.b\":\"x\",\"a\":{\"b\":\"x=y\"}}", "(require_claim)");
	bad("{\"a\":\"x=y\"}", "(require_claim)");
}

#define T(test) cmocka_unit_test_setup_teardown(test, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		T(who_it_is),
		T(forms),
		T(algorithms),
		T(what_the_metadata_names),
		T(with_the_clients_secret),
		T(a_public_key_is_no_secret),
		T(which_key),
		T(keys_that_are_brought_along),
		T(tampering),
		T(issuers),
		T(audiences),
		T(times),
		T(when_the_person_logged_in),
		T(subjects_and_nonces),
		T(refreshes),
		T(hashes),
		T(hashes_of_other_algorithms),
		T(claims_that_are_required),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
