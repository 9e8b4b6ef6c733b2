/* SPDX-License-Identifier: MIT */
/* One `match`, read: for service/ only. */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "base/attr.h"
#include "base/fault.h"
#include "base/str.h"
#include "upstream/transfer.h"

struct service;

/* One match of a service, compiled. */
struct route_match {
	char *host;           /* lower case, no final dot; a wildcard's without
				 "*" ("." and the rest) */
	bool wildcard;
	int port;             /* -1: any */
	char *prefix;         /* "" or "/…" without a final slash */
	const struct service *service;
	size_t order;         /* in the file */
	struct origin origin; /* where it leads; only where the service has no
				 upstream, and unset for a wildcard */
	bool has_origin;
};

/* HOST[:PORT][/PREFIX] into host, wildcard, port and prefix. On -1 nothing
 * is to be freed. */
ATTR_MUST_CHECK int route_match_parse(struct route_match *m, struct str text,
				      struct fault *f);
/* The match that a URL implies: its host and path, its port where it writes
 * one. */
ATTR_MUST_CHECK int route_match_of_url(struct route_match *m, struct str url,
				       struct fault *f);
void route_match_fini(struct route_match *m);

/* A path as it is kept: "" or "/…" without the slashes at its end. mem_free.
 * NULL with a fault where it cannot be one. */
ATTR_MUST_CHECK char *route_prefix(struct str path, struct fault *f);
