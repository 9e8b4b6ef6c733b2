/* SPDX-License-Identifier: MIT */
/* A session and what is under way for it, in the broker's thread: one entry a
 * service. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "authserver/as_client.h"
#include "authserver/discovery.h"
#include "authserver/secret_command.h"
#include "base/list.h"
#include "base/loop.h"
#include "broker/notify.h"
#include "service/service.h"
#include "session/session.h"

struct broker;
struct token_call;
struct id_check;
struct entry;

/* Something that waits until a session is not busy; embedded, zeroed is at
 * rest. What is done then may make it busy again: what stands behind waits
 * for the next time. */
struct entry_wait {
	struct list node;
	bool waits;
	void (*run)(void *arg, struct entry *e);
	void *arg;
};

/* A session and what is under way for it. */
struct entry {
	struct session session;
	struct broker *broker;
	struct as_client client;     /* of its authorization server */
	bool unbound;                /* it was said that it ignores dpop */
	struct discovery_wait found; /* its token request waits for that */
	struct secret_wait secrets;  /* or, where it makes its token itself,
					for what a program prints */
	struct entry *leader; /* whose session it uses: another's, which does
				all the rest; or NULL */
	struct loop_timer timer;
	uint64_t secrets_mark; /* config_live_mark, as it was last seen */
	unsigned todo; /* SESSION_PUBLISH and so on: what is to be done */
	bool driving;  /* it is being done */
	struct token_call *token_call;
	struct id_check *check; /* of what it brought */
	bool arriving; /* its new token is being stored */
	bool disowned; /* what is under way for it is of a login that has
			  ended: it is revoked when it comes */
	bool unsaved;  /* the store does not have its token */
	size_t writes; /* to the store, under way */
	struct list waiting;
	struct list stored;        /* who waits until there are none */
	bool settling;             /* those that wait are being run */
	struct entry_wait subject; /* waits for another session's token */
	struct entry_wait noted;   /* for the store to say that its refresh
				      token is about to be sent */
	struct notified notified;
	int64_t login_calls; /* clock_ms: up to when calls for logins that
				pages began are used up */
};

/* Of a zeroed entry: its client of the server, and nobody waits. The session is
 * the caller's to begin (session_init). */
void entry_init(struct entry *e, struct broker *b, const struct service *s);
void entry_fini(struct entry *e);
/* clock_ms of the loop's present turn, or a view's that has been here, which
 * may be later. */
int64_t entry_now(const struct entry *e);
/* What can be used at this time, borrowed; NULL: none. */
struct token *entry_token(const struct entry *e);
/* Runs it now where the session is not busy. It does not wait already. */
void entry_wait(struct entry *e, struct entry_wait *w,
		void (*run)(void *arg, struct entry *e), void *arg);
/* The same, before those that wait already: for what is to see the session as
 * it is when it is not busy with this any more. */
void entry_wait_first(struct entry *e, struct entry_wait *w,
		      void (*run)(void *arg, struct entry *e), void *arg);
/* It is not run any more. Fine on one that does not wait. */
void entry_wait_cancel(struct entry_wait *w);
/* Runs what waits, while the session is not busy. */
void entry_settle(struct entry *e);
/* The same as entry_wait, once no write of its to the store is under way:
 * then e->unsaved says whether the store has what it should. */
void entry_wait_stored(struct entry *e, struct entry_wait *w,
		       void (*run)(void *arg, struct entry *e), void *arg);
/* One more write of its, or (-1) one that has ended: runs what waits for
 * that. */
void entry_writes(struct entry *e, int change);
/* The same as entry_wait, once the session has a token that may be used, or
 * has failed to get one. */
void entry_wait_token(struct entry *e, struct entry_wait *w,
		      void (*run)(void *arg, struct entry *e), void *arg);
