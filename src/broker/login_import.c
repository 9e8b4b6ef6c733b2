/* SPDX-License-Identifier: MIT */
/* Logs in with a token response that another program or machine got already: it
 * is read, and proved by a refresh, since what it says of itself proves
 * nothing. Its refresh token may be good once, so all that can be checked
 * before it is sent is checked then. */
#include "authserver/id_check.h"
#include "base/assert.h"
#include "base/clock.h"
#include "broker/login_int.h"
#include "oauth/compliance/compliance.h"
#include "oauth/hook/token.h"
#include "oauth/token/token.h"

static void import_failed(struct login *l, const char *what,
			  const struct fault *why)
{
	struct fault text;

	fault_set(&text, "[service %s]: %s: %s", login_service(l)->name, what,
		  why->text);
	login_fail(l, 400, &text);
}

/* --- what is handed in --- */

void login_import_read(struct login *l)
{
	login_wait(l);
}

/* What the configuration's hook makes of it first, as of any response. */
static int import_hook(const struct login *l, struct hook_response *r,
		       struct fault *f)
{
	const struct service *s = login_service(l);
	const struct token_asking asking = {
		.section = s->section,
		.hook = s->hook,
		.hooks = l->entry->client.context->hooks,
	};

	fields_init(&r->fields, r->arena);
	fields_add(&r->fields, STR("Content-Type"), STR("application/json"));
	if (!hook_has_response(s->hook, PHASE_ACCESS_TOKEN))
		return 0;
	if (hook_token_response(&asking, PHASE_ACCESS_TOKEN, r, f) < 0)
		return -1;
	if (r->status == 200 || r->status == 201)
		return 0;
	return fault_set(f, "the hook makes a response of status %d of it",
			 r->status);
}

static int import_take(struct login *l, struct str response, struct fault *f)
{
	const struct response_fixes *x = compliance_response(
		login_service(l)->compliance, PHASE_ACCESS_TOKEN);
	struct oauth_error error;

	switch (token_reply_read_given(x, response, clock_wall_ms(),
				       &l->front_token, &error, f)) {
	case TOKEN_OK:
		if (l->front_token->refresh_token)
			return 0;
		return fault_set(f, "it has no refresh_token, and only by one "
				 "can it be proved; get one with it (many "
				 "servers want scope = offline_access), or log "
				 "in without --import");
	case TOKEN_ERROR:
		return fault_set(f, "it is a server's refusal (%s); log in "
				 "without --import", error.code);
	case TOKEN_UNAVAILABLE:
		return fault_set(f, "it is empty, or cut in the middle; hand "
				 "in all of it");
	case TOKEN_BAD:
		break;
	}
	return fault_set(f, "%s; it must be the JSON that the server's token "
			 "endpoint answered (RFC 6749, section 5.1)", f->text);
}

void login_import(struct login *l, struct str response)
{
	const struct str mark = STR("\xef\xbb\xbf"); /* of some editors */
	struct arena arena = { NULL, NULL, NULL };
	struct hook_response r = { .arena = &arena, .status = 200,
				   .body = response };
	struct fault why;

	ASSERT(l->way == LOGIN_IMPORT);
	if (l->step != LOGIN_IMPORT_READ)
		return;
	loop_task_cancel(&l->begin);
	if (str_starts(response, mark))
		r.body = str_from(response, mark.n);
	if (import_hook(l, &r, &why) < 0 || import_take(l, r.body, &why) < 0)
		import_failed(l, "nothing was imported", &why);
	else
		login_go(l, LOGIN_RETURNED);
	arena_fini(&arena);
}

/* --- whose it is --- */

/* One that is too old to say it leaves that to the refresh. */
static void import_on_checked(void *arg, const struct id_check_result *r)
{
	struct login *l = arg;

	if (!r->good && !r->old) {
		import_failed(l, "nothing was sent to the server", &r->text);
		return;
	}
	if (!r->good)
		l->unproved = r->text;
	if (r->subject)
		id_token_subject_copy(&l->front_subject, r->subject);
	login_go(l, LOGIN_IMPORT_LOCATE);
}

void login_import_check(struct login *l)
{
	struct id_token_rules rules = { .refresh = true };
	struct token *t = l->front_token;

	if (!t->id_token) {
		login_go(l, LOGIN_IMPORT_LOCATE);
		return;
	}
	login_wait(l);
	id_check_start(&l->check, &l->entry->client, &rules, t->id_token, t, 0,
		       import_on_checked, l);
}

void login_import_unproved(struct login *l, const struct fault *why)
{
	struct fault text;

	fault_set(&text,
		  "%s; the refresh token that was handed in may be used up "
		  "now%s%s",
		  why->text, l->unproved.text[0] ? "; before, " : "",
		  l->unproved.text);
	login_fail(l, 400, &text);
}

/* --- whether it is good --- */

static void import_on_located(void *arg, const struct session_trouble *t)
{
	struct login *l = arg;

	if (t)
		import_failed(l, "nothing was sent to the server", &t->text);
	else
		login_go(l, LOGIN_IMPORT_REFRESH);
}

void login_import_locate(struct login *l)
{
	login_wait(l);
	discovery_want(&l->entry->client, ENDPOINT_REFRESH, &l->found,
		       import_on_located, l);
}

/* What the refresh does not name is as it was (RFC 6749 §6). */
static void import_on_refreshed(void *arg, const struct token_call_reply *reply)
{
	struct login *l = arg;
	struct broker *b = l->entry->broker;

	l->token_call = NULL;
	if (reply->token) {
		l->token = token_refreshed(reply->token, l->front_token);
		l->token_sent = reply->sent;
		if (!l->token->refresh_token)
			l->token->refresh_token =
				secret_ref(l->front_token->refresh_token);
		login_go(l, LOGIN_CHECK);
	} else {
		import_failed(l, "what was handed in is not proved",
			      &reply->trouble.text);
	}
	as_context_runs(&b->context, -1);
}

void login_import_refresh(struct login *l)
{
	struct entry *e = l->entry;
	struct fault text;

	login_wait(l);
	l->token_call = token_call_start(
		&e->client,
		&(struct token_call_request){
			.refresh_token = l->front_token->refresh_token,
			.old = l->front_token,
			.key = login_key(l),
			.once = true,
		},
		import_on_refreshed, l, &text);
	if (l->token_call)
		as_context_runs(&e->broker->context, 1);
	else
		import_failed(l, "nothing was sent to the server", &text);
}
