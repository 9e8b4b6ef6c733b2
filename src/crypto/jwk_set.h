/* SPDX-License-Identifier: MIT */
/* Sets of public keys (RFC 7517 §5), as a server's jwks_uri gives them. */
#pragma once

#include <stddef.h>

#include "base/attr.h"
#include "base/fault.h"
#include "base/limits.h"
#include "base/str.h"
#include "crypto/jws.h"
#include "crypto/key.h"

struct jwk_set;

/* Keys that are of an unknown kind, not as jwk_read wants them, larger than
 * LIMIT_JWKS_RSA, shared secrets or private are passed over, as RFC 7517
 * §5 asks for: one odd key must not take the others away. NULL with a fault
 * where the text is no set or has more than LIMIT_JWKS_KEYS keys. The caller
 * bounds the text's size. */
ATTR_MUST_CHECK struct jwk_set *jwk_set_parse(struct str text,
					      struct fault *f);
/* NULL is fine. */
void jwk_set_free(struct jwk_set **set);
/* How many were taken. */
size_t jwk_set_count(const struct jwk_set *set);
/* Appends why keys of the set cannot have signed with alg, each by its kid, as
 * far as out has room: those that could not be read, and those that are for
 * something else. */
void jwk_set_tell_unusable(const struct jwk_set *set,
			   const struct jws_alg *alg, struct buf *out);
/* The next key that alg can be verified with and that the id does not speak
 * against: those of that id, then those without one, which fit any; an empty id
 * fits any key. *at is 0 at first. Borrowed; NULL at the end. */
struct key *jwk_set_next(const struct jwk_set *set, struct str id,
			 const struct jws_alg *alg, size_t *at);
