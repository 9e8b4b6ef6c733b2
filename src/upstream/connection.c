/* SPDX-License-Identifier: MIT */
/* A connection that HTTP/1.1 is spoken on, between the carrier and the network.
 * libcurl finds the way (addresses, happy eyeballs, SOCKS, CONNECT) and hands
 * the socket over; from then on it knows nothing of it, so that it can close
 * nothing that somebody uses.
 *
 * An idle connection is watched: whatever happens on it ends it there and
 * then, so that no octet which came before a request was sent is ever taken
 * for its response. */
#include "upstream/connection.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/alloc.h"
#include "base/assert.h"
#include "base/limits.h"
#include "upstream/curl_fault.h"
#include "upstream/curl_transport.h"
#include "upstream/lookup.h"
#include "upstream/pool.h"
#include "upstream/tls_stream.h"
#include "upstream/upstream.h"

enum {
	CONNECTION_IDLE = LIMIT_IDLE_AGE * 1000, /* ms that one is kept */
	CONNECTION_URL_MAX = LIMIT_HOST + 32,
};

enum connection_state {
	CONNECTION_CONNECTING, /* libcurl's */
	CONNECTION_HANDSHAKE,
	CONNECTION_USED,
	CONNECTION_IDLING,
};

struct connection {
	struct list node; /* idle: in its pool's list of this origin */
	struct list age;  /* idle: in connections->idle */
	enum connection_state state;
	struct pool *pool;
	char *url;        /* of the origin */
	size_t slot;      /* its pool's list of idle ones */
	const struct origin *origin; /* while it is being opened */
	struct connection_events events;
	void *arg;

	struct loop_task begin;
	struct arena arena;
	struct lookup lookup;
	CURL *easy; /* while libcurl opens it */
	bool added; /* to the multi */
	bool resolved, prohibited, tried, starved;
	char error[CURL_ERROR_SIZE];

	int fd; /* ours; -1 before */
	struct loop_io io;
	struct tls_stream *tls; /* NULL: none */
	bool reused;
	int64_t idle_since, peer_limit; /* ms; 0: not known */
};

static struct upstream *upstream_of(const struct connection *c)
{
	return c->pool->upstream;
}

static void connection_free(struct connection *c)
{
	list_remove(&c->node);
	list_remove(&c->age);
	c->pool->n_connections--;
	arena_fini(&c->arena);
	mem_free(c->url);
	mem_free(c);
}

static void connection_fail(struct connection *c, CURLcode code);

/* --- opening --- */

static curl_socket_t on_socket(void *arg, curlsocktype purpose ATTR_UNUSED,
			       struct curl_sockaddr *addr)
{
	struct connection *c = arg;
	const struct transport *t = c->pool->transport;
	curl_socket_t fd;

	c->resolved = true;
	if (t->allows && !t->allows(t->allows_arg, &addr->addr)) {
		c->prohibited = true;
		return CURL_SOCKET_BAD;
	}
	c->tried = true;
	fd = lookup_socket(&c->lookup, addr);
	if (fd != CURL_SOCKET_BAD)
		return sockets_adopt(&upstream_of(c)->sockets, fd, c);
	fd = sockets_open(&upstream_of(c)->sockets, addr, c);
	c->starved = fd == CURL_SOCKET_BAD &&
		     (errno == EMFILE || errno == ENFILE);
	return fd;
}

/* The socket that was handed over stays open. */
static int on_close(void *arg, curl_socket_t fd)
{
	struct connection *c = arg;

	return fd == c->fd ? 0 : sockets_close(&upstream_of(c)->sockets, fd);
}

static void set_long(CURL *easy, CURLoption option, long value)
{
	CURLcode code = curl_easy_setopt(easy, option, value);

	ASSERT(code == CURLE_OK);
}

static void on_begin(void *arg)
{
	struct connection *c = arg;

	lookup_start(&c->lookup);
}

static void on_known(void *arg)
{
	struct connection *c = arg;
	CURLMcode code = curl_multi_add_handle(c->pool->openers.curl, c->easy);

	ASSERT(code == CURLM_OK);
	c->added = true;
}

static void on_no_address(void *arg, CURLcode code)
{
	connection_fail(arg, code);
}

/* For libcurl it is a plain connection to host and port: a proxy makes a
 * tunnel there. */
