/* SPDX-License-Identifier: MIT */
/* A client of an authorization server: one service, and what its requests share
 * with those of all other services of the same thread. */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "base/list.h"
#include "base/loop.h"
#include "base/mailbox.h"
#include "oauth/dpop_nonces.h"
#include "service/service.h"
#include "store/keeper.h"
#include "store/store.h"
#include "upstream/transfer.h"

struct discovery;

/* One a thread; what it points to is its owner's. */
struct as_context {
	struct loop *loop;
	struct mailbox *box; /* where the keeper's answers go */
	struct upstream *upstream;
	struct hook_machine *hooks; /* where services' hooks run */
	struct store *store;        /* until the keeper has it */
	struct keeper *keeper;
	struct list discoveries; /* authserver/discovery.h */
	struct list jwks;        /* authserver/jwks.h */
	struct list secret_runs; /* authserver/secret_command.h */
	struct loop_task secret_turn;
	bool stopping;           /* nothing new is begun */
	bool over;               /* nobody is told anything any more */
	size_t running; /* what a stop waits for: requests and writes */
	/* While it is stopping: less may be running than before. */
	void (*ran)(void *arg);
	void *arg;
};

/* One a service, embedded. */
struct as_client {
	struct as_context *context;
	const struct service *service;
	struct endpoints *endpoints; /* a reference; where its server is */
	struct discovery *discovery; /* who finds that out; NULL: its keys
					say */
	struct dpop_nonces nonces;   /* of that server */
};

/* No requests; the rest is zeroed and filled in by the owner. */
void as_context_init(struct as_context *c);
/* So many requests or writes more are under way, or (-1) one less; 0 looks
 * whether a stop may end. */
void as_context_runs(struct as_context *c, int change);

/* With the endpoints of its keys; both outlive it. */
void as_client_init(struct as_client *client, struct as_context *c,
		    const struct service *s);
void as_client_fini(struct as_client *client);
