/* SPDX-License-Identifier: MIT */
/* Handles the two times that a person's browser, or terminal, comes by: when a
 * login begins, to be sent to the authorization server (RFC 6749 §4.1.1), and
 * when it ends, with what that server gave (§4.1.2, §4.2.2). An answer counts
 * only where it shows the state of an attempt, and comes from the browser that
 * began it. */
#include <stdio.h>
#include <string.h>

#include "base/alloc.h"
#include "base/assert.h"
#include "base/clock.h"
#include "base/limits.h"
#include "base/log.h"
#include "broker/login_int.h"
#include "broker/login_limit.h"
#include "data/form.h"
#include "data/parameters.h"
#include "data/uri.h"
#include "oauth/login/authorization.h"
#include "oauth/login/authorization_response.h"
#include "service/endpoints.h"
#include "service/login_url.h"

static void login_reply_with(login_reply_fn *reply, void *arg, int status,
			     const struct fault *text)
{
	struct login_reply r;

	login_reply_init(&r);
	r.status = status;
	r.text = *text;
	reply(arg, &r);
	login_reply_fini(&r);
}

/* --- how it begins --- */

static void login_on_begin(void *arg)
{
	struct login *l = arg;

	login_go(l, l->step);
}

/* A device's code can be had wherever the server gives one; the other ways
 * are those of a grant with an authorization request. */
static int login_check(const struct entry *e, enum login_way way,
		       struct fault *f)
{
	const struct service *s = e->session.service;

	if (!s->grant->person)
		return fault_set(f, "[service %s]: grant_type = %s needs no "
				 "login", s->name, s->grant->name);
	if (way == LOGIN_IMPORT && !s->grant->request)
		return fault_set(f, "[service %s]: grant_type = %s has no "
				 "refresh tokens, and only by one could an "
				 "import be proved; log in without --import",
				 s->name, s->grant->name);
	if ((way == LOGIN_BROWSER || way == LOGIN_PASTE) &&
	    !s->grant->response_type)
		return fault_set(f, "[service %s]: grant_type = %s is logged "
				 "in to with --device", s->name,
				 s->grant->name);
	return 0;
}

struct login *login_begin(struct entry *e, enum login_way way,
			  login_news_fn *news, void *arg, struct fault *f)
{
	/* A command's browser comes by an address that works once. */
	static const enum login_step first[] = {
		[LOGIN_BROWSER] = LOGIN_TICKET,
		[LOGIN_PASTE] = LOGIN_LOCATE,
		[LOGIN_DEVICE] = LOGIN_DEVICE_LOCATE,
		[LOGIN_IMPORT] = LOGIN_IMPORT_READ,
	};
	struct login *l;

	if (login_check(e, way, f) < 0)
		return NULL;
	login_limit_command(e);
	l = login_new(e, way, STR(""));
	l->news = news;
	l->arg = arg;
	l->step = first[way];
	loop_task_init(&l->begin, login_on_begin, l);
	loop_task_add(e->broker->context.loop, &l->begin);
	return l;
}

/* --- a browser opens it --- */

static struct login *login_by_ticket(struct entry *e, struct str ticket)
{
	list_each(it, &e->broker->logins.all) {
		struct login *l = list_entry(it, struct login, node);

		if (l->entry == e && l->ticket &&
		    secret_eq_str(l->ticket, ticket))
			return l;
	}
	return NULL;
}

/* Whether the page to which a browser came is the one that this login asked
 * for: it tells the authorization servers apart (RFC 9700 §4.4.2). e: the
 * service that it named, or NULL. */
static bool login_came_back(const struct login *l, const struct entry *e)
{
	struct buf page = BUF_INIT(128);
	struct own_callback at;
	bool same;

	buf_add_z(&page, "/-/callback");
	if (e)
		buf_addf(&page, "/%s", e->session.service->name);
	same = login_comes_back(l, &at) && str_eq(at.page, buf_str(&page));
	buf_fini(&page);
	return same;
}

static bool is_device(const struct entry *e)
{
	return !e->session.service->grant->response_type;
}

