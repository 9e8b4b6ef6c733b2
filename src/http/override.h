/* SPDX-License-Identifier: MIT */
/* Fields and parameters by which a request names another method or URL than
 * those of its request line: many frameworks go by these. */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "base/arena.h"
#include "base/limits.h"
#include "base/str.h"
#include "http/fields.h"

/* The methods that fields (X-HTTP-Method-Override and its kin) and query
 * (without "?"; _method, or a field's name) name, in capitals, in the arena.
 * Returns how many there are; of more than LIMIT_OVERRIDES only so many are
 * filled in. */
size_t override_methods(const struct fields *fields, struct str query,
			struct arena *arena,
			struct str out[LIMIT_OVERRIDES]);

/* The name of a field that gives another URL (X-Original-URL and its kin);
 * empty where there is none. */
struct str override_url(const struct fields *fields);

/* Whether a field of that name gives another method or URL. */
bool override_is_one(struct str name);
