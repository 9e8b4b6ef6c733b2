/* SPDX-License-Identifier: MIT */
/* JSON Web Signatures in their compact form (RFC 7515; RFC 7518 §3; RFC
 * 8037 §3.1). Which algorithm holds is the caller's to say, never the
 * header's, and "none" is not one. */
#pragma once

#include "base/attr.h"
#include "base/buf.h"
#include "base/fault.h"
#include "base/limits.h"
#include "base/str.h"
#include "crypto/key.h"
#include "data/json.h"

/* A row of the table of algorithms. */
struct jws_alg;

/* The algorithm of that name (case matters), from a table that lives as long
 * as the process. NULL with a fault that lists the names. */
ATTR_MUST_CHECK const struct jws_alg *jws_alg_find(const char *name,
						   struct fault *f);
const char *jws_alg_name(const struct jws_alg *alg);
/* Whether it is the name of one with a shared secret (HMAC); NULL is not. */
bool jws_alg_is_shared(const char *name);
/* 0, or -1 with a fault in words a user can act on: a key of another kind or
 * curve, a secret shorter than the hash (RFC 7518 §3.2), a JWK whose alg, use
 * or key_ops speak against it; to sign, a public key. */
ATTR_MUST_CHECK int jws_alg_fits(const struct jws_alg *alg,
				 const struct key *key, enum key_use use,
				 struct fault *f);

/* Appends HEADER.PAYLOAD.SIGNATURE. header: the text of a JSON object whose
 * alg is that name. -1 with a fault where key does not fit, the header is
 * none, or the whole is over LIMIT_JWS or out's maximum; out is then as it
 * was, or failed. */
ATTR_MUST_CHECK int jws_sign(const struct jws_alg *alg, const struct key *key,
			     struct str header, struct str payload,
			     struct buf *out, struct fault *f);

/* Checks that the signature is key's, by alg, which the header must name.
 * Refused are more than LIMIT_JWS octets, other than three parts, what is not
 * strict base64url, and any crit (RFC 7515 §4.1.11). 0: the payload is
 * appended, *header (which may be NULL) is the caller's to json_free. -1 with
 * a fault; out is then as it was, or failed. */
ATTR_MUST_CHECK int jws_verify(const struct jws_alg *alg,
			       const struct key *key, struct str compact,
			       struct json **header, struct buf *payload,
			       struct fault *f);

/* The same without looking at the signature: for what is shown, or to find
 * the key by. Nothing in it may be believed. */
ATTR_MUST_CHECK int jws_read_unverified(struct str compact,
					struct json **header,
					struct buf *payload, struct fault *f);
