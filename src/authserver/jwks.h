/* SPDX-License-Identifier: MIT */
/* The keys that servers sign with (RFC 7517): fetched at the first need, kept,
 * renewed, one set for all services that get it from the same place in the
 * same way. */
#pragma once

#include <stdbool.h>

#include "authserver/as_client.h"
#include "base/limits.h"
#include "base/list.h"
#include "crypto/jwk_set.h"
#include "service/service.h"
#include "session/session.h"
#include "upstream/endpoint.h"

/* set: borrowed until it returns; NULL: there is none. t: why there
 * is none, or no newer one; NULL: it is as new as it can be. */
typedef void jwks_fn(void *arg, const struct jwk_set *set,
		     const struct session_trouble *t);

/* Somebody who needs keys; embedded, zeroed is at rest. */
struct jwks_wait {
	struct list node;
	bool waits;
	jwks_fn *run;
	void *arg;
};

/* Ends all that is under way, without a word, and forgets all. */
void jwks_end_all(struct as_context *c);

/* Calls run with the set of that address: within, or later, from the loop. It
 * does not wait already. newer: what there is lacks a key; so another set is
 * asked for, unless one was within LIMIT_SERVER_AGAIN. An old set is better
 * than none, so that a server that cannot be reached stops nobody. at: NULL
 * where it is not known: then there are no keys. */
void jwks_want(struct as_client *client, const struct endpoint *at, bool newer,
	       struct jwks_wait *w, jwks_fn *run, void *arg);
/* It is not run any more. Fine on one that does not wait. */
void jwks_unwant(struct jwks_wait *w);
