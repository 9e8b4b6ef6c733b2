/* SPDX-License-Identifier: MIT */
/* The front end: libmicrohttpd in a worker's loop. It reads requests and
 * writes answers; what happens in between is an exchange. */
#pragma once

#include <microhttpd.h>
#include <stdbool.h>
#include <stddef.h>
#include <sys/socket.h>

#include "base/attr.h"
#include "base/fault.h"
#include "base/loop.h"

struct exchange;
struct worker;

enum {
	/* A connection's memory in libmicrohttpd is max_header_size and this,
	 * for what it notes of each field (80 octets). An idle connection
	 * keeps it, and it
	 * is zeroed for each request: the answer's head has to do with what
	 * the request's leaves, and is written past libmicrohttpd where that
	 * is too little (client_writer.h). */
	FRONT_POOL_NOTES = 1024,
	/* What of it no head can use. */
	FRONT_POOL_RESERVE = 2 * 1024,
};

struct front;

ATTR_MUST_CHECK struct front *front_new(struct worker *w, struct fault *f);
/* No exchange may be suspended any more. Closes all connections. */
void front_free(struct front **front);
/* Takes the socket over, in any case. */
void front_add(struct front *front, int fd, const struct sockaddr *addr,
	       socklen_t len);
/* The octets of a connection's memory. */
size_t front_pool(const struct front *front);
/* Something was resumed: run before the loop sleeps. */
void front_wants_run(struct front *front);
/* Before a suspended connection whose answer can be queued is resumed. */
void front_expects(struct exchange *x);
