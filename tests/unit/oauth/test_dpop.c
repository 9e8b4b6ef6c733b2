/* SPDX-License-Identifier: MIT */
#include "base/limits.h"
#include "oauth/dpop.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/arena.h"
#include "crypto/jwk.h"
#include "crypto/jwt.h"

/* RFC 9449 figures 2, 8 and 12. */
static const char example_proof[] =
	"eyJ0eXAiOiJkcG9wK2p3dCIsImFsZyI6IkVTMjU2IiwiandrIjp7Imt0eSI6IkVDIi"
	"wieCI6Imw4dEZyaHgtMzR0VjNoUklDUkRZOXpDa0RscEJoRjQyVVFVZldWQVdCRnMi"
	"LCJ5IjoiOVZFNGpmX09rX282NHpiVFRsY3VOSmFqSG10NnY5VERWclUwQ2R2R1JEQS"
	"IsImNydiI6IlAtMjU2In19.eyJqdGkiOiItQndDM0VTYzZhY2MybFRjIiwiaHRtIjo"
	"iUE9TVCIsImh0dSI6Imh0dHBzOi8vc2VydmVyLmV4YW1wbGUuY29tL3Rva2VuIiwia"
	"WF0IjoxNTYyMjYyNjE2fQ.2-GxA6T8lP4vfrg8v-FdWP0A0zdrj8igiMLvqRMUvwnQ"
	"g4PtFLbdLXiOSsX0x7NVY-FNyJK70nfbV37xRZT3Lg";
static const char example_thumbprint[] =
	"0ZcOCORZNYy-DWpqq30jZyJGHTN0d2HglBV3uiguA4I";
static const char example_token[] =
	"Kz~8mXK1EalYznwH-LC-1fBAo.4Ljp~zsPE_NeO.gxU";
static const char example_ath[] =
	"fUHyO2r2Z3DZ53EsNrWBb0xWXoaNy59IiKCAqksmQEo";

static struct key *key;

static int set_up(void **state)
{
	(void)state;
	key = key_generate_p256();
	return 0;
}

static int tear_down(void **state)
{
	(void)state;
	key_unref(&key);
	return 0;
}

/* What a server does: the key is the one in the header. */
static struct jwt verified(struct str proof)
{
	const struct jws_alg *alg = jws_alg_find("ES256", NULL);
	struct jwt read, jwt;
	struct fault f;
	struct key *shown;

	assert_int_equal(jwt_read_unverified(proof, &read, &f), 0);
	shown = jwk_read(json_get(read.header, "jwk"), &f);
	assert_non_null(shown);
	assert_false(key_is_private(shown));
	assert_int_equal(jwt_verify(alg, shown, proof, &jwt, &f), 0);
	key_unref(&shown);
	jwt_fini(&read);
	return jwt;
}

static struct jwt proof_of(struct dpop_proof p)
{
	struct buf out = BUF_INIT(LIMIT_DPOP_PROOF);
	struct jwt jwt;
	struct fault f;

	p.key = key;
	assert_int_equal(dpop_proof_write(&p, &out, &f), 0);
	jwt = verified(buf_str(&out));
	buf_fini(&out);
	return jwt;
}

static void is_text(const struct json *j, const char *name, const char *text)
{
	assert_true(json_is(json_get(j, name), JSON_STRING));
	assert_true(str_eq_z(json_text(json_get(j, name)), text));
}

static void same_members(const struct json *a, const struct json *b)
{
	assert_int_equal(json_count(a), json_count(b));
	for (size_t i = 0; i < json_count(a); i++)
		assert_non_null(json_get_str(b, json_name(a, i)));
}

