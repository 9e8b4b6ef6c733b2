/* SPDX-License-Identifier: MIT */
/* Proof Key for Code Exchange (RFC 7636): whoever redeems a code is whoever
 * asked for it. */
#pragma once

#include "base/attr.h"
#include "base/buf.h"
#include "base/secret.h"

enum { PKCE_VERIFIER_SIZE = 43 };

/* The words of the key "pkce". */
enum pkce_method { PKCE_S256, PKCE_PLAIN, PKCE_NO };

/* A new verifier: PKCE_VERIFIER_SIZE characters out of 32 random octets
 * (§4.1). One reference. */
ATTR_MALLOC struct secret *pkce_verifier_new(void);
/* "S256", "plain" (§4.3); NULL for none. */
const char *pkce_method_name(enum pkce_method method);
/* Appends the challenge (§4.2), which needs no encoding. method is not
 * PKCE_NO. */
void pkce_challenge(enum pkce_method method, const struct secret *verifier,
		    struct buf *out);
