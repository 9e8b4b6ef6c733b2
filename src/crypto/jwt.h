/* SPDX-License-Identifier: MIT */
/* JSON Web Tokens (RFC 7519) that are signed: made, read, verified. What the
 * claims must say is the caller's to check. */
#pragma once

#include <stdint.h>

#include "base/attr.h"
#include "base/buf.h"
#include "base/fault.h"
#include "base/str.h"
#include "crypto/jws.h"
#include "crypto/key.h"
#include "data/json.h"

/* Both are objects. Zeroed is empty; freed by jwt_fini. */
struct jwt {
	struct json *header, *claims;
};

/* Fills *out once the signature is key's, by alg (as jws_verify). -1 with a
 * fault, and *out is empty. */
ATTR_MUST_CHECK int jwt_verify(const struct jws_alg *alg,
			       const struct key *key, struct str compact,
			       struct jwt *out, struct fault *f);
/* The same without looking at the signature: for what is shown, or to find
 * the key by. Nothing in it may be believed. */
ATTR_MUST_CHECK int jwt_read_unverified(struct str compact, struct jwt *out,
					struct fault *f);
/* Wipes and frees; the token is empty. */
void jwt_fini(struct jwt *jwt);

/* What stands in a header beside alg. All may be absent. */
struct jwt_header {
	const char *typ;       /* such as "JWT" */
	const char *kid;       /* which key it is */
	const struct key *jwk; /* its public part goes along (DPoP) */
	struct str more;       /* an object's text; of members that stand above
				  too, its own win; never alg */
};

/* Appends the token that key signs. claims: the text of a JSON object. -1
 * with a fault; out is then as it was, or failed. */
ATTR_MUST_CHECK int jwt_sign(const struct jws_alg *alg, const struct key *key,
			     const struct jwt_header *header,
			     struct str claims, struct buf *out,
			     struct fault *f);

/* A NumericDate (RFC 7519 §2) among the claims: seconds since the epoch, a
 * fraction is cut off. 1: in *out; 0: there is none; -1 with a fault where it
 * is no number, negative, or after the year 9999. */
ATTR_MUST_CHECK int jwt_date(const struct json *claims, const char *name,
			     int64_t *out, struct fault *f);
