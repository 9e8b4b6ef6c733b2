/* SPDX-License-Identifier: MIT */
#include "base/limits.h"
#include "crypto/jwk_set.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/buf.h"
#include "crypto/vectors.h"
#include "data/base64url.h"

static const char ed25519[] =
	"\"kty\":\"OKP\",\"crv\":\"Ed25519\","
	"\"x\":\"11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo\"";
static const char p256[] =
	"\"kty\":\"EC\",\"crv\":\"P-256\","
	"\"x\":\"f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU\","
	"\"y\":\"x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0\"";

static struct jwk_set *parsed(const char *text)
{
	struct fault f = { "" };
	struct jwk_set *set = jwk_set_parse(str_z(text), &f);

	if (!set)
		fail_msg("refused: %s", f.text);
	return set;
}

static void refused(const char *text, const char *words)
{
	struct fault f = { "" };

	assert_null(jwk_set_parse(str_z(text), &f));
	if (!strstr(f.text, words))
		fail_msg("\"%s\" does not say \"%s\"", f.text, words);
}

/* How many keys are offered for id and alg. */
static size_t offered(const struct jwk_set *set, const char *id,
		      const char *alg)
{
	const struct jws_alg *row = jws_alg_find(alg, NULL);
	size_t at = 0, n = 0;

	assert_non_null(row);
	while (jwk_set_next(set, str_z(id), row, &at))
		n++;
	return n;
}

static void test_rfc7517(void **state)
{
	struct jwk_set *set = parsed(rfc7517_a1);

	(void)state;
	assert_int_equal(jwk_set_count(set), 2);
	assert_int_equal(offered(set, "2011-04-29", "RS256"), 1);
	assert_int_equal(offered(set, "2011-04-29", "RS512"), 0);
	assert_int_equal(offered(set, "", "RS256"), 1);
	assert_int_equal(offered(set, "2011", "RS256"), 0);
	/* The other one is for encryption. */
	assert_int_equal(offered(set, "1", "ES256"), 0);
	jwk_set_free(&set);
	assert_null(set);
	jwk_set_free(&set);
}

/* Secrets in a published set would let everyone sign. */
static void test_secrets_are_passed_over(void **state)
{
	ATTR_CLEANUP(buf_fini) struct buf b = BUF_INIT(8192);
	struct jwk_set *set = parsed(rfc7517_a3);

	(void)state;
	assert_int_equal(jwk_set_count(set), 0);
	assert_int_equal(offered(set, "", "HS256"), 0);
	jwk_set_free(&set);
	buf_addf(&b, "{\"keys\":[%s,%s]}", rfc7517_a2_rsa, rfc8037_key);
	set = parsed(buf_z(&b));
	assert_int_equal(jwk_set_count(set), 0);
	jwk_set_free(&set);
}

static void test_odd_keys_are_passed_over(void **state)
{
	ATTR_CLEANUP(buf_fini) struct buf b = BUF_INIT(8192);
	struct jwk_set *set;

	(void)state;
	buf_addf(&b, "{\"more\":1,\"keys\":[null,7,\"x\",[],{},"
		     "{\"kty\":\"new\"},{\"kty\":\"RSA\",\"n\":\"AQAB\","
		     "\"e\":\"AQAB\"},{\"kty\":\"EC\",\"crv\":\"P-256\","
		     "\"x\":\"AA\",\"y\":\"AA\"},{\"kty\":\"OKP\","
		     "\"crv\":\"X25519\",\"x\":\"AA\"},{%s}]}", ed25519);
	set = parsed(buf_z(&b));
	assert_int_equal(jwk_set_count(set), 1);
	assert_int_equal(offered(set, "", "EdDSA"), 1);
	jwk_set_free(&set);
}

static void test_ids(void **state)
{
	ATTR_CLEANUP(buf_fini) struct buf b = BUF_INIT(8192);
	struct jwk_set *set;

	(void)state;
	buf_addf(&b, "{\"keys\":[{%s,\"kid\":\"a\"},{%s,\"kid\":\"a\"},"
		     "{%s,\"kid\":\"b\"},{%s}]}", ed25519, p256, ed25519,
		 ed25519);
	set = parsed(buf_z(&b));
	assert_int_equal(jwk_set_count(set), 4);
	assert_int_equal(offered(set, "a", "EdDSA"), 2);
	assert_int_equal(offered(set, "a", "ES256"), 1);
	assert_int_equal(offered(set, "b", "EdDSA"), 2);
	assert_int_equal(offered(set, "b", "ES256"), 0);
	assert_int_equal(offered(set, "c", "EdDSA"), 1);
	assert_int_equal(offered(set, "", "EdDSA"), 3);
	assert_int_equal(offered(set, "", "RS256"), 0);
	jwk_set_free(&set);
}

