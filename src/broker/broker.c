/* SPDX-License-Identifier: MIT */
/* The broker's thread: hands the sessions what the views ask and the times
 * that have come, and does what they want done: a token request, a write to
 * the store, a publication. A token is stored before anybody sees it. */
#include "broker/broker.h"

#include <stdatomic.h>

#include "authserver/id_check.h"
#include "authserver/jwks.h"
#include "authserver/secret_command.h"
#include "authserver/token_call.h"
#include "base/alloc.h"
#include "base/assert.h"
#include "base/clock.h"
#include "base/log.h"
#include "base/thread.h"
#include "broker/broker_int.h"
#include "broker/logout.h"
#include "broker/notify.h"
#include "broker/reply.h"
#include "broker/request.h"
#include "broker/secret_watch.h"
#include "broker/session_store.h"
#include "broker/subject.h"
#include "crypto/random.h"
#include "data/date.h"

static void broker_deliver_saved(struct mail *mail, void *owner);

/* --- what a session wants done --- */

static void broker_show(struct broker *b, struct snapshot *s)
{
	list_each(it, &b->views)
		session_view_publish(session_view_of(it), s);
}

/* Also to the services that use this session. */
static void broker_publish(struct entry *e)
{
	struct broker *b = e->broker;

	broker_show(b, session_publish(&e->session, entry_now(e)));
	for (size_t i = 0; i < b->n; i++) {
		if (b->entries[i].leader == e)
			broker_show(b, session_follow(&b->entries[i].session,
						      &e->session));
	}
}

struct entry *broker_entry(struct broker *b, size_t service)
{
	struct entry *e = &b->entries[service];

	return e->leader ? e->leader : e;
}

/* Whether something is on its way that could not be had again: a refresh token
 * that the server has rotated, a login, a notice. */
static bool broker_expects(const struct broker *b)
{
	for (size_t i = 0; i < b->n; i++) {
		const struct token_call *call = b->entries[i].token_call;

		if (call && token_call_is_irreplaceable(call))
			return true;
	}
	return logins_expect(&b->logins) || b->notices.nrunning > 0;
}

/* While it is stopping, less may be under way than before. */
static void broker_ran(void *arg)
{
	struct broker *b = arg;

	if (b->context.running == 0 || (b->hurries && !broker_expects(b)))
		loop_stop(b->context.loop);
}

/* NULL takes away what the store has of it. */
static void broker_submit(struct entry *e, const struct record *r)
{
	as_context_runs(&e->broker->context, 1);
	entry_writes(e, 1);
	keeper_submit(e->broker->context.keeper,
		      session_store_job(e->session.service, r,
					e->broker->context.box,
					broker_deliver_saved));
}

void broker_save(struct entry *e)
{
	struct record r;

	if (!session_is_stored(&e->session))
		return;
	session_record(&e->session, &r);
	broker_submit(e, &r);
	record_fini(&r);
}

static void broker_remove(struct entry *e)
{
	if (session_is_stored(&e->session))
		broker_submit(e, NULL);
}

static void broker_arm(struct entry *e)
{
	struct loop *loop = e->broker->context.loop;
	int64_t due = session_due(&e->session, entry_now(e));

	if (due == INT64_MAX || e->broker->context.stopping)
		loop_timer_clear(loop, &e->timer);
	else
		loop_timer_set_at(loop, &e->timer, due);
}

/* What a session may want done, in the order in which it is done. A step may
 * note more, for itself too (the request cannot be made, and the grant starts
 * again), but does none of it. */
static const struct {
	unsigned what;
	const char *name;
	void (*run)(struct entry *e);
} broker_steps[] = {
	{ SESSION_PUBLISH, "publish", broker_publish },
	{ SESSION_SAVE, "save", broker_save },
	{ SESSION_REMOVE, "remove", broker_remove },
	{ SESSION_START, "start", request_begin },
};

enum { BROKER_STEPS = sizeof(broker_steps) / sizeof(broker_steps[0]) };

