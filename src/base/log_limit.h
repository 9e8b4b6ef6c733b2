/* SPDX-License-Identifier: MIT */
/* Rate limiting of log lines: of each kind one a period, and a few of each
 * group of kinds; the others are counted, so that no client can fill the log.
 * A group is a line's event and what of its fields the configuration bounds
 * (the service, say); a kind has the reason too. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "base/str.h"

struct log_limit;

/* Says that n lines of this kind and level were not written. */
typedef void log_limit_tell_fn(int level, struct str kind, uint64_t n);

/* tell is called from within the functions below. Freed by log_limit_free,
 * which tells nothing; NULL is fine there. */
struct log_limit *log_limit_new(log_limit_tell_fn *tell);
void log_limit_free(struct log_limit **limit);
/* Whether a line may be written at this time (clock_ms). True: *left_out says
 * how many of its kind and group were not since the last that was. False: it
 * was counted. Any thread. A kind that has to go for want of room is told of
 * at once. */
bool log_limit_admits(struct log_limit *limit, int level, struct str kind,
		      struct str group, int64_t now, uint64_t *left_out);
/* Tells of the kinds that were left out and have not come again; INT64_MAX:
 * of all that were left out. Returns whether some are left to be told of. */
bool log_limit_tell(struct log_limit *limit, int64_t now);
