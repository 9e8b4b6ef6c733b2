/* SPDX-License-Identifier: MIT */
/* A bounded buffer between the two sides of an exchange: one for the request's
 * body and one for the response's. Both sides stop when it is full: that is the
 * whole of the back-pressure. */

#include "proxy/spool.h"

#include <string.h>

#include "base/alloc.h"
#include "base/assert.h"

enum { SPOOL_FIRST = 4096 };

void spool_reset(struct spool *s, size_t keep)
{
	if (s->cap > keep)
		spool_fini(s);
	s->at = s->n = 0;
	s->keeps = false;
}

void spool_fini(struct spool *s)
{
	mem_free(s->p);
	s->p = NULL;
	s->at = s->n = s->cap = 0;
}

/* Moves what is left to the front. */
static void spool_compact(struct spool *s)
{
	if (s->keeps || s->at == 0)
		return;
	if (s->n > s->at)
		memmove(s->p, s->p + s->at, s->n - s->at);
	s->n -= s->at;
	s->at = 0;
}

/* The memory may be more than the bound allows: an earlier one's. */
static size_t spool_left(const struct spool *s)
{
	size_t cap = s->cap < s->max ? s->cap : s->max;

	return cap > s->n ? cap - s->n : 0;
}

/* Makes room for n more if the bound allows; returns the room there is. */
static size_t spool_room(struct spool *s, size_t n)
{
	size_t cap;

	if (spool_left(s) >= n)
		return spool_left(s);
	spool_compact(s);
	if (spool_left(s) >= n || s->cap >= s->max)
		return spool_left(s);
	cap = s->cap != 0 ? s->cap : SPOOL_FIRST;
	while (cap - s->n < n && cap < s->max)
		cap *= 2;
	if (cap > s->max)
		cap = s->max;
	s->p = mem_resize(s->p, cap);
	s->cap = cap;
	return spool_left(s);
}

size_t spool_put(struct spool *s, const char *p, size_t n)
{
	size_t room;

	if (n == 0)
		return 0;
	room = spool_room(s, n);
	if (n > room) {
		if (s->keeps)
			return 0;
		n = room;
	}
	if (n > 0)
		memcpy(s->p + s->n, p, n);
	s->n += n;
	return n;
}

bool spool_put_all(struct spool *s, const char *p, size_t n)
{
	if (n > 0 && spool_room(s, n) < n)
		return false;
	return spool_put(s, p, n) == n;
}

size_t spool_get(struct spool *s, char *p, size_t n)
{
	size_t there = s->n - s->at;

	if (n > there)
		n = there;
	if (n > 0)
		memcpy(p, s->p + s->at, n);
	spool_drop(s, n);
	return n;
}

void spool_drop(struct spool *s, size_t n)
{
	s->at += n;
	if (s->at == s->n && !s->keeps)
		s->at = s->n = 0;
}

struct str spool_str(const struct spool *s)
{
	if (!s->p)
		return STR("");
	return (struct str){ s->p + s->at, s->n - s->at };
}

bool spool_low(const struct spool *s)
{
	return s->n - s->at <= s->max / 2;
}

void spool_rewind(struct spool *s)
{
	ASSERT(s->keeps || s->n == 0);
	s->at = 0;
}

void spool_let_go(struct spool *s, size_t max)
{
	s->keeps = false;
	s->max = max > s->cap ? max : s->cap;
	spool_compact(s);
}
