/* SPDX-License-Identifier: MIT */
/* Where a session's authorization server is: all of its endpoints, and what
 * it says of itself. Immutable once built, shared by reference. */
#pragma once

#include <stdbool.h>

#include "base/attr.h"
#include "base/fault.h"
#include "oauth/metadata.h"
#include "oauth/server.h"
#include "upstream/endpoint.h"

struct service;

struct endpoints {
	_Atomic unsigned refs;
	struct endpoint v[ENDPOINT_KINDS];
	char *issuer;       /* NULL: not known */
	bool iss_parameter; /* the server says that it sends iss (RFC 9207) */
	struct metadata *metadata; /* a reference; NULL: the keys alone */
};

/* Empty, one reference. */
ATTR_MALLOC struct endpoints *endpoints_new(void);
/* NULL gives NULL. */
struct endpoints *endpoints_ref(struct endpoints *e);
void endpoints_unref(struct endpoints **e);

/* One of them; NULL where there is none. A refresh without an endpoint of its
 * own goes to the token endpoint. */
const struct endpoint *endpoints_get(const struct endpoints *e,
				     enum endpoint_kind kind);
/* All that a service with an issuer has: of each kind what its keys say; else,
 * where its client shows a certificate, the server's alias for such clients
 * (RFC 8705 §5); else what the metadata says. One reference, and one to m is
 * taken. NULL with a fault where an address is of no use. */
ATTR_MUST_CHECK struct endpoints *endpoints_merge(const struct service *s,
						  struct metadata *m,
						  struct fault *f);

/* Where tokens of a service are asked for, as the configuration says; NULL
 * where it says nothing. */
const char *service_token_endpoint(const struct service *s);