/* The first of the steps that there are to do. */
static void broker_step(struct entry *e)
{
	size_t i = 0;

	while (i < BROKER_STEPS && !(e->todo & broker_steps[i].what))
		i++;
	ASSERT(i < BROKER_STEPS);
	e->todo &= ~broker_steps[i].what;
	log_debug(EV("session_step"), KV("service", e->session.service->name),
		  KV("step", broker_steps[i].name));
	broker_steps[i].run(e);
}

void broker_act(struct entry *e, unsigned what)
{
	e->todo |= what;
	if (e->driving)
		return;
	e->driving = true;
	while (e->todo)
		broker_step(e);
	e->driving = false;
	broker_arm(e);
	notify_look(e);
	entry_settle(e);
}

/* --- the store --- */

static bool broker_all_saved(const struct broker *b)
{
	for (size_t i = 0; i < b->n; i++) {
		if (b->entries[i].unsaved || b->entries[i].notified.unsaved)
			return false;
	}
	return true;
}

void broker_store_said(struct broker *b, bool saved, const struct fault *f)
{
	bool was_ok = atomic_load(&b->store_ok);
	bool is_ok = saved && broker_all_saved(b);
	int64_t now = loop_now(b->context.loop);

	if (is_ok)
		refresh_pause_end(&b->store_pause);
	else if (!saved && !b->store_timer.set && !b->context.stopping) {
		refresh_pause_begin(&b->store_pause, REFRESH_UNAVAILABLE, -1,
				    now, random_u32());
		loop_timer_set_at(b->context.loop, &b->store_timer,
				  b->store_pause.until);
	}
	atomic_store(&b->store_ok, is_ok);
	if (was_ok && !is_ok)
		log_warning(EV("store_write_failed"), KV("reason", f));
	else if (!was_ok && is_ok)
		log_info(EV("store_write_works_again"));
}

/* Writes what the store has missed. */
static void broker_save_again(void *arg)
{
	struct broker *b = arg;

	for (size_t i = 0; i < b->n; i++) {
		struct entry *e = &b->entries[i];

		if (e->unsaved && !e->arriving)
			broker_save(e);
		if (e->notified.unsaved)
			notify_save(e);
	}
}

/* A job has come back from the keeper. Writes come back in the order in which
 * they went, so that the last one tells whether the last token is stored. */
static void broker_on_saved(struct broker *b, const struct service *service,
			    const struct token *t, int result,
			    const struct fault *f)
{
	struct entry *e = &b->entries[service->index];

	if (b->context.over)
		return;
	e->unsaved = result < 0;
	broker_store_said(b, result == 0, f);
	if (e->arriving && e->session.arrived == t)
		reply_stored(e);
	entry_writes(e, -1);
	as_context_runs(&b->context, -1);
}

static void broker_deliver_saved(struct mail *mail, void *owner)
{
	struct keeper_job *job = (struct keeper_job *)(void *)mail;

	broker_on_saved(owner, session_store_job_service(job),
			session_store_job_token(job), job->result, &job->fault);
	session_store_job_free(&job);
}

/* --- what the views say --- */

static unsigned broker_event(struct session *s, const struct session_mail *m,
			     int64_t now)
{
	switch (m->event) {
	case SESSION_ASKED:
		return session_asked(s, m->generation, now);
	case SESSION_USED:
		return session_used(s, m->generation, now);
	case SESSION_REFUSED_AGAIN:
		return session_held(s, m->generation, now);
	case SESSION_ACCEPTED:
		return session_passed(s, m->generation, now);
	}
	return 0;
}

/* The time is never before the view's: the rule of decision_of counts on it. */
static void broker_deliver(struct mail *mail, void *owner)
{
	struct session_mail *m = (struct session_mail *)(void *)mail;
	struct broker *b = owner;
	struct entry *e = broker_entry(b, m->service);

	if (b->seen < m->now)
		b->seen = m->now;
	if (!b->context.over && !b->context.stopping)
		broker_act(e, broker_event(&e->session, m, entry_now(e)));
	mem_free(m);
}

