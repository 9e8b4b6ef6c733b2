/* SPDX-License-Identifier: MIT */
/* Which files an include means. */
#pragma once

#include <stddef.h>

#include "base/attr.h"
#include "base/fault.h"
#include "base/str.h"

/* The files that fit pattern, seen from dir, sorted. *paths and each of it:
 * mem_free. -1 where a pattern without wildcards fits none, or a directory
 * cannot be read. */
ATTR_MUST_CHECK int config_include_find(const char *dir, struct str pattern,
					char ***paths, size_t *n,
					struct fault *f);
