/* SPDX-License-Identifier: MIT */
/* Hosts in the one form in which they are compared, and listening addresses:
 * for service/ only. */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "base/attr.h"
#include "base/fault.h"
#include "base/limits.h"
#include "base/str.h"

struct sockaddr;

/* In lower case, without a final dot and brackets, an IPv6 address as RFC
 * 5952 writes it. */
struct host {
	char z[LIMIT_HOST + 1];
	size_t n;
};

/* -1 where text is empty or too long for a host. No allocation. */
ATTR_MUST_CHECK int host_read(struct host *h, struct str text);

/* An IP address, IPv4-mapped ones as IPv4. */
struct address {
	int family; /* AF_INET, AF_INET6; AF_UNSPEC: none */
	unsigned char octets[16];
};

/* What host is as an address, if it is one. */
bool address_of_host(struct address *a, const struct host *h);
bool address_of_sockaddr(struct address *a, const struct sockaddr *sa);
bool address_eq(const struct address *a, const struct address *b);
/* -1 where it has none; sa may be NULL. */
int port_of_sockaddr(const struct sockaddr *sa);

/* One `listen`. */
struct listen_spec {
	struct str text;        /* as it was written, borrowed */
	struct host host;
	struct address address; /* AF_UNSPEC where the host is a name */
	int port;               /* 0: any; also for a Unix socket */
	bool loopback;          /* or a Unix socket */
	bool reachable;         /* a browser on this machine can open it: not a
				   Unix socket, not all addresses at once */
};

/* HOST:PORT, [ADDRESS]:PORT or unix:PATH. -1 with a fault that says what it
 * must be; f may be NULL. */
ATTR_MUST_CHECK int listen_spec_parse(struct listen_spec *l, struct str text,
				      struct fault *f);