static void broker_tell_end(const struct entry *e)
{
	ATTR_CLEANUP(buf_fini) struct buf date = BUF_INIT(64);
	int64_t left = session_login_ends(&e->session) - entry_now(e);

	date_rfc3339(&date, (clock_wall_ms() + left) / 1000);
	log_warning(EV("login_expires_soon"),
		    KV("service", e->session.service->name),
		    KV("expires_at", buf_z(&date)));
}

static void broker_on_timer(void *arg)
{
	struct entry *e = arg;
	bool told = e->session.end.told;
	unsigned what = session_tick(&e->session, entry_now(e));

	if (!told && e->session.end.told)
		broker_tell_end(e);
	broker_act(e, what);
}

/* --- start --- */

static int broker_init_entries(struct broker *b, struct fault *f)
{
	int64_t now = clock_ms(), wall = clock_wall_ms();

	b->n = b->services->n;
	b->entries = mem_array(b->n, sizeof(b->entries[0]));
	b->link.n = b->n;
	b->link.queues = mem_array(b->n, sizeof(b->link.queues[0]));
	for (size_t i = 0; i < b->n; i++) {
		const struct service *s = b->services->v[i];
		struct entry *e = &b->entries[i];
		struct record r;
		int found;

		b->link.queues[i].max_waiting = s->tokens->max_waiting;
		entry_init(e, b, s);
		if (s->session_of != s) {
			e->leader = &b->entries[s->session_of->index];
			e->session.service = s;
			continue;
		}
		session_init(&e->session, s, now);
		discovery_join(&e->client);
		loop_timer_init(&e->timer, broker_on_timer, e);
		found = session_store_get(b->context.store, s, &r, f);
		if (found > 0)
			session_restore(&e->session, &r, now, wall);
		record_fini(&r);
		if (found < 0 || notify_restore(e, b->context.store, f) < 0)
			return -1;
	}
	/* A crash may have been between a login's end and that of what was
	 * exchanged for its token. */
	for (size_t i = 0; i < b->n; i++)
		subject_disown_strange(&b->entries[i]);
	for (size_t i = 0; i < b->n; i++) {
		struct entry *e = &b->entries[i];

		if (e->leader)
			session_follow(&e->session, &e->leader->session);
	}
	return 0;
}

static void broker_on_grace(void *arg)
{
	struct broker *b = arg;

	b->hurries = true;
	as_context_runs(&b->context, 0);
}

struct broker *broker_new(const struct services *services, struct store *store,
			  struct fault *f)
{
	struct broker *b = mem_new(struct broker);

	b->services = services;
	as_context_init(&b->context);
	b->context.store = store;
	b->context.hooks = hook_machine_new();
	b->context.ran = broker_ran;
	b->context.arg = b;
	list_init(&b->views);
	logins_init(&b->logins, b);
	list_init(&b->logouts);
	notify_init(b);
	atomic_init(&b->store_ok, true);
	loop_timer_init(&b->store_timer, broker_save_again, b);
	loop_timer_init(&b->grace, broker_on_grace, b);
	b->context.loop = loop_new(f);
	if (b->context.loop)
		b->context.box = mailbox_new(b->context.loop, b, f);
	if (b->context.box)
		b->context.upstream = upstream_new(b->context.loop, f);
	b->link.box = b->context.box;
	b->link.deliver = broker_deliver;
	if (b->context.upstream && broker_init_entries(b, f) == 0) {
		secret_watch_init(b);
		return b;
	}
	broker_free(&b);
	return NULL;
}

struct session_view *broker_view(struct broker *b, struct mailbox *box)
{
	struct session_view *v = session_view_new(&b->link, box);

	ASSERT(!b->started);
	for (size_t i = 0; i < b->n; i++)
		session_view_put(v, b->entries[i].session.current);
	list_push(&b->views, session_view_node(v));
	return v;
}

