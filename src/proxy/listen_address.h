/* SPDX-License-Identifier: MIT */
/* Where bearerd listens: what `listen` names, and its sockets. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
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

/* Those of all `listen`, in their order. Zeroed is valid. */
struct listen_addresses {
	struct listen_address *v;
	size_t n;
};

/* Reads "HOST:PORT", "[ADDR]:PORT" or "unix:PATH", and adds the address. HOST
 * may be a name of this machine: then all addresses that it has there are
 * added, with the same port, and for localhost those of IPv4 and IPv6. */
ATTR_MUST_CHECK int listen_addresses_find(struct listen_addresses *to,
					  struct str text, struct fault *f);
void listen_addresses_fini(struct listen_addresses *to);
/* 0 where it is not yet known. Not of a Unix socket. */
int listen_address_port(const struct listen_address *a);
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
