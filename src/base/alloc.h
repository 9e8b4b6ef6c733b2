/* SPDX-License-Identifier: MIT */
/* Memory. The heap never returns NULL: what a request or a reply can ask for
 * is bounded elsewhere, so a refusal means that the machine has no memory
 * left, and the process ends with a word on standard error. The arena is
 * for all that dies together. */
#pragma once

#include <stddef.h>

#include "base/attr.h"
#include "base/str.h"

/* n zeroed octets (n may be 0), freed by mem_free. */
ATTR_MALLOC void *mem_alloc(size_t n);
/* count * size with the product checked, zeroed. */
ATTR_MALLOC void *mem_array(size_t count, size_t size);
/* As realloc; what is new is not zeroed. */
ATTR_RETURNS_NONNULL void *mem_resize(void *p, size_t n);
ATTR_MALLOC char *mem_strdup(const char *z);
void mem_free(void *p);
/* Gives pages that hold nothing back to the system. Other threads may wait
 * for some milliseconds meanwhile: for after a crowd, not for every day. */
void mem_trim(void);
/* Overwrites n octets in a way that the compiler keeps. */
void mem_wipe(void *p, size_t n);

/* mem_new(struct x) is a zeroed struct x. */
#define mem_new(type) ((type *)mem_alloc(sizeof(type)))

struct arena_block;

/* Grows by blocks; freed all at once. Embedded; zeroed is valid and empty. */
struct arena {
	struct arena_block *blocks; /* the newest first */
	char *p, *end;              /* what is free of the newest */
};

/* The arena's first block is the memory given, which it does not own; later
 * ones come from the heap. */
void arena_init(struct arena *a, void *first, size_t n);
/* n octets aligned for anything, not zeroed. */
ATTR_RETURNS_NONNULL void *arena_alloc(struct arena *a, size_t n);
/* A copy with a NUL behind it that is not counted. */
struct str arena_str(struct arena *a, struct str s);
/* Frees (and wipes) all that was allocated from the heap. */
void arena_fini(struct arena *a);