void login_open(struct entry *e, struct str ticket, struct str from,
		login_reply_fn *reply, void *arg)
{
	struct login *l;
	struct fault text;

	if (e->broker->context.stopping) {
		fault_set(&text, "bearerd is shutting down");
		login_reply_with(reply, arg, 503, &text);
		return;
	}
	if (ticket.n == 0) {
		if (login_check(e, LOGIN_DEVICE, &text) < 0) {
			login_reply_with(reply, arg, 400, &text);
			return;
		}
		if (login_limit_page(e, from, &text) < 0 ||
		    (is_device(e) && login_limit_ask(e, &text) < 0)) {
			login_reply_with(reply, arg, 503, &text);
			return;
		}
		l = login_new(e, LOGIN_BROWSER, from);
		if (is_device(e))
			l->way = LOGIN_DEVICE;
	} else {
		l = login_by_ticket(e, ticket);
	}
	if (!l) {
		fault_set(&text,
			  "this address has been used already, or is "
			  "too old; begin again with bearerd login %s",
			  e->session.service->name);
		login_reply_with(reply, arg, 400, &text);
		return;
	}
	snprintf(l->seen_from, sizeof(l->seen_from), "%.*s", STR_ARGS(from));
	secret_unref(&l->ticket);
	l->reply = reply;
	l->reply_arg = arg;
	login_go(l, is_device(e) ? LOGIN_DEVICE_LOCATE : LOGIN_LOCATE);
}

/* --- it comes back --- */

static struct login *login_by_state(struct broker *b, struct str state)
{
	list_each(it, &b->logins.all) {
		struct login *l = list_entry(it, struct login, node);

		if (l->state && secret_eq_str(l->state, state))
			return l;
	}
	return NULL;
}

/* Whether the Cookie field's value has "name=value" of this login. */
static bool login_is_bound(const struct login *l, struct str cookies)
{
	while (cookies.n > 0) {
		struct str pair =
			str_sub(cookies, 0, str_find(cookies, ';'));
		struct str one = str_trim(pair);
		size_t eq = str_find(one, '=');

		cookies = str_from(cookies, pair.n + 1);
		if (str_eq_z(str_sub(one, 0, eq), l->cookie_name))
			return secret_eq_str(l->cookie,
					     str_from(one, eq + 1));
	}
	return false;
}

/* Where services of several servers have the same redirect_uri, nothing but
 * iss tells which of these has answered. */
static int login_check_mix_up(const struct login *l,
			      const struct authorization_response *r,
			      struct fault *f)
{
	const struct service *s = login_service(l), *o;

	if (r->iss && l->entry->client.endpoints->issuer)
		return 0;
	o = service_mixed_up_with(l->entry->broker->services, s,
				  l->entry->broker->external);
	if (!o)
		return 0;
	return fault_set(f, "the answer does not say which issuer it comes "
			 "from, or issuer is not known here, and [service %s] "
			 "has the same redirect_uri at another server; give "
			 "each a redirect_uri of its own, or issuer where the "
			 "servers send iss", o->name);
}

/* RFC 9207 §2.4: an answer of another server does not count, nor one that has
 * to say whose it is and does not. */
/* An id_token that comes with the answer names the issuer too, and is verified
 * (issuer, audience, nonce, and c_hash where there is a code) before a code is
 * sent anywhere, or a token is used: node's oidc-provider promises iss and
 * leaves it out then. */
static bool login_shows_issuer(const struct login *l,
			       const struct authorization_response *r)
{
	const struct service *s = login_service(l);
	unsigned type = authorization_response_type(s->section, s->grant);

	return (type & RESPONSE_ID_TOKEN) && r->id_token &&
	       id_token_is_verified(s->section, s->grant);
}

static int login_check_issuer(const struct login *l,
			      const struct authorization_response *r,
			      struct fault *f)
{
	const struct endpoints *e = l->entry->client.endpoints;

	if (r->iss && e->issuer && strcmp(r->iss, e->issuer) != 0)
		return fault_set(f, "the answer comes from another issuer "
				 "(iss) than the one that was asked");
	if (!r->iss && e->iss_parameter && !login_shows_issuer(l, r))
		return fault_set(f, "the answer does not say which issuer it "
				 "comes from (iss), though this server says "
				 "that its answers do");
	return login_check_mix_up(l, r, f);
}

static int login_check_answer(const struct login *l,
			      const struct authorization_response *r,
			      struct fault *f)
{
	if (login_check_issuer(l, r, f) < 0)
		return -1;
	if (r->error.code[0])
		return fault_set(f, "the authorization server refused: %s",
				 reply_error_text(&r->error).text);
	return 0;
}

/* Takes what the answer holds and this service's response_type asks for. */
static int login_take_answer(struct login *l,
			     struct authorization_response *r, struct fault *f)
{
	const struct service *s = login_service(l);
	unsigned type = authorization_response_type(s->section, s->grant);

