/* SPDX-License-Identifier: MIT */
/* A person's login, from the page or the command that begins it to the
 * session's token: a function a step, in the order in which they are taken (RFC
 * 6749 §4.1, §4.2; OpenID Connect Core §3.1 to §3.3). A step that has to wait
 * returns; what it waited for calls login_go with the step that comes next.
 * Between LOGIN_LEAD and LOGIN_RETURNED the person is with the authorization
 * server; from LOGIN_RETURNED on the session is busy with the login, once its
 * turn has come. */
#include <stdio.h>
#include <string.h>

#include "authserver/call.h"
#include "authserver/id_check.h"
#include "base/assert.h"
#include "base/clock.h"
#include "base/limits.h"
#include "base/log.h"
#include "broker/login_int.h"
#include "broker/login_limit.h"
#include "broker/reply.h"
#include "crypto/random.h"
#include "data/date.h"
#include "oauth/login/authorization.h"
#include "oauth/token/reply.h"
#include "service/login_url.h"

/* --- to the authorization server --- */

static void tell_address(struct login *l, const char *address)
{
	struct login_news news = { .address = address, .expires = l->until };

	if (l->way == LOGIN_PASTE && l->address_until < l->until)
		news.expires = l->address_until;
	if (l->news)
		l->news(l->arg, &news);
}

/* An address of our own that works once: LOGIN_LOCATE follows when a browser
 * opens it. */
static void step_ticket(struct login *l)
{
	struct buf url = BUF_INIT_SECRET(LIMIT_LOGIN_ADDRESS);
	struct fault text;

	login_wait(l);
	l->ticket = login_secret();
	if (service_login_url(login_service(l), l->entry->broker->external,
			      &url) == 0) {
		buf_addf(&url, "?ticket=%s", secret_expose(l->ticket).p);
		tell_address(l, buf_z(&url));
	} else {
		fault_set(&text,
			  "[service %s]: no browser can reach bearerd "
			  "here; give external_url, or use --paste",
			  login_service(l)->name);
		login_fail(l, 400, &text);
	}
	buf_fini(&url);
}

static void on_located(void *arg, const struct session_trouble *t)
{
	struct login *l = arg;

	if (t)
		login_fail(l, t->trouble == REFRESH_UNAVAILABLE ? 503 : 500,
			   &t->text);
	else
		login_go(l, LOGIN_PREPARE);
}

static void step_locate(struct login *l)
{
	login_wait(l);
	discovery_want(&l->entry->client, ENDPOINT_AUTHORIZATION, &l->found,
		       on_located, l);
}

static void step_prepare(struct login *l)
{
	struct own_callback at;
	struct fault text;

	if (login_prepare(l, &text) < 0) {
		login_fail(l, 500, &text);
	} else if (l->way == LOGIN_BROWSER && !login_comes_back(l, &at)) {
		fault_set(&text,
			  "redirect_uri is not a page of bearerd's: "
			  "log in with bearerd login %s --paste",
			  login_service(l)->name);
		login_fail(l, 400, &text);
	} else {
		login_go(l, LOGIN_PUSH);
	}
}

static void cannot_begin(struct login *l, int status, const struct fault *why)
{
	struct fault text;

	fault_set(&text, "[service %s]: the login cannot begin: %s",
		  login_service(l)->name, why->text);
	login_fail(l, status, &text);
}

static void on_pushed(void *arg, struct call *c,
		      const struct fetch_response *response,
		      const struct transfer_fault *fault)
{
	struct login *l = arg;
	struct fault why;
	int status = 503;

	l->call = NULL;
	if (fault)
		why = fault->text;
	else if (login_request_pushed(l, c, response, &status, &why) == 0) {
		login_go(l, LOGIN_LEAD);
		return;
	}
	fault_prefix(&why, "pushed_authorization_request_endpoint");
	cannot_begin(l, status, &why);
}

/* RFC 9126, where the server wants it. */
static void step_push(struct login *l)
{
	struct fault f;
	bool push;

	l->address_until = INT64_MAX;
	if (login_request_is_pushed(l, &push, &f) < 0) {
		cannot_begin(l, 500, &f);
	} else if (!push) {
		login_go(l, LOGIN_LEAD);
	} else if (l->from[0] && login_limit_ask(l->entry, &f) < 0) {
		cannot_begin(l, 503, &f);
	} else {
		login_wait(l);
		l->call = login_request_push(l, on_pushed, &f);
		if (!l->call)
			login_fail(l, 500, &f);
	}
}

