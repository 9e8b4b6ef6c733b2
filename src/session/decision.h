/* SPDX-License-Identifier: MIT */
/* What a snapshot means for a request. Views and the broker judge by the same
 * rule, and as time passes a decision only ever turns into DECISION_WAITS: so
 * where the broker finds no reason to wait for what a view asks, the view has
 * a newer snapshot already, or gets it by mail. */
#pragma once

#include <stdint.h>

#include "base/attr.h"
#include "session/snapshot.h"

/* And what session_acquire (session/view.h) makes of it. */
enum decision {
	DECISION_TOKEN,  /* *out is usable: a reference to be dropped */
	DECISION_WAITS,  /* the waiter is parked; woken later, exactly once,
			    unless it leaves */
	DECISION_FAILED, /* *out says why (failure) */
	DECISION_FULL,   /* max_waiting is reached */
};

/* For a request at this time (clock_ms); refused: the generation that the
 * upstream refused, or 0. DECISION_TOKEN with that same generation: it will
 * not be renewed now. Never DECISION_FULL. */
ATTR_MUST_CHECK enum decision decision_of(const struct snapshot *s,
					  uint64_t refused, int64_t now);
/* Whether a refusal of the snapshot's token cannot lead to another one at
 * this time: nothing to renew with, on hold, or a renewal has just failed. */
bool decision_is_final(const struct snapshot *s, int64_t now);
