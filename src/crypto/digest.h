/* SPDX-License-Identifier: MIT */
/* Digests (FIPS 180-4) and the message authentication codes that stand on
 * them (RFC 2104). */
#pragma once

#include "base/buf.h"
#include "base/secret.h"
#include "base/str.h"

enum {
	DIGEST_SHA256_SIZE = 32,
	DIGEST_SHA384_SIZE = 48,
	DIGEST_SHA512_SIZE = 64,
	DIGEST_MAX_SIZE = 64,
};

/* FIPS 180-4, of octets in one piece, also none. Cannot fail. */
void digest_sha256(struct str octets, unsigned char out[DIGEST_SHA256_SIZE]);
void digest_sha384(struct str octets, unsigned char out[DIGEST_SHA384_SIZE]);
void digest_sha512(struct str octets, unsigned char out[DIGEST_SHA512_SIZE]);

/* A key of any length, also none. */
void digest_hmac_sha256(const struct secret *key, struct str octets,
			unsigned char out[DIGEST_SHA256_SIZE]);
void digest_hmac_sha384(const struct secret *key, struct str octets,
			unsigned char out[DIGEST_SHA384_SIZE]);
void digest_hmac_sha512(const struct secret *key, struct str octets,
			unsigned char out[DIGEST_SHA512_SIZE]);

/* Appends the library that all of crypto/ is by, and the version that runs:
 * "GnuTLS/3.7.9". */
void digest_library(struct buf *out);
