/* SPDX-License-Identifier: MIT */
/* Authenticated encryption: AES-256-GCM (SP 800-38D) with a random 96-bit
 * nonce in front of the ciphertext. */
#pragma once

#include "base/attr.h"
#include "base/buf.h"
#include "base/secret.h"
#include "base/str.h"

enum { AEAD_KEY_SIZE = 32, AEAD_NONCE_SIZE = 12, AEAD_TAG_SIZE = 16 };

/* Appends nonce, ciphertext and tag. key holds AEAD_KEY_SIZE octets. One key
 * may seal 2^32 messages. */
void aead_seal(const struct secret *key, struct str associated,
	       struct str plain, struct buf *out);
/* Appends the plain text; -1 where the key, the associated data or any octet
 * is not what was sealed (out is unchanged then). */
ATTR_MUST_CHECK int aead_open(const struct secret *key, struct str associated,
			      struct str sealed, struct buf *out);
