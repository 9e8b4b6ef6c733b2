/* SPDX-License-Identifier: MIT */
/* Runs what waits for a session in the broker's thread, other than the requests
 * that wait in the views. */
#include "broker/entry.h"

#include "base/assert.h"
#include "broker/broker_int.h"

void entry_init(struct entry *e, struct broker *b, const struct service *s)
{
	e->broker = b;
	as_client_init(&e->client, &b->context, s);
	list_init(&e->waiting);
	list_init(&e->stored);
}

void entry_fini(struct entry *e)
{
	entry_wait_cancel(&e->subject);
	entry_wait_cancel(&e->noted);
	secret_wait_cancel(&e->secrets);
	session_fini(&e->session);
	as_client_fini(&e->client);
}

int64_t entry_now(const struct entry *e)
{
	int64_t now = loop_now(e->client.context->loop);

	return now < e->broker->seen ? e->broker->seen : now;
}

struct token *entry_token(const struct entry *e)
{
	return session_token(&e->session, entry_now(e));
}

void entry_wait_cancel(struct entry_wait *w)
{
	if (!w->waits)
		return;
	list_remove(&w->node);
	w->waits = false;
}

void entry_settle(struct entry *e)
{
	struct list *node;

	if (e->settling)
		return;
	e->settling = true;
	while (!session_is_busy(&e->session) &&
	       (node = list_shift(&e->waiting))) {
		struct entry_wait *w =
			list_entry(node, struct entry_wait, node);

		w->waits = false;
		w->run(w->arg, e);
	}
	e->settling = false;
}

static void entry_wait_put(struct list *to, struct entry_wait *w,
			   void (*run)(void *arg, struct entry *e), void *arg)
{
	ASSERT(!w->waits);
	w->run = run;
	w->arg = arg;
	w->waits = true;
	list_push(to, &w->node);
}

void entry_wait(struct entry *e, struct entry_wait *w,
		void (*run)(void *arg, struct entry *e), void *arg)
{
	entry_wait_put(&e->waiting, w, run, arg);
	entry_settle(e);
}

void entry_wait_first(struct entry *e, struct entry_wait *w,
		      void (*run)(void *arg, struct entry *e), void *arg)
{
	/* In front of the one that is the first now. */
	entry_wait_put(e->waiting.next, w, run, arg);
	entry_settle(e);
}

void entry_wait_stored(struct entry *e, struct entry_wait *w,
		       void (*run)(void *arg, struct entry *e), void *arg)
{
	entry_wait_put(&e->stored, w, run, arg);
	entry_writes(e, 0);
}

void entry_writes(struct entry *e, int change)
{
	struct list *node;

	e->writes += (size_t)change;
	while (e->writes == 0 && (node = list_shift(&e->stored))) {
		struct entry_wait *w =
			list_entry(node, struct entry_wait, node);

		w->waits = false;
		w->run(w->arg, e);
	}
}

void entry_wait_token(struct entry *e, struct entry_wait *w,
		      void (*run)(void *arg, struct entry *e), void *arg)
{
	if (!entry_token(e))
		broker_act(e, session_asked(&e->session, 0, entry_now(e)));
	entry_wait(e, w, run, arg);
}
