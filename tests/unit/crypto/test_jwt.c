/* SPDX-License-Identifier: MIT */
#include "base/limits.h"
#include "crypto/jwt.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "crypto/jwk.h"
#include "crypto/vectors.h"

static const struct jws_alg *alg_of(const char *name)
{
	const struct jws_alg *alg = jws_alg_find(name, NULL);

	assert_non_null(alg);
	return alg;
}

static struct key *key_of(const char *text)
{
	struct key *key = jwk_parse(str_z(text), NULL);

	assert_non_null(key);
	return key;
}

static const char *member(const struct json *j, const char *name)
{
	static char text[64];
	struct str s = json_text(json_get(j, name));

	assert_true(s.n < sizeof(text));
	memcpy(text, s.p, s.n);
	text[s.n] = '\0';
	return text;
}

/* ---- reading ---- */

static void test_verifies(void **state)
{
	struct key *key = key_of(rfc7515_a1_key);
	struct fault f = { "" };
	struct jwt jwt;
	int64_t exp;

	(void)state;
	assert_int_equal(jwt_verify(alg_of("HS256"), key, str_z(rfc7515_a1),
				    &jwt, &f), 0);
	assert_string_equal(member(jwt.header, "typ"), "JWT");
	assert_string_equal(member(jwt.claims, "iss"), "joe");
	assert_int_equal(jwt_date(jwt.claims, "exp", &exp, &f), 1);
	assert_int_equal(exp, 1300819380);
	jwt_fini(&jwt);
	assert_null(jwt.header);
	assert_null(jwt.claims);
	jwt_fini(&jwt);
	key_unref(&key);
}

static void refused(const char *alg, const struct key *key,
		    const char *compact, const char *words)
{
	struct fault f = { "" };
	struct jwt jwt;

	assert_int_equal(jwt_verify(alg_of(alg), key, str_z(compact), &jwt,
				    &f), -1);
	assert_null(jwt.header);
	assert_null(jwt.claims);
	if (!strstr(f.text, words))
		fail_msg("\"%s\" does not say \"%s\"", f.text, words);
}

static void test_refuses(void **state)
{
	ATTR_CLEANUP(buf_fini) struct buf b = BUF_INIT(4096);
	struct key *key = key_of(rfc7515_a1_key);

	(void)state;
	refused("HS256", key, rfc7515_a5, "alg is not HS256");
	refused("HS256", key, rfc7515_a2, "alg is not HS256");
	refused("HS384", key, rfc7515_a1, "alg is not HS384");
	refused("HS256", key, "", "three parts");
	buf_add_z(&b, rfc7515_a1);
	b.p[30] = b.p[30] == 'A' ? 'B' : 'A';
	refused("HS256", key, buf_z(&b), "");
	key_unref(&key);
}

static void claims_refused(const char *claims, const char *words)
{
	ATTR_CLEANUP(buf_fini) struct buf b = BUF_INIT(4096);
	struct key *key = key_of(rfc7515_a1_key);
	struct jwt_header header = { .typ = "JWT" };
	struct fault f = { "" };

	assert_int_equal(jws_sign(alg_of("HS256"), key,
				  STR("{\"alg\":\"HS256\"}"), str_z(claims),
				  &b, &f), 0);
	refused("HS256", key, buf_z(&b), words);
	buf_reset(&b);
	assert_int_equal(jwt_sign(alg_of("HS256"), key, &header,
				  str_z(claims), &b, &f), -1);
	assert_int_equal(b.n, 0);
	assert_non_null(strstr(f.text, words));
	key_unref(&key);
}

static void test_claims_are_an_object(void **state)
{
	(void)state;
	claims_refused("", "claims are not valid JSON");
	claims_refused("a payload", "claims are not valid JSON");
	claims_refused("[]", "claims are not a JSON object");
	claims_refused("\"x\"", "claims are not a JSON object");
	claims_refused("{\"iss\":\"a\",\"iss\":\"b\"}", "stands twice");
	claims_refused("{\"iss\":\"\xff\"}", "no valid Unicode");
}

