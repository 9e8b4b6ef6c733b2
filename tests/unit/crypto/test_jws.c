/* SPDX-License-Identifier: MIT */
#include "base/limits.h"
#include "crypto/jws.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "crypto/jws_check.h"
#include "crypto/vectors.h"
#include "data/base64url.h"

static const char *const ALL[] = { "HS256", "HS384", "HS512", "RS256",
				   "RS384", "RS512", "PS256", "PS384",
				   "PS512", "ES256", "ES384", "ES512",
				   "EdDSA" };
enum { ALL_N = sizeof(ALL) / sizeof(*ALL) };

/* ---- all of the table ---- */

static void test_names(void **state)
{
	static const char *const none[] = { "none", "None", "", "hs256",
					    "HS256 ", "ES256K", "RS1" };
	struct fault f = { "" };

	(void)state;
	for (int i = 0; i < ALL_N; i++)
		assert_string_equal(jws_alg_name(alg_of(ALL[i])), ALL[i]);
	assert_true(jws_alg_is_shared("HS256"));
	assert_true(jws_alg_is_shared("HS512"));
	assert_false(jws_alg_is_shared("ES256"));
	assert_false(jws_alg_is_shared("HS999"));
	assert_false(jws_alg_is_shared(NULL));
	for (size_t i = 0; i < sizeof(none) / sizeof(*none); i++)
		assert_null(jws_alg_find(none[i], &f));
	assert_null(jws_alg_find(NULL, &f));
	for (int i = 0; i < ALL_N; i++)
		assert_non_null(strstr(f.text, ALL[i]));
	assert_null(strstr(f.text, "none,"));
}

/* Which algorithms each key is for: as bits by place in ALL. */
static const struct {
	const char *text;
	unsigned algs;
	const char *words;
} KEYS[] = {
	{ rfc7515_a1_key, 0x0007, "a shared secret" },
	{ pem_rsa, 0x01f8, "RSA, 2048 bits" },
	{ pem_p256, 0x0200, "P-256" },
	{ pem_p384, 0x0400, "P-384" },
	{ pem_p521, 0x0800, "P-521" },
	{ pem_ed25519, 0x1000, "Ed25519" },
	{ pem_ed448, 0x1000, "Ed448" },
};
enum { KEYS_N = sizeof(KEYS) / sizeof(*KEYS) };

static void check_misfit(const char *alg, const struct key *key,
			 const char *words)
{
	ATTR_CLEANUP(buf_fini) struct buf b = BUF_INIT(4096);
	char header[64], said[64];
	struct fault f = { "" };

	(void)snprintf(header, sizeof(header), "{\"alg\":\"%s\"}", alg);
	(void)snprintf(said, sizeof(said), "%s needs ", alg);
	assert_int_equal(jws_alg_fits(alg_of(alg), key, KEY_SIGN, &f), -1);
	assert_ptr_equal(strstr(f.text, said), f.text);
	(void)snprintf(said, sizeof(said), "; this one is %s", words);
	assert_non_null(strstr(f.text, said));
	assert_int_equal(jws_alg_fits(alg_of(alg), key, KEY_VERIFY, NULL),
			 -1);
	assert_int_equal(jws_sign(alg_of(alg), key, str_z(header), STR("p"),
				  &b, &f), -1);
	assert_int_equal(b.n, 0);
	refused(alg, key, STR("a.b.c"), "needs ");
}

static void check_fit(const char *alg, const struct key *key)
{
	ATTR_CLEANUP(buf_fini) struct buf b = BUF_INIT(4096);
	struct key *public = NULL;

	sign_with(alg, key, &b);
	verifies(alg, key, buf_str(&b), "a payload");
	if (key_type(key) == KEY_OCT)
		return;
	public = public_of(key);
	verifies(alg, public, buf_str(&b), "a payload");
	key_unref(&public);
}

