/* SPDX-License-Identifier: MIT */
/* The carrier and a server on loopback that answers with the fuzzer's octets,
 * both turned by one loop: several requests in a row, on connections that are
 * kept where the answers let them be. Whatever is answered, events come in
 * their order, a request's answer is none of what was said before it was
 * asked, and every request ends. */
#pragma once

#include <arpa/inet.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/alloc.h"
#include "base/arena.h"
#include "base/clock.h"
#include "base/limits.h"
#include "base/loop.h"
#include "fuzz.h"
#include "http/message.h"
#include "upstream/transfer.h"
#include "upstream/transport.h"

enum {
	CARRIER_NEXT = 0xff,  /* what is behind it answers the next request */
	CARRIER_PIECE = 0xfe, /* what is behind it comes later */
	CARRIER_CLOSE = 0xfd, /* then the connection is closed */
	CARRIER_REQUESTS = 6,
	CARRIER_PEERS = 64,
	CARRIER_TURNS = 6,
	CARRIER_END = 2000,
};

/* What the server is to do with a client's first words: with HTTP it answers
 * heads, else whatever comes. */
struct carrier_peer {
	struct loop_io io;
	char head[4096];
	size_t n;
};

struct carrier {
	struct loop *loop;
	struct upstream *upstream;
	struct origin *origin;
	struct loop_io listener;
	struct carrier_peer peers[CARRIER_PEERS];
	struct carrier_peer *last; /* who asked last */
	bool any;          /* any octets are a request */
	struct str answer; /* what is left of it */
	bool asked;        /* the request that is under way has come */
	bool allowed;      /* all that was said is this request's */
	/* the request that is under way */
	struct transfer *transfer;
	unsigned flags;
	int64_t began, ahead; /* ms; of the clock */
	bool head, done, paused, continued, trailed;
	bool expects;         /* the server is asked for a 100 */
	size_t body_at;
};

/* The first octet of each answer. */
enum {
	CARRIER_METHOD = 3, /* GET, HEAD, POST with a length, with chunks */
	CARRIER_SLOW_BODY = 4,
	CARRIER_SLOW_SOURCE = 8,
	CARRIER_CANCEL = 16,
	CARRIER_EXPECT = 32,
};

static const char carrier_body[] = "some octets";

/* ---- the server ---- */

static inline void peer_close(struct carrier *c, struct carrier_peer *p)
{
	if (!p->io.loop)
		return;
	loop_io_del(&p->io);
	close(p->io.fd);
	p->n = 0;
	if (c->last == p)
		c->last = NULL;
}

/* The next piece of the answer, to who asked; false where nothing is left. */
static inline bool carrier_say(struct carrier *c)
{
	size_t i;

	if (!c->last || c->answer.n == 0)
		return false;
	for (i = 0; i < c->answer.n; i++)
		if ((unsigned char)c->answer.p[i] == CARRIER_PIECE ||
		    (unsigned char)c->answer.p[i] == CARRIER_CLOSE)
			break;
	/* A client that takes no more is no concern of this. */
	(void)!send(c->last->io.fd, c->answer.p, i,
		    MSG_NOSIGNAL | MSG_DONTWAIT);
	if (i < c->answer.n &&
	    (unsigned char)c->answer.p[i] == CARRIER_CLOSE)
		peer_close(c, c->last);
	c->answer = str_from(c->answer, i + 1);
	return true;
}

static inline void peer_ready(void *arg, uint32_t events ATTR_UNUSED);

static inline struct carrier *carrier_now(struct carrier *set)
{
	static struct carrier *now;

	if (set)
		now = set;
	return now;
}

static inline void peer_accept(void *arg, uint32_t events ATTR_UNUSED)
{
	struct carrier *c = arg;
	struct fault f;
	int fd = accept4(c->listener.fd, NULL, NULL, SOCK_CLOEXEC);
	int one = 1;

	/* What was said has arrived. */
	(void)setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof(one));
	for (size_t i = 0; fd >= 0 && i < CARRIER_PEERS; i++) {
		struct carrier_peer *p = &c->peers[i];

		if (p->io.loop)
			continue;
		ASSERT(loop_io_add(c->loop, &p->io, fd, EPOLLIN, peer_ready, p,
				   &f) == 0);
		return;
	}
	if (fd >= 0)
		close(fd);
}

/* Whether a whole head has come; then it is taken off. */
static inline bool peer_asks(struct carrier_peer *p)
{
	char *end = memmem(p->head, p->n, "\r\n\r\n", 4);

	if (!end)
		return false;
	p->n -= (size_t)(end + 4 - p->head);
	memmove(p->head, end + 4, p->n);
	return true;
}

