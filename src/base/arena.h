/* SPDX-License-Identifier: MIT */
/* An arena: memory for things that all end together, such as the pieces of one
 * request's head. */
#pragma once

#include <stddef.h>
#include <stdint.h>

#include "base/attr.h"
#include "base/str.h"

struct arena_block;

/* Grows by blocks; freed all at once. Embedded; zeroed is valid and empty. */
struct arena {
	struct arena_block *blocks; /* the newest first */
	char *p, *end;              /* what is free of the newest */
};

/* The arena's first block is the memory given, which it does not own; later
 * ones come from the heap. */
void arena_init(struct arena *a, void *first, size_t n);
/* What of it is free is used up, or too little. */
ATTR_RETURNS_NONNULL void *arena_alloc_grown(struct arena *a, size_t n);
/* n octets aligned for anything, not zeroed. */
ATTR_RETURNS_NONNULL static inline void *arena_alloc(struct arena *a, size_t n)
{
	const size_t unit = _Alignof(max_align_t);
	char *p = a->p;

	/* Only whole units are taken, so that p stays aligned. */
	if (!p || n > (size_t)(a->end - p))
		return arena_alloc_grown(a, n);
	a->p = p + ((n + unit - 1) & ~(unit - 1));
	return p;
}

/* A copy with a NUL behind it that is not counted. */
struct str arena_str(struct arena *a, struct str s);
/* Frees (and wipes) all that was allocated from the heap. */
void arena_fini(struct arena *a);
