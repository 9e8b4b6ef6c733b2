/* SPDX-License-Identifier: MIT */
/* Finds the endpoints of a server that is known by its issuer alone, before a
 * token request or a login. While there is a document, old as it may be, a
 * server that does not answer stops nobody. */
#include "authserver/discovery.h"

#include "authserver/metadata_fetch.h"
#include "authserver/metadata_store.h"
#include "base/alloc.h"
#include "base/assert.h"
#include "base/clock.h"
#include "base/limits.h"
#include "base/log.h"
#include "service/endpoints.h"

struct discovery {
	struct list node;
	struct as_context *context;
	const struct service *service; /* the first one: the others agree on
					  all that it is asked with */
	struct metadata *metadata;     /* the last good one, or NULL */
	int64_t had;                   /* when; may be before the boot */
	int64_t again; /* after a failure: no attempt before this */
	bool doubted;  /* it may be wrong by now */
	struct metadata_fetch *fetch;
	struct list waits;
};

void discovery_end_all(struct as_context *c)
{
	struct list *node;

	while ((node = list_shift(&c->discoveries))) {
		struct discovery *d = list_entry(node, struct discovery, node);

		metadata_fetch_cancel(&d->fetch);
		while ((node = list_shift(&d->waits)))
			list_entry(node, struct discovery_wait, node)->waits =
				false;
		metadata_unref(&d->metadata);
		mem_free(d);
	}
}

/* --- whose it is --- */

static struct discovery *find(struct as_context *c, const struct service *s)
{
	list_each(it, &c->discoveries) {
		struct discovery *d = list_entry(it, struct discovery, node);

		if (d->service->token_transport == s->token_transport &&
		    str_eq_z(str_z(d->service->metadata_id), s->metadata_id))
			return d;
	}
	return NULL;
}

/* What is damaged can be had again: that is no reason not to start. */
static void take_stored(struct discovery *d)
{
	int64_t wall, age = 0;
	struct fault f;
	int found = metadata_store_get(d->context->store, d->service,
				       &d->metadata, &wall, &f);

	if (found < 0)
		log_warning(EV("metadata_not_read"), KV("reason", &f));
	if (found > 0)
		age = clock_wall_ms() - wall;
	d->had = clock_ms() - (age > 0 ? age : 0);
}

void discovery_join(struct as_client *client)
{
	const struct service *s = client->service;
	struct discovery *d;

	if (!s->metadata_id)
		return;
	client->discovery = find(client->context, s);
	if (client->discovery)
		return;
	d = mem_new(struct discovery);
	d->context = client->context;
	d->service = s;
	list_init(&d->waits);
	take_stored(d);
	list_push(&client->context->discoveries, &d->node);
	client->discovery = d;
}

/* --- what is told --- */

/* Puts the document, which may be a newer one, to use for this service. */
static int apply(struct as_client *client, struct fault *f)
{
	struct metadata *m =
		client->discovery ? client->discovery->metadata : NULL;
	struct endpoints *merged;

	if (!m || client->endpoints->metadata == m)
		return 0;
	merged = endpoints_merge(client->service, m, f);
	if (!merged)
		return -1;
	endpoints_unref(&client->endpoints);
	client->endpoints = merged;
	return 0;
}

static int missing(const struct discovery_wait *w, struct fault *f)
{
	const struct service *s = w->client->service;
	const char *key = endpoint_key(w->kind);

	if (!s->metadata_id)
		return fault_set(f, "[service %s]: %s is missing", s->name,
				 key);
	return fault_set(f,
			 "the metadata of %.150s names no %s; give the key "
			 "%s, if the server has one",
			 s->oauth->issuer, key, key);
}

/* why: the metadata cannot be had, and there is none; or NULL. */
static void tell(struct discovery_wait *w, const struct session_trouble *why)
{
	struct session_trouble t = { .trouble = REFRESH_DENIED,
				     .retry_after = -1 };
	struct as_client *client = w->client;

	if (apply(client, &t.text) < 0)
		why = &t;
	else if (endpoints_get(client->endpoints, w->kind))
		why = NULL;
	else if (!why && missing(w, &t.text) < 0)
		why = &t;
	w->run(w->arg, why);
}