bool login_comes_back(const struct login *l, struct own_callback *out)
{
	return service_own_callback(str_z(l->redirect_uri),
				    l->entry->broker->external, out);
}

/* The cookie comes back by a link from another site (Lax), and not with what
 * another site posts or embeds. Its path is the browser's, which may have a
 * prefix that is taken off before a request comes here. */
static void bind_browser(struct login *l, const struct own_callback *at,
			 struct buf *out)
{
	uint32_t name;

	random_fill(&name, sizeof(name));
	snprintf(l->cookie_name, sizeof(l->cookie_name), LOGIN_COOKIE "%08x",
		 name);
	l->cookie = login_secret();
	buf_addf(out,
		 "%s=%s; Path=%.*s/-/callback; Max-Age=%d; HttpOnly; "
		 "SameSite=Lax%s",
		 l->cookie_name, secret_expose(l->cookie).p,
		 STR_ARGS(at->prefix), LIMIT_LOGIN_LIFE / 1000,
		 at->secure ? "; Secure" : "");
}

static void send_browser(struct login *l, const char *address)
{
	login_reply_fn *reply = l->reply;
	struct own_callback at;
	struct login_reply r;
	bool here = login_comes_back(l, &at);

	ASSERT(here); /* LOGIN_PREPARE has looked */
	l->reply = NULL;
	login_reply_init(&r);
	r.status = 303;
	buf_add_z(&r.location, address);
	bind_browser(l, &at, &r.cookie);
	if (reply)
		reply(l->reply_arg, &r);
	login_reply_fini(&r);
}

static void step_lead(struct login *l)
{
	struct buf url = BUF_INIT_SECRET(LIMIT_LOGIN_ADDRESS);
	struct fault f;

	login_wait(l);
	if (login_request_url(l, &url, &f) < 0)
		cannot_begin(l, 500, &f);
	else if (l->way == LOGIN_BROWSER)
		send_browser(l, buf_z(&url));
	else
		tell_address(l, buf_z(&url));
	buf_fini(&url);
}

/* --- back from there --- */

/* The session is not busy, and from here on it is: had another step to begin
 * it, what waits behind this one would come first. */
static void on_turn(void *arg, struct entry *e)
{
	struct login *l = arg;
	struct fault text;

	if (e->broker->context.stopping) {
		fault_set(&text, "bearerd is shutting down; begin again");
		login_fail(l, 400, &text);
		return;
	}
	l->generation = e->session.generation;
	l->holds = true;
	broker_act(e, session_login_begins(&e->session, entry_now(e)));
	if (l->way == LOGIN_IMPORT)
		login_go(l, LOGIN_IMPORT_CHECK);
	else
		login_go(l, l->token ? LOGIN_CHECK : LOGIN_FRONT_CHECK);
}

/* It ends by itself now, and not by its time. */
static void step_returned(struct login *l)
{
	ASSERT(l->code || l->token || l->way == LOGIN_IMPORT);
	login_is_back(l);
	login_wait(l);
	entry_wait(l->entry, &l->wait, on_turn, l);
}

static unsigned response_type(const struct login *l)
{
	const struct service *s = login_service(l);

	if (l->way == LOGIN_DEVICE || l->way == LOGIN_IMPORT ||
	    !s->grant->response_type)
		return 0;
	return authorization_response_type(s->section, s->grant);
}

static void on_front_checked(void *arg, const struct id_check_result *r)
{
	struct login *l = arg;

	if (!r->good) {
		login_fail(l, 400, &r->text);
		return;
	}
	if (r->subject)
		id_token_subject_copy(&l->front_subject, r->subject);
	login_go(l, LOGIN_LOCATE_TOKEN);
}

/* An id_token that came with the code (OpenID Connect Core §3.3.2.12): a code
 * of another login goes nowhere. */
static void step_front_check(struct login *l)
{
	unsigned type = response_type(l);
	struct id_token_rules rules = {
		.nonce = l->nonce,
		.code = l->code,
		.c_hash_due = true,
		.at_hash_due = type & RESPONSE_TOKEN,
	};

	if (!(type & RESPONSE_ID_TOKEN)) {
		login_go(l, LOGIN_LOCATE_TOKEN);
		return;
	}
	login_wait(l);
	id_check_start(&l->check, &l->entry->client, &rules, l->front_id_token,
		       l->front_token, 0, on_front_checked, l);
}

