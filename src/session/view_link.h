/* SPDX-License-Identifier: MIT */
/* How views and the broker talk: what a view posts to the broker, and to whom.
 * Nothing of it is for others. */
#pragma once

#include <stddef.h>
#include <stdint.h>

#include "base/mailbox.h"

enum session_event {
	SESSION_ASKED,         /* somebody waits; generation: the one that was
				  refused, or 0 */
	SESSION_USED,          /* the token is in use after its renew_at */
	SESSION_REFUSED_AGAIN, /* refused though it was renewed just now */
	SESSION_ACCEPTED,      /* accepted while on probation */
};

/* From a view. */
struct session_mail {
	struct mail mail; /* first */
	enum session_event event;
	size_t service;
	uint64_t generation;
	int64_t now;      /* clock_ms of the view */
};

/* What all views of a session share. */
struct session_queue {
	uint64_t max_waiting;
	_Atomic size_t waiting; /* touched for requests that wait, only */
};

/* The broker's side, as the views see it. Outlives them, or they are
 * detached. */
struct view_link {
	struct mailbox *box;
	/* Of a session_mail, which it frees (mem_free). */
	void (*deliver)(struct mail *mail, void *owner);
	struct session_queue *queues; /* one a service */
	size_t n;
};
