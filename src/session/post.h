/* SPDX-License-Identifier: MIT */
/* The broker and what it has of each session: shared by the files that are
 * its thread, and not for others. */
#pragma once

#include <pthread.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/list.h"
#include "base/loop.h"
#include "base/mailbox.h"
#include "oauth/dpop_nonces.h"
#include "service/service.h"
#include "session/broker.h"
#include "session/desk.h"
#include "session/login.h"
#include "session/session.h"
#include "store/keeper.h"
#include "upstream/transfer.h"

struct ask;
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
	struct loop_timer timer;
	struct ask *ask;
	bool arriving; /* its new token is being stored */
	bool unsaved;  /* the store does not have its token */
	struct list errands;
	bool settling; /* errands are being run */
	struct errand subject; /* waits for another session's token */
};

struct broker {
	const struct services *services;
	struct store *store; /* until the keeper has it */
	struct loop *loop;
	struct mailbox *box;
	struct upstream *upstream;
	struct session_desk desk;
	struct list views;
	struct post *posts; /* one a service */
	size_t n;
	struct logins logins;
	char *external;     /* how people's browsers reach us; NULL: not */

	struct keeper *keeper;
	struct loop_timer store_timer;
	struct refresh_pause store_pause;
	_Atomic bool store_ok;

	pthread_t thread;
	bool started;
	bool stopping;           /* nothing new is begun */
	bool over;               /* the thread has ended */
	size_t running;          /* token requests and writes under way */
	struct loop_timer grace;
};

/* Does what a session wants done. */
void broker_act(struct post *p, unsigned what, int64_t now);
/* A token request, or a login, has brought t: the session is busy until it is
 * stored. -1 where it cannot be placed. */
ATTR_MUST_CHECK int broker_arrive(struct post *p, struct token *t,
				  int64_t sent, struct fault *f);
/* So many requests more are under way whose answers a stop waits for; their
 * end may end the thread. */
void broker_runs(struct broker *b, int change);

void post_init(struct post *p);
void post_fini(struct post *p);
/* Runs it now where the session is not busy. It does not wait already. */
void post_errand(struct post *p, struct errand *e,
		 void (*run)(void *arg, struct post *p), void *arg);
/* It is not run any more. Fine on one that does not wait. */
void errand_cancel(struct errand *e);
/* Runs what waits, while the session is not busy. */
void post_settle(struct post *p);
/* The same as post_errand, once the session has a token that may be used, or
 * has failed to get one. */
void post_want_token(struct post *p, struct errand *e,
		     void (*run)(void *arg, struct post *p), void *arg);
