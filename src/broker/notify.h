/* SPDX-License-Identifier: MIT */
/* Notices: which events of sessions are told to a program or a URL
 * (bearerd.ini(5), Notices): that a login is needed or soon will be, that a
 * session fails, and that it works again. Each is told once, over restarts too,
 * for it is noted in the store before it is told. In the broker's thread. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/attr.h"
#include "base/fault.h"
#include "base/list.h"
#include "base/loop.h"
#include "session/session.h"
#include "store/store.h"

struct broker;
struct entry;

enum notified_state { NOTIFIED_WORKS, NOTIFIED_LOGIN_NEEDED, NOTIFIED_FAILING };

/* What has been told of a session; zeroed: nothing. All but the last three is
 * in the store. */
struct notified {
	enum notified_state state;
	char login_id[LOGIN_ID_SIZE]; /* of the login that it had when this was
					 noted; "": none */
	bool expires_soon;   /* that this login ends has been told */
	uint64_t generation; /* of a token that says nothing new: it was there
				when the state was told, or at the start */
	size_t writes;       /* to the store, under way */
	bool unsaved;        /* the store does not have it */
};

/* What is to be told. */
struct notices {
	bool on;             /* somebody is to know, and it has begun */
	bool full;           /* more could not wait */
	struct list waiting, running;
	size_t nwaiting, nrunning;
	struct loop_task begin, turn;
};

void notify_init(struct broker *b);
/* What the store has of it, once the session is restored. -1 where it cannot be
 * read. */
ATTR_MUST_CHECK int notify_restore(struct entry *e, struct store *store,
				   struct fault *f);
/* From the loop's first turn on it is looked and told. */
void notify_start(struct broker *b);
/* Tells what is new of the session, where it is not busy. */
void notify_look(struct entry *e);
/* What was told, to the store; again where that failed. */
void notify_save(struct entry *e);
/* Ends what is under way and forgets what waits; the log says so. */
void notify_end(struct broker *b);