static inline void peer_ready(void *arg, uint32_t events ATTR_UNUSED)
{
	struct carrier *c = carrier_now(NULL);
	struct carrier_peer *p = arg;
	size_t room = sizeof(p->head) - p->n;
	ssize_t n;

	if (room == 0) { /* a body that nobody reads */
		p->n = 0;
		room = sizeof(p->head);
	}
	n = recv(p->io.fd, p->head + p->n, room, MSG_DONTWAIT);
	if (n <= 0) {
		peer_close(c, p);
		return;
	}
	p->n += (size_t)n;
	if (c->any)
		p->n = 0;
	else if (!peer_asks(p))
		return;
	c->last = p;
	c->asked = true;
	if (!carrier_say(c) && !c->any)
		peer_close(c, p);
}

/* ---- the client ---- */

static inline void check_fields(const struct fields *fields)
{
	for (size_t i = 0; i < fields->n; i++) {
		ASSERT(str_is_token(fields->v[i].name));
		ASSERT(field_value_valid(fields->v[i].value));
	}
}

static inline void carrier_head(void *arg, int status,
				const struct fields *fields)
{
	struct carrier *c = arg;

	ASSERT(!c->head && !c->done);
	ASSERT(c->asked); /* nothing said before is its answer */
	ASSERT(status >= 200 && status <= 999);
	check_fields(fields);
	c->head = true;
}

static inline bool carrier_on_body(void *arg, const char *p, size_t n)
{
	struct carrier *c = arg;
	unsigned sum = 0;

	ASSERT(c->head && !c->done);
	for (size_t i = 0; i < n; i++) /* they can be read */
		sum += (unsigned char)p[i];
	c->paused = (c->flags & CARRIER_SLOW_BODY) && !c->paused && sum + 1;
	return !c->paused;
}

static inline ssize_t carrier_source(void *arg, char *p, size_t n)
{
	struct carrier *c = arg;
	size_t left = sizeof(carrier_body) - 1 - c->body_at;

	ASSERT(!c->done);
	ASSERT(!c->expects || c->continued ||
	       (!c->head && clock_ms() - c->began >= LIMIT_CONTINUE));
	if (c->flags & CARRIER_SLOW_SOURCE) {
		c->flags &= ~(unsigned)CARRIER_SLOW_SOURCE;
		return TRANSFER_PAUSE;
	}
	if (n > left)
		n = left;
	memcpy(p, carrier_body + c->body_at, n);
	c->body_at += n;
	return (ssize_t)n;
}

static inline void carrier_trailers(void *arg, const struct fields *fields)
{
	struct carrier *c = arg;

	ASSERT(c->head && !c->done);
	check_fields(fields);
}

static inline void carrier_done(void *arg, const struct transfer_fault *fault)
{
	struct carrier *c = arg;

	ASSERT(!c->done);
	ASSERT(c->head || fault);
	c->done = true;
	c->transfer = NULL;
	if (!fault)
		return;
	ASSERT(fault->status >= 500 && fault->status <= 504);
	ASSERT(fault->error && fault->text.text[0]);
	for (const char *z = fault->text.text; *z; z++)
		ASSERT((unsigned char)*z >= ' ' && *z != 0x7f);
}

static inline void carrier_interim(void *arg, int status,
				   const struct fields *fields)
{
	struct carrier *c = arg;

	ASSERT(!c->head && !c->done);
	ASSERT(c->asked);
	ASSERT(status >= 100 && status <= 199 && status != 101);
	check_fields(fields);
	c->continued |= status == 100;
}

/* Asked for once, behind the body. */
static inline const struct fields *carrier_source_trailers(void *arg)
{
	static struct field trailer = { { "X-End", 5 }, { "x", 1 } };
	static const struct fields trailers = { .v = &trailer, .n = 1 };
	struct carrier *c = arg;

	ASSERT(!c->trailed && !c->done);
	ASSERT(c->body_at == sizeof(carrier_body) - 1);
	c->trailed = true;
	return &trailers;
}

