/* SPDX-License-Identifier: MIT */
/* A worker: one thread, one loop, and everything that it needs for its
 * exchanges, none of it shared. */
#pragma once

#include <pthread.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/attr.h"
#include "base/fault.h"
#include "base/list.h"
#include "base/loop.h"
#include "base/mailbox.h"
#include "oauth/dpop_nonces.h"
#include "service/service.h"
#include "session/view.h"
#include "upstream/transfer.h"

struct front;
struct listener;
struct server;

struct worker {
	size_t index;
	struct server *server;
	const struct services *services;
	struct loop *loop;
	struct mailbox *box;
	struct upstream *upstream;
	struct session_view *view;
	struct hook_machine *hooks; /* where services' hooks run */
	struct dpop_nonces nonces;  /* of upstreams */
	struct front *front;
	struct list listeners;      /* struct listener */
	struct list exchanges;      /* all of them */
	struct list parked;         /* the suspended ones, oldest first */
	struct list spare;          /* exchanges to be used again */
	struct list reading, idle, resting; /* struct client, oldest first */
	struct list lingering;
	struct list tunnels;        /* struct tunnel */
	size_t nlingering;
	size_t nspare, nexchanges, ntunnels;
	uint64_t begun;             /* exchanges, since the start */
	struct loop_timer sweep;    /* looks after the parked ones */
	struct loop_timer drain_begin, drain_end;
	int64_t grace;              /* ms, of draining */
	bool draining;
	pthread_t thread;
	bool started;
};

/* All but the listeners and the view, which the server adds. NULL with a
 * fault. */
ATTR_MUST_CHECK struct worker *worker_new(struct server *server, size_t index,
					  struct fault *f);
/* Its thread must have ended, or never begun. */
void worker_free(struct worker **it);
ATTR_MUST_CHECK int worker_start(struct worker *w, struct fault *f);
/* From another thread: stop accepting, finish what is under way for at most
 * grace ms, then cancel the rest and end the thread. */
void worker_drain(struct worker *w, int64_t grace);
/* Waits for the thread's end. */
void worker_join(struct worker *w);
/* An exchange or a tunnel has ended: the loop may be over. The worker's
 * thread. */
void worker_exchange_ended(struct worker *w);