/* Ours has what the standard's has, and nothing else. */
static void test_the_standards_example(void **state)
{
	struct jwt theirs = verified(str_z(example_proof));
	struct jwt ours = proof_of((struct dpop_proof){
		.method = STR("POST"),
		.url = STR("https://server.example.com/token"),
		.now = 1562262616,
	});
	const struct json *jwk = json_get(ours.header, "jwk");

	(void)state;
	same_members(ours.header, theirs.header);
	same_members(jwk, json_get(theirs.header, "jwk"));
	same_members(ours.claims, theirs.claims);
	is_text(ours.header, "typ", "dpop+jwt");
	is_text(ours.header, "alg", "ES256");
	is_text(jwk, "crv", "P-256");
	for (size_t i = 0; i < json_count(theirs.claims); i++) {
		struct str name = json_name(theirs.claims, i);

		if (!str_eq_z(name, "jti"))
			assert_true(str_eq(
				json_text(json_get_str(ours.claims, name)),
				json_text(json_at(theirs.claims, i))));
	}
	jwt_fini(&ours);
	jwt_fini(&theirs);
}

static void test_the_standards_digests(void **state)
{
	struct jwt theirs = verified(str_z(example_proof)), ours;
	struct secret *token = secret_new(str_z(example_token));
	struct buf b = BUF_INIT(64);
	struct fault f;
	struct key *k = jwk_read(json_get(theirs.header, "jwk"), &f);

	(void)state;
	jwk_thumbprint(k, &b);
	assert_string_equal(buf_z(&b), example_thumbprint);
	ours = proof_of((struct dpop_proof){ .method = STR("GET"),
					     .url = STR("https://a.test/"),
					     .access_token = token });
	is_text(ours.claims, "ath", example_ath);
	jwt_fini(&ours);
	jwt_fini(&theirs);
	key_unref(&k);
	secret_unref(&token);
	buf_fini(&b);
}

static void test_jti_is_new_each_time(void **state)
{
	const struct dpop_proof p = { .method = STR("GET"),
				      .url = STR("https://a.test/") };
	struct jwt a = proof_of(p), b = proof_of(p);
	struct str one = json_text(json_get(a.claims, "jti"));
	struct str two = json_text(json_get(b.claims, "jti"));

	(void)state;
	assert_int_equal(one.n, 22);
	assert_int_equal(two.n, 22);
	assert_false(str_eq(one, two));
	jwt_fini(&a);
	jwt_fini(&b);
}

