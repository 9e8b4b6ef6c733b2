/* SPDX-License-Identifier: MIT */
/* The connections that requests of one transport may use. One multi and one
 * cache of TLS sessions a transport, so that a connection verified for one
 * service never serves another that trusts, shows or goes through something
 * else.
 *
 * An easy handle carries one transfer, the multi keeps the connections. With
 * libcurl 7.83.0 to 8.1.0 a handle that is used again holds on to the last
 * response's fields, which are freed, and a first field line that begins with
 * a space is written there (curl pull request 11103): any upstream could write
 * to this heap. A new handle costs a microsecond or two of some thirty. */
#include "upstream/pool.h"

#include <stddef.h>
#include <string.h>

#include "base/assert.h"
#include "base/limits.h"
#include "upstream/curl_transport.h"
#include "upstream/reaper.h"

enum { POOL_BUFFER = 64 << 10 };

/* What all requests have in common. */
static const struct {
	CURLoption option;
	long value;
} constants[] = {
	{ CURLOPT_NOSIGNAL, 1 },
	{ CURLOPT_QUICK_EXIT, 1 }, /* else a cancel waits for the resolver */
	{ CURLOPT_TCP_NODELAY, 1 },
	{ CURLOPT_HTTP09_ALLOWED, 0 },
	{ CURLOPT_FOLLOWLOCATION, 0 },
	{ CURLOPT_NETRC, CURL_NETRC_IGNORED },
	{ CURLOPT_NOPROGRESS, 1 },
	{ CURLOPT_BUFFERSIZE, POOL_BUFFER },
	{ CURLOPT_UPLOAD_BUFFERSIZE, POOL_BUFFER },
	/* The carrier's own timer has these. */
	{ CURLOPT_TIMEOUT_MS, 0 },
	{ CURLOPT_CONNECTTIMEOUT_MS, 0 },
	/* tls.c verifies. */
	{ CURLOPT_SSL_VERIFYPEER, 0 },
	{ CURLOPT_SSL_VERIFYHOST, 0 },
	{ CURLOPT_SSLVERSION, CURL_SSLVERSION_TLSv1_2 },
	{ CURLOPT_SSL_ENABLE_ALPN, 1 },
};

static void easy_constants(CURL *easy)
{
	size_t n = sizeof(constants) / sizeof(constants[0]);
	CURLcode code = CURLE_OK;

	for (size_t i = 0; i < n && code == CURLE_OK; i++)
		code = curl_easy_setopt(easy, constants[i].option,
					constants[i].value);
	ASSERT(code == CURLE_OK);
	curl_easy_setopt(easy, CURLOPT_NOPROXY, "");
	curl_easy_setopt(easy, CURLOPT_CAINFO, NULL);
	curl_easy_setopt(easy, CURLOPT_CAPATH, NULL);
	code = curl_easy_setopt(easy, CURLOPT_PROTOCOLS_STR, "http,https");
	ASSERT(code == CURLE_OK);
}

CURL *pool_easy(struct pool *p)
{
	CURL *easy = curl_easy_init();

	ASSERT(easy);
	easy_constants(easy);
	curl_transport_apply(p->transport, easy);
	curl_easy_setopt(easy, CURLOPT_SHARE, p->share);
	return easy;
}

static struct curl_transfer *slot_new(struct pool *p)
{
	struct curl_transfer *t = mem_new(struct curl_transfer);

	t->transfer.carrier = &carrier_curl;
	t->pool = p;
	list_init(&t->node);
	list_init(&t->on_socket);
	return t;
}

static void slot_free(struct curl_transfer *t)
{
	list_remove(&t->node);
	curl_url_cleanup(t->parsed);
	mem_free(t->url);
	mem_free(t);
}

/* One client's pools. */
struct own_connections {
	struct list node; /* in upstream->owned */
	struct upstream *upstream;
	struct list pools;
	bool ended;       /* the client is gone */
};

static struct pool *pool_new(struct upstream *u, const struct origin *o,
			     struct own_connections *own)
{
	struct pool *p = mem_new(struct pool);

	p->upstream = u;
	p->own = own;
	p->transport = transport_ref(o->transport);
	multi_init(&p->multi, &u->sockets, transfer_ended, transfer_unread);
	if (p->transport->http != TRANSPORT_HTTP_1_1)
		multi_multiplex(&p->multi);
	list_init(&p->idle);
	list_init(&p->active);
	multi_init(&p->openers, &u->sockets, connection_opened,
		   connection_unread);
	for (size_t i = 0; i < POOL_ORIGINS; i++)
		list_init(&p->idle_connections[i]);
	tls_sessions_init(&p->tls_sessions);
	list_init(&p->http1);
	list_init(&p->spare);
	p->used = loop_now(u->loop);
	p->share = curl_share_init();
	ASSERT(p->share);
	curl_share_setopt(p->share, CURLSHOPT_SHARE,
			  CURL_LOCK_DATA_SSL_SESSION);
	list_push(own ? &own->pools : &u->pools, &p->node);
	return p;
}

