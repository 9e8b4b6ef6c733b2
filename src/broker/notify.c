/* SPDX-License-Identifier: MIT */
/* Finds what is new of the sessions since the last look, notes it in the store,
 * and then has it told (notice.c), one notice of a session at a time. */
#include "broker/notify.h"

#include <string.h>

#include "base/alloc.h"
#include "base/clock.h"
#include "base/limits.h"
#include "base/log.h"
#include "broker/broker_int.h"
#include "broker/notice.h"
#include "data/date.h"
#include "data/json.h"
#include "service/login_url.h"

/* What it is called in the store and outside. */
static const char *const events[] = {
	[NOTIFIED_WORKS] = "session_recovered",
	[NOTIFIED_LOGIN_NEEDED] = "login_needed",
	[NOTIFIED_FAILING] = "session_failing",
};

static struct notice *notice_of(struct list *node)
{
	return list_entry(node, struct notice, node);
}

/* --- whose turn it is --- */

/* A stop waits for what is on its way to somebody, which has token_timeout;
 * and for what waits, as long as its grace lasts. */
static void on_told(struct notice *n)
{
	struct broker *b = n->entry->broker;

	notice_free(&n);
	b->notices.nrunning--;
	loop_task_add(b->context.loop, &b->notices.turn);
	as_context_runs(&b->context, -1);
}

/* Whoever is told hears of a session in the order in which it happened, and
 * not before the store has it. */
static bool may_be_told(const struct broker *b, const struct notice *n)
{
	if (n->entry->notified.writes > 0)
		return false;
	list_each(it, &b->notices.running) {
		if (notice_of(it)->entry == n->entry)
			return false;
	}
	return true;
}

static struct notice *next_notice(const struct broker *b)
{
	list_each(it, &b->notices.waiting) {
		if (may_be_told(b, notice_of(it)))
			return notice_of(it);
	}
	return NULL;
}

static void look_at_all(struct broker *b)
{
	for (size_t i = 0; i < b->n; i++)
		notify_look(&b->entries[i]);
}

static void on_turn(void *arg)
{
	struct broker *b = arg;
	struct notice *n;

	while (!b->hurries && b->notices.nrunning < LIMIT_NOTICES &&
	       (n = next_notice(b))) {
		list_remove(&n->node);
		b->notices.nwaiting--;
		list_push(&b->notices.running, &n->node);
		b->notices.nrunning++;
		notice_tell(n, on_told);
	}
	if (b->notices.full && b->notices.nwaiting == 0) {
		b->notices.full = false;
		look_at_all(b);
	}
}

/* --- what is told --- */

/* Where a browser begins the login that would end it. */
static char *login_url_of(const struct entry *e)
{
	const struct service *s = service_to_log_in_to(e->session.service);
	struct buf b = BUF_INIT(LIMIT_LOGIN_ADDRESS);

	if (!s->grant->person ||
	    service_login_url(s, e->broker->external, &b) < 0 || !buf_ok(&b)) {
		buf_fini(&b);
		return NULL;
	}
	return buf_take(&b);
}

static char *login_end_of(const struct entry *e)
{
	int64_t ends = session_login_ends(&e->session);
	struct buf b = BUF_INIT(64);

	if (ends == INT64_MAX)
		return NULL;
	date_rfc3339(&b, (clock_wall_ms() + (ends - entry_now(e))) / 1000);
	return buf_take(&b);
}

/* Whether one more may wait. What is new then counts as not seen: it is looked
 * again once none waits, and what is still so is told. */
static bool has_room(struct broker *b)
{
	if (b->notices.nwaiting < LIMIT_NOTICES_WAITING)
		return true;
	if (!b->notices.full)
		log_warning(EV("notices_wait"),
			    KV("notices", b->notices.nwaiting));
	b->notices.full = true;
	return false;
}

static void add_notice(struct entry *e, const char *event, bool login_helps)
{
	struct broker *b = e->broker;
	struct notice *n = notice_new(e, event,
				      login_helps ? login_url_of(e) : NULL,
				      login_end_of(e));

	list_push(&b->notices.waiting, &n->node);
	b->notices.nwaiting++;
	as_context_runs(&b->context, 1);
	loop_task_add(b->context.loop, &b->notices.turn);
}

/* --- what was told, in the store --- */

static char *store_id_of(const struct service *s)
{
	struct buf b = BUF_INIT(256);

	buf_addf(&b, "notified:%s", s->identity);
	return buf_take(&b);
}

static void take(struct notified *n, const struct json *j)
{
	struct str event = json_text(json_get(j, "event"));
	struct str login = json_text(json_get(j, "login_id"));

	for (size_t i = 0; i < sizeof(events) / sizeof(events[0]); i++) {
		if (str_eq(event, str_z(events[i])))
			n->state = (enum notified_state)i;
	}
	if (login.n < sizeof(n->login_id))
		memcpy(n->login_id, login.p, login.n);
	n->expires_soon = json_bool(json_get(j, "expires_soon"));
}

/* Whether anybody is to know. */
static bool is_wanted(const struct services *s)
{
	return s->proxy->notify.n > 0 || s->notify_url.url;
}

