/* SPDX-License-Identifier: MIT */
/* A person's login from its begin to its end: the attempts that are under
 * way, and how what they bring becomes the session's token. */
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
#include "broker/reply.h"
#include "crypto/random.h"

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
		login_end(next, false, &text);
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
		login_end(login_of(it), false, &text);
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
	l->begun = loop_now(b->context.loop);
	l->until = l->begun + LIMIT_LOGIN_LIFE;
	snprintf(l->from, sizeof(l->from), "%.*s", STR_ARGS(from));
	strcpy(l->seen_from, l->from);
	list_push(&b->logins.all, &l->node);
	logins_arm(&b->logins);
	return l;
}

void login_free(struct login *l)
{
	struct loop *loop = l->entry->broker->context.loop;

	list_remove(&l->node);
	entry_wait_cancel(&l->wait);
	discovery_unwant(&l->found);
	if (l->token_call) {
		as_context_runs(&l->entry->broker->context, -1);
		token_call_cancel(&l->token_call);
	}
	id_check_cancel(&l->check);
	call_cancel(&l->call);
	loop_timer_clear(loop, &l->poll);
	loop_task_cancel(&l->begin);
	device_authorization_fini(&l->device);
	secret_unref(&l->ticket);
	secret_unref(&l->state);
	secret_unref(&l->cookie);
	secret_unref(&l->nonce);
	secret_unref(&l->verifier);
	secret_unref(&l->code);
	key_unref(&l->key);
	token_unref(&l->token);
	secret_unref(&l->front_id_token);
	token_unref(&l->front_token);
	id_token_subject_fini(&l->front_subject);
	mem_free(l->redirect_uri);
	mem_free(l);
}

static void login_log(const struct login *l, bool good,
		      const struct fault *text)
{
	const struct service *s = l->entry->session.service;

	const struct id_token_subject *who = &l->entry->session.subject;

	if (good)
		log_info(EV("logged_in"), KV("service", s->name),
			 KV("from", l->seen_from),
			 KV("subject", who->sub ? who->sub : "unknown"));
	else
		log_warning(EV("login_failed"), KV("service", s->name),
			    KV("from", l->seen_from), KV("reason", text));
}

/* A request of a login that has ended kept the session busy. */
static void login_let_go(struct entry *e)
{
	struct broker *b = e->broker;

	if (!b->context.over)
		broker_act(e, session_login_failed(&e->session));
}

void login_end(struct login *l, bool good, const struct fault *text)
{
	struct login_news news = { .ended = true, .good = good,
				   .text = *text };
	struct entry *e = l->entry;
	bool asks = l->token_call != NULL;
	struct login_reply reply;

	login_log(l, good, text);
	list_remove(&l->node); /* what is told may begin another */
	if (l->reply) {
		login_reply_init(&reply);
		reply.status = good ? 200 : 400;
		reply.text = *text;
		l->reply(l->reply_arg, &reply);
		login_reply_fini(&reply);
	}
	if (l->news)
		l->news(l->arg, &news);
	login_free(l);
	if (asks)
		login_let_go(e);
}

void login_set_from(struct login *l, const char *from)
{
	snprintf(l->seen_from, sizeof(l->seen_from), "%s", from);
}

void login_leave(struct login *l)
{
	l->news = NULL;
	l->arg = NULL;
}

void login_reply_init(struct login_reply *r)
{
	memset(r, 0, sizeof(*r));
	buf_init(&r->location, LOGIN_ADDRESS_MAX);
	buf_init(&r->cookie, LOGIN_ADDRESS_MAX);
	buf_init(&r->user_code, LOGIN_ADDRESS_MAX);
	buf_init(&r->verification_uri, LOGIN_ADDRESS_MAX);
}

void login_reply_fini(struct login_reply *r)
{
	buf_fini(&r->location);
	buf_fini(&r->cookie);
	buf_fini(&r->user_code);
	buf_fini(&r->verification_uri);
}

/* --- what it brought --- */

/* Its own, so that no token of another login, which the server may have bound
 * to another person, goes with it. */
struct key *login_key(struct login *l)
{
	if (!l->key && l->entry->session.service->dpop)
		l->key = key_generate_p256();
	return l->key;
}

static bool scope_has_all(struct str scope, struct str wanted)
{
	struct str word, one;

	while (str_next_word(&wanted, &word)) {
		struct str rest = scope;
		bool found = false;

		while (!found && str_next_word(&rest, &one))
			found = str_eq(one, word);
		if (!found)
			return false;
	}
	return true;
}