static inline void carrier_start(struct carrier *c)
{
	static const struct transfer_events events = {
		.head = carrier_head,
		.body = carrier_on_body,
		.source = carrier_source,
		.done = carrier_done,
		.trailers = carrier_trailers,
		.interim = carrier_interim,
		.source_trailers = carrier_source_trailers,
	};
	static const char *const methods[] = { "GET", "HEAD", "POST", "PUT" };
	unsigned method = c->flags & CARRIER_METHOD;
	struct transfer_request r = {
		.origin = c->origin,
		.method = str_z(methods[method]),
		.target = STR("/x?y"),
		.expect = (c->flags & CARRIER_EXPECT) != 0,
		.connect_timeout = 10000,
		.response_timeout = 10000,
		.idle_timeout = 10000,
	};
	struct arena arena;
	struct fields fields;

	arena_init(&arena, NULL, 0);
	fields_init(&fields, &arena);
	fields_add(&fields, STR("Host"), str_z(c->origin->authority));
	r.fields = &fields;
	if (method >= 2) {
		r.framing.body = method == 2 ? FRAMING_SIZED : FRAMING_CHUNKED;
		r.framing.length = method == 2 ? sizeof(carrier_body) - 1 : 0;
	}
	c->transfer = transfer_start(c->upstream, &r, &events, c);
	arena_fini(&arena);
}

static inline void carrier_turn(struct carrier *c, int n)
{
	while (n-- > 0) {
		loop_turn(c->loop, 0);
		if (c->transfer) {
			transfer_resume_read(c->transfer);
			transfer_resume_write(c->transfer);
		}
	}
}

/* One request and its answer; whatever of it is still to be said is said, and
 * has arrived, before the next is asked. */
static inline void carrier_ask(struct carrier *c, struct str part)
{
	c->flags = part.n > 0 ? (unsigned char)part.p[0] : 0;
	c->answer = str_from(part, 1);
	c->asked = c->head = c->done = c->paused = false;
	c->continued = c->trailed = false;
	c->began = clock_ms();
	/* RFC 9110 §10.1.1: not of one that speaks HTTP/1.0. */
	c->expects = (c->flags & CARRIER_EXPECT) &&
		     !upstream_is_http10(c->upstream, c->origin);
	c->body_at = 0;
	carrier_start(c);
	for (int i = 0; i < 64 && !c->asked && !c->done; i++)
		carrier_turn(c, 1);
	do
		carrier_turn(c, CARRIER_TURNS);
	while (carrier_say(c));
	if (c->transfer && (c->flags & CARRIER_CANCEL))
		transfer_cancel(&c->transfer);
	else if (c->transfer && c->last)
		peer_close(c, c->last);
	/* A 100 that has not come by now never does. */
	if (c->transfer && c->flags & CARRIER_EXPECT) {
		c->ahead += LIMIT_CONTINUE;
		clock_ahead(c->ahead);
	}
	for (int i = 0; i < CARRIER_END && c->transfer; i++) {
		/* Sent again, or not begun: nothing is answered any more. */
		c->answer.n = 0;
		if (c->last)
			peer_close(c, c->last);
		loop_turn(c->loop, 1);
		carrier_turn(c, 1);
	}
	ASSERT(!c->transfer);
	carrier_turn(c, 2);
	c->last = NULL;
}

static inline void carrier_init(struct carrier *c, bool any)
{
	struct sockaddr_in a = { .sin_family = AF_INET };
	struct fault f;
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

	memset(c, 0, sizeof(*c));
	a.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	ASSERT(fd >= 0 &&
	       bind(fd, (struct sockaddr *)&a, sizeof(a)) == 0 &&
	       listen(fd, CARRIER_PEERS) == 0);
	c->any = any;
	c->loop = loop_new(&f);
	ASSERT(c->loop);
	ASSERT(loop_io_add(c->loop, &c->listener, fd, EPOLLIN, peer_accept, c,
			   &f) == 0);
}

static inline int carrier_port(const struct carrier *c)
{
	struct sockaddr_in a;
	socklen_t n = sizeof(a);

	ASSERT(getsockname(c->listener.fd, (struct sockaddr *)&a, &n) == 0);
	return ntohs(a.sin_port);
}

/* All answers of an input, to an origin; nothing is left of it. */
static inline void carrier_run(struct carrier *c, struct origin *o,
			       struct str input)
{
	struct fault f;

	carrier_now(c);
	c->origin = o;
	c->upstream = upstream_new(c->loop, &f);
	ASSERT(c->upstream);
	for (int i = 0; i < CARRIER_REQUESTS && input.n > 0; i++)
		carrier_ask(c, fuzz_part(&input, (char)CARRIER_NEXT));
	upstream_free(&c->upstream);
	for (size_t i = 0; i < CARRIER_PEERS; i++)
		peer_close(c, &c->peers[i]);
	carrier_turn(c, 2);
}