static void connection_easy(struct connection *c, int64_t ms)
{
	const struct origin *o = c->origin;
	char url[CONNECTION_URL_MAX];
	CURL *e = pool_easy(c->pool);

	c->easy = e;
	snprintf(url, sizeof(url), o->is_ipv6 ? "http://[%s]:%u"
					      : "http://%s:%u",
		 o->host, (unsigned)o->port);
	curl_easy_setopt(e, CURLOPT_URL, url);
	set_long(e, CURLOPT_CONNECT_ONLY, 1);
	set_long(e, CURLOPT_HTTPPROXYTUNNEL, c->pool->transport->proxy != NULL);
	set_long(e, CURLOPT_FRESH_CONNECT, 1);
	set_long(e, CURLOPT_HTTP_VERSION, CURL_HTTP_VERSION_1_1);
	if (ms > 0)
		curl_easy_setopt(e, CURLOPT_CONNECTTIMEOUT_MS, (long)ms);
	curl_easy_setopt(e, CURLOPT_PRIVATE, c);
	curl_easy_setopt(e, CURLOPT_ERRORBUFFER, c->error);
	curl_easy_setopt(e, CURLOPT_OPENSOCKETFUNCTION, on_socket);
	curl_easy_setopt(e, CURLOPT_OPENSOCKETDATA, c);
	curl_easy_setopt(e, CURLOPT_CLOSESOCKETFUNCTION, on_close);
	curl_easy_setopt(e, CURLOPT_CLOSESOCKETDATA, c);
	c->lookup = (struct lookup){
		.upstream = upstream_of(c),
		.origin = o,
		.easy = e,
		.arena = &c->arena,
		.known = on_known,
		.none = on_no_address,
		.arg = c,
	};
	lookup_bind(&c->lookup);
}

static size_t slot_of(const struct origin *origin)
{
	return origin->hash % POOL_ORIGINS;
}

static struct connection *connection_new(struct pool *p,
					 const struct origin *origin)
{
	struct connection *c = mem_new(struct connection);

	list_init(&c->node);
	list_init(&c->age);
	c->pool = p;
	c->url = mem_strdup(origin->url);
	c->slot = slot_of(origin);
	c->fd = -1;
	p->n_connections++;
	return c;
}

struct connection *connection_open(struct pool *p,
				   const struct origin *origin, int64_t ms,
				   const struct connection_events *events,
				   void *arg)
{
	struct connection *c = connection_new(p, origin);

	c->origin = origin;
	c->events = *events;
	c->arg = arg;
	connection_easy(c, ms);
	loop_task_init(&c->begin, on_begin, c);
	loop_task_add(p->upstream->loop, &c->begin);
	return c;
}

/* Out of libcurl's hands, whatever it has of it. */
static void connection_detach(struct connection *c)
{
	if (!c->easy)
		return;
	loop_task_cancel(&c->begin);
	lookup_end(&c->lookup);
	if (c->added)
		curl_multi_remove_handle(c->pool->openers.curl, c->easy);
	c->added = false;
	curl_easy_cleanup(c->easy);
	c->easy = NULL;
}

static void connection_failed(struct connection *c,
			      const struct transfer_fault *fault)
{
	struct connection_events events = c->events;
	void *arg = c->arg;

	connection_close(&c);
	events.failed(arg, fault);
}

static void connection_fail(struct connection *c, CURLcode code)
{
	struct transfer_fault fault = { 0 };
	struct curl_progress p = {
		.origin = c->origin,
		.detail = c->error,
		.prohibited = c->prohibited && !c->tried,
		.starved = c->starved,
	};

	lookup_progress(&c->lookup, &p);
	curl_fault(&fault, code, &p);
	connection_failed(c, &fault);
}

/* --- TLS --- */

static void connection_tell(struct connection *c)
{
	c->state = CONNECTION_USED;
	c->origin = NULL;
	connection_watch(c, EPOLLIN);
	c->events.opened(c->arg);
}

static void connection_refused(struct connection *c, const char *error,
			       const struct fault *f)
{
	struct transfer_fault fault = { 0 };

	curl_fault_set(&fault, c->origin, 502, error, "%s", f->text);
	connection_failed(c, &fault);
}

static void connection_handshake(struct connection *c)
{
	struct fault f;

	switch (tls_stream_handshake(c->tls, &f)) {
	case TLS_STREAM_OPEN:
		connection_tell(c);
		break;
	case TLS_STREAM_WAITS_READ:
		connection_watch(c, EPOLLIN);
		break;
	case TLS_STREAM_WAITS_WRITE:
		connection_watch(c, EPOLLOUT);
		break;
	case TLS_STREAM_REFUSED:
		connection_refused(c, "tls_certificate_error", &f);
		break;
	case TLS_STREAM_BROKEN:
		connection_refused(c, "tls_protocol_error", &f);
		break;
	}
}