static void test_each_key_with_each_algorithm(void **state)
{
	(void)state;
	for (int k = 0; k < KEYS_N; k++) {
		struct key *key = key_of(KEYS[k].text);

		for (int i = 0; i < ALL_N; i++) {
			if (KEYS[k].algs >> i & 1)
				check_fit(ALL[i], key);
			else
				check_misfit(ALL[i], key, KEYS[k].words);
		}
		key_unref(&key);
	}
}

static void test_words(void **state)
{
	struct key *rsa = key_of(pem_rsa);
	struct fault f = { "" };

	(void)state;
	assert_int_equal(jws_alg_fits(alg_of("ES256"), rsa, KEY_SIGN, &f),
			 -1);
	assert_string_equal(f.text, "ES256 needs a P-256 key; this one is "
				    "RSA, 2048 bits");
	key_unref(&rsa);
}

/* RFC 7518 section 3.2: not shorter than the hash. */
static void test_secrets_lengths(void **state)
{
	static const size_t sizes[] = { 32, 48, 64 };
	char octets[64];

	(void)state;
	memset(octets, 's', sizeof(octets));
	for (int i = 0; i < 3; i++) {
		struct str s = { octets, sizes[i] };
		struct secret *just = secret_new(s);
		struct secret *one_less = secret_new(str_from(s, 1));
		struct key *good = key_symmetric(just);
		struct key *bad = key_symmetric(one_less);
		struct fault f = { "" };
		char words[64];

		assert_int_equal(jws_alg_fits(alg_of(ALL[i]), good, KEY_SIGN,
					      &f), 0);
		assert_int_equal(jws_alg_fits(alg_of(ALL[i]), bad, KEY_SIGN,
					      &f), -1);
		(void)snprintf(words, sizeof(words),
			       "too short for %s: %zu octets", ALL[i],
			       sizes[i]);
		assert_non_null(strstr(f.text, words));
		refused(ALL[i], bad, STR("a.b.c"), "too short");
		key_unref(&good);
		key_unref(&bad);
		secret_unref(&just);
		secret_unref(&one_less);
	}
}

/* ---- what a JWK says of itself ---- */

static void check_use(const char *members, bool sign, bool verify)
{
	ATTR_CLEANUP(buf_fini) struct buf b = BUF_INIT(4096);
	const struct jws_alg *alg = alg_of("EdDSA");
	struct fault f = { "" };
	struct key *key;

	buf_add_str(&b, str_sub(str_z(rfc8037_key), 0,
				strlen(rfc8037_key) - 1));
	buf_addf(&b, ",%s}", members);
	key = key_of(buf_z(&b));
	assert_int_equal(jws_alg_fits(alg, key, KEY_SIGN, &f), sign ? 0 : -1);
	assert_int_equal(jws_alg_fits(alg, key, KEY_VERIFY, &f),
			 verify ? 0 : -1);
	key_unref(&key);
}

static void test_uses(void **state)
{
	struct key *public = key_of(rfc8037_public);
	struct fault f = { "" };

	(void)state;
	check_use("\"use\":\"sig\"", true, true);
	check_use("\"use\":\"enc\"", false, false);
	check_use("\"key_ops\":[\"sign\"]", true, false);
	check_use("\"key_ops\":[\"verify\"]", false, true);
	check_use("\"key_ops\":[\"verify\",\"sign\",\"x\"]", true, true);
	check_use("\"key_ops\":[]", true, true);
	check_use("\"key_ops\":[\"deriveKey\"]", false, false);
	check_use("\"use\":\"enc\",\"key_ops\":[\"sign\"]", false, false);
	check_use("\"alg\":\"EdDSA\"", true, true);
	check_use("\"alg\":\"ES256\"", false, false);
	assert_int_equal(jws_alg_fits(alg_of("EdDSA"), public, KEY_SIGN, &f),
			 -1);
	assert_non_null(strstr(f.text, "this one is public"));
	key_unref(&public);
}

/* ---- what is not as it was signed ---- */

