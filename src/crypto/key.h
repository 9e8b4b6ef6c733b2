/* SPDX-License-Identifier: MIT */
/* Keys that sign and verify: RSA, the NIST curves, Ed25519 and Ed448, and
 * shared secrets. Immutable, reference-counted, shared by threads. */
#pragma once

#include <stdbool.h>

#include "base/attr.h"
#include "base/fault.h"
#include "base/limits.h"
#include "base/secret.h"
#include "base/str.h"

struct key;

enum key_type { KEY_OCT, KEY_RSA, KEY_EC, KEY_OKP };

/* What a key may be used for, as its JWK's use and key_ops say. */
enum key_use { KEY_SIGN = 1, KEY_VERIFY = 2 };

/* The private key in a file: PEM (PKCS#8, PKCS#1, SEC1), with certificates
 * around it or not, or a JWK (RFC 7517). NULL with a fault, which names the
 * file, says what to do, and quotes nothing of it. One reference. */
ATTR_MUST_CHECK struct key *key_load(const char *path, struct fault *f);
/* The same from memory; text of at most LIMIT_KEY_FILE octets. */
ATTR_MUST_CHECK struct key *key_parse_private(struct str text,
					      struct fault *f);
/* A shared secret as it is, such as a client_secret. Takes a reference of its
 * own. One reference. */
ATTR_RETURNS_NONNULL struct key *key_symmetric(struct secret *octets);
/* A new private key on P-256, as for DPoP. One reference. */
ATTR_RETURNS_NONNULL struct key *key_generate_p256(void);

/* NULL gives NULL. */
struct key *key_ref(struct key *key);
/* Drops a reference and nulls the pointer; NULL is fine. What is secret is
 * wiped with the last one. */
void key_unref(struct key **key);

enum key_type key_type(const struct key *key);
/* Whether it can sign; a shared secret can. */
bool key_is_private(const struct key *key);
/* What kind of key it is, for faults: "RSA, 2048 bits", "P-256", "a shared
 * secret". */
const char *key_words(const struct key *key);
/* The JWK's kid, borrowed; NULL where it had none, and for PEM. */
const char *key_id(const struct key *key);
