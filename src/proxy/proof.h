/* SPDX-License-Identifier: MIT */
/* Proof of possession towards an upstream (RFC 9449 §7): the proof that a
 * request gets beside a token that is bound to a key, and the nonce for the
 * next one, read from the answer. The client sees neither. */
#pragma once

#include <stdbool.h>

#include "base/attr.h"
#include "base/fault.h"

struct exchange;

/* Puts a new proof in for the request as it goes out, in place of the
 * client's DPoP fields; nothing else of it changes any more. Where the token
 * is bound to no key (the server ignored dpop) these are taken out only. -1
 * with a fault where there can be no proof. */
ATTR_MUST_CHECK int proof_place(struct exchange *x, struct fault *f);

/* Looks at the answer's head: keeps the nonce that it brings, which is not
 * the client's, and takes it out. True: the proof was refused for want of
 * that nonce (§9), which says nothing of the token. */
bool proof_is_challenged(struct exchange *x);
