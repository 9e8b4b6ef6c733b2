/* SPDX-License-Identifier: MIT */
/* A worker for the tests of the broker: a thread with a loop and a view, and
 * requests that do what an exchange does. */
#pragma once

#include <pthread.h>
#include <stdatomic.h>

#include "base/clock.h"
#include "broker/broker.h"
#include "session/setup.h"

/* What the upstream is to say of a request. */
enum upstream_mood { ACCEPTS, REFUSES_FIRST, REFUSES };

struct request {
	struct session_waiter waiter;
	struct worker *worker;
	size_t service;
	enum upstream_mood mood;
	uint64_t bad; /* with REFUSES_FIRST: the generation that is refused */
	/* the end */
	enum decision answer;
	int status, error; /* of the failure */
	uint64_t generation;
	int refusals;
	int64_t began, ended;
	char text[FAULT_TEXT_MAX];
	struct snapshot *with;
};

struct worker {
	pthread_t thread;
	struct loop *loop;
	struct mailbox *box;
	struct session_view *view;
	atomic_int running;
};

struct worker_mail {
	struct mail mail;
	void (*fn)(struct worker *w, void *arg);
	void *arg;
	atomic_bool *done;
};

static inline void request_acquire(struct request *r, uint64_t refused);

static inline void request_end(struct request *r, enum decision answer,
			       const struct snapshot *s)
{
	r->answer = answer;
	if (s) {
		r->status = s->failure.status;
		r->generation = s->generation;
		snprintf(r->text, sizeof(r->text), "%s", s->failure.text.text);
	}
	r->ended = clock_ms();
	snapshot_unref(&r->with);
	atomic_fetch_sub(&r->worker->running, 1);
}

/* As the relay step: refused once, it asks for another token. */
static inline void request_send(struct request *r, struct snapshot *s)
{
	struct session_view *v = r->worker->view;

	snapshot_unref(&r->with);
	r->with = snapshot_ref(s);
	if (r->mood == ACCEPTS ||
	    (r->mood == REFUSES_FIRST && s->generation != r->bad)) {
		session_accepted(v, s);
		request_end(r, DECISION_TOKEN, s);
	} else if (++r->refusals == 1 && session_refused(v, s)) {
		request_acquire(r, s->generation);
	} else {
		if (r->refusals > 1)
			session_refused_again(v, s);
		request_end(r, DECISION_TOKEN, s);
	}
}

static inline void request_woken(void *arg, enum decision answer,
				 struct snapshot *s)
{
	struct request *r = arg;

	if (answer == DECISION_TOKEN && s->generation != r->waiter.refused)
		request_send(r, s);
	else
		request_end(r, answer, s);
}

static inline void request_acquire(struct request *r, uint64_t refused)
{
	struct snapshot *s = NULL;
	enum decision a;

	r->waiter.wake = request_woken;
	r->waiter.arg = r;
	r->waiter.refused = refused;
	a = session_acquire(r->worker->view, r->service, refused, &r->waiter,
			    &s);
	if (a != DECISION_WAITS)
		request_woken(r, a, s);
	snapshot_unref(&s);
}

static inline void request_begin(struct worker *w, void *arg)
{
	struct request *r = arg;

	(void)w;
	r->began = clock_ms();
	request_acquire(r, 0);
}

static inline void worker_deliver(struct mail *mail, void *owner)
{
	struct worker_mail *m = (struct worker_mail *)(void *)mail;

	m->fn(owner, m->arg);
	if (m->done)
		atomic_store(m->done, true);
	mem_free(m);
}

static inline void worker_post(struct worker *w,
			       void (*fn)(struct worker *w, void *arg),
			       void *arg, atomic_bool *done)
{
	struct worker_mail *m = mem_new(struct worker_mail);

	m->mail.deliver = worker_deliver;
	m->fn = fn;
	m->arg = arg;
	m->done = done;
	mailbox_post(w->box, &m->mail);
}

/* fn has run in the worker's thread when it returns. */
static inline void worker_do(struct worker *w,
			     void (*fn)(struct worker *w, void *arg),
			     void *arg)
{
	atomic_bool done = false;

	worker_post(w, fn, arg, &done);
	while (!atomic_load(&done))
		usleep(500);
}

static inline void worker_send(struct worker *w, struct request *r)
{
	r->worker = w;
	atomic_fetch_add(&w->running, 1);
	worker_post(w, request_begin, r, NULL);
}

/* Waits until all its requests have ended, at most 20 s. */
static inline void worker_wait(struct worker *w)
{
	for (int i = 0; i < 20000 && atomic_load(&w->running) > 0; i++)
		usleep(1000);
	assert_int_equal(atomic_load(&w->running), 0);
}

static inline void *worker_run(void *arg)
{
	struct worker *w = arg;

	loop_run(w->loop);
	return NULL;
}

static inline void worker_start(struct worker *w, struct broker *b)
{
	struct fault f;

	w->loop = loop_new(&f);
	w->box = mailbox_new(w->loop, w, &f);
	w->view = broker_view(b, w->box);
}

static inline void worker_stop_loop(struct worker *w, void *arg)
{
	(void)arg;
	loop_stop(w->loop);
}

static inline void worker_stop(struct worker *w)
{
	worker_post(w, worker_stop_loop, NULL, NULL);
	pthread_join(w->thread, NULL);
}

static inline void worker_free(struct worker *w)
{
	session_view_free(&w->view);
	mailbox_free(&w->box);
	loop_free(&w->loop);
}
