/* SPDX-License-Identifier: MIT */
/* Which endpoints a service has that names its issuer: asked for at the first
 * need, kept, renewed, one for all services that can share it. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "authserver/as_client.h"
#include "base/limits.h"
#include "base/list.h"
#include "oauth/server.h"
#include "session/session.h"

/* t: why the endpoint is not to be had; NULL: it is, in client->endpoints. */
typedef void discovery_fn(void *arg, const struct session_trouble *t);

/* Somebody who needs an endpoint; embedded, zeroed is at rest. */
struct discovery_wait {
	struct list node;
	bool waits;
	struct as_client *client;
	enum endpoint_kind kind;
	discovery_fn *run;
	void *arg;
};

/* Ends all that is under way, without a word, and forgets all. */
void discovery_end_all(struct as_context *c);

/* At the start: the one of the client's service, with what the store has of it;
 * none where the service has no issuer. */
void discovery_join(struct as_client *client);
/* Calls run once client->endpoints has what is wanted, or cannot have it:
 * within, or later, from the loop. It does not wait already. What a key gives
 * is had without asking, but for the authorization endpoint and the server's
 * keys: the metadata is asked for then too, for it says whether `iss` comes
 * back (RFC 9207 §3) and how an id_token is signed, and only if it cannot be
 * had the key is enough. */
void discovery_want(struct as_client *client, enum endpoint_kind kind,
		    struct discovery_wait *w, discovery_fn *run, void *arg);
/* It is not run any more. Fine on one that does not wait. */
void discovery_unwant(struct discovery_wait *w);
/* An endpoint answered with this status: where that is one of an endpoint
 * that is not there any more, the server is asked again before the next use,
 * once in LIMIT_SERVER_AGAIN at most. */
void discovery_doubt(struct as_client *client, int status);
