/* SPDX-License-Identifier: MIT */
/* Whether this process may have as many descriptors as it will need. */
#pragma once

#include <stdint.h>

#include "base/attr.h"
#include "base/fault.h"
#include "service/service.h"

/* How many max_connections and bearerd itself need at the most. */
uint64_t descriptors_needed(const struct services *s);
/* Raises the limit of open files as far as this process may, and sees whether
 * all that are needed fit below it. -1 with a fault that says what to
 * change. */
ATTR_MUST_CHECK int descriptors_raise(const struct services *s,
				      struct fault *f);
