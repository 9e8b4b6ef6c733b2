/* SPDX-License-Identifier: MIT */
/* The broker and what it has of each session: shared by the files that are
 * its thread, and not for others but the control socket's server, which
 * is that thread too. */
#pragma once

#include <pthread.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/list.h"
#include "base/loop.h"
#include "base/mailbox.h"
#include "broker/broker.h"
#include "broker/discovery.h"
#include "broker/jwks.h"
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
struct post;

/* Something that waits until a session is not busy; embedded, zeroed is at
 * rest. What is done then may make it busy again: what stands behind waits
 * for the next time. */
struct errand {
	struct list node;
	bool waits;
	void (*run)(void *arg, struct post *p);
	void *arg;
};

/* A session and what is under way for it. */
struct post {
	struct session session;
	struct broker *broker;
	struct endpoints *endpoints; /* a reference; where its server is */
	struct dpop_nonces nonces; /* of that server */
	bool unbound;  /* it was said that it ignores dpop */
	struct discovery *discovery; /* who finds out; NULL: its keys say */
	struct discovery_wait found; /* its token request waits for that */
	struct post *leader; /* whose session it uses: another's, which does
				all the rest; or NULL */
	struct loop_timer timer;
	struct token_call *token_call;
	struct id_check *check; /* of what it brought */
	bool arriving; /* its new token is being stored */
	bool unsaved;  /* the store does not have its token */
	size_t writes; /* to the store, under way */
	struct list errands;
	struct list stored; /* errands until there are none */
	bool settling; /* errands are being run */
	struct errand subject; /* waits for another session's token */
};

struct broker {
	const struct services *services;
	struct store *store; /* until the keeper has it */
	struct loop *loop;
	struct mailbox *box;
	struct upstream *upstream;
	struct view_link link;
	struct list views;
	struct post *posts; /* one a service */
	size_t n;
	struct logins logins;
	struct discoveries discoveries;
	struct list logouts;
	struct jwks_all jwks;
	struct hook_machine *hooks; /* where services' hooks run */
	char *external;     /* how people's browsers reach us; NULL: not */

	struct keeper *keeper;
	struct loop_timer store_timer;
	struct refresh_pause store_pause;
	_Atomic bool store_ok;

	pthread_t thread;
	bool started;
	bool stopping;           /* nothing new is begun */
	bool hurries;            /* the grace is over: only answers that could
				    not be had again are waited for */
	bool over;               /* the thread has ended */
	size_t running;          /* token requests and writes under way */
	struct loop_timer grace;
};

/* Does what a session wants done. */
void broker_act(struct post *p, unsigned what, int64_t now);
/* Makes the token request that a session wants, once there is all that it
 * needs. */
void broker_ask(struct post *p);
/* Tells those that exchange of's token, and those that exchange theirs, that
 * there is one. */
void broker_supply(struct post *of, int64_t now);
/* A token request has ended without a token. */
void broker_fail(struct post *p, const struct session_trouble *t);
/* The session, to the store. */
void broker_save(struct post *p);
/* A token request, or a login, has brought t, which is subject's (NULL: that
 * is not known): the session is busy until it is stored. -1 where it cannot be
 * placed. */
ATTR_MUST_CHECK int broker_arrive(struct post *p, struct token *t,
				  int64_t sent,
				  const struct id_token_subject *subject,
				  struct fault *f);
/* The answer to a post's own token request; arg: the post. */
void broker_on_reply(void *arg, const struct token_call_reply *reply);
/* So many requests more are under way whose answers a stop waits for; their
 * end may end the thread. */
void broker_runs(struct broker *b, int change);

/* Cancels all that is under way, and says so to people who wait: nothing turns
 * its loop any more. */
void broker_end(struct broker *b);

/* The post whose session a service uses. */
struct post *broker_post(struct broker *b, size_t service);

void post_init(struct post *p);
void post_fini(struct post *p);
/* Runs it now where the session is not busy. It does not wait already. */
void post_errand(struct post *p, struct errand *e,
		 void (*run)(void *arg, struct post *p), void *arg);
/* The same, before those that wait already: for what is to see the session as
 * it is when it is not busy with this any more. */
void post_errand_first(struct post *p, struct errand *e,
		       void (*run)(void *arg, struct post *p), void *arg);
/* It is not run any more. Fine on one that does not wait. */
void errand_cancel(struct errand *e);
/* Runs what waits, while the session is not busy. */
void post_settle(struct post *p);
/* The same as post_errand, once no write of its to the store is under way:
 * then p->unsaved says whether the store has what it should. */
void post_stored(struct post *p, struct errand *e,
		 void (*run)(void *arg, struct post *p), void *arg);
/* One more write of its, or (-1) one that has ended: runs what waits for
 * that. */
void post_writes(struct post *p, int change);
/* The same as post_errand, once the session has a token that may be used, or
 * has failed to get one. */
void post_want_token(struct post *p, struct errand *e,
		     void (*run)(void *arg, struct post *p), void *arg);
