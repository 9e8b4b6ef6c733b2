/* SPDX-License-Identifier: MIT */
/* One notice: what is told of a session, and how it is told, by the program of
 * notify and to the URL of notify_url (bearerd.ini(5), Notices). In the
 * broker's thread; no part of it blocks. */
#pragma once

#include <stddef.h>

#include "base/attr.h"
#include "base/list.h"

struct entry;
struct fetch;
struct program;

struct notice {
	struct list node;    /* its owner's */
	struct entry *entry; /* of whose session */
	const char *event;   /* "login_needed", ...; static */
	char *login_url;     /* NULL: no login would help, or no browser gets
				here */
	char *expires_at;    /* when the login ends; NULL: it does not, or that
				is not known */
	struct program *program;
	struct fetch *fetch;
	size_t under_way;    /* of these two */
	void (*done)(struct notice *n);
};

/* In no list. login_url and expires_at are taken over. */
ATTR_MALLOC struct notice *notice_new(struct entry *e, const char *event,
				      char *login_url, char *expires_at);
/* Ends what is under way, without done, and takes it out of its list. */
void notice_free(struct notice **n);
/* Tells it, to both where both are given. done is called once, perhaps before
 * this returns; what has gone wrong is in the log by then. */
void notice_tell(struct notice *n, void (*done)(struct notice *n));
/* Logs that it was not told, and why. */
void notice_log_failure(const struct notice *n, const char *why);
