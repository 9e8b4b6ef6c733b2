/* SPDX-License-Identifier: MIT */
/* Decides by a snapshot whether there is a token for a request, or a failure,
 * or it has to wait: on the hot path, and in the broker when a request asks. */
#include "session/decision.h"

static bool fails(const struct snapshot *s, int64_t now)
{
	return s->failure.status != 0 && now < s->failure.retry_at;
}

bool decision_is_final(const struct snapshot *s, int64_t now)
{
	return !s->renewable || now < s->hold_until || fails(s, now);
}

enum decision decision_of(const struct snapshot *s, uint64_t refused,
			  int64_t now)
{
	if (snapshot_usable(s, now) &&
	    (s->generation != refused || decision_is_final(s, now)))
		return DECISION_TOKEN;
	return fails(s, now) ? DECISION_FAILED : DECISION_WAITS;
}
