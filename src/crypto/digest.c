/* SPDX-License-Identifier: MIT */
/* Digests: the marks of keys and identities, and what signatures stand on. */
#include "crypto/digest.h"

#include <gnutls/crypto.h>
#include <gnutls/gnutls.h>

#include "base/assert.h"

void digest_sha256(struct str octets, unsigned char out[DIGEST_SHA256_SIZE])
{
	const char *p = octets.p ? octets.p : "";

	ASSERT(gnutls_hash_fast(GNUTLS_DIG_SHA256, p, octets.n, out) == 0);
}
