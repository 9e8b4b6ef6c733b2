/* SPDX-License-Identifier: MIT */
#include "base/limits.h"
#include "crypto/jwk.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/child.h"
#include "crypto/key_int.h"
#include "crypto/vectors.h"

static struct key *parsed(struct str text)
{
	struct fault f = { "" };
	struct key *key = jwk_parse(text, &f);

	if (!key)
		fail_msg("refused: %s", f.text);
	return key;
}

static void refused_str(struct str text, const char *words)
{
	struct fault f = { "" };

	if (jwk_parse(text, &f))
		fail_msg("taken: %.*s", STR_ARGS(text));
	if (!strstr(f.text, words))
		fail_msg("\"%s\" does not say \"%s\"", f.text, words);
}

static void refused(const char *text, const char *words)
{
	refused_str(str_z(text), words);
}

/* The object from text with member name set to value (JSON), or without it
 * where that is NULL. */
static void with(struct buf *out, const char *text, const char *name,
		 const char *value)
{
	struct json *j = json_parse(str_z(text), NULL);
	struct json_out o;

	assert_non_null(j);
	json_out_init(&o, out);
	json_out_object(&o);
	for (size_t i = 0; i < json_count(j); i++) {
		if (str_eq_z(json_name(j, i), name))
			continue;
		json_out_key_str(&o, json_name(j, i));
		json_out_value(&o, json_at(j, i));
	}
	buf_addf(out, value ? ",\"%s\":%s}" : "}", name, value);
	assert_true(buf_ok(out));
	json_free(&j);
}

static void with_refused(const char *text, const char *name,
			 const char *value, const char *words)
{
	ATTR_CLEANUP(buf_fini) struct buf b = BUF_INIT(8192);

	with(&b, text, name, value);
	refused_str(buf_str(&b), words);
}

static struct key *with_parsed(const char *text, const char *name,
			       const char *value)
{
	ATTR_CLEANUP(buf_fini) struct buf b = BUF_INIT(8192);

	with(&b, text, name, value);
	return parsed(buf_str(&b));
}

/* ---- reading ---- */

static void test_public_and_private(void **state)
{
	struct key *key = parsed(str_z(rfc8037_public));

	(void)state;
	assert_false(key_is_private(key));
	key_unref(&key);
	key = parsed(str_z(rfc8037_key));
	assert_true(key_is_private(key));
	key_unref(&key);
	key = parsed(str_z(rfc7638_key));
	assert_false(key_is_private(key));
	key_unref(&key);
	key = parsed(str_z(rfc7517_a2_ec));
	assert_true(key_is_private(key));
	assert_string_equal(key_id(key), "1");
	key_unref(&key);
}

static void test_not_a_key(void **state)
{
	(void)state;
	refused("", "not valid JSON");
	refused("[]", "is a JSON object, not array");
	refused("null", "is a JSON object, not null");
	refused("{}", "kty is not one of RSA, EC, OKP, oct");
	refused("{\"kty\":7}", "kty is not one of");
	refused("{\"kty\":\"ec\"}", "kty is not one of");
	refused("{\"kty\":\"oct\",\"k\":\"AA\",\"k\":\"AA\"}",
		"a member stands twice");
}

static void test_each_member_is_needed(void **state)
{
	static const struct {
		const char *text, *members[9];
	} keys[] = {
		{ rfc7515_a3_key, { "kty", "crv", "x", "y" } },
		{ rfc8037_key, { "kty", "crv", "x" } },
		{ rfc7515_a2_key, { "kty", "n", "e", "p", "q", "dp", "dq",
				    "qi" } },
		{ rfc7638_key, { "kty", "n", "e" } },
		{ rfc7515_a1_key, { "kty", "k" } },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(keys) / sizeof(*keys); i++) {
		for (const char *const *m = keys[i].members; *m; m++) {
			with_refused(keys[i].text, *m, NULL, *m);
			with_refused(keys[i].text, *m, "null", *m);
			with_refused(keys[i].text, *m, "[]", *m);
			with_refused(keys[i].text, *m, "\"\"", *m);
		}
	}
}