static void on_token_located(void *arg, const struct session_trouble *t)
{
	struct login *l = arg;

	if (t)
		login_fail(l, 400, &t->text);
	else
		login_go(l, LOGIN_TRADE);
}

static void step_locate_token(struct login *l)
{
	login_wait(l);
	discovery_want(&l->entry->client, ENDPOINT_TOKEN, &l->found,
		       on_token_located, l);
}

static void on_traded(void *arg, const struct token_call_reply *reply)
{
	struct login *l = arg;
	struct broker *b = l->entry->broker;

	l->token_call = NULL;
	if (reply->token)
		login_take(l, reply);
	else
		login_fail(l, 400, &reply->trouble.text);
	as_context_runs(&b->context, -1);
}

/* RFC 6749 §4.1.3, once. */
static void step_trade(struct login *l)
{
	struct entry *e = l->entry;
	struct fault text;

	login_wait(l);
	l->token_call = token_call_start(
		&e->client,
		&(struct token_call_request){
			.old = e->session.token,
			.key = login_key(l),
			.asking.code = l->code,
			.asking.redirect_uri = l->redirect_uri,
			.asking.verifier = l->verifier,
			.asking.callback = l->kept,
		},
		on_traded, l, &text);
	if (l->token_call)
		as_context_runs(&e->broker->context, 1);
	else
		login_fail(l, 400, &text);
}

static void on_checked(void *arg, const struct id_check_result *r)
{
	struct login *l = arg;
	const struct id_token_subject *who = r->subject;

	if (!r->good && l->way == LOGIN_IMPORT) {
		login_import_unproved(l, &r->text);
		return;
	}
	if (!r->good) {
		login_fail(l, 400, &r->text);
		return;
	}
	/* A refresh need not say once more whose it is. */
	if (!who && l->way == LOGIN_IMPORT && l->front_subject.sub)
		who = &l->front_subject;
	l->identified = who != NULL;
	if (who)
		id_token_subject_copy(&l->subject, who);
	login_go(l, LOGIN_STORE);
}

/* Who it is that has logged in (OpenID Connect Core §3.1.3.7, §3.2.2.11,
 * §3.3.3.7). An id_token that came from the authorization endpoint with an
 * access_token must name it; one from the token endpoint need not. */
static void step_check(struct login *l)
{
	struct id_token_rules rules = {
		.nonce = l->nonce,
		.code = l->code,
		.at_hash_due = response_type(l) && !l->code,
		.before = &l->front_subject,
		.refresh = l->way == LOGIN_IMPORT,
	};

	login_wait(l);
	id_check_start(&l->check, &l->entry->client, &rules, l->token->id_token,
		       l->token, l->token_sent, on_checked, l);
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
	struct buf sent = BUF_INIT(LIMIT_TOKEN_REQUEST);

	oauth_scope_write(o, &sent);
	if (t && t->scope && o->scope && strcmp(t->scope, buf_z(&sent)) != 0 &&
	    !(scope_has_all(str_z(t->scope), str_z(o->scope)) &&
	      scope_has_all(str_z(o->scope), str_z(t->scope))))
		fault_set(text,
			  "%s. The server granted other scopes than "
			  "those asked for: %s",
			  text->text, t->scope);
	buf_fini(&sent);
}

/* Whose account it is now, as far as that was verified, and until when, as far
 * as that is known. */
static void login_say_whose(const struct entry *e, struct fault *text)
{
	ATTR_CLEANUP(buf_fini) struct buf date = BUF_INIT(64);
	const struct session *s = &e->session;
	int64_t now = entry_now(e), ends = session_login_ends(s);
	char whose[256] = "";

	if (s->subject.sub)
		reply_words(whose, sizeof(whose), str_z(s->subject.sub));
	if (ends != INT64_MAX)
		date_rfc3339(&date, (clock_wall_ms() + (ends - now)) / 1000);
	fault_set(text, "[service %s] is logged in%s%s%s%s", s->service->name,
		  whose[0] ? " as " : "", whose, date.n > 0 ? ", until " : "",
		  buf_z(&date));
}

