/* SPDX-License-Identifier: MIT */
/* Demonstrating proof of possession (RFC 9449): a token that is bound to a key
 * is shown together with a proof, made for that one request, that its key is
 * here. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "base/attr.h"
#include "base/buf.h"
#include "base/fault.h"
#include "base/limits.h"
#include "base/secret.h"
#include "base/str.h"
#include "crypto/key.h"
#include "http/fields.h"

/* Octets. Servers compare and store what is bounded, too. */
/* The field that holds a proof, the one that holds a nonce, and the scheme of
 * challenges and credentials, which is the token_type too. */
#define DPOP_FIELD "DPoP"
#define DPOP_NONCE_FIELD "DPoP-Nonce"
#define DPOP_SCHEME "DPoP"

/* One proof; all borrowed. */
struct dpop_proof {
	const struct key *key;   /* P-256, private */
	struct str method;       /* of the request */
	struct str url;          /* where it goes; query and fragment are left
				    out of the proof */
	struct str nonce;        /* the server's; empty: none is known */
	const struct secret *access_token; /* that the request shows; NULL: none
				    (token endpoint) */
	int64_t now;             /* seconds since the epoch */
};

/* Appends the proof (§4.2), with a new jti of 128 random bits. -1 with a fault
 * where it would be over LIMIT_DPOP_PROOF or out's maximum. */
ATTR_MUST_CHECK int dpop_proof_write(const struct dpop_proof *p,
				     struct buf *out, struct fault *f);

/* Whether a token_type says that the token is bound to a key (§5). */
bool dpop_is_type(const char *token_type);

/* The nonce that a response gives (§8), borrowed from it; empty where there is
 * none, more than one, or one that is too long or none by §8.1. */
struct str dpop_nonce(const struct fields *response);
/* Whether a protected resource's response asks for a nonce (§9): a DPoP
 * challenge with error="use_dpop_nonce". */
bool dpop_asks_for_nonce(const struct fields *response);
