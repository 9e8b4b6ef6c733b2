/* SPDX-License-Identifier: MIT */
/* Gives out the slots of max_upstream_connections before a service's request
 * goes out. The only lock on the request's way, and only where there is such a
 * limit: what is given back on one worker is waited for on another. */
#include "upstream/limit.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stddef.h>

#include "base/alloc.h"
#include "base/list.h"

struct limit {
	atomic_uint refs;
	pthread_mutex_t lock;
	uint64_t max, held;
	struct list waiting; /* slots, the first come first */
};

enum slot_state { SLOT_WAITING, SLOT_POSTED, SLOT_HELD };

struct limit_slot {
	struct mail mail;       /* the first member: it is given by mail */
	struct list node;       /* while waiting */
	struct limit *limit;
	struct mailbox *box;
	enum slot_state state; /* under the lock until it is held */
	limit_granted_fn *granted;
	void *arg;
	bool left;              /* while the mail was on its way */
};

struct limit *limit_new(uint64_t max)
{
	struct limit *l = mem_new(struct limit);

	atomic_init(&l->refs, 1);
	pthread_mutex_init(&l->lock, NULL);
	l->max = max;
	list_init(&l->waiting);
	return l;
}

struct limit *limit_ref(struct limit *l)
{
	if (l)
		atomic_fetch_add(&l->refs, 1);
	return l;
}

void limit_unref(struct limit **limit)
{
	struct limit *l = *limit;

	*limit = NULL;
	if (!l || atomic_fetch_sub(&l->refs, 1) != 1)
		return;
	pthread_mutex_destroy(&l->lock);
	mem_free(l);
}

static void slot_free(struct limit_slot *p)
{
	limit_unref(&p->limit);
	mem_free(p);
}

/* One slot is free: the first that waits gets it. Its owner cannot go
 * meanwhile, for it would need the lock. */
static void pass_on(struct limit *l)
{
	struct list *first = list_shift(&l->waiting);
	struct limit_slot *p;

	if (!first) {
		l->held--;
		return;
	}
	p = list_entry(first, struct limit_slot, node);
	p->state = SLOT_POSTED;
	mailbox_post(p->box, &p->mail);
}

static void give_back(struct limit_slot *p)
{
	pthread_mutex_lock(&p->limit->lock);
	pass_on(p->limit);
	pthread_mutex_unlock(&p->limit->lock);
	slot_free(p);
}

static void deliver(struct mail *mail, void *owner ATTR_UNUSED)
{
	struct limit_slot *p = (struct limit_slot *)(void *)mail;

	if (p->left) {
		give_back(p);
		return;
	}
	p->state = SLOT_HELD;
	p->granted(p->arg);
}

struct limit_slot *limit_enter(struct limit *l, struct mailbox *box,
			       limit_granted_fn *granted, void *arg)
{
	struct limit_slot *p = mem_new(struct limit_slot);

	p->mail.deliver = deliver;
	p->limit = limit_ref(l);
	p->box = box;
	p->granted = granted;
	p->arg = arg;
	list_init(&p->node);
	pthread_mutex_lock(&l->lock);
	if (l->held < l->max) {
		l->held++;
		p->state = SLOT_HELD;
	} else {
		list_push(&l->waiting, &p->node);
	}
	pthread_mutex_unlock(&l->lock);
	return p;
}

bool limit_is_held(const struct limit_slot *p)
{
	bool held;

	pthread_mutex_lock(&p->limit->lock);
	held = p->state == SLOT_HELD;
	pthread_mutex_unlock(&p->limit->lock);
	return held;
}

void limit_leave(struct limit_slot **slot)
{
	struct limit_slot *p = *slot;
	enum slot_state state;

	*slot = NULL;
	if (!p)
		return;
	pthread_mutex_lock(&p->limit->lock);
	state = p->state;
	list_remove(&p->node);
	pthread_mutex_unlock(&p->limit->lock);
	if (state == SLOT_HELD)
		give_back(p);
	else if (state == SLOT_WAITING)
		slot_free(p);
	else
		p->left = true;
}