/* Those who want something from within wait for the next time. */
static void tell_all(struct discovery *d, const struct session_trouble *why)
{
	struct list waits, *node;

	list_init(&waits);
	list_splice(&waits, &d->waits);
	while ((node = list_shift(&waits))) {
		struct discovery_wait *w =
			list_entry(node, struct discovery_wait, node);

		w->waits = false;
		tell(w, why);
	}
}

/* --- asking --- */

static void on_saved(struct mail *mail, void *owner)
{
	struct keeper_job *job = (struct keeper_job *)(void *)mail;
	struct as_context *c = job->arg;

	(void)owner;
	if (job->result < 0)
		log_warning(EV("metadata_not_stored"),
			    KV("reason", &job->fault));
	metadata_store_job_free(&job);
	if (!c->over)
		as_context_runs(c, -1);
}

static void take(struct discovery *d, const struct metadata_answer *a)
{
	struct as_context *c = d->context;
	struct keeper_job *job = metadata_store_job(
		d->service, a->text, clock_wall_ms(), c->box, on_saved);

	metadata_unref(&d->metadata);
	d->metadata = metadata_ref(a->metadata);
	d->had = loop_now(c->loop);
	d->again = 0;
	d->doubted = false;
	log_info(EV("metadata_obtained"), KV("issuer", d->metadata->issuer),
		 KV("url", a->url));
	job->arg = c;
	as_context_runs(c, 1);
	keeper_submit(c->keeper, job);
}

/* Those who wait are told of a failure, which is then in the log. */
static void failed(struct discovery *d, const struct session_trouble *t)
{
	if (d->metadata) {
		d->again = loop_now(d->context->loop) + LIMIT_SERVER_AGAIN;
		log_warning(EV("metadata_not_renewed"),
			    KV("issuer", d->service->oauth->issuer),
			    KV("reason", &t->text));
	}
	tell_all(d, d->metadata ? NULL : t);
}

static void on_answer(void *arg, const struct metadata_answer *a)
{
	struct discovery *d = arg;

	d->fetch = NULL;
	if (!a->metadata) {
		failed(d, &a->trouble);
		return;
	}
	take(d, a);
	tell_all(d, NULL);
}

static void start(struct discovery *d)
{
	struct session_trouble t = { .trouble = REFRESH_DENIED,
				     .retry_after = -1 };

	if (d->fetch || d->context->stopping)
		return;
	d->fetch = metadata_fetch_start(d->context->upstream, d->service,
					on_answer, d, &t.text);
	if (!d->fetch)
		failed(d, &t);
}

/* Whether it is used as it is, without asking first. */
static bool is_usable(const struct discovery *d, int64_t now)
{
	if (!d->metadata || now < d->again)
		return d->metadata != NULL;
	return !d->doubted && now - d->had < LIMIT_METADATA_LIFE;
}

/* Whether the key is enough. */
static bool is_given(const struct as_client *client, enum endpoint_kind kind)
{
	return kind != ENDPOINT_AUTHORIZATION && kind != ENDPOINT_JWKS &&
	       endpoints_get(client->service->endpoints, kind);
}

void discovery_want(struct as_client *client, enum endpoint_kind kind,
		    struct discovery_wait *w, discovery_fn *run, void *arg)
{
	int64_t now = loop_now(client->context->loop);
	struct discovery *d = client->discovery;

	ASSERT(!w->waits);
	w->client = client;
	w->kind = kind;
	w->run = run;
	w->arg = arg;
	if (!d || is_given(client, kind)) {
		tell(w, NULL);
		return;
	}
	if (is_usable(d, now)) {
		if (now >= d->again && now - d->had >= LIMIT_SERVER_FRESH)
			start(d);
		tell(w, NULL);
		return;
	}
	w->waits = true;
	list_push(&d->waits, &w->node);
	start(d);
}

void discovery_unwant(struct discovery_wait *w)
{
	if (!w->waits)
		return;
	list_remove(&w->node);
	w->waits = false;
}

void discovery_doubt(struct as_client *client, int status)
{
	struct discovery *d = client->discovery;
	bool moved = status >= 300 && status < 400;

	if (!d || !d->metadata)
		return;
	if ((moved || status == 404 || status == 405 || status == 410) &&
	    loop_now(d->context->loop) - d->had >= LIMIT_SERVER_AGAIN)
		d->doubted = true;
}
