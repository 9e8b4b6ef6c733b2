/* SPDX-License-Identifier: MIT */
/* The connections and transfers of one transport and of those equal to it.
 * Nothing is shared between two. Only for the carrier. */
#pragma once

#include "upstream/transfer_curl.h"
#include "upstream/transport.h"

struct pool {
	struct list node;
	struct upstream *upstream;
	struct multi multi;
	CURLSH *share;       /* TLS sessions */
	struct transport *transport;
	struct list idle, active; /* of transfers */
	size_t n_idle;
	int64_t used;        /* when the last transfer ended, ms */
};

/* The pool that origin's connections belong to, made at first need. */
ATTR_RETURNS_NONNULL
struct pool *pool_get(struct upstream *u, const struct origin *origin);
/* A transfer that is free, of url where there is one, with a new easy handle;
 * its request's part is zeroed. */
ATTR_RETURNS_NONNULL
struct transfer *pool_take(struct pool *p, const char *url);
/* Takes it back, not in the multi any more; its easy handle is freed. */
void pool_give(struct transfer *t);
/* Frees the pools that have been without a transfer for ms. */
void pools_tidy(struct upstream *u, int64_t ms);
/* Frees all; there must be no active transfer. */
void pools_free(struct upstream *u);
