/* SPDX-License-Identifier: MIT */
/* Names to addresses: getaddrinfo(3) (whatever nsswitch.conf says) in a
 * bounded number of threads, one look-up a name at a time, for all loops of
 * the process. What was found is kept for a while, what was not for a short
 * one. A look-up that hangs holds up nothing but those who want that name. */
#pragma once

#include <stdbool.h>

#include "base/attr.h"
#include "base/buf.h"
#include "base/mailbox.h"

struct resolver;
struct resolver_wait; /* somebody who waits for a name */

enum resolver_found {
	RESOLVER_FOUND, /* the addresses are there */
	RESOLVER_NONE,  /* the name has none */
	RESOLVER_WAITS, /* done is called */
};

/* addresses: ADDRESS,ADDRESS,… in the order in which they are to be tried,
 * those of IPv6 in brackets; NULL where the name has none. They live until it
 * returns. */
typedef void resolver_done_fn(void *arg, const char *addresses);

/* The process's one: made with the first reference, ended with the last. A
 * thread whose look-up hangs then is left behind. */
ATTR_RETURNS_NONNULL struct resolver *resolver_ref(void);
void resolver_unref(struct resolver **r);

/* From the thread that owns box. Appends the addresses to out where they are
 * known; else *wait is who waits, and done is called from box's loop, once,
 * unless cancelled. foreign: a name that the configuration does not hold. */
enum resolver_found resolver_ask(struct resolver *r, const char *name,
				 bool foreign, struct buf *out,
				 struct mailbox *box, resolver_done_fn *done,
				 void *arg, struct resolver_wait **wait);
/* Waits no more; the same thread. Nulls the pointer, which may be NULL. Not
 * after done was called. */
void resolver_cancel(struct resolver_wait **wait);
