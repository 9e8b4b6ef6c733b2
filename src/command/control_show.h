/* SPDX-License-Identifier: MIT */
/* What the commands show of the daemon's events. */
#pragma once

#include <stdint.h>

#include "base/attr.h"
#include "base/buf.h"
#include "base/str.h"
#include "data/json.h"

/* The event's member for people: control characters become "?"; absent and
 * null are "". Appended. */
void control_show(struct buf *out, const struct json *event,
		  const char *member);
/* The same of a text. */
void control_show_text(struct buf *out, struct str text);
/* "59m", "2d 3h" of seconds; appended. */
void control_show_time(struct buf *out, int64_t seconds);
/* Writes to standard output; -1 where it cannot be, which has been said. */
ATTR_MUST_CHECK int control_print(struct str text);
