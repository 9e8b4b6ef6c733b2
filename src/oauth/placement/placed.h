/* SPDX-License-Identifier: MIT */
/* A token in its place, ready for requests: prepared once, when it is
 * published. */
#pragma once

#include "base/attr.h"
#include "base/fault.h"
#include "base/secret.h"
#include "oauth/placement/placement.h"
#include "oauth/placement/value.h"
#include "oauth/token/token.h"

struct protected_values;

/* A token in its place: "Authorization" and "Bearer …", or a query parameter,
 * percent-encoded already; and what else of it requests get. Immutable. */
struct placed {
	const struct placement_spec *spec;
	struct secret *value;            /* NULL: made for each request */
	struct value_source source;      /* of what; a reference to the token,
					    or NULL where value is there */
	struct protected_values *others; /* a reference; NULL: none of
					    protected_request.* needs it */
};

/* Expands the format for the token and encodes it. spec and s must outlive it.
 * -1 with a fault where a field is missing or does not fit its place. */
ATTR_MUST_CHECK int placed_init(struct placed *p,
				const struct placement_spec *spec,
				struct token *t,
				const struct config_section *s,
				struct fault *f);
void placed_fini(struct placed *p);

/* Takes out what placement_client_credential is about, and puts the token
 * in. Exactly one Authorization field leaves at the most. A field borrows p's
 * value: p lives as long as the request. none changes nothing. -1 with a fault
 * only where the format is made for each request and cannot be. */
ATTR_MUST_CHECK int placement_apply(const struct placed *p,
				    struct placement_request *r,
				    struct fault *f);