/* Each bit of each character, so that also what decodes to the same octets
 * is tried. */
static void check_tampered(const char *alg, const char *key_text)
{
	ATTR_CLEANUP(buf_fini) struct buf b = BUF_INIT(4096);
	struct key *key = key_of(key_text);
	size_t step;

	sign_with(alg, key, &b);
	step = b.n > 300 ? 5 : 1;
	for (size_t i = 0; i < b.n; i += step) {
		char was = b.p[i];

		for (int bit = 0; bit < 8; bit++) {
			b.p[i] = (char)(was ^ 1 << bit);
			refused(alg, key, buf_str(&b), "");
		}
		b.p[i] = was;
	}
	for (size_t n = 0; n < b.n; n += step)
		refused(alg, key, str_sub(buf_str(&b), 0, n), "");
	verifies(alg, key, buf_str(&b), "a payload");
	key_unref(&key);
}

static void test_tampered(void **state)
{
	(void)state;
	check_tampered("HS256", rfc7515_a1_key);
	check_tampered("RS256", pem_rsa);
	check_tampered("PS256", pem_rsa);
	check_tampered("ES256", pem_p256);
	check_tampered("ES512", pem_p521);
	check_tampered("EdDSA", pem_ed25519);
	check_tampered("EdDSA", pem_ed448);
}

static void test_another_key(void **state)
{
	ATTR_CLEANUP(buf_fini) struct buf b = BUF_INIT(4096);
	struct key *one = key_generate_p256(), *two = key_generate_p256();

	(void)state;
	sign_with("ES256", one, &b);
	verifies("ES256", one, buf_str(&b), "a payload");
	refused("ES256", two, buf_str(&b), "not that of the key");
	key_unref(&one);
	key_unref(&two);
}

static void test_last_characters(void **state)
{
	ATTR_CLEANUP(buf_fini) struct buf b = BUF_INIT(4096);
	struct key *key = key_of(rfc7515_a1_key);

	(void)state;
	buf_add_z(&b, rfc7515_a1);
	/* k and l differ in bits that belong to no octet. */
	b.p[b.n - 1] = 'l';
	refused("HS256", key, buf_str(&b), "not base64url");
	b.p[b.n - 1] = 'k';
	buf_add_z(&b, "=");
	refused("HS256", key, buf_str(&b), "not base64url");
	buf_cut(&b, b.n - 1);
	buf_add_z(&b, "\n");
	refused("HS256", key, buf_str(&b), "not base64url");
	buf_cut(&b, b.n - 1);
	buf_add_z(&b, ".");
	refused("HS256", key, buf_str(&b), "three parts");
	key_unref(&key);
}

static void test_parts(void **state)
{
	struct key *key = key_of(rfc7515_a1_key);

	(void)state;
	refused("HS256", key, STR(""), "three parts");
	refused("HS256", key, (struct str){ NULL, 0 }, "three parts");
	refused("HS256", key, STR("a"), "three parts");
	refused("HS256", key, STR("a.b"), "three parts");
	refused("HS256", key, STR("a.b.c.d"), "three parts");
	refused("HS256", key, STR("a.b.c.d.e"), "three parts");
	refused("HS256", key, STR(".."), "header is not valid JSON");
	refused("HS256", key, STR("e30.."), "alg is not HS256");
	refused("HS256", key, STR("W10.e30."), "not a JSON object");
	refused("HS256", key, STR("e30=.e30."), "not base64url");
	refused("HS256", key, STR("eyJhbGciOiJIUzI1NiJ9.e30."),
		"not that of the key");
	key_unref(&key);
}

