/* SPDX-License-Identifier: MIT */
/* What the requests to authorization servers share. Their owner, the broker,
 * lends them what they need and learns when the last one has ended. */
#include "authserver/as_client.h"

#include "service/endpoints.h"

void as_context_init(struct as_context *c)
{
	*c = (struct as_context){ 0 };
	list_init(&c->discoveries);
	list_init(&c->jwks);
	list_init(&c->secret_runs);
}

void as_context_runs(struct as_context *c, int change)
{
	c->running += (size_t)change;
	if (c->stopping)
		c->ran(c->arg);
}

void as_client_init(struct as_client *client, struct as_context *c,
		    const struct service *s)
{
	client->context = c;
	client->service = s;
	client->endpoints = endpoints_ref(s->endpoints);
	client->discovery = NULL;
	dpop_nonces_init(&client->nonces);
}

void as_client_fini(struct as_client *client)
{
	dpop_nonces_fini(&client->nonces);
	endpoints_unref(&client->endpoints);
}