/* Those of the id come before those that have none. */
static void test_the_named_first(void **state)
{
	ATTR_CLEANUP(buf_fini) struct buf b = BUF_INIT(8192);
	struct jwk_set *set;
	size_t at = 0;
	struct key *key;

	(void)state;
	buf_addf(&b, "{\"keys\":[{%s},{%s,\"kid\":\"b\"}]}", ed25519, ed25519);
	set = parsed(buf_z(&b));
	key = jwk_set_next(set, STR("b"), jws_alg_find("EdDSA", NULL), &at);
	assert_string_equal(key_id(key), "b");
	key = jwk_set_next(set, STR("b"), jws_alg_find("EdDSA", NULL), &at);
	assert_null(key_id(key));
	jwk_set_free(&set);
}

/* An RSA key of so many bits, all of them ones. */
static void add_rsa(struct buf *b, size_t bits)
{
	ATTR_CLEANUP(buf_fini) struct buf n = BUF_INIT(4096);

	for (size_t i = 0; i < bits / 8; i++)
		buf_add_char(&n, (char)0xff);
	buf_add_z(b, "{\"kty\":\"RSA\",\"e\":\"AQAB\",\"n\":\"");
	base64url_encode(b, buf_str(&n));
	buf_add_z(b, "\"}");
}

/* What is checked with one costs the square of its size. */
static void test_giants_are_passed_over(void **state)
{
	ATTR_CLEANUP(buf_fini) struct buf b = BUF_INIT(16384);
	struct jwk_set *set;

	(void)state;
	buf_add_z(&b, "{\"keys\":[");
	add_rsa(&b, LIMIT_JWKS_RSA);
	buf_add_char(&b, ',');
	add_rsa(&b, LIMIT_JWKS_RSA + 8);
	buf_add_z(&b, "]}");
	set = parsed(buf_z(&b));
	assert_int_equal(jwk_set_count(set), 1);
	jwk_set_free(&set);
}

static void test_verifies(void **state)
{
	ATTR_CLEANUP(buf_fini) struct buf b = BUF_INIT(8192);
	ATTR_CLEANUP(buf_fini) struct buf payload = BUF_INIT(64);
	const struct jws_alg *alg = jws_alg_find("EdDSA", NULL);
	struct jwk_set *set;
	size_t at = 0;

	(void)state;
	buf_addf(&b, "{\"keys\":[{%s},{%s}]}", p256, ed25519);
	set = parsed(buf_z(&b));
	assert_int_equal(jws_verify(alg, jwk_set_next(set, STR(""), alg, &at),
				    str_z(rfc8037_a4), NULL, &payload, NULL),
			 0);
	assert_null(jwk_set_next(set, STR(""), alg, &at));
	assert_null(jwk_set_next(set, STR(""), alg, &at));
	jwk_set_free(&set);
}

static void test_no_set(void **state)
{
	(void)state;
	refused("", "not valid JSON");
	refused("[]", "an array named keys");
	refused("{}", "an array named keys");
	refused("{\"keys\":{}}", "an array named keys");
	refused("{\"keys\":[],\"keys\":[]}", "twice");
	refused(rfc8037_public, "an array named keys");
}

static void many(struct buf *b, size_t n)
{
	buf_add_z(b, "{\"keys\":[");
	for (size_t i = 0; i < n; i++)
		buf_addf(b, "%s{%s}", i ? "," : "", ed25519);
	buf_add_z(b, "]}");
	assert_true(buf_ok(b));
}

static void test_how_many(void **state)
{
	ATTR_CLEANUP(buf_fini) struct buf b = BUF_INIT(65536);
	struct jwk_set *set;

	(void)state;
	many(&b, 0);
	set = parsed(buf_z(&b));
	assert_int_equal(jwk_set_count(set), 0);
	jwk_set_free(&set);
	buf_reset(&b);
	many(&b, LIMIT_JWKS_KEYS);
	set = parsed(buf_z(&b));
	assert_int_equal(jwk_set_count(set), LIMIT_JWKS_KEYS);
	jwk_set_free(&set);
	buf_reset(&b);
	many(&b, LIMIT_JWKS_KEYS + 1);
	refused(buf_z(&b), "more than 128 keys");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_rfc7517),
		cmocka_unit_test(test_secrets_are_passed_over),
		cmocka_unit_test(test_odd_keys_are_passed_over),
		cmocka_unit_test(test_ids),
		cmocka_unit_test(test_the_named_first),
		cmocka_unit_test(test_giants_are_passed_over),
		cmocka_unit_test(test_verifies),
		cmocka_unit_test(test_no_set),
		cmocka_unit_test(test_how_many),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
