/* SPDX-License-Identifier: MIT */
/* Beside the requests that wait in the views: what else waits for a session,
 * in the broker's thread. */
#include "broker/entry.h"

#include "base/assert.h"

void post_init(struct post *p)
{
	list_init(&p->errands);
	dpop_nonces_init(&p->nonces);
	list_init(&p->stored);
}

void post_fini(struct post *p)
{
	errand_cancel(&p->subject);
	session_fini(&p->session);
	dpop_nonces_fini(&p->nonces);
	endpoints_unref(&p->endpoints);
}

void errand_cancel(struct errand *e)
{
	if (!e->waits)
		return;
	list_remove(&e->node);
	e->waits = false;
}

void post_settle(struct post *p)
{
	struct list *node;

	if (p->settling)
		return;
	p->settling = true;
	while (!p->session.busy && (node = list_shift(&p->errands))) {
		struct errand *e = list_entry(node, struct errand, node);

		e->waits = false;
		e->run(e->arg, p);
	}
	p->settling = false;
}

static void errand_put(struct list *to, struct errand *e,
		       void (*run)(void *arg, struct post *p), void *arg)
{
	ASSERT(!e->waits);
	e->run = run;
	e->arg = arg;
	e->waits = true;
	list_push(to, &e->node);
}

void post_errand(struct post *p, struct errand *e,
		 void (*run)(void *arg, struct post *p), void *arg)
{
	errand_put(&p->errands, e, run, arg);
	post_settle(p);
}

void post_errand_first(struct post *p, struct errand *e,
		       void (*run)(void *arg, struct post *p), void *arg)
{
	/* In front of the one that is the first now. */
	errand_put(p->errands.next, e, run, arg);
	post_settle(p);
}

void post_stored(struct post *p, struct errand *e,
		 void (*run)(void *arg, struct post *p), void *arg)
{
	errand_put(&p->stored, e, run, arg);
	post_writes(p, 0);
}

void post_writes(struct post *p, int change)
{
	struct list *node;

	p->writes += (size_t)change;
	while (p->writes == 0 && (node = list_shift(&p->stored))) {
		struct errand *e = list_entry(node, struct errand, node);

		e->waits = false;
		e->run(e->arg, p);
	}
}

void post_want_token(struct post *p, struct errand *e,
		     void (*run)(void *arg, struct post *p), void *arg)
{
	int64_t now = loop_now(p->broker->loop);

	if (!session_token(&p->session, now))
		broker_act(p, session_asked(&p->session, 0, now), now);
	post_errand(p, e, run, arg);
}
