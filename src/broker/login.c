/* SPDX-License-Identifier: MIT */
/* The logins that are under way, and how each is told and ends; what each of
 * them does next is in login_step.c. */
#include "broker/login.h"

#include <stdio.h>
#include <string.h>

#include "authserver/call.h"
#include "authserver/id_check.h"
#include "base/alloc.h"
#include "base/assert.h"
#include "base/limits.h"
#include "base/log.h"
#include "broker/login_int.h"

/* --- the attempts --- */

static struct login *login_of(struct list *node)
{
	return list_entry(node, struct login, node);
}

/* The one whose time is over first. */
static struct login *logins_next(const struct logins *l)
{
	struct login *next = NULL;

	list_each(it, &l->all) {
		if (!next || login_of(it)->until < next->until)
			next = login_of(it);
	}
	return next;
}

void logins_arm(struct logins *l)
{
	struct loop *loop = l->broker->context.loop;
	struct login *next = logins_next(l);

	if (!next || next->until == INT64_MAX)
		loop_timer_clear(loop, &l->timer);
	else
		loop_timer_set_at(loop, &l->timer, next->until);
}

static void logins_on_timer(void *arg)
{
	struct logins *l = arg;
	int64_t now = loop_now(l->broker->context.loop);
	struct login *next;
	struct fault text;

	fault_set(&text, "the login was not finished in time; begin again");
	while ((next = logins_next(l)) && next->until <= now)
		login_end(next, &text);
	logins_arm(l);
}

void logins_init(struct logins *l, struct broker *b)
{
	l->broker = b;
	list_init(&l->all);
	loop_timer_init(&l->timer, logins_on_timer, l);
}

void logins_end(struct logins *l)
{
	struct fault text;

	fault_set(&text, "bearerd is shutting down; begin again");
	list_each_safe(it, &l->all)
		login_end(login_of(it), &text);
	if (l->broker->context.loop)
		loop_timer_clear(l->broker->context.loop, &l->timer);
}

bool logins_expect(const struct logins *l)
{
	list_each(it, &l->all) {
		if (login_of(it)->token_call || login_of(it)->check)
			return true;
	}
	return false;
}

struct login *login_new(struct entry *e, enum login_way way, struct str from)
{
	struct broker *b = e->broker;
	struct login *l = mem_new(struct login);

	l->entry = e;
	l->way = way;
	l->waits = true;
	l->status = 400;
	l->begun = loop_now(b->context.loop);
	l->until = l->begun + LIMIT_LOGIN_LIFE;
	snprintf(l->from, sizeof(l->from), "%.*s", STR_ARGS(from));
	memcpy(l->seen_from, l->from, sizeof(l->seen_from));
	list_push(&b->logins.all, &l->node);
	logins_arm(&b->logins);
	return l;
}

const struct service *login_service(const struct login *l)
{
	return l->entry->session.service;
}

/* Nothing that is under way for it comes back to it any more. */
static void login_cancel(struct login *l)
{
	entry_wait_cancel(&l->wait);
	discovery_unwant(&l->found);
	if (l->token_call) {
		as_context_runs(&l->entry->broker->context, -1);
		token_call_cancel(&l->token_call);
	}
	id_check_cancel(&l->check);
	call_cancel(&l->call);
	loop_timer_clear(l->entry->broker->context.loop, &l->poll);
	loop_task_cancel(&l->begin);
}

static void login_free(struct login *l)
{
	device_authorization_fini(&l->device);
	secret_unref(&l->ticket);
	secret_unref(&l->state);
	secret_unref(&l->cookie);
	secret_unref(&l->nonce);
	secret_unref(&l->verifier);
	secret_unref(&l->request_uri);
	secret_unref(&l->code);
	secret_unref(&l->kept);
	key_unref(&l->key);
	token_unref(&l->token);
	secret_unref(&l->front_id_token);
	token_unref(&l->front_token);
	id_token_subject_fini(&l->front_subject);
	id_token_subject_fini(&l->subject);
	mem_free(l->redirect_uri);
	mem_free(l);
}

static void login_log(const struct login *l)
{
	const struct service *s = login_service(l);
	const struct id_token_subject *who = &l->entry->session.subject;

	if (l->good)
		log_info(EV("logged_in"), KV("service", s->name),
			 KV("from", l->seen_from),
			 KV("subject", who->sub ? who->sub : "unknown"));
	else
		log_warning(EV("login_failed"), KV("service", s->name),
			    KV("from", l->seen_from), KV("reason", &l->text));
}

void login_let_go(struct login *l)
{
	struct entry *e = l->entry;

	if (l->holds && !e->broker->context.over)
		broker_act(e, session_login_failed(&e->session));
	l->holds = false;
}

/* Whoever reads that it failed finds the session as it was. */
void login_finish(struct login *l)
{
	struct login_news news = { .ended = true,
				   .good = l->good,
				   .text = l->text };
	struct login_reply reply;

	login_log(l);
	list_remove(&l->node); /* what is told may begin another */
	login_cancel(l);
	login_let_go(l);
	if (l->reply) {
		login_reply_init(&reply);
		reply.status = l->good ? 200 : l->status;
		reply.text = l->text;
		l->reply(l->reply_arg, &reply);
		login_reply_fini(&reply);
	}
	if (l->news)
		l->news(l->arg, &news);
	login_free(l);
}

void login_end(struct login *l, const struct fault *text)
{
	login_fail(l, 400, text);
}

void login_set_from(struct login *l, const char *from)
{
	snprintf(l->seen_from, sizeof(l->seen_from), "%s", from);
}

void login_leave(struct login *l)
{
	struct fault text;

	l->news = NULL;
	l->arg = NULL;
	if (l->step == LOGIN_IMPORT_READ) {
		fault_set(&text, "nothing was handed in");
		login_end(l, &text);
	}
}

void login_reply_init(struct login_reply *r)
{
	memset(r, 0, sizeof(*r));
	buf_init(&r->location, LIMIT_LOGIN_ADDRESS);
	buf_init(&r->cookie, LIMIT_LOGIN_ADDRESS);
	buf_init(&r->user_code, LIMIT_LOGIN_ADDRESS);
	buf_init(&r->verification_uri, LIMIT_LOGIN_ADDRESS);
}

void login_reply_fini(struct login_reply *r)
{
	buf_fini(&r->location);
	buf_fini(&r->cookie);
	buf_fini(&r->user_code);
	buf_fini(&r->verification_uri);
}
