/* SPDX-License-Identifier: MIT */
/* Makes snapshots: one immutable picture of a session each, between the broker
 * and a worker's hot path. */
#include "session/snapshot.h"

#include <stdatomic.h>

#include "base/alloc.h"
#include "base/assert.h"

static const char *const state_names[] = {
	[SESSION_IDLE] = "idle",
	[SESSION_READY] = "ready",
	[SESSION_RENEWING] = "renewing",
	[SESSION_FAILING] = "failing",
	[SESSION_WAITING_FOR_LOGIN] = "waiting_for_login",
};

const char *session_state_name(enum session_state state)
{
	ASSERT((size_t)state < sizeof(state_names) / sizeof(state_names[0]));
	return state_names[state];
}

struct snapshot *snapshot_new(size_t service)
{
	struct snapshot *s = mem_new(struct snapshot);

	atomic_init(&s->refs, 1);
	s->service = service;
	s->login_warns = INT64_MAX;
	return s;
}

struct snapshot *snapshot_follow(struct snapshot *of, size_t service,
				 struct token_use *use)
{
	struct snapshot *s = snapshot_new(service);

	s->of = snapshot_ref(of);
	s->state = of->state;
	s->generation = of->generation;
	s->token = token_ref(of->token);
	s->use = token_use_ref(use);
	s->key = key_ref(of->key);
	s->expires = of->expires;
	s->renew_at = of->renew_at;
	s->failure = of->failure;
	s->hold_until = of->hold_until;
	s->probation = of->probation;
	s->login_warns = of->login_warns;
	s->spent = of->spent;
	s->renewable = of->renewable;
	s->known = of->known;
	s->failures = of->failures;
	s->made = of->made;
	return s;
}

void snapshot_use(struct snapshot *s)
{
	for (; s; s = s->of) {
		if (!atomic_load_explicit(&s->used, memory_order_relaxed))
			atomic_store_explicit(&s->used, true,
					      memory_order_relaxed);
	}
}

struct snapshot *snapshot_ref(struct snapshot *s)
{
	if (s)
		atomic_fetch_add_explicit(&s->refs, 1, memory_order_relaxed);
	return s;
}

void snapshot_unref(struct snapshot **snapshot)
{
	struct snapshot *s = *snapshot;

	*snapshot = NULL;
	if (!s || atomic_fetch_sub_explicit(&s->refs, 1,
					    memory_order_acq_rel) > 1)
		return;
	token_unref(&s->token);
	token_use_unref(&s->use);
	key_unref(&s->key);
	snapshot_unref(&s->of);
	mem_free(s);
}

bool snapshot_usable(const struct snapshot *s, int64_t now)
{
	return s->token && !s->spent && now < s->expires;
}
