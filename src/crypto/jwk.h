/* SPDX-License-Identifier: MIT */
/* JSON Web Keys (RFC 7517; RFC 7518 §6; RFC 8037): read strictly, written
 * canonically, and their thumbprints (RFC 7638). */
#pragma once

#include "base/attr.h"
#include "base/buf.h"
#include "base/fault.h"
#include "base/str.h"
#include "crypto/key.h"
#include "data/json.h"

enum { JWK_THUMBPRINT_SIZE = 43 };

/* A key of kty RSA, EC, OKP or oct, private where it has d. Refused are
 * members that are no base64url, coordinates of another length than their
 * curve's, numbers with zeros in front, points beside the curve, private
 * parts that do not belong to the public ones, RSA below LIMIT_RSA_LEAST or
 * of more than two primes. NULL with a fault that quotes nothing. One
 * reference. The caller bounds the text's size. */
ATTR_MUST_CHECK struct key *jwk_parse(struct str text, struct fault *f);
/* The same from a document that has been read. */
ATTR_MUST_CHECK struct key *jwk_read(const struct json *jwk, struct fault *f);

/* The required members of the public key as one value, in the order of RFC
 * 7638. Not for a shared secret, which has no public part. */
void jwk_write_public(const struct key *key, struct json_out *o);
/* The same with the private members; the buffer must be a secret one. What
 * jwk_read takes; kid, alg, use and key_ops are left out. */
void jwk_write_private(const struct key *key, struct json_out *o);
/* Appends the thumbprint: base64url of its SHA-256, JWK_THUMBPRINT_SIZE
 * characters (RFC 7638 §3). */
void jwk_thumbprint(const struct key *key, struct buf *out);
