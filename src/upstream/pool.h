/* SPDX-License-Identifier: MIT */
/* The connections and transfers of one transport and of those equal to it.
 * Nothing is shared between two. Only for the carrier. */
#pragma once

#include "upstream/tls_stream.h"
#include "upstream/transfer_curl.h"
#include "upstream/transport.h"

enum { POOL_ORIGINS = 64 };

struct pool {
	struct list node;
	struct upstream *upstream;
	struct own_connections *own; /* whose alone it is; NULL: all clients' */
	struct multi multi;
	CURLSH *share;       /* TLS sessions */
	struct transport *transport;
	struct list idle, active; /* of libcurl's transfers */
	size_t n_idle;
	int64_t used;        /* when the last transfer ended, ms */

	/* HTTP/1.1 spoken by ourselves */
	struct multi openers; /* of connections */
	struct tls_sessions tls_sessions;
	size_t n_connections;
	struct list idle_connections[POOL_ORIGINS]; /* by origin, the one
							used last first */
	size_t n_idle_connections[POOL_ORIGINS];
	struct list http1, spare; /* transfers, and those to come */
	size_t n_spare;
};

/* The pool that origin's connections belong to, made at first need: all
 * clients', or one's. */
ATTR_RETURNS_NONNULL
struct pool *pool_get(struct upstream *u, const struct origin *origin,
		      struct own_connections *own);
/* Connections of one client; no pool yet. */
ATTR_RETURNS_NONNULL struct own_connections *own_connections_new(
	struct upstream *u);
/* A transfer of it is over: where its client is gone it may be the last. */
void pool_settle(struct pool *p);
/* Frees the pools of clients that are gone. */
void pools_end(struct upstream *u);
typedef void pool_each_fn(struct pool *p, int64_t arg);
/* All clients' and each one's. fn frees no pool. */
void pools_each(struct upstream *u, pool_each_fn *fn, int64_t arg);
/* A transfer that is free, of url where there is one, with a new easy handle;
 * its request's part is zeroed. */
ATTR_RETURNS_NONNULL
struct curl_transfer *pool_take(struct pool *p, const char *url);
/* Takes it back, not in the multi any more; its easy handle is freed. */
void pool_give(struct curl_transfer *t);
/* A new easy handle for one of the origins, told what all have in common:
 * curl_easy_cleanup. */
ATTR_RETURNS_NONNULL CURL *pool_easy(struct pool *p);
/* Frees the pools that have been without a transfer for ms. */
void pools_tidy(struct upstream *u, int64_t ms);
/* Frees all; there must be no active transfer. */
void pools_free(struct upstream *u);
