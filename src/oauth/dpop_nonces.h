/* SPDX-License-Identifier: MIT */
/* The nonces that servers gave last (RFC 9449 §8, §9): one for each server,
 * and for each session there. A thread's own. */
#pragma once

#include <stddef.h>

#include "base/limits.h"
#include "base/list.h"
#include "base/str.h"

struct dpop_nonces {
	struct list all;
	size_t n;
};

void dpop_nonces_init(struct dpop_nonces *n);
/* Fine on one that is zeroed. */
void dpop_nonces_fini(struct dpop_nonces *n);
/* The nonce of this session (a service's name) at this origin, borrowed until
 * the next put; empty: none is known. */
struct str dpop_nonces_get(const struct dpop_nonces *n, struct str session,
			   struct str origin);
/* It has a new one; an empty nonce changes nothing. Beyond LIMIT_DPOP_NONCES
 * the one that was renewed longest ago is forgotten. */
void dpop_nonces_put(struct dpop_nonces *n, struct str session,
		     struct str origin, struct str nonce);
