/* SPDX-License-Identifier: MIT */
/* Where bearerd listens: what `listen` names, and its sockets. */
#pragma once

#include <stdbool.h>
#include <sys/socket.h>

#include "base/attr.h"
#include "base/fault.h"
#include "base/local_socket.h"
#include "base/str.h"

/* An address to listen on, resolved once; its port is filled in by the first
 * socket that is bound to it. */
struct listen_address {
	struct sockaddr_storage addr;
	socklen_t len;
	char *text;   /* as the log shows it, with the real port */
	struct local_socket shared; /* a Unix one, which all workers share */
};

/* Reads "HOST:PORT", "[ADDR]:PORT" and "unix:PATH"; HOST may be a name of this
 * machine. */
ATTR_MUST_CHECK int listen_address_init(struct listen_address *a,
					struct str text, struct fault *f);
/* Whether a browser on this machine can open it: not a Unix socket, and not
 * all addresses at once. Once it is bound. */
bool listen_address_is_reachable(const struct listen_address *a);
/* Removes a Unix socket that it made. */
void listen_address_fini(struct listen_address *a);

/* A socket that listens. The first of an address is bound without
 * SO_REUSEPORT, and gets it once it listens, so that a second bearerd is
 * refused at any time while further workers join. Of a Unix socket further
 * ones are duplicates; a stale one is replaced, one that somebody listens on
 * is not. -1 with a fault. */
ATTR_MUST_CHECK int listen_address_open(struct listen_address *a, bool first,
					struct fault *f);
