/* SPDX-License-Identifier: MIT */
/* The broker and what it has of each session: shared by the files that are
 * its thread, and not for others but the control socket's server, which
 * is that thread too. */
#pragma once

#include <pthread.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "authserver/as_client.h"
#include "authserver/discovery.h"
#include "base/list.h"
#include "base/loop.h"
#include "base/mailbox.h"
#include "broker/broker.h"
#include "broker/login.h"
#include "oauth/dpop_nonces.h"
#include "service/service.h"
#include "session/session.h"
#include "session/view_link.h"
#include "store/keeper.h"
#include "upstream/transfer.h"

struct token_call;
struct token_call_reply;
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
	struct entry *leader; /* whose session it uses: another's, which does
				all the rest; or NULL */
	struct loop_timer timer;
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
	int64_t login_calls; /* clock_ms: up to when calls for logins that
				pages began are used up */
};

struct broker {
	const struct services *services;
	struct as_context context;
	struct view_link link;
	struct list views;
	struct entry *entries; /* one a service */
	size_t n;
	struct logins logins;
	struct list logouts;
	char *external;     /* how people's browsers reach us; NULL: not */

	struct loop_timer store_timer;
	struct refresh_pause store_pause;
	struct loop_timer subject_timer;
	_Atomic bool store_ok;

	pthread_t thread;
	bool started;
	bool hurries; /* the grace is over: only answers that could
			 not be had again are waited for */
	struct loop_timer grace;
};

/* Does what a session wants done. */
void broker_act(struct entry *e, unsigned what, int64_t now);
/* Makes the token request that a session wants, once there is all that it
 * needs. */
void broker_ask(struct entry *e);
/* Tells those that exchange of's token, and those that exchange theirs, that
 * there is one. */
void broker_supply(struct entry *of, int64_t now);
/* The login_id (session.h) of the subject whose token the entry exchanges, as
 * it is now. False: it has none, or it is not known. */
bool broker_subject_login(const struct entry *e, char out[LOGIN_ID_SIZE]);
/* The login of a session has ended or begun: what others have exchanged its
 * token for, and what was exchanged for that, goes where it is not of this
 * login. */
void broker_disown_exchanged(struct entry *of, int64_t now);
/* The same of one session, whoever its subject is. */
void broker_disown_strange(struct entry *e, int64_t now);
/* Whether what has come (NULL: nothing) was disowned meanwhile: then it is
 * revoked, and the request made anew. */
bool broker_drops(struct entry *e, struct token *t);
/* Looks now and then whom the files of subjects speak of. */
void broker_watch_subjects(struct broker *b);
/* A token request has ended without a token. */
void broker_fail(struct entry *e, const struct session_trouble *t);
/* The session, to the store. */
void broker_save(struct entry *e);
/* A token request, or a login, has brought t, which is subject's (NULL: that
 * is not known): the session is busy until it is stored. -1 where it cannot be
 * placed. */
ATTR_MUST_CHECK int broker_arrive(struct entry *e, struct token *t,
				  int64_t sent,
				  const struct id_token_subject *subject,
				  struct fault *f);
/* The answer to an entry's own token request; arg: the entry. */
void broker_on_reply(void *arg, const struct token_call_reply *reply);

/* Cancels all that is under way, and says so to people who wait: nothing turns
 * its loop any more. */
void broker_end(struct broker *b);

/* The entry whose session a service uses. */
struct entry *broker_entry(struct broker *b, size_t service);

void entry_init(struct entry *e, struct broker *b, const struct service *s);
void entry_fini(struct entry *e);
/* clock_ms of the loop's present turn. */
int64_t entry_now(const struct entry *e);
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
