/* SPDX-License-Identifier: MIT */
/* Finds a token for a request or parks it, and wakes in order what it parked
 * once the broker publishes: the acquire step's other side, in the worker. */
#include "session/view.h"

#include <stdatomic.h>

#include "base/alloc.h"
#include "base/assert.h"
#include "session/decision.h"
#include "session/view_link.h"

/* One session, as this worker has it. What was told to the broker is told
 * once until the next publication. */
struct view_slot {
	struct snapshot *snapshot;
	struct list waiters;     /* in order of arrival */
	bool asked;              /* that somebody waits */
	uint64_t asked_refused;  /* the same for a refused generation; 0: no */
	bool told_use, told_refused_again, told_accepted;
};

struct session_view {
	_Atomic unsigned refs;   /* the worker's, and mail under way */
	bool closed;             /* the worker has freed it */
	struct view_link *link;
	struct mailbox *box;
	struct loop *loop;
	struct view_slot *slots;
	size_t n;
	struct list node;        /* the broker's */
};

/* A snapshot on its way to a view. */
struct publication {
	struct mail mail;
	struct session_view *view;
	struct snapshot *snapshot;
};

/* --- life --- */

struct session_view *session_view_new(struct view_link *link,
				      struct mailbox *box)
{
	struct session_view *v = mem_new(struct session_view);

	atomic_init(&v->refs, 1);
	v->link = link;
	v->box = box;
	v->loop = mailbox_loop(box);
	v->n = link->n;
	v->slots = mem_array(v->n, sizeof(v->slots[0]));
	for (size_t i = 0; i < v->n; i++)
		list_init(&v->slots[i].waiters);
	list_init(&v->node);
	return v;
}

static void view_unref(struct session_view *v)
{
	if (atomic_fetch_sub_explicit(&v->refs, 1, memory_order_acq_rel) == 1)
		mem_free(v);
}

/* Mail that is still under way to it finds it closed. */
void session_view_free(struct session_view **view)
{
	struct session_view *v = *view;

	*view = NULL;
	if (!v)
		return;
	v->closed = true;
	for (size_t i = 0; i < v->n; i++)
		snapshot_unref(&v->slots[i].snapshot);
	mem_free(v->slots);
	list_remove(&v->node);
	view_unref(v);
}

struct list *session_view_node(struct session_view *v)
{
	return &v->node;
}

struct session_view *session_view_of(struct list *node)
{
	return list_entry(node, struct session_view, node);
}

void session_view_detach(struct session_view *v)
{
	v->link = NULL;
}

static struct view_slot *slot_of(const struct session_view *v, size_t service)
{
	ASSERT(service < v->n);
	return &v->slots[service];
}

/* --- to the broker --- */

static void view_tell(struct session_view *v, enum session_event event,
		      size_t service, uint64_t generation)
{
	struct session_mail *m;

	if (!v->link)
		return;
	m = mem_new(struct session_mail);
	m->mail.deliver = v->link->deliver;
	m->event = event;
	m->service = service;
	m->generation = generation;
	m->now = loop_now(v->loop);
	mailbox_post(v->link->box, &m->mail);
}

static void view_ask(struct session_view *v, size_t service, uint64_t refused)
{
	struct view_slot *slot = slot_of(v, service);

	if (refused == 0 ? slot->asked : slot->asked_refused == refused)
		return;
	if (refused == 0)
		slot->asked = true;
	else
		slot->asked_refused = refused;
	view_tell(v, SESSION_ASKED, service, refused);
}

/* A request goes out with this token. */
static void view_use(struct session_view *v, struct snapshot *s, int64_t now)
{
	snapshot_use(s);
	if (now >= s->renew_at && !v->slots[s->service].told_use) {
		v->slots[s->service].told_use = true;
		view_tell(v, SESSION_USED, s->service, s->generation);
	}
}

/* --- waiting --- */

/* False where too many wait, on all workers together. */
static bool view_count(struct session_view *v, size_t service)
{
	struct session_queue *q;

	if (!v->link)
		return true;
	q = &v->link->queues[service];
	if (atomic_fetch_add_explicit(&q->waiting, 1, memory_order_relaxed) <
	    q->max_waiting)
		return true;
	atomic_fetch_sub_explicit(&q->waiting, 1, memory_order_relaxed);
	return false;
}

static void view_uncount(struct session_view *v, size_t service)
{
	if (v->link)
		atomic_fetch_sub_explicit(&v->link->queues[service].waiting, 1,
					  memory_order_relaxed);
}

static enum decision view_park(struct session_view *v, size_t service,
			       uint64_t refused, struct session_waiter *w)
{
	ASSERT(!w->parked);
	if (!view_count(v, service))
		return DECISION_FULL;
	w->service = service;
	w->refused = refused;
	w->parked = true;
	list_push(&slot_of(v, service)->waiters, &w->node);
	view_ask(v, service, refused);
	return DECISION_WAITS;
}

