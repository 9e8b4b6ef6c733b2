/* SPDX-License-Identifier: MIT */
/* How views and the broker talk: what a view posts to the broker, and how the
 * broker hands snapshots to a view. Nothing of it is for others. */
#pragma once

#include <stddef.h>
#include <stdint.h>

#include "base/attr.h"
#include "base/list.h"
#include "base/mailbox.h"
#include "session/snapshot.h"
#include "session/view.h"

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

/* Without snapshots: session_view_put each before it is used. box is the
 * worker's. Freed by session_view_free. */
ATTR_MALLOC struct session_view *session_view_new(struct view_link *link,
						  struct mailbox *box);
/* Where the broker has its views in a list. */
struct list *session_view_node(struct session_view *v);
struct session_view *session_view_of(struct list *node);
/* Tells the broker nothing any more, whose link goes away. */
void session_view_detach(struct session_view *v);

/* In the view's thread: s (a reference is taken) is the session's snapshot
 * from now on, and those that waited for it are woken. */
void session_view_put(struct session_view *v, struct snapshot *s);
/* From the broker's thread: the same by mail. */
void session_view_publish(struct session_view *v, struct snapshot *s);
