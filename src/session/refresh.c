/* SPDX-License-Identifier: MIT */
/* Computes when a token is renewed: how long it is good for, when to ask for
 * the next one, and how long to leave a server alone. */
#include "session/refresh.h"

#include <stddef.h>

#include "base/limits.h"

/* a + b, at most INT64_MAX; b is not negative. */
static int64_t later(int64_t a, int64_t b)
{
	int64_t sum;

	return __builtin_add_overflow(a, b, &sum) ? INT64_MAX : sum;
}

int64_t refresh_life_of(int64_t expires_in, int64_t fallback)
{
	if (expires_in <= 0)
		return fallback;
	return expires_in > INT64_MAX / 1000 ? INT64_MAX : expires_in * 1000;
}

struct refresh_life refresh_life(int64_t sent, int64_t life, int64_t leeway)
{
	struct refresh_life r = { INT64_MAX, INT64_MAX };
	int64_t most;

	if (life <= 0)
		return r;
	r.expires = later(sent, life);
	if (r.expires == INT64_MAX)
		return r;
	most = later(sent, life / 5 * 4 + life % 5 * 4 / 5);
	r.renew_at = leeway > life ? most : r.expires - leeway;
	if (r.renew_at < most)
		r.renew_at = most;
	return r;
}

int64_t refresh_warns_at(int64_t ends, int64_t life, int64_t warning,
			 bool exact)
{
	int64_t at;

	if (ends == INT64_MAX)
		return ends;
	at = ends - warning;
	if (!exact && at < ends - life / 3)
		at = ends - life / 3;
	return at;
}

int64_t refresh_idle(int64_t renew_idle, int64_t life, uint32_t spread)
{
	int64_t wait = renew_idle;

	if (life > 0 && life / 2 < wait)
		wait = life / 2;
	wait -= (int64_t)((uint64_t)spread % (uint64_t)(wait / 10 + 1));
	return wait < LIMIT_RENEW_IDLE ? LIMIT_RENEW_IDLE : wait;
}

bool refresh_tries_twice(enum refresh_trouble trouble, int64_t retry_after)
{
	return trouble == REFRESH_UNAVAILABLE &&
	       retry_after <= LIMIT_REFRESH_QUICK;
}

void refresh_pause_begin(struct refresh_pause *p, enum refresh_trouble trouble,
			 int64_t retry_after, int64_t now, uint32_t random)
{
	int64_t longest = trouble == REFRESH_DENIED
				  ? LIMIT_REFRESH_PAUSE_DENIED
				  : LIMIT_REFRESH_PAUSE_UNAVAILABLE;
	int64_t wait;

	p->length = p->length == 0 || p->trouble != trouble ?
			    LIMIT_REFRESH_PAUSE_FIRST :
			    p->length * 2;
	if (p->length > longest)
		p->length = longest;
	p->trouble = trouble;
	wait = p->length;
	if (trouble == REFRESH_UNAVAILABLE)
		wait -= (int64_t)(random % (uint32_t)(p->length / 5 + 1));
	if (retry_after > LIMIT_REFRESH_RETRY_AFTER)
		retry_after = LIMIT_REFRESH_RETRY_AFTER;
	if (retry_after > wait)
		wait = retry_after;
	p->until = later(now, wait);
}

void refresh_pause_end(struct refresh_pause *p)
{
	*p = (struct refresh_pause){ REFRESH_UNAVAILABLE, 0, 0 };
}

bool refresh_hold_begin(struct refresh_hold *h, int64_t now)
{
	if (now < h->until)
		return false;
	h->length = h->length == 0 ? LIMIT_REFRESH_HOLD_FIRST : h->length * 2;
	if (h->length > LIMIT_REFRESH_HOLD_LAST)
		h->length = LIMIT_REFRESH_HOLD_LAST;
	h->began = now;
	h->until = later(now, h->length);
	h->probation = true;
	return true;
}

bool refresh_hold_accepted(struct refresh_hold *h, int64_t now)
{
	int64_t end = now;

	if (!h->probation)
		return false;
	h->probation = false;
	h->length = 0;
	if (h->lifted != 0 &&
	    h->began < later(h->lifted, LIMIT_REFRESH_HOLD_LAST))
		end = later(h->began, LIMIT_REFRESH_HOLD_FIRST);
	else if (now < h->until)
		h->lifted = now;
	if (end < h->until)
		h->until = end;
	return true;
}