static void test_lengths(void **state)
{
	(void)state;
	with_refused(rfc7515_a3_key, "x",
		     "\"zc4ncPbEXUGDy-5v20t7WAczNXvp7xO6z248e9FURQ\"",
		     "");
	with_refused(rfc7515_a3_key, "d",
		     "\"AY6bEJ5xkJi_mASH3x9dd-nLKWBuvtImO19XwhPfhPSy\"",
		     "d has 33 octets: with P-256 there are 32");
	with_refused(rfc7515_a3_key, "crv", "\"P-384\"",
		     "");
	with_refused(rfc8037_key, "crv", "\"Ed448\"", "there are 57");
	with_refused(rfc7638_key, "e", "\"AQAAAAAAAAAB\"", "not an exponent");
	with_refused(rfc7638_key, "e", "\"AQ\"", "not an exponent");
	with_refused(rfc7638_key, "e", "\"AQAA\"", "not an exponent");
	with_refused(rfc7638_key, "n", "\"ofgWCuLjybRlzo0tZWJjNiuSfb4p\"",
		     "one of 2048 or more");
}

/* The same number, or the same octets, written otherwise. */
static void test_other_ways_to_write(void **state)
{
	static const struct {
		const char *key, *member, *value;
	} rows[] = {
		{ rfc7638_key, "e", "\"AAEAAQ\"" },
		{ rfc7638_key, "e", "\"AAAAAAAAAQAB\"" },
		{ rfc7638_key, "e", "\"AAEAAQ==\"" },
		{ rfc7638_key, "kid", "null" },
		{ rfc7638_key, "kid", "\"\"" },
		{ rfc7638_key, "use", "null" },
		{ rfc7638_key, "use", "\"\"" },
		{ rfc7638_key, "alg", "null" },
		{ rfc7638_key, "key_ops", "null" },
		{ rfc7638_key, "d", "null" },
		{ rfc7638_key, "oth", "null" },
		{ rfc7515_a3_key, "d",
		  "\"AI6bEJ5xkJi_mASH3x9dd-nLKWBuvtImO19XwhPfhPSy\"" },
		{ rfc7515_a3_key, "d",
		  "\"AI6bEJ5xkJi/mASH3x9dd+nLKWBuvtImO19XwhPfhPSy\"" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct key *key = with_parsed(rows[i].key, rows[i].member,
					      rows[i].value);

		assert_non_null(key);
		key_unref(&key);
	}
}

static void test_trailing_bits(void **state)
{
	(void)state;
	with_refused(rfc8037_key, "x",
		     "\"11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURp\"",
		     "not base64url");
}

static void test_curves(void **state)
{
	(void)state;
	with_refused(rfc7515_a3_key, "crv", "\"Ed25519\"",
		     "crv is not one of P-256, P-384, P-521");
	with_refused(rfc8037_key, "crv", "\"P-256\"",
		     "crv is not one of Ed25519, Ed448");
	with_refused(rfc8037_key, "crv", "\"X25519\"", "crv is not one of");
	with_refused(rfc7515_a3_key, "crv", "\"secp256k1\"",
		     "crv is not one of");
}

/* A point beside the curve gives away the private key of who uses it. */
static void test_point_beside_the_curve(void **state)
{
	static const char public[] =
		"{\"kty\":\"EC\",\"crv\":\"P-256\","
		"\"x\":\"f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU\","
		"\"y\":\"x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0\"}";
	static const char zero[] =
		"\"AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA\"";
	static const char ones[] =
		"\"__________________________________________8\"";
	struct key *key = parsed(str_z(public));

	(void)state;
	key_unref(&key);
	with_refused(public, "y",
		     "\"x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a4\"",
		     "not on its curve");
	with_refused(public, "x", zero, "");
	with_refused(public, "y", ones, "");
	with_refused(rfc7515_a3_key, "y",
		     "\"x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a4\"",
		     "do not belong together");
}

static void test_parts_of_different_keys(void **state)
{
	static const char zero[] =
		"\"AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA\"";

	(void)state;
	with_refused(rfc7515_a3_key, "d",
		     "\"870MB6gfuTJ4HtUnUvYMyJpr5eUZNP4Bk43bVdj3eAE\"",
		     "do not belong together");
	with_refused(rfc7515_a3_key, "d", zero, "");
	with_refused(rfc8037_key, "d",
		     "\"870MB6gfuTJ4HtUnUvYMyJpr5eUZNP4Bk43bVdj3eAE\"",
		     "do not belong together");
	with_refused(rfc7515_a2_key, "d", "\"AQAB\"", "");
	with_refused(rfc7515_a2_key, "p", "\"AQAB\"", "");
	with_refused(rfc7515_a2_key, "e", "\"Aw\"", "");
	with_refused(rfc7515_a2_key, "oth", "[]", "more than two primes");
}

/* What follows from the primes is not believed, but computed. */
static void test_derived_parts(void **state)
{
	static const char *const names[] = { "dp", "dq", "qi" };

	(void)state;
	for (int i = 0; i < 3; i++) {
		ATTR_CLEANUP(buf_fini) struct buf b = BUF_INIT_SECRET(8192);
		struct key *key = with_parsed(rfc7515_a2_key, names[i],
					      "\"AQAB\"");
		struct json_out o;
		struct json *was = json_parse(str_z(rfc7515_a2_key), NULL);
		struct json *now;

		json_out_init(&o, &b);
		jwk_write_private(key, &o);
		now = json_parse(buf_str(&b), NULL);
		assert_true(str_eq(json_text(json_get(was, names[i])),
				   json_text(json_get(now, names[i]))));
		json_free(&was);
		json_free(&now);
		key_unref(&key);
	}
}

static void test_id_and_alg(void **state)
{
	struct key *key = with_parsed(rfc8037_key, "kid",
				      "\"k\\u00e9y 1\"");

	(void)state;
	assert_string_equal(key_id(key), "k\303\251y 1");
	key_unref(&key);
	key = with_parsed(rfc8037_key, "alg", "\"EdDSA\"");
	assert_string_equal(key->alg, "EdDSA");
	key_unref(&key);
	with_refused(rfc8037_key, "kid", "7", "kid is not text");
	with_refused(rfc8037_key, "kid", "\"a\\u0000b\"", "kid is not text");
	with_refused(rfc8037_key, "alg", "[\"EdDSA\"]", "alg is not text");
	with_refused(rfc8037_key, "use", "true", "use is not text");
	with_refused(rfc8037_key, "key_ops", "\"sign\"", "not an array");
	with_refused(rfc8037_key, "key_ops", "[1]", "what is not text");
}

static void test_id_of_the_longest(void **state)
{
	ATTR_CLEANUP(buf_fini) struct buf id = BUF_INIT(LIMIT_KEY_ID + 8);
	struct key *key;

	(void)state;
	buf_add_char(&id, '"');
	for (int i = 0; i < LIMIT_KEY_ID; i++)
		buf_add_char(&id, 'k');
	buf_add_z(&id, "\"");
	key = with_parsed(rfc8037_key, "kid", buf_z(&id));
	assert_int_equal(strlen(key_id(key)), LIMIT_KEY_ID);
	key_unref(&key);
	buf_cut(&id, id.n - 1);
	buf_add_z(&id, "k\"");
	with_refused(rfc8037_key, "kid", buf_z(&id), "1 to 512 octets");
}

static void test_what_it_does_not_know_is_passed_over(void **state)
{
	struct key *key = with_parsed(rfc7638_key, "x5c", "[1,2,3]");

	(void)state;
	key_unref(&key);
}

/* ---- writing ---- */

static void write_one(const struct key *key, bool private, struct buf *out)
{
	struct json_out o;

	json_out_init(&o, out);
	if (private)
		jwk_write_private(key, &o);
	else
		jwk_write_public(key, &o);
	assert_true(buf_ok(out));
}

static void test_canonical(void **state)
{
	ATTR_CLEANUP(buf_fini) struct buf b = BUF_INIT(8192);
	struct key *key = parsed(str_z(rfc8037_key));

	(void)state;
	write_one(key, false, &b);
	assert_string_equal(buf_z(&b),
		"{\"crv\":\"Ed25519\",\"kty\":\"OKP\","
		"\"x\":\"11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo\"}");
	key_unref(&key);
	buf_reset(&b);
	key = parsed(str_z(rfc7515_a3_key));
	write_one(key, false, &b);
	assert_string_equal(buf_z(&b),
		"{\"crv\":\"P-256\",\"kty\":\"EC\","
		"\"x\":\"f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU\","
		"\"y\":\"x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0\"}");
	key_unref(&key);
	buf_reset(&b);
	key = parsed(str_z(rfc7638_key));
	write_one(key, false, &b);
	assert_true(str_starts(buf_str(&b),
			       STR("{\"e\":\"AQAB\",\"kty\":\"RSA\",\"n\":\""
				   "0vx7agoebGcQSuuPiLJXZptN9nndrQmbXEps2")));
	key_unref(&key);
}

/* What was written reads as the same key, and says every member as before. */
static void test_round(void **state)
{
	static const char *const keys[] = {
		rfc7515_a1_key, rfc7515_a2_key, rfc7515_a3_key,
		rfc7515_a4_key, rfc7520_ec_key, rfc8037_key,
	};

	(void)state;
	for (size_t i = 0; i < sizeof(keys) / sizeof(*keys); i++) {
		ATTR_CLEANUP(buf_fini) struct buf b = BUF_INIT_SECRET(8192);
		struct key *key = parsed(str_z(keys[i])), *again;
		struct json *was = json_parse(str_z(keys[i]), NULL), *now;

		write_one(key, true, &b);
		now = json_parse(buf_str(&b), NULL);
		for (size_t m = 0; m < json_count(now); m++)
			assert_true(str_eq(
				json_text(json_at(now, m)),
				json_text(json_get_str(was,
						       json_name(now, m)))));
		again = parsed(buf_str(&b));
		assert_true(key_is_private(again));
		assert_string_equal(key_words(again), key_words(key));
		key_unref(&key);
		key_unref(&again);
		json_free(&was);
		json_free(&now);
	}
}

/* One coordinate in 256 begins with a zero octet, and keeps its width. */
static void test_coordinates_keep_their_width(void **state)
{
	(void)state;
	for (int i = 0; i < 600; i++) {
		ATTR_CLEANUP(buf_fini) struct buf b = BUF_INIT_SECRET(1024);
		struct key *key = key_generate_p256(), *again;
		struct json *j;

		write_one(key, true, &b);
		j = json_parse(buf_str(&b), NULL);
		assert_int_equal(json_text(json_get(j, "x")).n, 43);
		assert_int_equal(json_text(json_get(j, "y")).n, 43);
		assert_int_equal(json_text(json_get(j, "d")).n, 43);
		json_free(&j);
		again = parsed(buf_str(&b));
		key_unref(&again);
		key_unref(&key);
	}
}

static void thumbprint(const char *text, const char *expected)
{
	ATTR_CLEANUP(buf_fini) struct buf b = BUF_INIT(64);
	struct key *key = parsed(str_z(text));

	jwk_thumbprint(key, &b);
	assert_string_equal(buf_z(&b), expected);
	assert_int_equal(b.n, JWK_THUMBPRINT_SIZE);
	key_unref(&key);
}

static void test_thumbprints(void **state)
{
	(void)state;
	thumbprint(rfc7638_key, rfc7638_thumbprint);
	thumbprint(rfc7517_a2_rsa, rfc7638_thumbprint);
	thumbprint(rfc8037_key, rfc8037_thumbprint);
	thumbprint(rfc8037_public, rfc8037_thumbprint);
}

static void write_a_secret_as_public(void)
{
	ATTR_CLEANUP(buf_fini) struct buf b = BUF_INIT(8192);
	struct key *key = jwk_parse(str_z(rfc7515_a1_key), NULL);

	write_one(key, false, &b);
}

static void write_where_it_is_not_wiped(void)
{
	ATTR_CLEANUP(buf_fini) struct buf b = BUF_INIT(8192);
	struct key *key = jwk_parse(str_z(rfc8037_key), NULL);

	write_one(key, true, &b);
}

static void test_leaks_are_defects(void **state)
{
	(void)state;
	assert_true(aborts_saying(write_a_secret_as_public, "KEY_OCT"));
	assert_true(aborts_saying(write_where_it_is_not_wiped, "wipes"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_public_and_private),
		cmocka_unit_test(test_not_a_key),
		cmocka_unit_test(test_each_member_is_needed),
		cmocka_unit_test(test_lengths),
		cmocka_unit_test(test_other_ways_to_write),
		cmocka_unit_test(test_trailing_bits),
		cmocka_unit_test(test_curves),
		cmocka_unit_test(test_point_beside_the_curve),
		cmocka_unit_test(test_parts_of_different_keys),
		cmocka_unit_test(test_derived_parts),
		cmocka_unit_test(test_id_and_alg),
		cmocka_unit_test(test_id_of_the_longest),
		cmocka_unit_test(test_what_it_does_not_know_is_passed_over),
		cmocka_unit_test(test_canonical),
		cmocka_unit_test(test_round),
		cmocka_unit_test(test_coordinates_keep_their_width),
		cmocka_unit_test(test_thumbprints),
		cmocka_unit_test(test_leaks_are_defects),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