	l->kept = secret_ref(r->kept);
	if (type & RESPONSE_CODE) {
		l->code = secret_ref(r->code);
		l->front_id_token = secret_ref(r->id_token);
		l->front_token = token_ref(r->token);
		return l->code ? 0 :
				 fault_set(f, "the authorization server's "
					   "answer has no code");
	}
	l->token = token_ref(r->token);
	l->token_sent = entry_now(l->entry);
	return l->token ? 0 :
			  fault_set(f, "the authorization server's answer "
				    "has no access_token");
}

/* The answer to this login is there: from now on it cannot come again. */
static int login_answered(struct login *l, struct authorization_response *r,
			  struct fault *f)
{
	secret_unref(&l->state);
	return login_check_answer(l, r, f) < 0 ||
			       login_take_answer(l, r, f) < 0 ?
		       -1 :
		       0;
}

static const struct login *login_of_browser(const struct login *l,
					    const struct entry *e,
					    struct str cookies, struct fault *f)
{
	if (!l || l->way != LOGIN_BROWSER || !login_came_back(l, e)) {
		fault_set(f, "no login of this kind is under way: it was "
			  "finished already, took too long, or was begun "
			  "elsewhere; begin again");
		return NULL;
	}
	if (!l->cookie || !login_is_bound(l, cookies)) {
		fault_set(f, "this login was begun in another browser, or "
			  "this one keeps no cookies; begin again");
		return NULL;
	}
	return l;
}

/* The attempt whose answer a page waits for, where there is one alone. */
static struct login *login_only_one(struct broker *b, const struct entry *e)
{
	struct login *only = NULL;

	list_each(it, &b->logins.all) {
		struct login *l = list_entry(it, struct login, node);

		if (l->step != LOGIN_LEAD || l->way != LOGIN_BROWSER ||
		    !login_came_back(l, e))
			continue;
		if (only)
			return NULL;
		only = l;
	}
	return only;
}

/* Whether it has a state that says something: an empty one is as none. */
static bool login_has_state(struct str parameters)
{
	ATTR_CLEANUP(buf_fini) struct buf name = BUF_INIT(LIMIT_LOGIN_TYPED);
	ATTR_CLEANUP(buf_fini) struct buf value = BUF_INIT(LIMIT_LOGIN_TYPED);
	bool found = false;

	while (!found && form_next(&parameters, &name, &value))
		found = str_eq_z(buf_str(&name), "state") &&
			(value.n > 0 || !buf_ok(&value));
	return found;
}

/* Whether a server refused without saying whom, as some do; then text says its
 * word. */
static bool login_is_refused(struct str parameters, struct fault *text)
{
	struct oauth_error error;

	if (login_has_state(parameters) ||
	    !authorization_response_error(parameters, &error))
		return false;
	fault_set(text, "the authorization server refused: %s; its answer does "
		  "not say which login it is for (state): begin again",
		  reply_error_text(&error).text);
	return true;
}

/* That ends no login, for anybody could lead a browser here; but a command
 * hears of it where it can only be meant. */
static void login_tell_refusal(struct broker *b, const struct entry *e,
			       const struct fault *text)
{
	struct login *l = login_only_one(b, e);
	struct login_news news = { .refusal = text->text };

	if (e || l)
		log_warning(EV("login_refused"),
			    KV("service", e ? e->session.service->name
					    : login_service(l)->name),
			    KV("reason", text));
	if (l && l->news && !l->refusal_told) {
		l->refusal_told = true;
		l->news(l->arg, &news);
	}
}

/* It refused a login that is not under way any more, or never was: its word is
 * told beside that. */
static void login_add_refusal(const struct entry *e,
			      const struct authorization_response *r,
			      struct fault *text)
{
	struct fault why = *text;

	if (!r->error.code[0])
		return;
	fault_set(text, "the authorization server refused: %s; and %s",
		  reply_error_text(&r->error).text, why.text);
	if (e)
		log_warning(EV("login_refused"),
			    KV("service", e->session.service->name),
			    KV("reason", text));
}

void login_callback(struct broker *b, struct entry *e, struct str cookies,
		    struct str parameters, login_reply_fn *reply, void *arg)
{
	struct secret *state = authorization_response_state(parameters);
	struct login *named = login_by_state(b, secret_expose(state));
	struct login *l = NULL;
	const struct entry *of = named ? named->entry : e;
	struct authorization_response r;
	struct fault text;

