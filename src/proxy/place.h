/* SPDX-License-Identifier: MIT */
/* From the client's request to the upstream's: where it goes, its fields and
 * target, the token in its place and what else the service puts in. */
#pragma once

#include "base/attr.h"
#include "oauth/placement/placement.h"

struct exchange;

/* The fields that a new body makes untrue (RFC 9530, RFC 1864);
 * NULL-terminated. */
extern const char *const place_digests[];

/* The request as the client sent it, as placements look at it. */
struct placement_request place_client_request(struct exchange *x);
/* The origin that it goes to, once place_upstream_request has been. */
const struct origin *place_origin(const struct exchange *x);
/* Makes out, out_target, out_framing and out_form; again for a request that is
 * sent once more. -1 where the exchange has an own answer instead. */
ATTR_MUST_CHECK int place_upstream_request(struct exchange *x);
