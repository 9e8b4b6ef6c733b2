/* SPDX-License-Identifier: MIT */
/* Makes the verifier, which goes with the code, and its challenge, which goes
 * with the authorization request. */
#include "oauth/login/pkce.h"

#include "base/alloc.h"
#include "crypto/digest.h"
#include "crypto/random.h"
#include "data/base64url.h"

struct secret *pkce_verifier_new(void)
{
	struct buf b = BUF_INIT_SECRET(PKCE_VERIFIER_SIZE);
	struct secret *verifier;
	char octets[32];

	random_fill(octets, sizeof(octets));
	base64url_encode(&b, (struct str){ octets, sizeof(octets) });
	mem_wipe(octets, sizeof(octets));
	verifier = secret_take(&b);
	buf_fini(&b);
	return verifier;
}

const char *pkce_method_name(enum pkce_method method)
{
	if (method == PKCE_NO)
		return NULL;
	return method == PKCE_PLAIN ? "plain" : "S256";
}

void pkce_challenge(enum pkce_method method, const struct secret *verifier,
		    struct buf *out)
{
	unsigned char digest[DIGEST_SHA256_SIZE];

	if (method == PKCE_PLAIN) {
		buf_add_str(out, secret_expose(verifier));
		return;
	}
	digest_sha256(secret_expose(verifier), digest);
	base64url_encode(out, (struct str){ (const char *)digest,
					    sizeof(digest) });
}
