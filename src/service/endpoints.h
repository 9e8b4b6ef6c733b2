/* SPDX-License-Identifier: MIT */
/* Where a session's authorization server is: all of its endpoints, and what
 * it says of itself. Immutable once built, shared by reference. */
#pragma once

#include <stdbool.h>

#include "base/attr.h"
#include "oauth/server.h"
#include "upstream/endpoint.h"

struct endpoints {
	_Atomic unsigned refs;
	struct endpoint v[ENDPOINT_KINDS];
	char *issuer;       /* NULL: not known */
	bool iss_parameter; /* the server says that it sends iss (RFC 9207) */
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
