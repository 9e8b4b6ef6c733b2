/* SPDX-License-Identifier: MIT */
/* A view for its tests. The test is the broker: it keeps what the view posts,
 * and publishes. */
#pragma once

#include <stdatomic.h>

#include "base/clock.h"
#include "session/setup.h"
#include "session/view.h"
#include "session/view_link.h"

/* Mail that was posted to the broker is kept. */
enum { MAILS = 64, SERVICES = 2 };

static struct {
	struct loop *loop;
	struct mailbox *worker, *broker;
	struct view_link link;
	struct session_queue queues[SERVICES];
	struct session_view *view;
	struct session_mail mails[MAILS];
	size_t n;
} it;

static inline void keep_mail(struct mail *mail, void *owner)
{
	struct session_mail *m = (struct session_mail *)(void *)mail;

	assert_ptr_equal(owner, &it);
	assert_true(it.n < MAILS);
	it.mails[it.n++] = *m;
	mem_free(m);
}

/* Turns the loop at this time, and takes what was posted. */
static inline void at(int64_t now)
{
	clock_fake(now, 0);
	loop_turn(it.loop, 0);
	mailbox_drain(it.broker);
}

static inline struct snapshot *snapshot_of(uint64_t generation)
{
	struct snapshot *s = snapshot_new(0);

	s->renewable = true;
	s->expires = s->renew_at = INT64_MAX;
	s->generation = generation;
	s->made = loop_now(it.loop);
	if (generation)
		s->token = token_of("t", 0, 0);
	return s;
}

/* Publishes s, and lets the view take it. */
static inline void publish(struct snapshot *s)
{
	session_view_publish(it.view, s);
	snapshot_unref(&s);
	mailbox_drain(it.worker);
	mailbox_drain(it.broker);
}

static inline int set_up(void **state)
{
	struct fault f;

	(void)state;
	memset(&it, 0, sizeof(it));
	clock_fake(1000, 0);
	it.loop = loop_new(&f);
	it.worker = mailbox_new(it.loop, NULL, &f);
	it.broker = mailbox_new(it.loop, &it, &f);
	it.link.box = it.broker;
	it.link.deliver = keep_mail;
	it.link.queues = it.queues;
	it.link.n = SERVICES;
	for (size_t i = 0; i < SERVICES; i++) {
		struct snapshot *s = snapshot_new(i);

		it.queues[i].max_waiting = 1000;
		if (i == 0)
			it.view = session_view_new(&it.link, it.worker);
		s->renewable = true;
		session_view_put(it.view, s);
		snapshot_unref(&s);
	}
	return 0;
}

static inline int tear_down(void **state)
{
	(void)state;
	session_view_free(&it.view);
	mailbox_free(&it.worker);
	mailbox_free(&it.broker);
	loop_free(&it.loop);
	clock_real();
	return 0;
}

/* A request. */
struct request {
	struct session_waiter waiter;
	int woken;
	enum decision answer;
	struct snapshot *with;
	int turn; /* the how-manieth woken */
	void (*then)(struct request *r);
	struct request *other;
};

static int turns;

static inline void on_wake(void *arg, enum decision answer,
			   struct snapshot *s)
{
	struct request *r = arg;

	assert_false(r->waiter.parked);
	r->woken++;
	r->answer = answer;
	snapshot_unref(&r->with);
	r->with = snapshot_ref(s);
	r->turn = turns++;
	if (r->then)
		r->then(r);
}

static inline enum decision acquire(struct request *r, uint64_t refused)
{
	struct snapshot *out = NULL;
	enum decision answer;

	r->waiter.wake = on_wake;
	r->waiter.arg = r;
	answer = session_acquire(it.view, 0, refused, &r->waiter, &out);
	snapshot_unref(&r->with);
	r->with = out;
	assert_int_equal(answer == DECISION_WAITS, r->waiter.parked);
	return answer;
}

static inline void done(struct request *r)
{
	snapshot_unref(&r->with);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
