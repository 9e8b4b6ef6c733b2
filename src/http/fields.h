/* SPDX-License-Identifier: MIT */
/* A message's fields in the order and case in which they came, repeated ones
 * apart (RFC 9110 §5). The list's memory is an arena's; names and values are
 * borrowed unless they were copied in. */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "base/arena.h"
#include "base/attr.h"
#include "base/str.h"

struct field {
	struct str name, value;
};

struct fields {
	struct field *v;
	size_t n, cap;
	struct arena *arena;
};

/* Empty. The arena outlives them: they are freed with it. */
void fields_init(struct fields *fs, struct arena *arena);
/* Makes room for another one. */
void fields_grow(struct fields *fs);
/* Borrows name and value. */
static inline void fields_add(struct fields *fs, struct str name,
			      struct str value)
{
	if (fs->n == fs->cap)
		fields_grow(fs);
	fs->v[fs->n++] = (struct field){ name, value };
}

/* A list of its own, in that arena, of names and values that are borrowed. */
void fields_init_like(struct fields *fs, struct arena *arena,
		      const struct fields *other);
/* Copies both into the arena. */
void fields_add_copy(struct fields *fs, struct str name, struct str value);
/* The first of that name (no case), or NULL. */
const struct field *fields_find(const struct fields *fs, struct str name);
size_t fields_count(const struct fields *fs, struct str name);
/* Takes out all of that name; returns how many. Order is kept. */
size_t fields_remove(struct fields *fs, struct str name);

/* RFC 9110 §5.5: no CR, LF, NUL, nor other controls but HTAB. */
bool field_value_valid(struct str value);

/* Hop-by-hop fields (RFC 9110 §7.6.1): Connection and all that it names,
 * Keep-Alive, Proxy-Connection, Proxy-Authenticate, Proxy-Authorization,
 * TE, Trailer, Transfer-Encoding, Upgrade, HTTP2-Settings. Removes them. */
void fields_remove_hop_by_hop(struct fields *fs);
/* Adds all others (borrowed). */
void fields_add_end_to_end(struct fields *fs, const struct fields *from);