	/* A state that stands twice does not count: refused here. */
	if (authorization_response_read(
		    parameters, clock_wall_ms(),
		    of ? of->session.service->section : NULL, &r, &text) == 0) {
		if (login_of_browser(named, e, cookies, &text))
			l = named;
		if (!named)
			login_add_refusal(e, &r, &text);
	}
	secret_unref(&state);
	if (!l && login_is_refused(parameters, &text))
		login_tell_refusal(b, e, &text);
	if (!l) {
		login_reply_with(reply, arg, 400, &text);
	} else if (login_limit_is_back(l->entry)) {
		fault_set(&text, "too many logins wait for the authorization "
			  "server; load this page again in a while");
		login_reply_with(reply, arg, 503, &text);
	} else {
		l->reply = reply;
		l->reply_arg = arg;
		if (login_answered(l, &r, &text) < 0)
			login_end(l, &text);
		else
			login_go(l, LOGIN_RETURNED);
	}
	authorization_response_fini(&r);
}

/* --- it is typed in --- */

/* The parameters of an address: behind "?", or behind "#" where they are not
 * there, for some servers put "#_=_" behind all; or they are the line. */
static struct str login_parameters(struct str line)
{
	size_t at = str_find(line, '#');
	struct str before = str_sub(line, 0, at);
	size_t query = str_find(before, '?');
	struct str given = query < at ? str_from(before, query + 1) : before;

	if (at < line.n && !parameters_have(given, STR("state")))
		return str_from(line, at + 1);
	return given;
}

/* A code may be any printable ASCII, "=" too. */
static bool login_is_address(struct str line)
{
	struct str given = login_parameters(line);

	return str_find_str(line, STR("://")) < line.n ||
	       parameters_have(given, STR("code")) ||
	       parameters_have(given, STR("state"));
}

/* What is pasted may end anywhere: in the state, or before it. */
static int login_check_pasted(const struct login *l,
			      const struct authorization_response *r,
			      struct fault *f)
{
	struct str given = r->state ? secret_expose(r->state) : STR("");

	if (secret_eq(l->state, r->state))
		return 0;
	if (str_starts(secret_expose(l->state), given))
		return fault_set(f, "this address was cut: paste all of it, to "
				 "its end");
	return fault_set(f, "this is the address of another login; paste the "
			 "one that this login led to");
}

static int login_paste_address(struct login *l, struct str line,
			       struct fault *f)
{
	struct str parameters = login_parameters(line);
	struct authorization_response r;
	int rc = authorization_response_read(parameters, clock_wall_ms(),
					     login_service(l)->section, &r, f);

	if (rc == 0)
		rc = login_check_pasted(l, &r, f);
	if (rc < 0)
		(void)login_is_refused(parameters, f);
	if (rc == 0 && login_answered(l, &r, f) < 0) {
		login_end(l, f);
		authorization_response_fini(&r);
		return 0;
	}
	authorization_response_fini(&r);
	if (rc == 0)
		login_go(l, LOGIN_RETURNED);
	return rc;
}

static int login_paste_code(struct login *l, struct str line, struct fault *f)
{
	const struct service *s = login_service(l);
	unsigned type = authorization_response_type(s->section, s->grant);

	if (!(type & RESPONSE_CODE))
		return fault_set(f, "paste the whole address that the browser "
				 "was led to: this service's login gives no "
				 "code");
	if (authorization_keeps(s->section)->n > 0)
		return fault_set(f, "paste the whole address that the browser "
				 "was led to: more of it than the code is "
				 "needed (authorization_response.keep)");
	if ((type & RESPONSE_ID_TOKEN) &&
	    id_token_is_verified(s->section, s->grant))
		return fault_set(f, "paste the whole address that the browser "
				 "was led to: an id_token comes with the code");
	if (!str_is_printable(line))
		return fault_set(f, "a code is printable ASCII");
	l->code = secret_new(line);
	login_go(l, LOGIN_RETURNED);
	return 0;
}

int login_paste(struct login *l, struct str line, struct fault *f)
{
	/* What a terminal puts around a paste where a program asked for it. */
	const struct str begin = STR("\x1b[200~"), end = STR("\x1b[201~");

	ASSERT(l->way == LOGIN_PASTE);
	line = str_trim(line);
	if (str_starts(line, begin))
		line = str_from(line, begin.n);
	if (str_ends(line, end))
		line.n -= end.n;
	if (line.n == 0)
		return fault_set(f, "paste the address that the browser was "
				 "led to, or the code");
	if (l->step < LOGIN_LEAD)
		return fault_set(f, "the address to which the browser is to "
				 "go is not there yet");
	if (l->step > LOGIN_LEAD)
		return fault_set(f, "this login has its answer already");
	if (login_is_address(line))
		return login_paste_address(l, line, f);
	return login_paste_code(l, line, f);
}
