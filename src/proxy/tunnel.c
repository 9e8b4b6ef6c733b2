/* SPDX-License-Identifier: MIT */
/* Moves octets both ways once a request has become a stream. Octets of the
 * upstream go to the client at once; what he does not take waits in a spool,
 * and until he does, no more is read from the transfer. Octets of the client
 * stay in the kernel until the transfer asks for them. The end of either side
 * is told to the other; the tunnel is over when both have ended. */

#include "proxy/tunnel.h"

#include <errno.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/alloc.h"
#include "base/limits.h"
#include "base/log.h"
#include "proxy/linger.h"
#include "proxy/server.h"
#include "proxy/spool.h"
#include "proxy/worker.h"
#include "upstream/transfer.h"

struct tunnel {
	struct list node;          /* worker->tunnels */
	struct worker *worker;
	int fd;
	const struct tunnel_way *way;
	void *way_arg;
	const char *service;
	struct loop_io io;
	struct loop_timer idle;
	struct loop_task task;     /* settles, once the callbacks are through */
	int64_t idle_timeout, since;
	struct transfer *transfer; /* NULL: it has ended */
	struct spool up, down;     /* octets behind the request; to the
				      client */
	uint64_t sent, received;   /* by the client */
	bool asked;                /* the transfer waits for his octets */
	bool held;                 /* it waits for room in down */
	bool client_ended, upstream_ended; /* who sends no more */
	bool shut;                 /* the client was told so */
	bool hung_up;              /* both directions of his are shut: epoll
				      says it whatever is asked for */
	bool broken;               /* the transfer, or */
	bool gone;                 /* the client */
};

/* ---- a plain socket ---- */

static ssize_t plain_result(ssize_t n)
{
	if (n >= 0)
		return n;
	return errno == EAGAIN || errno == EWOULDBLOCK ? TUNNEL_AGAIN
						       : TUNNEL_BROKEN;
}

static ssize_t plain_read(void *arg, int fd, char *p, size_t n)
{
	ssize_t got;

	(void)arg;
	do {
		got = recv(fd, p, n, MSG_DONTWAIT);
	} while (got < 0 && errno == EINTR);
	return plain_result(got);
}

static ssize_t plain_write(void *arg, int fd, const char *p, size_t n)
{
	ssize_t sent;

	(void)arg;
	do {
		sent = send(fd, p, n, MSG_DONTWAIT | MSG_NOSIGNAL);
	} while (sent < 0 && errno == EINTR);
	return plain_result(sent);
}

static void plain_shut(void *arg, int fd)
{
	(void)arg;
	shutdown(fd, SHUT_WR);
}

const struct tunnel_way tunnel_plain = { plain_read, plain_write, plain_shut };

/* ---- its end ---- */

static void tunnel_end(struct tunnel *t, const char *why)
{
	struct worker *w = t->worker;

	log_debug(EV("tunnel_ended"), KV("service", t->service),
		  KV("reason", why), KV("sent", t->sent),
		  KV("received", t->received),
		  KV("ms", loop_now(w->loop) - t->since));
	if (t->transfer)
		transfer_cancel(&t->transfer);
	loop_io_del(&t->io);
	loop_timer_clear(w->loop, &t->idle);
	loop_task_cancel(&t->task);
	if (!t->shut && !t->gone)
		t->way->shut(t->way_arg, t->fd);
	/* Closed with octets unread, the connection would be reset, and what
	 * it was sent last be lost. */
	if (t->gone || t->client_ended)
		close(t->fd);
	else
		linger(w, t->fd);
	spool_fini(&t->up);
	spool_fini(&t->down);
	list_remove(&t->node);
	w->ntunnels--;
	mem_free(t);
	server_client_left(w->server);
	worker_exchange_ended(w);
}

static void tunnel_on_idle(void *arg)
{
	tunnel_end(arg, "tunnel_idle_timeout");
}

/* ---- what is waited for ---- */

static void tunnel_moved(struct tunnel *t)
{
	loop_timer_set(t->worker->loop, &t->idle, t->idle_timeout);
}

static void tunnel_on_io(void *arg, uint32_t events);

/* With nothing asked for, epoll still tells of a reset. */
static void tunnel_watch(struct tunnel *t)
{
	uint32_t events = t->asked ? EPOLLIN : 0;
	struct fault f;

	if (spool_str(&t->down).n > 0)
		events |= EPOLLOUT;
	if (t->hung_up && events == 0)
		loop_io_del(&t->io);
	else if (t->io.loop && t->io.events != events)
		loop_io_set(&t->io, events);
	else if (!t->io.loop && !(t->hung_up && events == 0) &&
		 loop_io_add(t->worker->loop, &t->io, t->fd, events,
			     tunnel_on_io, t, &f) < 0)
		/* The kernel has no memory for it. */
		t->gone = true;
}

