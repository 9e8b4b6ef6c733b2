/* SPDX-License-Identifier: MIT */
/* Clients of authorization servers, one a service, without a broker: the test
 * turns their loop. */
#pragma once

#include "authserver/as_client.h"
#include "authserver/discovery.h"
#include "authserver/endpoint.h"
#include "authserver/jwks.h"
#include "base/clock.h"
#include "session/setup.h"

struct clients {
	struct as_context context;
	struct as_client *v;
	size_t n;
};

/* What the store has is read before the keeper has it. */
static inline void clients_begin(struct clients *c,
				 const struct services *services,
				 struct store *store)
{
	struct fault f;

	as_context_init(&c->context);
	c->context.loop = loop_new(&f);
	assert_non_null(c->context.loop);
	c->context.box = mailbox_new(c->context.loop, c, &f);
	assert_non_null(c->context.box);
	c->context.upstream = upstream_new(c->context.loop, &f);
	assert_non_null(c->context.upstream);
	c->context.store = store;
	c->n = services->n;
	c->v = mem_array(c->n, sizeof(c->v[0]));
	for (size_t i = 0; i < c->n; i++) {
		as_client_init(&c->v[i], &c->context, services->v[i]);
		discovery_join(&c->v[i]);
	}
	c->context.store = NULL;
	c->context.keeper = keeper_start(store, &f);
	assert_non_null(c->context.keeper);
}

static inline void clients_end(struct clients *c)
{
	if (!c->v)
		return;
	keeper_stop(&c->context.keeper);
	c->context.stopping = c->context.over = true;
	mailbox_free(&c->context.box);
	discovery_end_all(&c->context);
	jwks_end_all(&c->context);
	upstream_free(&c->context.upstream);
	for (size_t i = 0; i < c->n; i++)
		as_client_fini(&c->v[i]);
	mem_free(c->v);
	c->v = NULL;
	loop_free(&c->context.loop);
}

/* Turns until the number is at least n, at most 10 s. */
static inline void clients_turn_until(struct clients *c, const int *number,
				      int n)
{
	for (int turns = 0; *number < n && turns < 1000; turns++)
		loop_turn(c->context.loop, 10);
	assert_int_equal(*number, n);
}
