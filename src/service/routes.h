/* SPDX-License-Identifier: MIT */
/* The choice among services, made for every request, without
 * allocation (bearerd.ini(5), Which service a request is for). */
#pragma once

#include <stdbool.h>

#include "base/attr.h"
#include "http/target.h"
#include "service/service.h"

struct sockaddr;
struct routes;

enum route_result {
	ROUTE_SERVICE,      /* found: the route is filled in */
	ROUTE_OWN_PAGE,     /* below /-/ on the own address */
	ROUTE_NO_PATH,      /* own address, no service's path: 404 */
	ROUTE_UNMATCHED,    /* a proxied request for a host of no service */
	ROUTE_MISDIRECTED,  /* origin-form, neither own nor a service's: 421 */
	ROUTE_CLIMBS,       /* the target leaves its prefix: 400 */
	ROUTE_AMBIGUOUS,    /* in another reading it is another's: 400 */
};

struct route {
	const struct service *service;
	const struct origin *origin; /* NULL: the host that was named, https */
	struct str prefix;           /* what of the path is exchanged … */
	struct str base;             /* … for this ("" or "/…") */
	bool by_path;
	bool claimed;                /* not found, but the host is some
					service's */
	bool stub;                   /* it came to the token endpoint's stub */
	bool asterisk;               /* the target is "*": the server as a
					whole (RFC 9112 §3.2.4) */
};

struct route_request {
	const struct target *target;
	struct str host;        /* of the Host field, no brackets */
	int host_port;          /* or -1 */
	bool has_host;          /* false: HTTP/1.0 without one */
	bool options;           /* the method is OPTIONS */
	const struct sockaddr *local; /* the connection's own address */
};

/* Builds the index of all services; adds to the report what could never be
 * told apart. */
struct routes *routes_new(const struct services *s,
			  struct config_report *report);
void routes_free(struct routes **r);

enum route_result route_find(const struct services *s,
			     const struct route_request *q,
			     struct route *out);

/* Whether host is bearerd's own: localhost, an own name, or an IP literal that
 * is local's or a listening one. local may be NULL. */
bool route_host_is_own(const struct services *s, struct str host,
		       const struct sockaddr *local);

/* Appends the target for the upstream: base, the path after the prefix, the
 * query, byte for byte; at least "/"; or "*". */
void route_write_target(const struct route *r, const struct target *t,
			struct buf *out);
