/* SPDX-License-Identifier: MIT */
/* Fetches and keeps the keys of servers, before an ID token is verified. */
#include "authserver/jwks.h"

#include <string.h>

#include "authserver/call.h"
#include "base/alloc.h"
#include "base/assert.h"
#include "base/limits.h"
#include "base/log.h"

/* Where from, in texts: an address may be longer than they are. */
#define AT "%.150s"

struct jwks {
	struct list node;
	struct as_context *context;
	struct endpoint at;
	struct jwk_set *set; /* the last good one, or NULL */
	int64_t had;         /* when */
	int64_t asked;       /* when the last attempt began … */
	bool failed;         /* … and came to nothing */
	int64_t newer;       /* when the last one began for a key's sake */
	int64_t wanted;      /* when somebody last did */
	struct fetch *fetch;
	struct list waits;
};

static struct jwks *jwks_of(struct list *node)
{
	return list_entry(node, struct jwks, node);
}

static void jwks_free(struct jwks *j)
{
	struct list *node;

	list_remove(&j->node);
	fetch_cancel(&j->fetch);
	while ((node = list_shift(&j->waits)))
		list_entry(node, struct jwks_wait, node)->waits = false;
	jwk_set_free(&j->set);
	endpoint_fini(&j->at);
	mem_free(j);
}

void jwks_end_all(struct as_context *c)
{
	list_each_safe(it, &c->jwks)
		jwks_free(jwks_of(it));
}

/* --- whose it is --- */

/* A server may name another place each time. */
static void forget_idle(struct as_context *c, int64_t now)
{
	list_each_safe(it, &c->jwks) {
		struct jwks *j = jwks_of(it);

		if (!j->fetch && list_empty(&j->waits) &&
		    now - j->wanted >= LIMIT_JWKS_LIFE)
			jwks_free(j);
	}
}

static struct jwks *find(struct as_context *c, const struct endpoint *at)
{
	list_each(it, &c->jwks) {
		struct jwks *j = jwks_of(it);

		if (j->at.origin.transport == at->origin.transport &&
		    strcmp(j->at.url, at->url) == 0)
			return j;
	}
	return NULL;
}

/* NULL with a fault where the address is not valid. */
static struct jwks *get(struct as_context *c, const struct endpoint *at,
			struct fault *f)
{
	struct jwks *j = find(c, at);

	if (j)
		return j;
	forget_idle(c, loop_now(c->loop));
	j = mem_new(struct jwks);
	j->context = c;
	j->newer = INT64_MIN / 2;
	list_init(&j->waits);
	list_push(&c->jwks, &j->node);
	if (endpoint_init(&j->at, at->url, at->origin.transport, f) == 0)
		return j;
	jwks_free(j);
	return NULL;
}

/* --- the answer --- */

/* Those who want something from within wait for the next time. The set was
 * wanted until now: nobody who wants another from within makes it go. */
static void tell_all(struct jwks *j, const struct session_trouble *t)
{
	struct list waits, *node;

	j->wanted = loop_now(j->context->loop);
	list_init(&waits);
	list_splice(&waits, &j->waits);
	while ((node = list_shift(&waits))) {
		struct jwks_wait *w = list_entry(node, struct jwks_wait, node);

		w->waits = false;
		w->run(w->arg, j->set, t);
	}
}

static void failed(struct jwks *j, struct session_trouble *t)
{
	j->failed = true;
	if (j->set)
		log_warning(EV("keys_not_renewed"), KV("jwks_uri", j->at.url),
			    KV("reason", &t->text));
	tell_all(j, t);
}

static void take(struct jwks *j, struct jwk_set *set)
{
	jwk_set_free(&j->set);
	j->set = set;
	j->had = loop_now(j->context->loop);
	log_info(EV("keys_obtained"), KV("jwks_uri", j->at.url),
		 KV("keys", (long long)jwk_set_count(set)));
	tell_all(j, NULL);
}

static void refused(struct jwks *j, const struct fetch_response *r)
{
	bool moved = r->status >= 300 && r->status < 400;
	bool later = r->status >= 500 || r->status == 429 || r->status == 408;
	struct session_trouble t = {
		.trouble = later ? REFRESH_UNAVAILABLE : REFRESH_DENIED,
		.retry_after = later ? call_retry_after(r) : -1,
	};

	fault_set(&t.text,
		  "the server's keys cannot be had: " AT " answered "
		  "with status %d%s; check jwks_uri, or issuer",
		  j->at.url, r->status,
		  moved ? ", a redirect, and none is followed" : "");
	failed(j, &t);
}

static void read_set(struct jwks *j, struct str text)
{
	struct session_trouble t = { .trouble = REFRESH_DENIED,
				     .retry_after = -1 };
	struct jwk_set *set = jwk_set_parse(text, &t.text);

	if (set) {
		take(j, set);
		return;
	}
	fault_prefix(&t.text, "the server's keys at " AT " cannot be used",
		     j->at.url);
	failed(j, &t);
}

static void on_response(void *arg, const struct fetch_response *response,
			const struct transfer_fault *fault)
{
	struct session_trouble t = { .trouble = REFRESH_UNAVAILABLE,
				     .retry_after = -1 };
	struct jwks *j = arg;

	j->fetch = NULL;
	if (fault) {
		fault_set(&t.text,
			  "the server's keys at " AT " cannot be had: "
			  "%s; where this lasts, check jwks_uri and the "
			  "network",
			  j->at.url, fault->text.text);
		failed(j, &t);
	} else if (response->status != 200) {
		refused(j, response);
	} else {
		read_set(j, response->body);
	}
}

/* --- asking --- */

/* Whether the set is used as it is, without asking first. */
static bool is_usable(const struct jwks *j, bool newer, int64_t now)
{
	if (!j->set)
		return false;
	if (newer)
		return now - j->newer < LIMIT_SERVER_AGAIN;
	return now - j->had < LIMIT_SERVER_FRESH ||
	       (j->failed && now - j->asked < LIMIT_SERVER_AGAIN);
}

void jwks_want(struct as_client *client, const struct endpoint *at, bool newer,
	       struct jwks_wait *w, jwks_fn *run, void *arg)
{
	struct session_trouble t = { .trouble = REFRESH_DENIED,
				     .retry_after = -1 };
	struct jwks *j = NULL;
	int64_t now = loop_now(client->context->loop);

	ASSERT(!w->waits);
	w->run = run;
	w->arg = arg;
	if (at)
		j = get(client->context, at, &t.text);
	else
		fault_set(&t.text,
			  "the server's keys cannot be had: its "
			  "metadata names no jwks_uri; give the key jwks_uri, "
			  "if the server has one");
	if (!j) {
		run(arg, NULL, &t);
		return;
	}
	j->wanted = now;
	if (!j->fetch && is_usable(j, newer, now)) {
		run(arg, j->set, NULL);
		return;
	}
	w->waits = true;
	list_push(&j->waits, &w->node);
	if (newer)
		j->newer = now;
	if (j->fetch)
		return;
	j->asked = now;
	j->failed = false;
	j->fetch = fetch_json(j->context->upstream, &j->at,
			      client->service->tokens->token_timeout,
			      LIMIT_JWKS, on_response, j);
}

void jwks_unwant(struct jwks_wait *w)
{
	if (!w->waits)
		return;
	list_remove(&w->node);
	w->waits = false;
}