/* The scope that was granted, where it is not what was asked for; order is
 * nothing (RFC 6749 §3.3). */
static void login_say_scope(const struct entry *e, struct fault *text)
{
	const struct token *t = e->session.token;
	const struct oauth_settings *o = e->session.service->oauth;
	struct buf sent = BUF_INIT(TOKEN_REQUEST_MAX);

	oauth_scope_write(o, &sent);
	if (t && t->scope && o->scope &&
	    strcmp(t->scope, buf_z(&sent)) != 0 &&
	    !(scope_has_all(str_z(t->scope), str_z(o->scope)) &&
	      scope_has_all(str_z(o->scope), str_z(t->scope))))
		fault_set(text, "%s. The server granted other scopes than "
			  "those asked for: %s", text->text, t->scope);
	buf_fini(&sent);
}

/* The session is not busy any more: it has the token, or could not take it. */
static void login_on_stored(void *arg, struct entry *e)
{
	struct login *l = arg;
	bool good = e->session.generation != l->generation;
	struct fault text;

	if (good) {
		fault_set(&text, "[service %s] is logged in",
			  e->session.service->name);
		if (e->unsaved)
			fault_set(&text, "%s. The store could not be written, "
				  "which is tried again; until then a restart "
				  "would lose it", text.text);
		login_say_scope(e, &text);
	} else {
		fault_set(&text, "the token could not be kept");
	}
	login_end(l, good, &text);
}

void login_fail(struct login *l, const struct fault *text)
{
	struct entry *e = l->entry;
	unsigned what = session_login_failed(&e->session);

	/* Whoever reads that it failed finds the session as it was. */
	broker_act(e, what);
	login_end(l, false, text);
}

void login_store(struct login *l, struct token *t, int64_t sent,
		 const struct id_token_subject *subject)
{
	struct fault text;

	session_login_key(&l->entry->session, l->key);
	if (reply_store(l->entry, t, sent, subject, &text) < 0)
		login_fail(l, &text);
	else
		entry_wait_first(l->entry, &l->wait, login_on_stored, l);
}

static void login_on_reply(void *arg, const struct token_call_reply *reply)
{
	struct login *l = arg;
	struct broker *b = l->entry->broker;

	l->token_call = NULL;
	if (reply->token)
		login_arrived(l, reply->token, reply->sent);
	else
		login_fail(l, &reply->trouble.text);
	as_context_runs(&b->context, -1);
}

/* RFC 6749 §4.1.3, once. */
static void login_on_found(void *arg, const struct session_trouble *t)
{
	struct login *l = arg;
	struct entry *e = l->entry;
	struct fault text;

	if (t) {
		login_fail(l, &t->text);
		return;
	}
	l->token_call = token_call_start(
		e->broker->context.upstream,
		&(struct token_call_request){
			.service = e->session.service,
			.endpoints = e->client.endpoints,
			.old = e->session.token,
			.asking.hooks = e->broker->context.hooks,
			.key = login_key(l),
			.nonces = &e->client.nonces,
			.asking.code = l->code,
			.asking.redirect_uri = l->redirect_uri,
			.asking.verifier = l->verifier,
		},
		login_on_reply, l, &text);
	if (l->token_call)
		as_context_runs(&e->broker->context, 1);
	else
		login_fail(l, &text);
}

void login_ask(struct login *l)
{
	discovery_want(&l->entry->client, ENDPOINT_TOKEN, &l->found,
		       login_on_found, l);
}

/* The session is not busy. */
static void login_on_turn(void *arg, struct entry *e)
{
	struct login *l = arg;
	struct fault text;

	if (e->broker->context.stopping) {
		fault_set(&text, "bearerd is shutting down; begin again");
		login_end(l, false, &text);
		return;
	}
	l->generation = e->session.generation;
	broker_act(e, session_login_begins(&e->session, entry_now(e)));
	if (l->token)
		login_arrived(l, l->token, l->token_sent);
	else
		login_ask_verified(l);
}

void login_take(struct login *l)
{
	ASSERT(l->code || l->token);
	l->back = true;
	secret_unref(&l->state);
	/* It ends by itself, and not by its time. */
	l->until = INT64_MAX;
	logins_arm(&l->entry->broker->logins);
	entry_wait(l->entry, &l->wait, login_on_turn, l);
}