int notify_restore(struct entry *e, struct store *store, struct fault *f)
{
	const struct session *s = &e->session;
	ATTR_CLEANUP(buf_fini) struct buf text = BUF_INIT(1024);
	struct json *j = NULL;
	char *id;
	int found;

	if (!is_wanted(e->broker->services))
		return 0;
	id = store_id_of(s->service);
	found = store_get(store, str_z(id), &text, f);
	mem_free(id);
	e->notified.generation = s->generation;
	if (found > 0)
		j = json_parse(buf_str(&text), NULL);
	if (j)
		take(&e->notified, j);
	/* Another login than it had then, of which nobody was told: its token
	 * is news. */
	if (j && strcmp(e->notified.login_id, s->login_id) != 0) {
		e->notified.generation = UINT64_MAX;
		e->notified.expires_soon = false;
	}
	memcpy(e->notified.login_id, s->login_id, LOGIN_ID_SIZE);
	json_free(&j);
	return found < 0 ? fault_prefix(f, "what was told of [service %s], in "
					"the store", s->service->name) :
			   0;
}

static void on_saved(struct mail *mail, void *owner)
{
	struct keeper_job *job = (struct keeper_job *)(void *)mail;
	struct broker *b = owner;
	struct entry *e = job->arg;

	if (!b->context.over) {
		e->notified.writes--;
		e->notified.unsaved = job->result < 0;
		broker_store_said(b, job->result == 0, &job->fault);
		loop_task_add(b->context.loop, &b->notices.turn);
		as_context_runs(&b->context, -1);
	}
	mem_free(job->id);
	secret_unref(&job->value);
	mem_free(job);
}

void notify_save(struct entry *e)
{
	struct as_context *c = &e->broker->context;
	struct keeper_job *job = mem_new(struct keeper_job);
	struct buf text = BUF_INIT(1024);
	struct json_out o;

	json_out_init(&o, &text);
	json_out_object(&o);
	json_out_text(&o, "event", events[e->notified.state]);
	json_out_text(&o, "login_id", e->notified.login_id);
	json_out_key(&o, "expires_soon");
	json_out_bool(&o, e->notified.expires_soon);
	json_out_object_end(&o);
	job->mail.deliver = on_saved;
	job->reply = c->box;
	job->id = store_id_of(e->session.service);
	job->value = secret_take(&text);
	job->arg = e;
	buf_fini(&text);
	e->notified.writes++;
	as_context_runs(c, 1);
	keeper_submit(c->keeper, job);
}

/* --- what is new --- */

/* What has to be known of it now. It works again once it has got another token:
 * that nothing is wrong with it yet after a start, or after a secret was
 * exchanged, tells nothing. */
static enum notified_state state_of(const struct entry *e)
{
	const struct session *s = &e->session;

	if (s->failure.waits)
		return NOTIFIED_LOGIN_NEEDED;
	if (s->failure.status != 0)
		return NOTIFIED_FAILING;
	if (s->token && s->generation != e->notified.generation)
		return NOTIFIED_WORKS;
	return e->notified.state;
}

static bool look_at_state(struct entry *e)
{
	enum notified_state state = state_of(e);

	if (state == e->notified.state || !has_room(e->broker))
		return false;
	e->notified.state = state;
	e->notified.generation = e->session.generation;
	add_notice(e, events[state],
		   state == NOTIFIED_LOGIN_NEEDED || e->session.failure.login);
	return true;
}

/* A login that ends soon is told of once, however its end moves while it
 * does; and anew once that was far away. */
static bool look_at_end(struct entry *e)
{
	bool soon = entry_now(e) >= session_warns_at(&e->session);
	bool other = strcmp(e->notified.login_id, e->session.login_id) != 0;
	bool told = e->notified.expires_soon && !other;

	if (soon && !told && !has_room(e->broker))
		return false;
	memcpy(e->notified.login_id, e->session.login_id, LOGIN_ID_SIZE);
	e->notified.expires_soon = soon;
	if (soon && !told)
		add_notice(e, "login_expires_soon", true);
	return other || soon != told;
}

void notify_look(struct entry *e)
{
	const struct broker *b = e->broker;
	bool state, end;

	if (!b->notices.on || b->context.stopping || e->leader ||
	    session_is_busy(&e->session))
		return;
	state = look_at_state(e);
	end = look_at_end(e);
	if (state || end)
		notify_save(e);
}

/* --- begin and end --- */

static void on_begin(void *arg)
{
	struct broker *b = arg;

	b->notices.on = true;
	look_at_all(b);
}

void notify_init(struct broker *b)
{
	list_init(&b->notices.waiting);
	list_init(&b->notices.running);
	loop_task_init(&b->notices.begin, on_begin, b);
	loop_task_init(&b->notices.turn, on_turn, b);
}

void notify_start(struct broker *b)
{
	if (is_wanted(b->services))
		loop_task_add(b->context.loop, &b->notices.begin);
}

static void give_up(struct list *notices)
{
	list_each_safe(it, notices) {
		struct notice *n = notice_of(it);

		notice_log_failure(n, "bearerd stops");
		notice_free(&n);
	}
}

void notify_end(struct broker *b)
{
	b->notices.on = false;
	loop_task_cancel(&b->notices.begin);
	loop_task_cancel(&b->notices.turn);
	give_up(&b->notices.running);
	give_up(&b->notices.waiting);
	b->notices.nrunning = b->notices.nwaiting = 0;
}
