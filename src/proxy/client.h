/* SPDX-License-Identifier: MIT */
/* A client's connection, from accept to close: what is known of it, and how
 * long it may take. Times are looked at twice a second by the worker's sweep:
 * a list each in order of arrival, no timer of its own. */
#pragma once

#include <stdbool.h>
#include <stdint.h>
#include <sys/socket.h>

#include "base/attr.h"
#include "base/list.h"
#include "base/loop.h"
#include "base/str.h"

struct worker;

enum client_state {
	CLIENT_READING, /* a head is on its way: in worker->reading */
	CLIENT_ASKING,  /* a request is under way: on no list */
	CLIENT_IDLE,    /* between two requests: in worker->idle */
	CLIENT_RESTING, /* for a while, and watched: in worker->resting */
};

struct client {
	struct list node;
	enum client_state state;
	int64_t since;         /* when that began, ms */
	struct worker *worker;
	int fd;
	struct sockaddr_storage local; /* this end's address */
	bool lingers;          /* its end is made past libmicrohttpd */
	uint64_t octets;       /* that the kernel had moved, when looked at */
	struct loop_io first;  /* while it rests: the next request begins */
	bool tunnelled;        /* a tunnel has the socket now, and its place
				  among max_connections */
	struct own_connections *own; /* to upstreams; NULL: the worker's */
};

/* Its first request is awaited from now on. */
ATTR_RETURNS_NONNULL struct client *client_new(struct worker *w, int fd);
void client_free(struct client **c);

/* The request line is there; the head is complete; the exchange is over. */
void client_reads(struct client *c);
void client_asks(struct client *c);
void client_waits(struct client *c);

/* Whether octets went either way since the last call, as the kernel knows. */
bool client_moved(struct client *c);

/* Says a problem (bearerd(8), Errors) on a connection past libmicrohttpd,
 * where that cannot be made to. Nothing may have been sent for the request;
 * the caller closes. */
void client_refuse(int fd, int status, const char *error, struct str detail,
		   const char *action);

/* Ends those whose head or next request has not come in time. */
void clients_sweep(struct worker *w);
