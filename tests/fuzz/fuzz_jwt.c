/* SPDX-License-Identifier: MIT */
/* A line of more for a header, and claims: what jwt_sign takes is what
 * jwt_verify gives back, for the right key and no other. So the readers behind
 * a good signature get anything, too, not only what somebody has signed. */
#include "base/limits.h"
#include "crypto/jwt.h"

#include "crypto/jwk.h"
#include "fuzz.h"

static const char RIGHT[] = "{\"kty\":\"oct\",\"k\":\"AAAAAAAAAAAAAAAAAAAAAAA"
			    "AAAAAAAAAAAAAAAAAAAA\"}";
static const char WRONG[] = "{\"kty\":\"oct\",\"k\":\"AAAAAAAAAAAAAAAAAAAAAAA"
			    "AAAAAAAAAAAAAAAAAAAE\"}";

static void check_dates(const struct json *claims)
{
	static const char *const dates[] = { "exp", "nbf", "iat" };
	struct fault f = { "" };

	for (int i = 0; i < 3; i++) {
		int64_t n;
		int rc = jwt_date(claims, dates[i], &n, &f);

		ASSERT(rc != 1 || (n >= 0 && n <= INT64_C(253402300799)));
		ASSERT(rc != 0 || !json_get(claims, dates[i]));
		ASSERT(rc >= 0 || f.text[0] != '\0');
	}
}

static void check_good(const struct jws_alg *alg, const struct key *key,
		       struct str compact, struct str claims)
{
	struct json *meant = json_parse(claims, NULL);
	struct fault f = { "" };
	struct jwt jwt;

	/* crit may be put into a header, but nobody understands it. */
	if (jwt_verify(alg, key, compact, &jwt, &f) < 0) {
		ASSERT(f.text[0] != '\0' && !jwt.header && !jwt.claims);
	} else {
		ASSERT(str_eq_z(json_text(json_get(jwt.header, "alg")),
				"HS256"));
		ASSERT(!json_get(jwt.header, "crit"));
		ASSERT(json_count(jwt.claims) == json_count(meant));
		check_dates(jwt.claims);
		jwt_fini(&jwt);
	}
	json_free(&meant);
}

static void check_wrong(const struct jws_alg *alg, const struct key *key,
			struct str compact)
{
	struct fault f = { "" };
	struct jwt jwt;

	ASSERT(jwt_verify(alg, key, compact, &jwt, &f) < 0);
	ASSERT(f.text[0] != '\0' && !jwt.header && !jwt.claims);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct str claims = fuzz_text(data, size);
	struct jwt_header header = { .more = fuzz_part(&claims, '\n') };
	const struct jws_alg *alg = jws_alg_find("HS256", NULL);
	struct key *right = jwk_parse(str_z(RIGHT), NULL);
	struct key *wrong = jwk_parse(str_z(WRONG), NULL);
	struct buf compact = BUF_INIT(LIMIT_JWS);
	struct fault f = { "" };

	ASSERT(alg && right && wrong);
	if (jwt_sign(alg, right, &header, claims, &compact, &f) == 0) {
		check_good(alg, right, buf_str(&compact), claims);
		check_wrong(alg, wrong, buf_str(&compact));
	} else {
		ASSERT(f.text[0] != '\0');
	}
	key_unref(&right);
	key_unref(&wrong);
	buf_fini(&compact);
	return 0;
}
