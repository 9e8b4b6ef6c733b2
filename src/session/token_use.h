/* SPDX-License-Identifier: MIT */
/* What one token makes of a service's requests: where the token stands in
 * them, what else depends on it, and where they go. Made once, when the token
 * comes; immutable, shared by reference. */
#pragma once

#include "base/attr.h"
#include "base/fault.h"
#include "oauth/placement/placed.h"
#include "service/service.h"

struct token_use {
	_Atomic unsigned refs;
	struct placed placed;
	/* Of a service whose upstream holds {token.FIELD}; else unset. */
	struct origin upstream;
	char *base_path;
	bool has_upstream;
};

/* One reference; NULL with a fault where the token does not fit: a field is
 * missing, a value cannot be carried, an upstream that upstream_hosts does
 * not let through. */
ATTR_MUST_CHECK struct token_use *token_use_new(const struct service *service,
						struct token *t,
						struct fault *f);
/* NULL gives NULL. */
struct token_use *token_use_ref(struct token_use *use);
void token_use_unref(struct token_use **it);
