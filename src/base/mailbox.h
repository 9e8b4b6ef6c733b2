/* SPDX-License-Identifier: MIT */
/* How threads talk: an intrusive queue that any thread puts mail into, and an
 * eventfd that wakes the owner's loop. Mail of one sender arrives in order. */
#pragma once

#include "base/attr.h"
#include "base/fault.h"
#include "base/loop.h"

/* A message; the first member of something larger, which deliver frees or
 * hands on. deliver runs on the mailbox owner's thread. */
struct mail {
	struct mail *next;
	void (*deliver)(struct mail *mail, void *owner);
};

struct mailbox;

/* owner is passed to every deliver. NULL with a fault when no eventfd can be
 * had. */
ATTR_MUST_CHECK struct mailbox *mailbox_new(struct loop *loop, void *owner,
					    struct fault *f);
/* What still lies in it is delivered first. Only once no thread posts any
 * more. */
void mailbox_free(struct mailbox **box);
/* The owner's loop. */
struct loop *mailbox_loop(const struct mailbox *box);
/* From any thread; never blocks, never fails, takes the mail over. */
void mailbox_post(struct mailbox *box, struct mail *mail);
/* Delivers what lies in it now; the owner's thread. */
void mailbox_drain(struct mailbox *box);
