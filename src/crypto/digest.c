/* SPDX-License-Identifier: MIT */
/* Computes digests and HMACs: for signatures, for the thumbprints of keys, and
 * for the names under which things are stored. */
#include "crypto/digest.h"

#include <gnutls/crypto.h>
#include <gnutls/gnutls.h>

#include "base/assert.h"

static const char *octets_of(struct str s)
{
	return s.p ? s.p : "";
}

static void digest(gnutls_digest_algorithm_t which, struct str octets,
		   unsigned char *out)
{
	ASSERT(gnutls_hash_fast(which, octets_of(octets), octets.n, out) == 0);
}

void digest_sha256(struct str octets, unsigned char out[DIGEST_SHA256_SIZE])
{
	digest(GNUTLS_DIG_SHA256, octets, out);
}

void digest_sha384(struct str octets, unsigned char out[DIGEST_SHA384_SIZE])
{
	digest(GNUTLS_DIG_SHA384, octets, out);
}

void digest_sha512(struct str octets, unsigned char out[DIGEST_SHA512_SIZE])
{
	digest(GNUTLS_DIG_SHA512, octets, out);
}

static void hmac(gnutls_mac_algorithm_t which, const struct secret *key,
		 struct str octets, unsigned char *out)
{
	struct str k = secret_expose(key);

	ASSERT(gnutls_hmac_fast(which, octets_of(k), k.n, octets_of(octets),
				octets.n, out) == 0);
}

void digest_hmac_sha256(const struct secret *key, struct str octets,
			unsigned char out[DIGEST_SHA256_SIZE])
{
	hmac(GNUTLS_MAC_SHA256, key, octets, out);
}

void digest_hmac_sha384(const struct secret *key, struct str octets,
			unsigned char out[DIGEST_SHA384_SIZE])
{
	hmac(GNUTLS_MAC_SHA384, key, octets, out);
}

void digest_hmac_sha512(const struct secret *key, struct str octets,
			unsigned char out[DIGEST_SHA512_SIZE])
{
	hmac(GNUTLS_MAC_SHA512, key, octets, out);
}

void digest_library(struct buf *out)
{
	buf_addf(out, "GnuTLS/%s", gnutls_check_version(NULL));
}
