/* SPDX-License-Identifier: MIT */
/* A compact JWS, with keys of which one may have signed it: what verifies
 * reads the same unverified; what does not leaves nothing behind. */
#include "base/limits.h"
#include "crypto/jwt.h"

#include "crypto/jwk.h"
#include "fuzz.h"

static const struct {
	const char *alg, *key;
} KEYS[] = {
	{ "HS256", "{\"kty\":\"oct\",\"k\":\"AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"
		   "AAAAAAAAAAA\"}" },
	{ "ES256", "{\"kty\":\"EC\",\"crv\":\"P-256\",\"x\":\"f83OJ3D2xF1Bg8vu"
		   "b9tLe1gHMzV76e8Tus9uPHvRVEU\",\"y\":\"x_FEzRu9m36HLN_tue659"
		   "LNpXW6pCyStikYjKIWI5a0\"}" },
	{ "EdDSA", "{\"kty\":\"OKP\",\"crv\":\"Ed25519\",\"x\":\"11qYAYKxCrfVS"
		   "_7TyWQHOg7hcvPapiMlrwIaaPcHURo\"}" },
};

static void check_good(struct str compact, const struct buf *payload)
{
	struct buf again = BUF_INIT(LIMIT_JWS);
	struct json *header;

	ASSERT(jws_read_unverified(compact, &header, &again, NULL) == 0);
	ASSERT(str_eq(buf_str(&again), buf_str(payload)));
	ASSERT(!json_get(header, "crit"));
	json_free(&header);
	buf_fini(&again);
}

static void verify(const char *name, const char *key_text, struct str compact)
{
	const struct jws_alg *alg = jws_alg_find(name, NULL);
	struct key *key = jwk_parse(str_z(key_text), NULL);
	struct buf payload = BUF_INIT(LIMIT_JWS);
	struct fault f = { "" };

	ASSERT(alg && key);
	if (jws_verify(alg, key, compact, NULL, &payload, &f) == 0)
		check_good(compact, &payload);
	else
		ASSERT(f.text[0] != '\0' && payload.n == 0);
	key_unref(&key);
	buf_fini(&payload);
}

static void read_token(struct str compact)
{
	static const char *const dates[] = { "exp", "nbf", "iat" };
	struct fault f = { "" };
	struct jwt jwt;

	if (jwt_read_unverified(compact, &jwt, &f) < 0) {
		ASSERT(f.text[0] != '\0' && !jwt.header && !jwt.claims);
		return;
	}
	for (int i = 0; i < 3; i++) {
		int64_t n;

		if (jwt_date(jwt.claims, dates[i], &n, &f) == 1)
			ASSERT(n >= 0 && n <= INT64_C(253402300799));
	}
	jwt_fini(&jwt);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct str compact = fuzz_text(data, size);

	for (size_t i = 0; i < sizeof(KEYS) / sizeof(*KEYS); i++)
		verify(KEYS[i].alg, KEYS[i].key, compact);
	read_token(compact);
	return 0;
}