static void *broker_run(void *arg)
{
	struct broker *b = arg;

	loop_run(b->context.loop);
	return NULL;
}

int broker_start(struct broker *b, struct keeper *keeper, struct fault *f)
{
	int rc;

	ASSERT(!b->started);
	b->context.store = NULL;
	b->context.keeper = keeper;
	for (size_t i = 0; i < b->n; i++) {
		if (!b->entries[i].leader)
			broker_arm(&b->entries[i]);
	}
	subject_watch(b);
	secret_watch_start(b);
	notify_start(b);
	rc = thread_start(&b->thread, "broker", 0, broker_run, b);
	if (rc != 0)
		return fault_errno(f, rc, "cannot start the sessions' thread");
	b->started = true;
	return 0;
}

/* --- stop --- */

struct stop_mail {
	struct mail mail;
	int64_t grace;
};

/* Nothing new begins; what the store has missed is tried once more. */
static void broker_on_stop(struct mail *mail, void *owner)
{
	struct stop_mail *m = (struct stop_mail *)(void *)mail;
	struct broker *b = owner;

	b->context.stopping = true;
	loop_timer_clear(b->context.loop, &b->store_timer);
	loop_timer_clear(b->context.loop, &b->subject_timer);
	loop_timer_clear(b->context.loop, &b->secret_timer);
	for (size_t i = 0; i < b->n; i++)
		loop_timer_clear(b->context.loop, &b->entries[i].timer);
	broker_save_again(b);
	loop_timer_set(b->context.loop, &b->grace, m->grace);
	as_context_runs(&b->context, 0);
	mem_free(m);
}

void broker_end(struct broker *b)
{
	b->context.stopping = b->context.over = true;
	for (size_t i = 0; i < b->n; i++) {
		token_call_cancel(&b->entries[i].token_call);
		id_check_cancel(&b->entries[i].check);
	}
	logins_end(&b->logins);
	logouts_end(&b->logouts);
	notify_end(b);
	discovery_end_all(&b->context);
	jwks_end_all(&b->context);
	secret_commands_end_all(&b->context);
}

void broker_stop(struct broker *b, int64_t grace)
{
	struct stop_mail *m;

	if (!b->started)
		return;
	m = mem_new(struct stop_mail);
	m->mail.deliver = broker_on_stop;
	m->grace = grace;
	mailbox_post(b->context.box, &m->mail);
	pthread_join(b->thread, NULL);
	b->started = false;
	broker_end(b);
}

/* The keeper has ended: what it has sent back lies in the mailbox. */
void broker_free(struct broker **broker)
{
	struct broker *b = *broker;

	*broker = NULL;
	if (!b)
		return;
	ASSERT(!b->started);
	b->context.over = true;
	list_each_safe(it, &b->views) {
		session_view_detach(session_view_of(it));
		list_remove(it);
	}
	if (b->context.box)
		mailbox_free(&b->context.box);
	logouts_end(&b->logouts);
	notify_end(b);
	discovery_end_all(&b->context);
	jwks_end_all(&b->context);
	secret_commands_end_all(&b->context);
	if (b->context.upstream)
		upstream_free(&b->context.upstream);
	logins_end(&b->logins);
	for (size_t i = 0; i < b->n; i++)
		entry_fini(&b->entries[i]);
	mem_free(b->entries);
	mem_free(b->link.queues);
	mem_free(b->external);
	hook_machine_free(&b->context.hooks);
	if (b->context.loop)
		loop_free(&b->context.loop);
	mem_free(b);
}

int64_t broker_last_turn(const struct broker *b)
{
	return loop_last_turn(b->context.loop);
}

void broker_set_external(struct broker *b, const char *url)
{
	ASSERT(!b->started);
	mem_free(b->external);
	b->external = url ? mem_strdup(url) : NULL;
}

bool broker_store_ok(const struct broker *b)
{
	return atomic_load(&b->store_ok) &&
	       (!b->context.keeper ||
		keeper_store_is_there(b->context.keeper));
}
