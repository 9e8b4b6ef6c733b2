/* SPDX-License-Identifier: MIT */
/* Starts a session's token request once it has what it needs: the endpoint, or
 * the token of another session. */
#include "broker/request.h"

#include "authserver/token_call.h"
#include "base/assert.h"
#include "base/clock.h"
#include "broker/broker_int.h"
#include "broker/reply.h"
#include "broker/subject.h"

static void on_noted(void *arg, struct entry *e)
{
	(void)arg;
	if (e->token_call)
		token_call_go_on(e->token_call);
}

/* Its connection is there, which may have taken long or failed. A refresh is
 * noted in the store before anything leaves: its answer may come back to
 * nobody, and whoever starts next has to know that the server may have rotated.
 * Where the store cannot say so, it leaves all the same. */
static bool on_connected(void *arg)
{
	struct entry *e = arg;

	if (!(session_note(&e->session) & SESSION_SAVE))
		return true;
	broker_save(e);
	entry_wait_stored(e, &e->noted, on_noted, e);
	return false;
}

/* The grant's request, with the token of another session where it exchanges
 * that. */
static void send_request(struct entry *e, struct token *subject)
{
	struct session_trouble t = { .trouble = REFRESH_DENIED,
				     .retry_after = -1 };
	struct session *s = &e->session;
	struct broker *b = e->broker;
	char login_id[LOGIN_ID_SIZE];

	ASSERT(!e->token_call && !e->arriving);
	if (session_asks_with(s) || !subject_login(e, login_id))
		session_asks_as(s, NULL);
	else
		session_asks_as(s, login_id);
	e->token_call = token_call_start(
		&e->client,
		&(struct token_call_request){
			.refresh_token = session_asks_with(s),
			.old = s->token ? s->token : s->last,
			.key = session_key(s),
			.asking.subject_token =
				subject ? subject->access_token : NULL,
			.connected = on_connected,
		},
		reply_take, e, &t.text);
	if (e->token_call)
		as_context_runs(&b->context, 1);
	else
		reply_failed(e, &t);
}

/* The session whose token this one exchanges has one, or has failed; or was
 * busy with a login that came to nothing. */
static void on_subject(void *arg, struct entry *of)
{
	struct session_trouble t = { .retry_after = -1 };
	const struct session_failure *why = &of->session.failure;
	struct entry *e = arg;
	struct token *token = entry_token(of);

	if (e->broker->context.stopping)
		return;
	if (token) {
		send_request(e, token);
	} else if (why->status == 0) {
		entry_wait_token(of, &e->subject, on_subject, e);
	} else {
		t.trouble = why->status == 503 && !why->waits ?
				    REFRESH_UNAVAILABLE : REFRESH_DENIED;
		t.login = why->waits;
		e->session.known = of->session.known;
		fault_set(&t.text, "its subject_token_service has no token: %s",
			  why->text.text);
		reply_failed(e, &t);
	}
}

/* It is known where the token endpoint is, or why not. */
static void on_found(void *arg, const struct session_trouble *t)
{
	struct entry *e = arg;
	const struct service *subject = e->session.service->subject;
	struct broker *b = e->broker;

	if (b->context.stopping)
		return;
	if (t)
		reply_failed(e, t);
	else if (!subject || session_asks_with(&e->session))
		send_request(e, NULL);
	else
		entry_wait_token(broker_entry(b, subject->index), &e->subject,
				 on_subject, e);
}

/* A token without a server. */
static void make_token(void *arg, const struct fault *missing)
{
	struct session_trouble t = { .trouble = REFRESH_DENIED,
				     .retry_after = -1 };
	struct entry *e = arg;
	const struct service *s = e->session.service;
	const struct token_asking asking = {
		.section = s->section,
		.grant_state = s->grant_state,
		.now = clock_wall_ms() / 1000,
	};
	struct token *token = NULL;
	int64_t sent;

	if (missing) {
		t.trouble = REFRESH_UNAVAILABLE;
		fault_set(&t.text, "[service %s]: %s", s->name, missing->text);
	} else {
		token = s->grant->make(&asking, &sent, &t.text);
	}
	if (!token || reply_store(e, token, sent, NULL, &t.text) < 0)
		reply_failed(e, &t);
	token_unref(&token);
}

void request_begin(struct entry *e)
{
	const struct service *s = e->session.service;
	enum endpoint_kind kind = session_asks_with(&e->session)
					  ? ENDPOINT_REFRESH
					  : ENDPOINT_TOKEN;

	if (e->broker->context.stopping)
		return;
	if (grant_makes(s->grant, s->section)) {
		secret_command_refresh(s);
		if (secret_commands_ready(&e->broker->context, s, &e->secrets,
					  make_token, e))
			make_token(e, NULL);
		return;
	}
	discovery_want(&e->client, kind, &e->found, on_found, e);
}

/* It is checked with the configuration that there is no circle. */
void request_supply(struct entry *of)
{
	struct broker *b = of->broker;

	for (size_t i = 0; i < b->n; i++) {
		const struct service *subject =
			b->entries[i].session.service->subject;
		struct entry *e = &b->entries[i];

		if (!subject || broker_entry(b, subject->index) != of)
			continue;
		broker_act(e, session_supplied(&e->session));
		request_supply(e);
	}
}
