/* SPDX-License-Identifier: MIT */
/* The keeper: the thread that does what may block. It writes to the store,
 * one transaction for all that waits. */
#pragma once

#include <stdbool.h>

#include "base/attr.h"
#include "base/mailbox.h"
#include "base/secret.h"
#include "store/store.h"

struct keeper;

/* A write: filled in by the caller, owned by the keeper until it comes back
 * through reply (to which it is posted, with mail.deliver as the caller set
 * it) with result and fault. */
struct keeper_job {
	struct mail mail;       /* first; deliver: called in reply's thread */
	struct mailbox *reply;
	char *id;               /* the session's; freed by the caller */
	struct secret *value;   /* NULL: remove; unref'd by the caller */
	int result;             /* 0 durable, -1 */
	struct fault fault;
	void *arg;              /* the caller's own */
	struct list node;       /* the keeper's */
};

/* Starts the thread; the store is the keeper's until keeper_stop. */
ATTR_MUST_CHECK struct keeper *keeper_start(struct store *store,
					    struct fault *f);
/* From any thread. Jobs that arrive while a transaction runs share the next
 * one; where it fails, each is tried alone, so that one bad value does not
 * hold the others back. */
void keeper_submit(struct keeper *k, struct keeper_job *job);
/* Whether the store was where it belongs when it was last looked (store_check),
 * which is done every few seconds. Any thread. */
bool keeper_store_is_there(const struct keeper *k);
/* Finishes what was submitted, then ends the thread. The store stays open. */
void keeper_stop(struct keeper **k);
