/* SPDX-License-Identifier: MIT */
/* What a snapshot means for a request. Views and the broker judge by the same
 * rule, and as time passes an answer only ever turns into SESSION_WAITS: so
 * where the broker finds no reason to wait for what a view asks, the view has
 * a newer snapshot already, or gets it by mail. */
#pragma once

#include <stdint.h>

#include "base/attr.h"
#include "session/snapshot.h"

enum session_answer {
	SESSION_TOKEN,    /* *out is usable: a reference to be dropped */
	SESSION_WAITS,    /* the waiter is parked; woken later, exactly once,
			     unless it leaves */
	SESSION_FAILED,   /* *out says why (failure) */
	SESSION_FULL,     /* max_waiting is reached */
};

/* For a request at this time (clock_ms); refused: the generation that the
 * upstream refused, or 0. SESSION_TOKEN with that same generation: it will
 * not be renewed now. Never SESSION_FULL. */
ATTR_MUST_CHECK enum session_answer decision_of(const struct snapshot *s,
						uint64_t refused, int64_t now);
/* Whether a refusal of the snapshot's token cannot lead to another one at
 * this time: nothing to renew with, on hold, or a renewal has just failed. */
bool decision_is_final(const struct snapshot *s, int64_t now);