enum decision session_acquire(struct session_view *v, size_t service,
			      uint64_t refused, struct session_waiter *w,
			      struct snapshot **out)
{
	struct snapshot *s = slot_of(v, service)->snapshot;
	int64_t now = loop_now(v->loop);
	enum decision answer = decision_of(s, refused, now);

	*out = NULL;
	if (answer == DECISION_WAITS)
		return view_park(v, service, refused, w);
	if (answer == DECISION_TOKEN && s->generation != refused)
		view_use(v, s, now);
	*out = snapshot_ref(s);
	return answer;
}

static void view_unpark(struct session_view *v, struct session_waiter *w)
{
	list_remove(&w->node);
	w->parked = false;
	view_uncount(v, w->service);
}

void session_leave(struct session_view *v, struct session_waiter *w)
{
	if (w->parked)
		view_unpark(v, w);
}

/* --- from the broker --- */

static struct session_waiter *waiter_of(struct list *node)
{
	return list_entry(node, struct session_waiter, node);
}

/* Wakes those of the list for whom s is an answer at this time, in order; the
 * others are in kept afterwards. What is woken may park again, and may make
 * others leave. */
static void view_wake(struct session_view *v, struct list *waiters,
		      struct list *kept, struct snapshot *s, int64_t now)
{
	struct list *node;

	while ((node = list_shift(waiters))) {
		struct session_waiter *w = waiter_of(node);
		enum decision answer = decision_of(s, w->refused, now);

		if (answer == DECISION_WAITS) {
			list_push(kept, node);
			continue;
		}
		view_unpark(v, w);
		if (answer == DECISION_TOKEN && s->generation != w->refused)
			view_use(v, s, now);
		w->wake(w->arg, answer, s);
	}
}

/* News (another token, another failure) are judged as of when they were made,
 * however late they come: they are what was waited for, also where the token
 * is over or the pause has passed by now. */
static int64_t view_time(const struct session_view *v,
			 const struct snapshot *old, const struct snapshot *s)
{
	int64_t now = loop_now(v->loop);

	if (old && s->generation == old->generation &&
	    s->failures == old->failures)
		return now;
	return s->made < now ? s->made : now;
}

void session_view_put(struct session_view *v, struct snapshot *s)
{
	struct view_slot *slot = slot_of(v, s->service);
	struct snapshot *old = slot->snapshot;
	int64_t now = view_time(v, old, s);
	struct list waiters = LIST_INIT(waiters), kept = LIST_INIT(kept);

	slot->snapshot = snapshot_ref(s);
	slot->asked = slot->told_use = false;
	slot->told_refused_again = slot->told_accepted = false;
	slot->asked_refused = 0;
	snapshot_unref(&old);
	list_splice(&waiters, &slot->waiters);
	view_wake(v, &waiters, &kept, s, now);
	list_splice(&kept, &slot->waiters); /* they came later */
	list_splice(&slot->waiters, &kept);
	list_each(it, &slot->waiters)
		view_ask(v, s->service, waiter_of(it)->refused);
}

static void publication_deliver(struct mail *mail, void *owner)
{
	struct publication *p = (struct publication *)(void *)mail;

	(void)owner;
	if (!p->view->closed)
		session_view_put(p->view, p->snapshot);
	snapshot_unref(&p->snapshot);
	view_unref(p->view);
	mem_free(p);
}

void session_view_publish(struct session_view *v, struct snapshot *s)
{
	struct publication *p = mem_new(struct publication);

	p->mail.deliver = publication_deliver;
	atomic_fetch_add_explicit(&v->refs, 1, memory_order_relaxed);
	p->view = v;
	p->snapshot = snapshot_ref(s);
	mailbox_post(v->box, &p->mail);
}

/* --- what the upstream said of a token --- */

bool session_refused(struct session_view *v, const struct snapshot *s)
{
	const struct snapshot *current = slot_of(v, s->service)->snapshot;

	if (current->generation != s->generation || current->spent)
		return true;
	return !decision_is_final(current, loop_now(v->loop));
}

void session_refused_again(struct session_view *v, const struct snapshot *s)
{
	struct view_slot *slot = slot_of(v, s->service);

	if (slot->snapshot->generation != s->generation ||
	    slot->told_refused_again ||
	    loop_now(v->loop) < slot->snapshot->hold_until)
		return;
	slot->told_refused_again = true;
	view_tell(v, SESSION_REFUSED_AGAIN, s->service, s->generation);
}

void session_accepted(struct session_view *v, struct snapshot *s)
{
	struct view_slot *slot = slot_of(v, s->service);

	if (!slot->snapshot->probation || slot->told_accepted ||
	    slot->snapshot->generation != s->generation)
		return;
	slot->told_accepted = true;
	view_tell(v, SESSION_ACCEPTED, s->service, s->generation);
}

/* --- for others --- */

const struct snapshot *session_view_get(const struct session_view *v,
					size_t service)
{
	return slot_of(v, service)->snapshot;
}