static void on_events(void *arg, uint32_t events);

/* The socket is ours from here on. */
static void connection_take_over(struct connection *c, curl_socket_t fd)
{
	struct fault f;

	sockets_release(&upstream_of(c)->sockets, fd);
	c->fd = fd;
	connection_detach(c);
	if (!c->origin->is_https) {
		connection_tell(c);
		return;
	}
	c->state = CONNECTION_HANDSHAKE;
	c->tls = tls_stream_new(c->origin, fd, &c->pool->tls_sessions, &f);
	if (c->tls)
		connection_handshake(c);
	else
		connection_refused(c, "tls_protocol_error", &f);
}

void connection_opened(CURL *easy, CURLcode code)
{
	curl_socket_t fd = CURL_SOCKET_BAD;
	struct connection *c = NULL;

	curl_easy_getinfo(easy, CURLINFO_PRIVATE, (char **)&c);
	if (code == CURLE_OK)
		curl_easy_getinfo(easy, CURLINFO_ACTIVESOCKET, &fd);
	if (fd != CURL_SOCKET_BAD)
		connection_take_over(c, fd);
	else
		connection_fail(c, code == CURLE_OK ? CURLE_COULDNT_CONNECT
						    : code);
}

void connection_unread(CURL *easy ATTR_UNUSED, curl_socket_t fd ATTR_UNUSED)
{
}

bool connection_is_resolved(const struct connection *c)
{
	return c->resolved || c->lookup.found;
}

bool connection_is_reused(const struct connection *c)
{
	return c->reused;
}

/* --- idle --- */

static void connections_on_timer(void *arg)
{
	struct upstream *u = arg;
	int64_t now = loop_now(u->loop);

	list_each_safe(it, &u->connections.idle) {
		struct connection *c = list_entry(it, struct connection, age);

		if (c->idle_since + CONNECTION_IDLE > now) {
			loop_timer_set_at(u->loop, &u->connections.timer,
					  c->idle_since + CONNECTION_IDLE);
			return;
		}
		connection_close(&c);
	}
}

void connections_init(struct connections *c, struct upstream *u)
{
	list_init(&c->idle);
	loop_timer_init(&c->timer, connections_on_timer, u);
}

void connections_close_idle(struct upstream *u, const struct pool *p)
{
	list_each_safe(it, &u->connections.idle) {
		struct connection *c = list_entry(it, struct connection, age);

		if (!p || c->pool == p)
			connection_close(&c);
	}
	if (list_empty(&u->connections.idle))
		loop_timer_clear(u->loop, &u->connections.timer);
}

static void connection_unlist(struct connection *c)
{
	list_remove(&c->node);
	list_remove(&c->age);
	upstream_of(c)->sockets.n_others--;
	c->pool->n_idle_connections[c->slot]--;
}

/* What its origin is known for is no matter to a request that may be sent
 * again; what it announces is. */
static bool is_young(const struct connection *c, int64_t ms, int64_t now)
{
	int64_t idle = now - c->idle_since, learnt;

	if (c->peer_limit > 0 && idle >= c->peer_limit - LIMIT_CLOSING)
		return false;
	if (ms == INT64_MAX)
		return true;
	learnt = known_idle(&upstream_of(c)->known, c->url);
	if (learnt > 2 * LIMIT_CLOSING)
		ms = learnt - LIMIT_CLOSING;
	else if (learnt > 0)
		ms = learnt / 2;
	else if (c->peer_limit > 0)
		return true;
	return idle < ms;
}

/* Tickets and key updates are TLS's own, and no octets. */
bool connection_is_quiet(struct connection *c)
{
	char octet;
	ssize_t n;

	if (c->tls)
		return connection_read(c, &octet, 1) == CONNECTION_AGAIN;
	n = recv(c->fd, &octet, 1, MSG_PEEK | MSG_DONTWAIT);
	return n < 0 && (errno == EAGAIN || errno == EWOULDBLOCK);
}

/* One that its peer has ended, or says something on. */
static void connection_ended(struct connection *c)
{
	struct upstream *u = upstream_of(c);
	int64_t now = loop_now(u->loop);

	known_note_idle(&u->known, c->url, now - c->idle_since, now);
	connection_close(&c);
}