/* The session is not busy any more: it has the token, or could not take it. */
static void on_stored(void *arg, struct entry *e)
{
	struct login *l = arg;
	struct fault text;

	l->holds = false;
	l->good = e->session.generation != l->generation;
	if (!l->good) {
		fault_set(&text, "the token could not be kept");
		login_fail(l, 400, &text);
		return;
	}
	login_say_whose(e, &l->text);
	if (e->unsaved)
		fault_set(&l->text,
			  "%s. The store could not be written, "
			  "which is tried again; until then a restart "
			  "would lose it",
			  l->text.text);
	login_say_scope(e, &l->text);
	login_go(l, LOGIN_DONE);
}

/* With what is kept of the browser's answer. */
static int add_kept(struct login *l, struct fault *f)
{
	struct token *with = NULL;

	if (!l->kept)
		return 0;
	with = token_with_callback(l->token, l->kept, f);
	if (!with)
		return -1;
	token_unref(&l->token);
	l->token = with;
	return 0;
}

static void step_store(struct login *l)
{
	struct fault text;

	login_wait(l);
	if (add_kept(l, &text) < 0) {
		login_fail(l, 400, &text);
		return;
	}
	session_login_as(&l->entry->session,
			 l->identified ? &l->subject : NULL);
	session_login_key(&l->entry->session, l->key);
	if (reply_store(l->entry, l->token, l->token_sent,
			l->identified ? &l->subject : NULL, &text) < 0)
		login_fail(l, 400, &text);
	else
		entry_wait_first(l->entry, &l->wait, on_stored, l);
}

/* --- the driver --- */

static const struct {
	const char *name;
	void (*run)(struct login *l);
} steps[] = {
	[LOGIN_TICKET] = { "ticket", step_ticket },
	[LOGIN_LOCATE] = { "locate", step_locate },
	[LOGIN_PREPARE] = { "prepare", step_prepare },
	[LOGIN_PUSH] = { "push", step_push },
	[LOGIN_LEAD] = { "lead", step_lead },
	[LOGIN_RETURNED] = { "returned", step_returned },
	[LOGIN_FRONT_CHECK] = { "front_check", step_front_check },
	[LOGIN_LOCATE_TOKEN] = { "locate_token", step_locate_token },
	[LOGIN_TRADE] = { "trade", step_trade },
	[LOGIN_CHECK] = { "check", step_check },
	[LOGIN_STORE] = { "store", step_store },
	[LOGIN_DONE] = { "done", login_finish },
	[LOGIN_DEVICE_LOCATE] = { "device_locate", login_device_locate },
	[LOGIN_DEVICE_CODES] = { "device_codes", login_device_codes },
	[LOGIN_DEVICE_WAIT] = { "device_wait", login_device_wait },
	[LOGIN_DEVICE_POLL] = { "device_poll", login_device_poll },
	[LOGIN_IMPORT_READ] = { "import_read", login_import_read },
	[LOGIN_IMPORT_CHECK] = { "import_check", login_import_check },
	[LOGIN_IMPORT_LOCATE] = { "import_locate", login_import_locate },
	[LOGIN_IMPORT_REFRESH] = { "import_refresh", login_import_refresh },
};

void login_wait(struct login *l)
{
	l->waits = true;
}

void login_go(struct login *l, enum login_step step)
{
	bool done = false;

	l->step = step;
	l->waits = false;
	if (l->driving)
		return;
	l->driving = true;
	while (!done && !l->waits) {
		done = l->step == LOGIN_DONE;
		log_debug(EV("login_step"),
			  KV("service", login_service(l)->name),
			  KV("step", steps[l->step].name));
		steps[l->step].run(l);
	}
	if (!done)
		l->driving = false;
}

void login_fail(struct login *l, int status, const struct fault *text)
{
	l->good = false;
	l->status = status;
	l->text = *text;
	login_go(l, LOGIN_DONE);
}

void login_is_back(struct login *l)
{
	l->back = true;
	secret_unref(&l->state);
	l->until = INT64_MAX;
	logins_arm(&l->entry->broker->logins);
}

void login_take(struct login *l, const struct token_call_reply *reply)
{
	l->token = token_ref(reply->token);
	l->token_sent = reply->sent;
	login_go(l, LOGIN_CHECK);
}
