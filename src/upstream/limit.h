/* SPDX-License-Identifier: MIT */
/* How many requests of one service may be under way to its upstream at a
 * time, all workers together; over it they wait in their order. What counts
 * are requests that carry a connection, not the idle connections that each
 * worker keeps. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "base/attr.h"
#include "base/mailbox.h"

struct limit;
struct limit_slot; /* one that is held, or waited for */

/* One reference. max is over 0. */
ATTR_RETURNS_NONNULL struct limit *limit_new(uint64_t max);
/* NULL gives NULL. */
struct limit *limit_ref(struct limit *l);
void limit_unref(struct limit **l);

typedef void limit_granted_fn(void *arg);

/* From the thread that owns box. A slot, at once (limit_is_held), or later:
 * then granted is called from box's loop. */
ATTR_RETURNS_NONNULL
struct limit_slot *limit_enter(struct limit *l, struct mailbox *box,
			       limit_granted_fn *granted, void *arg);
bool limit_is_held(const struct limit_slot *p);
/* Gives it back, or stops to wait for it; the same thread. Nulls the pointer,
 * which may be NULL. */
void limit_leave(struct limit_slot **slot);
