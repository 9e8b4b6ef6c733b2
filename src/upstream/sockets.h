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
/* For CURLOPT_CLOSESOCKETFUNCTION (and its signature), clientp the sockets. */
int sockets_close(void *clientp, curl_socket_t fd);
/* The socket of the connection that a request of opener's is about to leave
 * on, *kept whether others were on it before; NULL where it is not known. */
struct socket *sockets_find(struct sockets *s, const struct socket_ends *ends,
			    const void *opener, bool *kept);

/* Events go to libcurl (multi.c). */
void socket_watch(struct socket *s, uint32_t events);
/* libcurl does not look at it any more. */
void socket_rest(struct socket *s);
/* user is on it until it is taken off its list, or the socket is closed. */
void socket_use(struct socket *s, struct list *user);
/* Shuts it down and throws away what has come, so that libcurl finds it dead
 * where it looks (below TLS it does not, before 8.0). */
void socket_end(struct socket *s);
/* Whether something has come, be it the end. */
bool socket_has_news(const struct socket *s);