/* Not within the transfer's events. It may be gone afterwards. */
static void tunnel_settle(void *arg)
{
	struct tunnel *t = arg;
	bool ended = t->upstream_ended || !t->transfer;

	if (!t->gone && spool_str(&t->down).n == 0 && ended) {
		if (!t->transfer) {
			tunnel_end(t, t->broken ? "upstream" : "end");
			return;
		}
		if (!t->shut)
			t->way->shut(t->way_arg, t->fd);
		t->shut = true;
	}
	if (!t->gone)
		tunnel_watch(t);
	if (t->gone)
		tunnel_end(t, "client");
}

static void tunnel_settle_soon(struct tunnel *t)
{
	loop_task_add(t->worker->loop, &t->task);
}

/* ---- to the client ---- */

/* How many octets he took; he may be gone. */
static size_t tunnel_write(struct tunnel *t, const char *p, size_t n)
{
	size_t at = 0;
	ssize_t sent = 0;

	while (at < n && sent >= 0) {
		sent = t->way->write(t->way_arg, t->fd, p + at, n - at);
		if (sent > 0)
			at += (size_t)sent;
	}
	t->gone = t->gone || sent == TUNNEL_BROKEN;
	t->received += at;
	if (at > 0)
		tunnel_moved(t);
	return at;
}

static bool tunnel_body(void *arg, const char *p, size_t n)
{
	struct tunnel *t = arg;
	size_t at = 0;

	t->upstream_ended = n == 0;
	tunnel_settle_soon(t);
	if (t->gone)
		return true;
	if (spool_str(&t->down).n == 0)
		at = tunnel_write(t, p, n);
	/* Of what he took a part, there is room for the rest: the spool was
	 * empty. */
	t->held = !spool_put_all(&t->down, p + at, n - at);
	return !t->held;
}

/* What he did not take before. */
static void tunnel_drain(struct tunnel *t)
{
	struct str rest = spool_str(&t->down);

	spool_drop(&t->down, tunnel_write(t, rest.p, rest.n));
	/* A quiet tunnel holds no memory for octets. */
	if (spool_str(&t->down).n == 0)
		spool_fini(&t->down);
	if (t->held && spool_low(&t->down) && t->transfer) {
		t->held = false;
		transfer_resume_read(t->transfer);
	}
}

/* ---- from the client ---- */

static ssize_t tunnel_source(void *arg, char *p, size_t n)
{
	struct tunnel *t = arg;
	ssize_t got = (ssize_t)spool_get(&t->up, p, n);

	if (got == 0) {
		spool_fini(&t->up);
		got = t->way->read(t->way_arg, t->fd, p, n);
	}
	if (got > 0) {
		t->sent += (uint64_t)got;
		tunnel_moved(t);
		return got;
	}
	t->client_ended = got == 0;
	t->gone = got == TUNNEL_BROKEN;
	t->asked = got == TUNNEL_AGAIN;
	tunnel_settle_soon(t);
	return t->client_ended ? 0 : TRANSFER_PAUSE;
}

static void tunnel_on_io(void *arg, uint32_t events)
{
	struct tunnel *t = arg;

	t->hung_up = t->hung_up || events & EPOLLHUP;
	t->gone = t->gone || events & EPOLLERR;
	if (events & EPOLLOUT && !t->gone)
		tunnel_drain(t);
	if (t->asked && events & (EPOLLIN | EPOLLHUP) && t->transfer) {
		t->asked = false;
		transfer_resume_write(t->transfer);
	}
	tunnel_settle(t);
}

/* ---- how it begins ---- */

static void tunnel_done(void *arg, const struct transfer_fault *fault)
{
	struct tunnel *t = arg;

	t->transfer = NULL;
	t->broken = fault != NULL;
	t->asked = false;
	if (fault)
		log_debug(EV("tunnel_broken"), KV("service", t->service),
			  KV("error", fault->error),
			  KV("reason", &fault->text));
	tunnel_settle_soon(t);
}

static const struct transfer_events tunnel_events = {
	.body = tunnel_body,
	.source = tunnel_source,
	.done = tunnel_done,
};

void tunnel_begin(struct worker *w, const struct tunnel_request *r)
{
	struct tunnel *t = mem_new(struct tunnel);

	t->worker = w;
	t->fd = r->fd;
	t->way = r->way;
	t->way_arg = r->way_arg;
	t->service = r->service;
	t->idle_timeout = r->idle_timeout;
	t->since = loop_now(w->loop);
	t->transfer = r->transfer;
	t->up.max = r->first.n;
	t->down.max = LIMIT_BODY;
	spool_put_all(&t->up, r->first.p, r->first.n);
	loop_timer_init(&t->idle, tunnel_on_idle, t);
	loop_task_init(&t->task, tunnel_settle, t);
	list_push(&w->tunnels, &t->node);
	w->ntunnels++;
	tunnel_moved(t);
	transfer_upgraded(t->transfer, &tunnel_events, t);
	tunnel_settle_soon(t);
}

void tunnels_end(struct worker *w)
{
	list_each_safe(it, &w->tunnels)
		tunnel_end(list_entry(it, struct tunnel, node), "stop");
}
