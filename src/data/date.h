/* SPDX-License-Identifier: MIT */
/* Dates: RFC 3339 for people and stored things, and HTTP's (RFC 9110
 * §5.6.7) for Retry-After. All in seconds since the epoch, UTC. */
#pragma once

#include <stdint.h>

#include "base/attr.h"
#include "base/buf.h"
#include "base/str.h"

/* Appends "2026-11-23T17:00:00Z". */
void date_rfc3339(struct buf *out, int64_t seconds);
/* Appends it as IMF-fixdate (RFC 9110 §5.6.7). */
void date_http(struct buf *out, int64_t seconds);
/* Reads RFC 3339's, also with a space for the T, a fraction, which is dropped,
 * an offset, or without one, which is UTC; -1 where it is not a date. */
ATTR_MUST_CHECK int date_rfc3339_parse(struct str text, int64_t *seconds);
/* Reads IMF-fixdate and the two obsolete forms; -1 where it is not one. */
ATTR_MUST_CHECK int date_http_parse(struct str text, int64_t *seconds);
