/* SPDX-License-Identifier: MIT */
/* Assertions (RFC 7521, RFC 7523): signed statements that bearerd makes for a
 * token endpoint, of who the client is or in whose name it asks. */
#pragma once

#include <stdint.h>

#include "base/attr.h"
#include "base/fault.h"
#include "base/secret.h"
#include "config/table.h"
#include "crypto/jws.h"
#include "crypto/key.h"

/* What they are signed with. Zeroed is valid and empty. */
struct assertion_signer {
	struct key *key;
	const struct jws_alg *alg;
	char *key_id;  /* kid; NULL: none */
};

/* Takes a reference of the key. alg: its name, or NULL for the one that the
 * key's kind implies; kid: NULL for the JWK's own, where it has one. -1
 * with a fault where there is no such algorithm, or it does not fit. */
ATTR_MUST_CHECK int assertion_signer_init(struct assertion_signer *s,
					  struct key *key, const char *alg,
					  const char *kid,
					  struct fault *f);
void assertion_signer_fini(struct assertion_signer *s);
/* Appends the names of the algorithms that the key fits: "RS256, RS384". */
void assertion_algs(const struct key *key, struct buf *out);

/* What it says; all borrowed. */
struct assertion {
	const char *issuer, *subject, *audience, *scope; /* NULL: left out */
	int64_t now;      /* seconds since the epoch */
	int64_t lifetime; /* seconds, from iat, which is set back by a tenth of
			     it or LIMIT_ASSERTION_SKEW, for clocks that
			     differ */
	const struct config_list *header, *claims; /* more, or others in place
			     of those above ("NAME=VALUE"); NULL: none */
};

/* For how many seconds one of this lifetime holds from now on. */
int64_t assertion_left(int64_t lifetime);

/* Made and signed, with a jti of its own. One reference; NULL with a fault. */
ATTR_MUST_CHECK struct secret *assertion_make(const struct assertion_signer *s,
					      const struct assertion *a,
					      struct fault *f);
