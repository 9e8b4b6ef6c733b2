/* SPDX-License-Identifier: MIT */
/* What an answer says of caches in Cache-Control (RFC 9111 §5.2.2). */
#pragma once

#include <stdbool.h>

#include "http/fields.h"

/* Whether it says itself whose caches may have the whole of it: public,
 * private, no-store or s-maxage is there. private="FIELD" is not: it lets
 * shared caches have the rest. */
bool cache_control_says_who(const struct fields *answer);
