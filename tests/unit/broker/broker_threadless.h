/* SPDX-License-Identifier: MIT */
/* A broker without its thread: the test turns its loop. */
#pragma once

#include "authserver/endpoint.h"
#include "base/clock.h"
#include "broker/broker_int.h"
#include "session/setup.h"
#include "store/keeper.h"
#include "store/store.h"

static struct {
	struct fake_endpoint *endpoint;
	struct services *services;
	struct secret *key;
	struct store *store;
	struct keeper *keeper;
	struct broker *broker;
} it;

static inline void turns_begin(const char *text)
{
	struct fault f;

	memset(&it, 0, sizeof(it));
	it.endpoint = endpoint_new();
	it.services = services_at(text, it.endpoint->port);
	it.key = secret_new(STR("0123456789abcdef0123456789abcdef"));
	it.store = store_open(STR("memory:"), &it.key, 1, &f);
	assert_non_null(it.store);
	it.broker = broker_new(it.services, it.store, &f);
	assert_non_null(it.broker);
	it.keeper = keeper_start(it.store, &f);
	assert_non_null(it.keeper);
	it.broker->context.store = NULL;
	it.broker->context.keeper = it.keeper;
}

static inline void turns_end(void)
{
	keeper_stop(&it.keeper);
	broker_free(&it.broker);
	store_close(&it.store);
	secret_unref(&it.key);
	services_free(&it.services);
	endpoint_free(it.endpoint);
}

static inline struct entry *turns_entry(size_t service)
{
	return &it.broker->entries[service];
}

/* Turns until the number is at least n, at most 10 s. */
static inline void turn_until(const int *number, int n)
{
	int64_t end = clock_ms() + 10000;

	while (*number < n && clock_ms() < end)
		loop_turn(it.broker->context.loop, 10);
	assert_true(*number >= n);
}

static inline void turn_for(int64_t ms)
{
	int64_t end = clock_ms() + ms;

	while (clock_ms() < end)
		loop_turn(it.broker->context.loop, 5);
}

static inline void turns_plan(int status, const char *body, int delay)
{
	endpoint_plan(it.endpoint,
		      (struct endpoint_answer){ .status = status,
						.body = body,
						.delay = delay });
}

/* What is planned from now on is for the next request. */
static inline void turns_plan_anew(void)
{
	pthread_mutex_lock(&it.endpoint->lock);
	it.endpoint->n = it.endpoint->at = 0;
	pthread_mutex_unlock(&it.endpoint->lock);
}

static inline int turns_asked(void)
{
	return atomic_load(&it.endpoint->requests);
}

/* Turns until the endpoint has been asked so often; its last request. */
static inline const char *turn_until_asked(int n)
{
	int64_t end = clock_ms() + 10000;

	while (turns_asked() < n && clock_ms() < end)
		loop_turn(it.broker->context.loop, 1);
	assert_int_equal(turns_asked(), n);
	return endpoint_seen(it.endpoint);
}