static void pool_free(struct pool *p)
{
	ASSERT(list_empty(&p->active) && list_empty(&p->http1));
	list_remove(&p->node);
	connections_close_idle(p->upstream, p);
	ASSERT(p->n_connections == 0);
	http1_free_spare(p);
	tls_sessions_fini(&p->tls_sessions);
	list_each_safe(it, &p->idle)
		slot_free(list_entry(it, struct curl_transfer, node));
	multi_fini(&p->multi);
	multi_fini(&p->openers);
	curl_share_cleanup(p->share);
	transport_unref(&p->transport);
	mem_free(p);
}

/* A pool has its reference to the transport: the address means this one as
 * long as the pool is there. */
struct pool *pool_get(struct upstream *u, const struct origin *origin,
		      struct own_connections *own)
{
	list_each(it, own ? &own->pools : &u->pools) {
		struct pool *p = list_entry(it, struct pool, node);

		if (transport_equal(p->transport, origin->transport))
			return p;
	}
	return pool_new(u, origin, own);
}

struct own_connections *own_connections_new(struct upstream *u)
{
	struct own_connections *own = mem_new(struct own_connections);

	own->upstream = u;
	list_init(&own->pools);
	list_init(&own->node);
	list_push(&u->owned, &own->node);
	return own;
}

void own_connections_end(struct own_connections **own)
{
	struct own_connections *o = *own;

	*own = NULL;
	if (!o)
		return;
	o->ended = true;
	loop_task_add(o->upstream->loop, &o->upstream->ended);
}

/* The one used last comes first. Where none of those looked at had the
 * origin, the one that was idle longest is told another. */
static struct curl_transfer *slot_find(struct pool *p, const char *url)
{
	int looked = 0;

	list_each(it, &p->idle) {
		struct curl_transfer *t =
			list_entry(it, struct curl_transfer, node);

		if (strcmp(t->url, url) == 0)
			return t;
		if (++looked == LIMIT_POOL_LOOK)
			break;
	}
	if (p->n_idle < LIMIT_POOL_LOOK)
		return slot_new(p);
	return list_entry(p->idle.prev, struct curl_transfer, node);
}

struct curl_transfer *pool_take(struct pool *p, const char *url)
{
	struct curl_transfer *t = slot_find(p, url);
	size_t from = offsetof(struct curl_transfer, easy);
	size_t until = offsetof(struct curl_transfer, arena);

	if (t->url)
		p->n_idle--;
	list_remove(&t->node);
	list_push(&p->active, &t->node);
	memset((char *)t + from, 0, until - from);
	arena_init(&t->arena, t->memory, sizeof(t->memory));
	t->error[0] = '\0';
	t->easy = pool_easy(p);
	transfer_bind(t);
	return t;
}

/* What was in the arena's first block may be a credential. */
static void slot_wipe(struct curl_transfer *t)
{
	size_t n = sizeof(t->memory);

	if (!t->arena.blocks)
		n = (size_t)(t->arena.p - t->memory);
	arena_fini(&t->arena);
	mem_wipe(t->memory, n);
}

/* Not now: its multi may be what calls. */
void pool_settle(struct pool *p)
{
	if (p->own && p->own->ended)
		loop_task_add(p->upstream->loop, &p->upstream->ended);
}

void pool_give(struct curl_transfer *t)
{
	struct pool *p = t->pool;

	curl_easy_cleanup(t->easy);
	t->easy = NULL;
	slot_wipe(t);
	list_remove(&t->node);
	p->used = loop_now(p->upstream->loop);
	reaper_look(p->upstream);
	pool_settle(p);
	if (p->n_idle >= LIMIT_TRANSFERS_KEPT) {
		slot_free(t);
		return;
	}
	list_push_front(&p->idle, &t->node);
	p->n_idle++;
}

void pools_tidy(struct upstream *u, int64_t ms)
{
	list_each_safe(it, &u->pools) {
		struct pool *p = list_entry(it, struct pool, node);

		if (list_empty(&p->active) && list_empty(&p->http1) &&
		    loop_now(u->loop) - p->used >= ms)
			pool_free(p);
	}
}

static void pools_free_idle(struct list *pools)
{
	list_each_safe(it, pools) {
		struct pool *p = list_entry(it, struct pool, node);

		if (list_empty(&p->active) && list_empty(&p->http1))
			pool_free(p);
	}
}

void pools_each(struct upstream *u, pool_each_fn *fn, int64_t arg)
{
	list_each(it, &u->pools)
		fn(list_entry(it, struct pool, node), arg);
	list_each(it, &u->owned) {
		struct own_connections *own =
			list_entry(it, struct own_connections, node);

		list_each(each, &own->pools)
			fn(list_entry(each, struct pool, node), arg);
	}
}

void pools_end(struct upstream *u)
{
	list_each_safe(it, &u->owned) {
		struct own_connections *own =
			list_entry(it, struct own_connections, node);

		if (!own->ended)
			continue;
		pools_free_idle(&own->pools);
		if (list_empty(&own->pools)) {
			list_remove(&own->node);
			mem_free(own);
		}
	}
}

void pools_free(struct upstream *u)
{
	list_each_safe(it, &u->pools)
		pool_free(list_entry(it, struct pool, node));
	pools_end(u);
	ASSERT(list_empty(&u->owned));
}