static void test_address_and_nonce(void **state)
{
	static const struct {
		const char *url, *htu;
	} rows[] = {
		{ "https://a.test/x?y=/", "https://a.test/x" },
		{ "https://a.test/x#y?z", "https://a.test/x" },
		{ "https://a.test/x%3F?#", "https://a.test/x%3F" },
		{ "https://a.test/\"\\'", "https://a.test/\"\\'" },
		{ "https://[::1]:8443", "https://[::1]:8443" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct jwt j = proof_of((struct dpop_proof){
			.method = STR("M-SEARCH"), .url = str_z(rows[i].url),
			.nonce = STR("n~!1") });

		is_text(j.claims, "htu", rows[i].htu);
		is_text(j.claims, "htm", "M-SEARCH");
		is_text(j.claims, "nonce", "n~!1");
		assert_null(json_get(j.claims, "ath"));
		jwt_fini(&j);
	}
}

static void test_proofs_are_bounded(void **state)
{
	struct buf url = BUF_INIT(LIMIT_DPOP_PROOF), out = BUF_INIT(64);
	struct dpop_proof p = { .key = key, .method = STR("GET"),
				.url = STR("https://a.test/") };
	struct fault f = { "" };

	(void)state;
	assert_int_equal(dpop_proof_write(&p, &out, &f), -1);
	assert_true(f.text[0] != '\0');
	buf_fini(&out);
	buf_init(&out, 2 * LIMIT_DPOP_PROOF);
	for (int i = 0; i < LIMIT_DPOP_PROOF; i++)
		buf_add_char(&url, 'x');
	p.url = buf_str(&url);
	assert_int_equal(dpop_proof_write(&p, &out, &f), -1);
	assert_non_null(strstr(f.text, "too long"));
	buf_fini(&url);
	buf_fini(&out);
}

static void test_types(void **state)
{
	(void)state;
	assert_true(dpop_is_type("DPoP"));
	assert_true(dpop_is_type("dpop"));
	assert_false(dpop_is_type("Bearer"));
	assert_false(dpop_is_type("DPoP2"));
	assert_false(dpop_is_type(NULL));
}

/* A response with these fields, "Name: value" lines; for one call. */
static const struct fields *response(const char *lines)
{
	static struct arena arena;
	static struct fields fields;
	struct str rest = str_z(lines);

	arena_fini(&arena);
	fields_init(&fields, &arena);
	while (rest.n > 0) {
		struct str line = str_sub(rest, 0, str_find(rest, '\n'));
		size_t colon = str_find(line, ':');

		fields_add(&fields, str_sub(line, 0, colon),
			   str_trim(str_from(line, colon + 1)));
		rest = str_from(rest, line.n + 1);
	}
	return &fields;
}

static void test_nonces(void **state)
{
	static const struct {
		const char *lines, *nonce;
	} rows[] = {
		{ "", "" },
		{ "X: y\nDPoP-Nonce: eyJ7S_zG.eyJH0-Z.HX4w-7v", "eyJ7S_zG."
		  "eyJH0-Z.HX4w-7v" },
		{ "dpop-nonce:  a!~b ", "a!~b" },
		{ "DPoP-Nonce:", "" },
		{ "DPoP-Nonce: a b", "" },
		{ "DPoP-Nonce: a\"b", "" },
		{ "DPoP-Nonce: a\\b", "" },
		{ "DPoP-Nonce: a\xc3\xa4", "" },
		{ "DPoP-Nonce: a\nDPoP-Nonce: b", "" },
		{ "DPoP: a", "" },
	};
	char line[LIMIT_DPOP_NONCE + 32] = "DPoP-Nonce: ";

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		assert_true(str_eq_z(dpop_nonce(response(rows[i].lines)),
				     rows[i].nonce));
	memset(line + 12, 'n', LIMIT_DPOP_NONCE);
	assert_int_equal(dpop_nonce(response(line)).n, LIMIT_DPOP_NONCE);
	line[12 + LIMIT_DPOP_NONCE] = 'n';
	assert_int_equal(dpop_nonce(response(line)).n, 0);
	response("");
}

static void test_challenges(void **state)
{
	static const struct {
		const char *lines;
		bool asks;
	} rows[] = {
		{ "", false },
		{ "WWW-Authenticate: DPoP error=\"use_dpop_nonce\"", true },
		{ "www-authenticate: dpop ERROR=use_dpop_nonce", true },
		{ "WWW-Authenticate: Bearer, DPoP algs=\"ES256\", "
		  "error=\"use_dpop_nonce\", error_description=\"x\"", true },
		{ "WWW-Authenticate: Bearer\n"
		  "WWW-Authenticate: DPoP error=\"use_dpop_nonce\"", true },
		{ "WWW-Authenticate: DPoP error=\"invalid_token\", "
		  "DPoP error=\"use_dpop_nonce\"", true },
		{ "WWW-Authenticate: Bearer error=\"use_dpop_nonce\", DPoP",
		  false },
		{ "WWW-Authenticate: DPoP error=\"invalid_dpop_proof\"",
		  false },
		{ "WWW-Authenticate: DPoP error=\"use_dpop_nonces\"", false },
		{ "WWW-Authenticate: DPoP e=\"error=use_dpop_nonce\"", false },
		{ "WWW-Authenticate: DPoP use_dpop_nonce", false },
		{ "Authenticate: DPoP error=\"use_dpop_nonce\"", false },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		if (dpop_asks_for_nonce(response(rows[i].lines)) !=
		    rows[i].asks)
			fail_msg("wrong: %s", rows[i].lines);
	}
	response("");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_the_standards_example),
		cmocka_unit_test(test_the_standards_digests),
		cmocka_unit_test(test_jti_is_new_each_time),
		cmocka_unit_test(test_address_and_nonce),
		cmocka_unit_test(test_proofs_are_bounded),
		cmocka_unit_test(test_types),
		cmocka_unit_test(test_nonces),
		cmocka_unit_test(test_challenges),
	};

	return cmocka_run_group_tests_name("oauth/dpop", tests, set_up,
					   tear_down);
}
