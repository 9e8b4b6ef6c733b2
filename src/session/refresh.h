/* SPDX-License-Identifier: MIT */
/* When and whether a token is renewed (bearerd.ini(5), Tokens): arithmetic on
 * times, without a clock and without I/O. All times are clock_ms, all lengths
 * milliseconds; INT64_MAX is never. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "base/attr.h"

/* --- a token's life --- */

struct refresh_life {
	int64_t expires;  /* INT64_MAX: not known */
	int64_t renew_at; /* in the background; INT64_MAX: never */
};

/* sent: when the token request was sent (may be before the boot, negative);
 * life: 0 where it is not known. The renewal is due at the later of
 * expiry - leeway and 80 % of the life. */
struct refresh_life refresh_life(int64_t sent, int64_t life, int64_t leeway);
/* The life of a token: seconds that the server named, or 0; fallback is
 * default_expires_in (ms) or 0. */
int64_t refresh_life_of(int64_t expires_in, int64_t fallback);

/* --- a login's --- */

/* When the end of a login is told of: warning before it; unless exact, not
 * before two thirds of its life (0: not known) are over. ends may be
 * INT64_MAX, and so is the answer then. */
int64_t refresh_warns_at(int64_t ends, int64_t life, int64_t warning,
			 bool exact);
/* The time between two renewals of a session that nobody uses: renew_idle, or
 * half of the refresh token's life (0: not known) where that is shorter; up to
 * a tenth less, by spread (any number, the same each time); at least
 * LIMIT_RENEW_IDLE. */
int64_t refresh_idle(int64_t renew_idle, int64_t life, uint32_t spread);

/* --- when it fails --- */

enum refresh_trouble {
	REFRESH_UNAVAILABLE, /* no answer, 5xx, 429: tried again soon */
	REFRESH_DENIED,      /* an OAuth error, an answer of no use */
};

/* Between attempts that fail. Zeroed: there is none. */
struct refresh_pause {
	enum refresh_trouble trouble; /* of the last failure */
	int64_t length;               /* of the last pause, no jitter in */
	int64_t until;
};

/* Whether there is a quick second try before the failure counts: where it may
 * help, and where the server did not ask for more time. retry_after: the
 * server's Retry-After, -1 where there is none. */
bool refresh_tries_twice(enum refresh_trouble trouble, int64_t retry_after);
/* The attempt has failed: the next pause begins. Pauses double; those after
 * REFRESH_UNAVAILABLE are up to a fifth shorter, by random (any number). */
void refresh_pause_begin(struct refresh_pause *p, enum refresh_trouble trouble,
			 int64_t retry_after, int64_t now, uint32_t random);
/* It worked, or a person ended the pause. */
void refresh_pause_end(struct refresh_pause *p);

/* --- when the upstream refuses what was renewed --- */

/* Refusals pass on without renewal until `until`. Zeroed: there is none. */
struct refresh_hold {
	int64_t length;
	int64_t began, until;
	int64_t lifted;   /* when an accepted answer last ended one */
	bool probation;   /* no answer has been accepted since */
};

/* A renewed token was refused too. False where a hold runs already: then it
 * is one of many, and nothing changes. */
bool refresh_hold_begin(struct refresh_hold *h, int64_t now);
/* The upstream has accepted: probation and doubling end, and so does the
 * hold, but a second one within five minutes keeps its first ten seconds:
 * where one path accepts and another refuses always, each pair of answers
 * would be a token request otherwise. False where nothing changes. */
bool refresh_hold_accepted(struct refresh_hold *h, int64_t now);
