/* SPDX-License-Identifier: MIT */
#include "oauth/login/id_token_login.h"

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
	bad("{\"aud\":[\"c1\",\"trusted\"]}", "(aud)");
	use(CLIENT "id_token_audience = trusted\n"
		   "id_token_audience = https://also.test\n");
	good("{\"aud\":[\"c1\"]}");
	good("{\"aud\":[\"c1\",\"c1\"]}");
	good("{\"aud\":[\"trusted\",\"c1\"],\"azp\":\"c1\"}");
	good("{\"aud\":[\"c1\",\"trusted\",\"https://also.test\"]}");
	good("{\"aud\":\"c1\",\"azp\":\"c1\"}");
	bad("{\"aud\":null}", "(aud)");
	bad("{\"aud\":\"c2\"}", "(aud)");
	bad("{\"aud\":\"c1 \"}", "(aud)");
	bad("{\"aud\":\"C1\"}", "(aud)");
	bad("{\"aud\":[]}", "(aud)");
	bad("{\"aud\":[\"x\",\"y\"],\"azp\":\"c1\"}", "(aud)");
	bad("{\"aud\":[\"c1\",7],\"azp\":\"c1\"}", "(aud)");
	bad("{\"aud\":{\"c1\":true}}", "(aud)");
	/* A trusted audience is none that it may be for alone, or that may
	 * have asked for it. */
	bad("{\"aud\":\"trusted\"}", "(aud)");
	bad("{\"aud\":[\"trusted\"]}", "(aud)");
	bad("{\"aud\":[\"c1\",\"x\"]}", "(aud)");
	bad("{\"aud\":[\"c1\",\"Trusted\"]}", "(aud)");
	bad("{\"aud\":[\"c1\",\"x\"],\"azp\":\"c1\"}", "id_token_audience");
	bad("{\"aud\":[\"c1\",\"trusted\",\"x\"]}", "(aud)");
	bad("{\"aud\":[\"c1\",\"trusted\"],\"azp\":\"trusted\"}", "(azp)");
	bad("{\"azp\":\"x\"}", "(azp)");
	bad("{\"azp\":[\"c1\"]}", "(azp)");
	use(CLIENT);
}

static void times(void **state)
{
	(void)state;
	good("{\"exp\":1799999881}");
	over("{\"exp\":1799999880}");
	bad("{\"exp\":1799999880,\"aud\":\"x\"}", "(aud)");
	bad("{\"exp\":1799999880,\"nonce\":\"n-2\"}", "(nonce)");
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
	over("{\"exp\":1700000000}");
	bad("{\"exp\":1700000000,\"sub\":\"bob\"}", "(sub)");
	bad("{\"exp\":1700000000,\"hd\":\"y\"}", "(require_claim)");
	bad("{\"aud\":\"x\"}", "(aud)");
	good("{\"hd\":\"x\"}");
	bad("{\"hd\":\"y\"}", "(require_claim)");
	secret_unref(&before.nonce);
	good("{\"nonce\":\"n-2\"}");
	/* Nobody is known who could have the claim. */
	mem_free(before.sub);
	before.sub = NULL;
	bad("{\"nonce\":\"n-2\",\"sub\":\"bob\"}", "(require_claim)");
	rules.before = NULL;
	bad("{\"nonce\":\"n-2\",\"sub\":\"bob\"}", "(require_claim)");
	good("{\"nonce\":\"n-2\",\"sub\":\"bob\",\"hd\":\"x\"}");
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
	static const char *const algs[] = { "RS256", "PS384", "RS512",
					    "EdDSA" };
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
	use(CLIENT "require_claim.level = \"3\"\n");
	good("{\"level\":\"3\"}");
	bad("{\"level\":3}", "(require_claim)");
	use(CLIENT "require_claim.level = null\n");
	good("{\"level\":\"null\"}");
	bad("{\"level\":null}", "(require_claim)");
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
