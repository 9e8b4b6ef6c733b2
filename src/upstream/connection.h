/* SPDX-License-Identifier: MIT */
/* Connections that HTTP/1.1 is spoken on: opened by libcurl (addresses,
 * proxies), TLS and all that follows ours. One belongs to whoever uses it, or
 * is idle, and watched, in its pool. Only for the carrier. */
#pragma once

#include <curl/curl.h>
#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include "base/attr.h"
#include "base/list.h"
#include "base/loop.h"
#include "upstream/transfer.h"

struct connection;
struct pool;
struct upstream;

/* Called from the loop. */
struct connection_events {
	/* It is there, and verified: octets may be written. */
	void (*opened)(void *arg);
	/* It could not be made, and is gone. */
	void (*failed)(void *arg, const struct transfer_fault *fault);
	/* Of epoll's events at least one that is waited for. */
	void (*ready)(void *arg, uint32_t events);
};

enum {
	CONNECTION_AGAIN = -1, /* the socket must be waited for */
	CONNECTION_BROKEN = -2,
};

/* The idle connections of one thread, the oldest first. */
struct connections {
	struct list idle;
	struct loop_timer timer;
};

void connections_init(struct connections *c, struct upstream *u);
/* Closes the idle ones, all of them or a pool's. */
void connections_close_idle(struct upstream *u, const struct pool *p);

/* An idle connection to origin, the one that was used last. NULL where its
 * upstream has said when it closes one, and that is no second away; and,
 * unless ms is INT64_MAX, where it has been idle for so long that the upstream
 * may be about to close it: ms, or what is known of the upstream. */
struct connection *connection_take(struct pool *p, const struct origin *origin,
				   int64_t ms,
				   const struct connection_events *events,
				   void *arg);
/* Opens one, in ms at the most as far as libcurl is concerned; origin outlives
 * its opening. The events follow from the loop. */
ATTR_RETURNS_NONNULL struct connection *
connection_open(struct pool *p, const struct origin *origin, int64_t ms,
		const struct connection_events *events, void *arg);
/* libcurl is done with opening (multi_ended_fn). */
void connection_opened(CURL *easy, CURLcode code);
/* For what libcurl opens (multi_unread_fn): nothing. */
void connection_unread(CURL *easy, curl_socket_t fd);
/* Of one that is being opened: whether its name is known. */
bool connection_is_resolved(const struct connection *c);
/* It carried a request before. */
bool connection_is_reused(const struct connection *c);

/* Nothing has come on it that nobody has read, and it has not ended. Where
 * that is not so, an octet may be lost: it is good for nothing any more. */
bool connection_is_quiet(struct connection *c);
/* Octets read, 0 where the peer has ended it. */
ssize_t connection_read(struct connection *c, char *p, size_t n);
/* How many of n were taken; after CONNECTION_AGAIN the same ones must be given
 * again. */
ssize_t connection_write(struct connection *c, const char *p, size_t n);
/* Says that nothing more is written (over TLS: close_notify): 0, or as
 * connection_write. Reading goes on. */
ATTR_MUST_CHECK int connection_shut(struct connection *c);
/* Octets are here already of which no event will tell. */
bool connection_pending(const struct connection *c);
/* What is waited for: EPOLLIN, EPOLLOUT, both or 0. */
void connection_watch(struct connection *c, uint32_t events);

/* It may carry another request. ms: how long its peer keeps idle connections,
 * 0: not known. Nulls the pointer. */
void connection_give(struct connection **c, int64_t ms);
/* Nulls the pointer, which may be NULL. */
void connection_close(struct connection **c);