static void test_bounds(void **state)
{
	ATTR_CLEANUP(buf_fini) struct buf b = BUF_INIT(LIMIT_JWS + 1);
	ATTR_CLEANUP(buf_fini) struct buf long_header =
		BUF_INIT(LIMIT_JWS_HEADER + 64);
	ATTR_CLEANUP(buf_fini) struct buf out = BUF_INIT(2 * LIMIT_JWS);
	struct key *key = key_of(rfc7515_a1_key);
	struct fault f = { "" };

	(void)state;
	while (b.n <= LIMIT_JWS)
		buf_add_char(&b, 'A');
	refused("HS256", key, buf_str(&b), "more than 131072 octets");
	buf_add_z(&long_header, "{\"alg\":\"HS256\",\"x\":\"");
	while (long_header.n < LIMIT_JWS_HEADER)
		buf_add_char(&long_header, 'x');
	buf_add_z(&long_header, "\"}");
	assert_int_equal(jws_sign(alg_of("HS256"), key, buf_str(&long_header),
				  STR("p"), &out, &f), -1);
	base64url_encode(&out, buf_str(&long_header));
	buf_add_z(&out, ".e30.e30");
	refused("HS256", key, buf_str(&out), "header has more than 16384");
	buf_reset(&out);
	assert_int_equal(jws_sign(alg_of("HS256"), key,
				  STR("{\"alg\":\"HS256\"}"), buf_str(&b),
				  &out, &f), -1);
	key_unref(&key);
}

static void test_small_buffers(void **state)
{
	struct key *key = key_of(rfc7515_a1_key);
	struct fault f = { "" };
	struct buf none = BUF_INIT(4);

	(void)state;
	for (size_t n = 0; n < 68; n++) {
		struct buf out = BUF_INIT(n);

		assert_int_equal(jws_sign(alg_of("HS256"), key,
					  STR("{\"alg\":\"HS256\"}"),
					  STR("{}"), &out, &f), -1);
		assert_false(buf_ok(&out));
		buf_fini(&out);
	}
	assert_int_equal(jws_verify(alg_of("HS256"), key, str_z(rfc7515_a1),
				    NULL, &none, &f), -1);
	assert_non_null(strstr(f.text, "payload is larger"));
	buf_fini(&none);
	key_unref(&key);
}

static void test_headers(void **state)
{
	static const struct {
		const char *header, *words;
	} odd[] = {
		{ "{\"alg\":\"HS384\"}", "alg is not HS256" },
		{ "{\"alg\":\"none\"}", "alg is not HS256" },
		{ "{\"alg\":\"hs256\"}", "alg is not HS256" },
		{ "{\"alg\":[\"HS256\"]}", "alg is not HS256" },
		{ "{\"typ\":\"JWT\"}", "alg is not HS256" },
		{ "{\"alg\":\"HS256\",\"crit\":[\"exp\"]}", "has crit" },
		{ "{\"alg\":\"HS256\",\"crit\":[\"b64\"],\"b64\":false}",
		  "has crit" },
		{ "{\"alg\":\"HS256\",\"crit\":null}", "has crit" },
	};
	struct key *key = key_of(rfc7515_a1_key);
	struct fault f = { "" };

	(void)state;
	for (size_t i = 0; i < sizeof(odd) / sizeof(*odd); i++) {
		ATTR_CLEANUP(buf_fini) struct buf b = BUF_INIT(4096);

		base64url_encode(&b, str_z(odd[i].header));
		buf_add_z(&b, ".e30.");
		refused("HS256", key, buf_str(&b), odd[i].words);
		buf_reset(&b);
		assert_int_equal(jws_sign(alg_of("HS256"), key,
					  str_z(odd[i].header), STR("{}"),
					  &b, &f), -1);
		assert_int_equal(b.n, 0);
		assert_non_null(strstr(f.text, odd[i].words));
	}
	key_unref(&key);
}

