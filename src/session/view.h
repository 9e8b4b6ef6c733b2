/* SPDX-License-Identifier: MIT */
/* A worker's view of all sessions: its own copy of each one's snapshot, and
 * the exchanges that wait for a token, in order. All of a view's functions
 * are its worker's; what they tell the broker goes by mail. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/attr.h"
#include "base/list.h"
#include "base/loop.h"
#include "base/mailbox.h"
#include "session/decision.h"
#include "session/snapshot.h"

struct session_view;
struct view_link;

/* Embedded in an exchange. */
struct session_waiter {
	struct list node;
	size_t service;
	uint64_t refused;  /* generation that will not do; 0: none */
	/* With DECISION_TOKEN or DECISION_FAILED, and DECISION_TOKEN of the
	 * refused generation where it could not be renewed (then the first
	 * answer is to pass on). snapshot is borrowed. Called from the loop. */
	void (*wake)(void *arg, enum decision answer,
		     struct snapshot *snapshot);
	void *arg;
	bool parked;
};

/* The hot path: a usable token is one array look-up and one reference. Else
 * parks w (fn and arg filled in by the caller) and asks the broker. refused:
 * the generation that the upstream has refused, or 0. */
enum decision session_acquire(struct session_view *v, size_t service,
			      uint64_t refused, struct session_waiter *w,
			      struct snapshot **out);
/* The waiter's client has gone. Fine on one that is not parked. */
void session_leave(struct session_view *v, struct session_waiter *w);

/* The upstream refused (refresh_status) what was placed from this snapshot.
 * True: it is worth parking by session_acquire(refused = its generation):
 * the session can renew without a person and is not on hold, or has a newer
 * token already. */
bool session_refused(struct session_view *v, const struct snapshot *s);
/* The second answer was a refusal too. */
void session_refused_again(struct session_view *v, const struct snapshot *s);
/* The upstream accepted; cheap: only tells the broker where it waits for it
 * (probation). */
void session_accepted(struct session_view *v, struct snapshot *s);

/* The current snapshot, borrowed, for health and pages. */
const struct snapshot *session_view_get(const struct session_view *v,
					size_t service);
/* Of the thread that it is of. Nulls the pointer; NULL is fine. */
void session_view_free(struct session_view **v);

/* --- for the broker, which hands snapshots to views --- */

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
