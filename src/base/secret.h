/* SPDX-License-Identifier: MIT */
/* What must never be printed: tokens, codes, passwords, keys, assertions.
 * Immutable, reference-counted across threads, wiped when the last reference
 * goes. The logger has no way to take one, and it is opaque. */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "base/attr.h"
#include "base/buf.h"
#include "base/str.h"

struct secret;

/* A copy of the octets; the caller wipes its own. One reference. */
ATTR_MALLOC struct secret *secret_new(struct str s);
/* The buffer's octets; the buffer is wiped and emptied. */
ATTR_MALLOC struct secret *secret_take(struct buf *b);
/* NULL gives NULL. */
struct secret *secret_ref(struct secret *s);
/* Drops a reference and nulls the pointer; NULL is fine. */
void secret_unref(struct secret **s);
/* Borrows the octets (a NUL follows them, not counted), valid while a
 * reference is held. NULL gives the empty slice. The only way to the value:
 * grep for it. */
struct str secret_expose(const struct secret *s);
/* Constant in time for equal lengths. Two NULLs are equal. */
bool secret_eq(const struct secret *a, const struct secret *b);
bool secret_eq_str(const struct secret *a, struct str b);