/* A public key that is taken for a secret: then everyone could sign. */
static void test_confusion(void **state)
{
	ATTR_CLEANUP(buf_fini) struct buf b = BUF_INIT(4096);
	struct secret *octets = secret_new(str_z(pem_p256_public));
	struct key *as_secret = key_symmetric(octets);
	struct key *rsa = key_of(rfc7515_a2_key);
	struct key *ec = key_of(pem_p256);

	(void)state;
	sign_with("HS256", as_secret, &b);
	verifies("HS256", as_secret, buf_str(&b), "a payload");
	refused("ES256", ec, buf_str(&b), "alg is not ES256");
	refused("HS256", ec, buf_str(&b), "HS256 needs a shared secret");
	refused("RS256", rsa, buf_str(&b), "alg is not RS256");
	buf_reset(&b);
	sign_with("RS256", rsa, &b);
	refused("PS256", rsa, buf_str(&b), "alg is not PS256");
	refused("RS512", rsa, buf_str(&b), "alg is not RS512");
	key_unref(&as_secret);
	key_unref(&rsa);
	key_unref(&ec);
	secret_unref(&octets);
}

static void zero_part(struct buf *b, size_t at, size_t n)
{
	memset(b->p + at, 'A', n);
}

/* CVE-2022-21449: R and S of 0 verify anything where they are not looked
 * at. */
static void test_ecdsa_of_zeros(void **state)
{
	ATTR_CLEANUP(buf_fini) struct buf b = BUF_INIT(4096);
	struct key *key = key_of(pem_p256);

	(void)state;
	sign_with("ES256", key, &b);
	zero_part(&b, b.n - 43, 42); /* S */
	b.p[b.n - 1] = 'A';
	refused("ES256", key, buf_str(&b), "not that of the key");
	zero_part(&b, b.n - 86, 86);
	refused("ES256", key, buf_str(&b), "not that of the key");
	key_unref(&key);
}

/* One R or S in 256 is shorter than the curve, and keeps its width. */
static void test_ecdsa_width(void **state)
{
	static const char *const keys[] = { pem_p256, pem_p384, pem_p521 };
	static const char *const algs[] = { "ES256", "ES384", "ES512" };
	static const size_t sizes[] = { 86, 128, 176 };

	(void)state;
	for (int k = 0; k < 3; k++) {
		struct key *key = key_of(keys[k]);

		for (int i = 0; i < 300; i++) {
			struct buf b = BUF_INIT(4096);
			struct str s;

			sign_with(algs[k], key, &b);
			s = str_from(buf_str(&b), b.n - sizes[k]);
			assert_int_equal(s.p[-1], '.');
			verifies(algs[k], key, buf_str(&b), "a payload");
			buf_fini(&b);
		}
		key_unref(&key);
	}
}

/* ---- unverified ---- */

static void test_unverified(void **state)
{
	ATTR_CLEANUP(buf_fini) struct buf b = BUF_INIT(4096);
	struct json *header;
	struct fault f = { "" };

	(void)state;
	assert_int_equal(jws_read_unverified(str_z(rfc7515_a5), &header, &b,
					     &f), 0);
	assert_true(str_eq_z(json_text(json_get(header, "alg")), "none"));
	assert_string_equal(buf_z(&b), rfc7515_payload);
	json_free(&header);
	buf_reset(&b);
	assert_int_equal(jws_read_unverified(STR("e30.e.x"), &header, &b, &f),
			 -1);
	assert_null(header);
	assert_int_equal(b.n, 0);
	assert_non_null(strstr(f.text, "payload is not base64url"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_names),
		cmocka_unit_test(test_each_key_with_each_algorithm),
		cmocka_unit_test(test_words),
		cmocka_unit_test(test_secrets_lengths),
		cmocka_unit_test(test_uses),
		cmocka_unit_test(test_tampered),
		cmocka_unit_test(test_another_key),
		cmocka_unit_test(test_last_characters),
		cmocka_unit_test(test_parts),
		cmocka_unit_test(test_bounds),
		cmocka_unit_test(test_small_buffers),
		cmocka_unit_test(test_headers),
		cmocka_unit_test(test_confusion),
		cmocka_unit_test(test_ecdsa_of_zeros),
		cmocka_unit_test(test_ecdsa_width),
		cmocka_unit_test(test_unverified),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