static void test_unverified(void **state)
{
	struct fault f = { "" };
	struct jwt jwt;

	(void)state;
	assert_int_equal(jwt_read_unverified(str_z(rfc7515_a5), &jwt, &f), 0);
	assert_string_equal(member(jwt.header, "alg"), "none");
	assert_string_equal(member(jwt.claims, "iss"), "joe");
	jwt_fini(&jwt);
	assert_int_equal(jwt_read_unverified(STR("a.b"), &jwt, &f), -1);
	assert_null(jwt.header);
	assert_int_equal(jwt_read_unverified(str_z(rfc8037_a4), &jwt, &f),
			 -1);
	assert_null(jwt.header);
	assert_non_null(strstr(f.text, "claims are not valid JSON"));
}

/* ---- making ---- */

static void sign_and_read(const struct jwt_header *header, const char *alg,
			  const char *key_text, struct jwt *jwt)
{
	ATTR_CLEANUP(buf_fini) struct buf b = BUF_INIT(8192);
	struct key *key = key_of(key_text);
	struct fault f = { "" };

	if (jwt_sign(alg_of(alg), key, header, STR("{\"sub\":\"me\"}"), &b,
		     &f) < 0)
		fail_msg("%s", f.text);
	assert_int_equal(jwt_verify(alg_of(alg), key, buf_str(&b), jwt, &f),
			 0);
	assert_string_equal(member(jwt->claims, "sub"), "me");
	assert_string_equal(member(jwt->header, "alg"), alg);
	key_unref(&key);
}

static void test_headers(void **state)
{
	struct jwt_header header = { .typ = NULL };
	struct jwt jwt;

	(void)state;
	sign_and_read(&header, "RS256", rfc7515_a2_key, &jwt);
	assert_int_equal(json_count(jwt.header), 1);
	jwt_fini(&jwt);
	header = (struct jwt_header){ .typ = "JWT", .kid = "k \"1\"" };
	sign_and_read(&header, "ES256", rfc7515_a3_key, &jwt);
	assert_string_equal(member(jwt.header, "typ"), "JWT");
	assert_string_equal(member(jwt.header, "kid"), "k \"1\"");
	assert_int_equal(json_count(jwt.header), 3);
	jwt_fini(&jwt);
}

static void test_header_with_more(void **state)
{
	struct jwt_header header = {
		.typ = "JWT",
		.kid = "one",
		.more = STR("{\"x5t\":\"abc\",\"kid\":\"two\",\"n\":[1]}"),
	};
	struct jwt jwt;

	(void)state;
	sign_and_read(&header, "EdDSA", rfc8037_key, &jwt);
	assert_string_equal(member(jwt.header, "x5t"), "abc");
	assert_string_equal(member(jwt.header, "kid"), "two");
	assert_int_equal(json_count(json_get(jwt.header, "n")), 1);
	assert_int_equal(json_count(jwt.header), 5);
	jwt_fini(&jwt);
}

/* As a DPoP proof has it (RFC 9449 section 4.2): public members alone. */
static void test_header_with_the_key(void **state)
{
	struct key *key = key_of(rfc7515_a3_key);
	struct jwt_header header = { .typ = "dpop+jwt", .jwk = key };
	const struct json *jwk;
	struct jwt jwt;

	(void)state;
	sign_and_read(&header, "ES256", rfc7515_a3_key, &jwt);
	jwk = json_get(jwt.header, "jwk");
	assert_string_equal(member(jwk, "kty"), "EC");
	assert_non_null(json_get(jwk, "y"));
	assert_null(json_get(jwk, "d"));
	jwt_fini(&jwt);
	key_unref(&key);
}

