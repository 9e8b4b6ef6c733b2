/* SPDX-License-Identifier: MIT */
/* A JWK, and the same text as a set of them: a public key is written and
 * read again as the same; a set holds but what can verify. */
#include "crypto/jwk.h"

#include "crypto/jwk_set.h"
#include "fuzz.h"

static const char *const ALGS[] = { "HS256", "RS256", "PS512", "ES256",
				    "ES384", "ES512", "EdDSA" };

static void check_public(const struct key *key)
{
	struct buf text = BUF_INIT(1 << 16), twice = BUF_INIT(1 << 16);
	struct json_out o;
	struct key *again;

	json_out_init(&o, &text);
	jwk_write_public(key, &o);
	again = jwk_parse(buf_str(&text), NULL);
	ASSERT(again && !key_is_private(again));
	json_out_init(&o, &twice);
	jwk_write_public(again, &o);
	ASSERT(buf_ok(&twice));
	ASSERT(str_eq(buf_str(&text), buf_str(&twice)));
	key_unref(&again);
	buf_fini(&text);
	buf_fini(&twice);
}

static void check_set(const struct jwk_set *set)
{
	for (size_t i = 0; i < sizeof(ALGS) / sizeof(*ALGS); i++) {
		const struct jws_alg *alg = jws_alg_find(ALGS[i], NULL);
		struct key *key;
		size_t at = 0, n = 0;

		while ((key = jwk_set_next(set, STR("1"), alg, &at))) {
			ASSERT(!key_is_private(key));
			n++;
		}
		ASSERT(n <= jwk_set_count(set));
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct fault f = { "" };
	struct key *key = jwk_parse(fuzz_text(data, size), &f);
	struct jwk_set *set;

	ASSERT(key || f.text[0] != '\0');
	if (key && key_type(key) != KEY_OCT)
		check_public(key);
	f.text[0] = '\0';
	set = jwk_set_parse(fuzz_text(data, size), &f);
	ASSERT(set || f.text[0] != '\0');
	if (set)
		check_set(set);
	key_unref(&key);
	jwk_set_free(&set);
	return 0;
}
