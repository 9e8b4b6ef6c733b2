/* SPDX-License-Identifier: MIT */
/* The sockets of libcurl's connections: which are watched, which requests are
 * on them, and what comes in on one that is idle. Only for the carrier. */
#pragma once

#include <curl/curl.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/attr.h"
#include "base/list.h"
#include "base/loop.h"

struct multi;

enum { SOCKET_BUCKETS = 256, SOCKET_ADDRESS = 64 };

/* Slots to count idle ones of an origin in; two that share one share its
 * bound. */
enum { SOCKET_ORIGINS = 1024 };

/* The two ends of a connection, as libcurl writes them. */
struct socket_ends {
	char remote[SOCKET_ADDRESS], local[SOCKET_ADDRESS];
	int remote_port, local_port;
};

/* One by its descriptor, as long as its number is this one's. */
struct socket {
	struct loop_io io;
	struct sockets *sockets;
	struct multi *multi;
	struct list node;      /* of those not known yet, or of its bucket */
	struct list users;     /* nodes of the transfers that are on it */
	struct list resting;   /* in sockets->idle */
	int64_t since;         /* when it became idle, ms */
	const void *opener;
	struct socket_ends ends;
	bool known;            /* a request was about to leave on it */
	bool looked;           /* libcurl wants to be told of it */
	bool ended;            /* by socket_end */
};

/* All of one thread. */
struct sockets {
	struct loop *loop;
	struct socket **v;     /* by descriptor */
	size_t n;
	struct list opened;    /* whose ends are not known */
	struct list idle;      /* the oldest first */
	size_t n_idle, idle_max;
	size_t n_others;       /* idle connections that are not libcurl's */
	uint16_t of_origin[SOCKET_ORIGINS]; /* idle, by the remote end */
	struct list buckets[SOCKET_BUCKETS]; /* by the local port */
};

void sockets_init(struct sockets *s, struct loop *loop);
/* Once all multis are gone. */
void sockets_fini(struct sockets *s);
/* That of a descriptor; made at first need. */
ATTR_RETURNS_NONNULL
struct socket *sockets_get(struct sockets *s, curl_socket_t fd);
/* For CURLOPT_OPENSOCKETFUNCTION: a socket, or CURL_SOCKET_BAD. opener is the
 * transfer that it is opened for. */
curl_socket_t sockets_open(struct sockets *s, const struct curl_sockaddr *addr,
			   const void *opener);
/* The same of one that was opened elsewhere; returns it. */
curl_socket_t sockets_adopt(struct sockets *s, curl_socket_t fd,
			    const void *opener);
/* For CURLOPT_CLOSESOCKETFUNCTION (and its signature), clientp the sockets. */
int sockets_close(void *clientp, curl_socket_t fd);
/* The descriptor is another's from here on; it stays open. */
void sockets_release(struct sockets *s, curl_socket_t fd);
/* The socket of the connection that a request of opener's is about to leave
 * on, *kept whether others were on it before; NULL where it is not known. */
struct socket *sockets_find(struct sockets *s, const struct socket_ends *ends,
			    const void *opener, bool *kept);

/* Events go to libcurl (multi.c). */
void socket_watch(struct socket *s, uint32_t events);
/* libcurl does not look at it any more. */
void socket_rest(struct socket *s);
/* user is on it until it leaves, or the socket is closed. */
void socket_use(struct socket *s, struct list *user);
/* One that the last user has left is idle. */
void socket_leave(struct list *user);
/* Whether one more may be idle that goes where s goes. */
bool socket_may_rest(const struct socket *s);
/* Whether so many are idle that some should go, to leave room for others; and
 * when the youngest of those became idle, ms (INT64_MAX: there are none). */
bool sockets_are_crowded(const struct sockets *s);
int64_t sockets_crowded(const struct sockets *s);
/* How many may be idle in each of so many threads from now on. */
void sockets_set_idle(uint64_t all, size_t threads);
/* Shuts it down and throws away what has come, so that libcurl finds it dead
 * where it looks (below TLS it does not, before 8.0). */
void socket_end(struct socket *s);
/* Shuts it down under those that are on it, who hear of it from libcurl; it
 * carries no other. */
void socket_give_up(struct socket *s);
/* Whether something has come, be it the end. */
bool socket_has_news(const struct socket *s);
