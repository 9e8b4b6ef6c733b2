/* SPDX-License-Identifier: MIT */
/* Octets on their way from one side to the other: filled at the end, drained at
 * the front, bounded. A spool that keeps holds on to what was drained, so that
 * the body can be sent once more. */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "base/str.h"

struct spool {
	char *p;
	size_t at;   /* what was drained of it, from the front */
	size_t n;    /* what was filled */
	size_t cap;
	size_t max; /* the octets that it may hold */
	bool keeps;
};

/* Empties; keeps the memory where it is no more than keep octets. */
void spool_reset(struct spool *s, size_t keep);
void spool_fini(struct spool *s);
/* Copies as many as there is room for; returns how many. One that keeps takes
 * all or nothing. */
size_t spool_put(struct spool *s, const char *p, size_t n);
/* All n, or none. */
bool spool_put_all(struct spool *s, const char *p, size_t n);
/* Copies up to n out and drains them; returns how many. */
size_t spool_get(struct spool *s, char *p, size_t n);
/* Drains n, of so many at least that are there. */
void spool_drop(struct spool *s, size_t n);
/* What is there to be drained. */
struct str spool_str(const struct spool *s);
/* Whether less than half of it is filled. */
bool spool_low(const struct spool *s);
/* All of what was put in is there again; only while it keeps. */
void spool_rewind(struct spool *s);
/* Gives up keeping; max is the bound from now on. */
void spool_let_go(struct spool *s, size_t max);
