/* SPDX-License-Identifier: MIT */
/* A server on loopback and its clients, one a service, without a broker: for
 * tests of what asks a server. The test turns the clients' loop. */
#pragma once

#include "authserver/clients.h"

static struct {
	struct fake_endpoint *endpoint;
	struct services *services;
	struct secret *key;
	struct store *store;
	struct clients clients;
} it;

/* "@" in the text is the server's port. */
static inline void server_begin(const char *text)
{
	struct fault f;

	memset(&it, 0, sizeof(it));
	it.endpoint = endpoint_new();
	it.services = services_at(text, it.endpoint->port);
	it.key = secret_new(STR("0123456789abcdef0123456789abcdef"));
	it.store = store_open(STR("memory:"), &it.key, 1, &f);
	assert_non_null(it.store);
	clients_begin(&it.clients, it.services, it.store);
}

static inline void server_end(void)
{
	clients_end(&it.clients);
	store_close(&it.store);
	secret_unref(&it.key);
	services_free(&it.services);
	endpoint_free(it.endpoint);
	clock_real();
}

/* What the server answers from now on. */
static inline void plan_answer(struct endpoint_answer answer)
{
	pthread_mutex_lock(&it.endpoint->lock);
	it.endpoint->n = it.endpoint->at = 0;
	pthread_mutex_unlock(&it.endpoint->lock);
	endpoint_plan(it.endpoint, answer);
}

static inline void plan(int status, const char *body, int delay)
{
	plan_answer((struct endpoint_answer){ .status = status, .body = body,
					      .delay = delay });
}

/* How many requests the server has had. */
static inline int asked(void)
{
	return atomic_load(&it.endpoint->requests);
}

/* Turns until the server has been asked so often; its last request. */
static inline const char *until_asked(int n)
{
	for (int turns = 0; asked() < n && turns < 10000; turns++)
		loop_turn(it.clients.context.loop, 1);
	assert_int_equal(asked(), n);
	return endpoint_seen(it.endpoint);
}
