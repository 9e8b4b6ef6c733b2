/* SPDX-License-Identifier: MIT */
/* What keys of a wildcard ("access_token_request.param.*") put into a request
 * under names of their own. */
#pragma once

#include <stddef.h>

#include "base/str.h"
#include "oauth/placement/value.h"

/* Immutable. */
struct named_value {
	char *key;           /* the whole, for texts */
	char *name;          /* its last part */
	struct value *value; /* NULL: what has this name is taken out */
};

/* Zeroed: none. */
struct named_values {
	struct named_value *v;
	size_t n;
};

/* Takes value over; it is freed with the rest. */
void named_values_add(struct named_values *vs, struct str key, struct str name,
		      struct value *value);
void named_values_fini(struct named_values *vs);
/* The one of that name, or NULL. vs may be NULL. */
const struct named_value *named_values_find(const struct named_values *vs,
					    struct str name);