struct connection *connection_take(struct pool *p, const struct origin *origin,
				   int64_t ms,
				   const struct connection_events *events,
				   void *arg)
{
	int64_t now = loop_now(p->upstream->loop);

	list_each(it, &p->idle_connections[slot_of(origin)]) {
		struct connection *c = list_entry(it, struct connection, node);

		if (strcmp(c->url, origin->url) != 0)
			continue;
		if (!is_young(c, ms, now))
			return NULL;
		if (!connection_is_quiet(c)) {
			connection_ended(c);
			return connection_take(p, origin, ms, events, arg);
		}
		connection_unlist(c);
		c->state = CONNECTION_USED;
		c->events = *events;
		c->arg = arg;
		c->reused = true;
		return c;
	}
	return NULL;
}

void connection_give(struct connection **connection, int64_t ms)
{
	struct connection *c = *connection;
	struct connections *all = &upstream_of(c)->connections;
	struct sockets *sockets = &upstream_of(c)->sockets;
	struct loop *loop = upstream_of(c)->loop;
	size_t slot = c->slot;

	*connection = NULL;
	if (connection_pending(c) ||
	    c->pool->n_idle_connections[slot] >= LIMIT_IDLE_ORIGIN) {
		connection_close(&c);
		return;
	}
	if (c->tls)
		tls_stream_remember(c->tls);
	c->state = CONNECTION_IDLING;
	c->idle_since = loop_now(loop);
	c->peer_limit = ms;
	connection_watch(c, EPOLLIN);
	list_push_front(&c->pool->idle_connections[slot], &c->node);
	c->pool->n_idle_connections[slot]++;
	list_push(&all->idle, &c->age);
	if (++sockets->n_others + sockets->n_idle > sockets->idle_max) {
		struct connection *oldest =
			list_entry(all->idle.next, struct connection, age);

		connection_close(&oldest);
	}
	if (!all->timer.set)
		loop_timer_set(loop, &all->timer, CONNECTION_IDLE);
}

static void on_events(void *arg, uint32_t events)
{
	struct connection *c = arg;

	if (c->state == CONNECTION_HANDSHAKE)
		connection_handshake(c);
	else if (c->state == CONNECTION_USED)
		c->events.ready(c->arg, events);
	else if (!connection_is_quiet(c))
		connection_ended(c);
}

/* --- octets --- */

static ssize_t plain_result(ssize_t n)
{
	if (n >= 0)
		return n;
	return errno == EAGAIN || errno == EWOULDBLOCK ? CONNECTION_AGAIN
						       : CONNECTION_BROKEN;
}

ssize_t connection_read(struct connection *c, char *p, size_t n)
{
	ssize_t got;

	if (c->tls)
		return tls_stream_read(c->tls, p, n);
	do {
		got = recv(c->fd, p, n, 0);
	} while (got < 0 && errno == EINTR);
	return plain_result(got);
}

ssize_t connection_write(struct connection *c, const char *p, size_t n)
{
	ssize_t sent;

	if (c->tls)
		return tls_stream_write(c->tls, p, n);
	do {
		sent = send(c->fd, p, n, MSG_NOSIGNAL);
	} while (sent < 0 && errno == EINTR);
	return plain_result(sent);
}

int connection_shut(struct connection *c)
{
	if (c->tls)
		return tls_stream_shut(c->tls);
	return shutdown(c->fd, SHUT_WR) == 0 ? 0 : CONNECTION_BROKEN;
}

bool connection_pending(const struct connection *c)
{
	return c->tls && tls_stream_pending(c->tls);
}

/* A reset is told whatever is asked for: one that nothing is asked of is not
 * watched, or the loop would turn for it alone. */
void connection_watch(struct connection *c, uint32_t events)
{
	struct fault f;

	if (c->io.loop && events == 0)
		loop_io_del(&c->io);
	else if (c->io.loop && c->io.events != events)
		loop_io_set(&c->io, events);
	else if (!c->io.loop && events != 0 &&
		 loop_io_add(upstream_of(c)->loop, &c->io, c->fd, events,
			     on_events, c, &f) < 0)
		/* The kernel has no memory for it: the owner's timer ends
		 * what waits for this. */
		return;
}

void connection_close(struct connection **connection)
{
	struct connection *c = *connection;

	*connection = NULL;
	if (!c)
		return;
	if (c->state == CONNECTION_IDLING)
		connection_unlist(c);
	connection_detach(c);
	loop_io_del(&c->io);
	if (c->tls && c->state >= CONNECTION_USED)
		tls_stream_remember(c->tls);
	tls_stream_free(&c->tls);
	if (c->fd >= 0)
		close(c->fd);
	connection_free(c);
}