static void more_refused(const char *more, const char *words)
{
	ATTR_CLEANUP(buf_fini) struct buf b = BUF_INIT(8192);
	struct jwt_header header = { .more = str_z(more) };
	struct key *key = key_of(rfc8037_key);
	struct fault f = { "" };

	buf_add_z(&b, "before");
	assert_int_equal(jwt_sign(alg_of("EdDSA"), key, &header, STR("{}"),
				  &b, &f), -1);
	assert_string_equal(buf_z(&b), "before");
	if (!strstr(f.text, words))
		fail_msg("\"%s\" does not say \"%s\"", f.text, words);
	key_unref(&key);
}

static void test_headers_that_cannot_be(void **state)
{
	ATTR_CLEANUP(buf_fini) struct buf b = BUF_INIT(LIMIT_JWS_HEADER + 64);

	(void)state;
	more_refused("{\"alg\":\"none\"}", "alg is what the key is used with");
	more_refused("{\"crit\":[\"x\"]}", "has crit");
	more_refused("[]", "not a JSON object");
	more_refused("{", "not valid JSON");
	buf_add_z(&b, "{\"x\":\"");
	while (b.n < LIMIT_JWS_HEADER)
		buf_add_char(&b, 'x');
	buf_add_z(&b, "\"}");
	more_refused(buf_z(&b), "more than 16384 octets");
}

/* ---- dates ---- */

static int date(const char *value, int64_t *out)
{
	ATTR_CLEANUP(buf_fini) struct buf b = BUF_INIT(1024);
	struct fault f = { "" };
	struct json *j;
	int rc;

	buf_addf(&b, "{\"exp\":%s}", value);
	j = json_parse(buf_str(&b), NULL);
	assert_non_null(j);
	rc = jwt_date(j, "exp", out, &f);
	if (rc < 0)
		assert_non_null(strstr(f.text, "the claim exp is not a "));
	json_free(&j);
	return rc;
}

static void test_dates(void **state)
{
	static const struct {
		const char *text;
		int64_t seconds;
	} good[] = {
		{ "0", 0 },
		{ "-0", 0 },
		{ "1300819380", 1300819380 },
		{ "1300819380.0", 1300819380 },
		{ "1300819380.999999", 1300819380 },
		{ "0.5", 0 },
		{ "1.5e9", 1500000000 },
		{ "253402300799", INT64_C(253402300799) },
		{ "253402300799.9", INT64_C(253402300799) },
	};
	int64_t n;

	(void)state;
	for (size_t i = 0; i < sizeof(good) / sizeof(*good); i++) {
		assert_int_equal(date(good[i].text, &n), 1);
		assert_int_equal(n, good[i].seconds);
	}
}

static void test_no_dates(void **state)
{
	static const char *const bad[] = {
		"-1", "-0.5", "253402300800", "253402300800.5", "1e400",
		"9223372036854775807", "9223372036854775808", "1.25e1",
		"99999999999999999999999999.5", "\"1300819380\"", "null",
		"true", "[]", "{}",
	};
	struct json *j = json_parse(STR("{}"), NULL);
	struct fault f = { "" };
	int64_t n = 7;

	(void)state;
	for (size_t i = 0; i < sizeof(bad) / sizeof(*bad); i++) {
		if (date(bad[i], &n) != -1)
			fail_msg("taken: %s", bad[i]);
	}
	assert_int_equal(jwt_date(j, "exp", &n, &f), 0);
	assert_int_equal(jwt_date(NULL, "exp", &n, &f), 0);
	assert_int_equal(n, 7);
	json_free(&j);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_verifies),
		cmocka_unit_test(test_refuses),
		cmocka_unit_test(test_claims_are_an_object),
		cmocka_unit_test(test_unverified),
		cmocka_unit_test(test_headers),
		cmocka_unit_test(test_header_with_more),
		cmocka_unit_test(test_header_with_the_key),
		cmocka_unit_test(test_headers_that_cannot_be),
		cmocka_unit_test(test_dates),
		cmocka_unit_test(test_no_dates),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
