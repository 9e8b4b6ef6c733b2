/* SPDX-License-Identifier: MIT */
/* A private key's text, PEM or JWK: what was taken can sign, and is written
 * and read again as the same key; a fault has its words. */
#include "base/limits.h"
#include "crypto/key.h"

#include <string.h>

#include "crypto/jwk.h"
#include "crypto/jws.h"
#include "fuzz.h"

static void check_again(const struct key *key)
{
	struct buf text = BUF_INIT_SECRET(4 * LIMIT_KEY_FILE);
	struct buf one = BUF_INIT(64), two = BUF_INIT(64);
	struct fault f = { "" };
	struct json_out o;
	struct key *again;

	json_out_init(&o, &text);
	jwk_write_private(key, &o);
	ASSERT(buf_ok(&text));
	again = jwk_parse(buf_str(&text), &f);
	ASSERT(again && key_is_private(again));
	jwk_thumbprint(key, &one);
	jwk_thumbprint(again, &two);
	ASSERT(one.n == JWK_THUMBPRINT_SIZE);
	ASSERT(str_eq(buf_str(&one), buf_str(&two)));
	key_unref(&again);
	buf_fini(&text);
	buf_fini(&one);
	buf_fini(&two);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct fault f = { "" };
	struct key *key = key_parse_private(fuzz_text(data, size), &f);

	if (!key) {
		ASSERT(f.text[0] != '\0');
		return 0;
	}
	ASSERT(key_is_private(key));
	ASSERT(strlen(key_words(key)) > 0);
	check_again(key);
	key_unref(&key);
	return 0;
}
