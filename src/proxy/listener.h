/* SPDX-License-Identifier: MIT */
/* Sockets that listen, and the way of a new connection to the front. */
#pragma once

#include <netinet/in.h>
#include <sys/socket.h>

#include "base/attr.h"
#include "base/fault.h"
#include "base/list.h"
#include "base/loop.h"
#include "base/str.h"

struct worker;

/* An address to listen on, resolved once; its port is filled in by the first
 * socket that is bound to it. */
struct listen_address {
	struct sockaddr_storage addr;
	socklen_t len;
	char *text;        /* as the log shows it, with the real port */
};

/* Reads "HOST:PORT" and "[ADDR]:PORT"; HOST may be a name of this machine. */
ATTR_MUST_CHECK int listen_address_init(struct listen_address *a,
					struct str text, struct fault *f);
void listen_address_fini(struct listen_address *a);

/* A bound socket that does not listen yet. The first of an address is bound
 * without SO_REUSEPORT and gets it afterwards, so that a second bearerd is
 * refused while further workers join. -1 with a fault. */
ATTR_MUST_CHECK int listen_address_bind(struct listen_address *a, bool first,
					struct fault *f);

struct listener {
	struct list node;   /* worker->listeners */
	struct worker *worker;
	struct loop_io io;
	int fd;
	struct loop_timer rest; /* until descriptors are free again */
};

/* Takes the bound socket over, for this worker. It does not listen yet. */
ATTR_MALLOC struct listener *listener_new(struct worker *w, int fd);
/* listen(2), and accept from now on. */
ATTR_MUST_CHECK int listener_open(struct listener *l, struct fault *f);
/* Takes what the kernel had queued, then closes the socket. */
void listener_close(struct listener *l);
void listener_free(struct listener **l);
