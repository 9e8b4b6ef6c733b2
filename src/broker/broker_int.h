/* SPDX-License-Identifier: MIT */
/* The broker, for the files that are its thread: it does what the sessions of
 * its entries want done. Not for others but the control socket's server, which
 * is that thread too. */
#pragma once

#include <pthread.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "authserver/as_client.h"
#include "base/list.h"
#include "base/loop.h"
#include "broker/broker.h"
#include "broker/entry.h"
#include "broker/login.h"
#include "broker/notify.h"
#include "service/service.h"
#include "session/view.h"
#include "session/view_link.h"

struct broker {
	const struct services *services;
	struct as_context context;
	struct view_link link;
	struct list views;
	struct entry *entries; /* one a service */
	size_t n;
	int64_t seen; /* clock_ms: the latest time that a view has told of */
	struct logins logins;
	struct list logouts;
	struct notices notices;
	char *external; /* how people's browsers reach us; NULL: not */

	struct loop_timer store_timer;
	struct refresh_pause store_pause;
	struct loop_timer subject_timer, secret_timer;
	_Atomic bool store_ok;

	pthread_t thread;
	bool started;
	bool hurries; /* the grace is over: only what could not be had
			 again is waited for */
	struct loop_timer grace;
};

/* Notes what a session wants done (SESSION_PUBLISH and so on, or nothing), and
 * does it, unless that is under way: then it is done where that goes on. What
 * waits for the session is run at the end, where it is not busy. */
void broker_act(struct entry *e, unsigned what);
/* The session, to the store. */
void broker_save(struct entry *e);
/* A write has ended, and was durable or not: what does that say of the
 * store. */
void broker_store_said(struct broker *b, bool saved, const struct fault *f);
/* The entry whose session a service uses. */
struct entry *broker_entry(struct broker *b, size_t service);
/* Cancels all that is under way, and says so to people who wait: nothing turns
 * its loop any more. */
void broker_end(struct broker *b);
