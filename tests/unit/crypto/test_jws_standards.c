/* SPDX-License-Identifier: MIT */
#include "crypto/jws.h"

#include "crypto/jws_check.h"
#include "crypto/vectors.h"

static void check_verify(const char *alg, const char *key_text,
			 const char *compact, const char *payload)
{
	struct key *key = key_of(key_text);

	verifies(alg, key, str_z(compact), payload);
	key_unref(&key);
}

static void check_sign(const char *alg, const char *key_text,
		       const char *header, const char *payload,
		       const char *compact)
{
	ATTR_CLEANUP(buf_fini) struct buf b = BUF_INIT(4096);
	struct key *key = key_of(key_text);
	struct fault f = { "" };

	if (jws_sign(alg_of(alg), key, str_z(header), str_z(payload), &b,
		     &f) < 0)
		fail_msg("%s", f.text);
	assert_string_equal(buf_z(&b), compact);
	key_unref(&key);
}

static void test_rfc7515(void **state)
{
	(void)state;
	check_verify("HS256", rfc7515_a1_key, rfc7515_a1, rfc7515_payload);
	check_verify("RS256", rfc7515_a2_key, rfc7515_a2, rfc7515_payload);
	check_verify("ES256", rfc7515_a3_key, rfc7515_a3, rfc7515_payload);
	check_verify("ES512", rfc7515_a4_key, rfc7515_a4, "Payload");
	check_sign("HS256", rfc7515_a1_key, rfc7515_a1_header,
		   rfc7515_payload, rfc7515_a1);
	check_sign("RS256", rfc7515_a2_key, "{\"alg\":\"RS256\"}",
		   rfc7515_payload, rfc7515_a2);
}

static void test_rfc7520(void **state)
{
	(void)state;
	check_verify("RS256", rfc7520_rsa_key, rfc7520_4_1, rfc7520_payload);
	check_verify("PS384", rfc7520_rsa_key, rfc7520_4_2, rfc7520_payload);
	check_verify("ES512", rfc7520_ec_key, rfc7520_4_3, rfc7520_payload);
	check_verify("HS256", rfc7520_oct_key, rfc7520_4_4, rfc7520_payload);
	check_sign("HS256", rfc7520_oct_key, rfc7520_4_4_header,
		   rfc7520_payload, rfc7520_4_4);
}

static void test_rfc8037(void **state)
{
	(void)state;
	check_verify("EdDSA", rfc8037_public, rfc8037_a4,
		     "Example of Ed25519 signing");
	check_sign("EdDSA", rfc8037_key, "{\"alg\":\"EdDSA\"}",
		   "Example of Ed25519 signing", rfc8037_a4);
}

/* RFC 7515 appendix A.5 and E: an unsecured one, also with crit. */
static void test_unsecured(void **state)
{
	static const char *const keys[] = { rfc7515_a1_key, rfc7515_a2_key,
					    rfc7515_a3_key, rfc8037_key };
	static const char *const algs[] = { "HS256", "RS256", "ES256",
					    "EdDSA" };

	(void)state;
	for (int i = 0; i < 4; i++) {
		struct key *key = key_of(keys[i]);

		refused(algs[i], key, str_z(rfc7515_a5), "alg is not");
		refused(algs[i], key, str_z(rfc7515_e), "alg is not");
		key_unref(&key);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_rfc7515),
		cmocka_unit_test(test_rfc7520),
		cmocka_unit_test(test_rfc8037),
		cmocka_unit_test(test_unsecured),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
