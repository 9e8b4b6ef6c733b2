/* SPDX-License-Identifier: MIT */
/* Between a session that wants a token and its request: what that needs
 * first, an address, or the token of another session. */
#include "authserver/token_call.h"
#include "base/assert.h"
#include "broker/entry.h"

/* The grant's request, with the token of another session where it exchanges
 * that. */
static void broker_ask_with(struct post *p, struct token *subject)
{
	struct session_trouble t = { .trouble = REFRESH_DENIED,
				     .retry_after = -1 };
	struct session *s = &p->session;
	struct broker *b = p->broker;

	ASSERT(!p->token_call && !p->arriving);
	p->token_call = token_call_start(
		b->upstream,
		&(struct token_call_request){
			.service = s->service,
			.endpoints = p->endpoints,
			.refresh_token = s->refresh_token,
			.old = s->token,
			.asking.hooks = b->hooks,
			.key = session_key(s),
			.nonces = &p->nonces,
			.asking.subject_token =
				subject ? subject->access_token : NULL,
		},
		broker_on_reply, p, &t.text);
	if (p->token_call)
		broker_runs(b, 1);
	else
		broker_fail(p, &t);
}

/* The session whose token this one exchanges has one, or has failed; or was
 * busy with a login that came to nothing. */
static void broker_on_subject(void *arg, struct post *of)
{
	struct session_trouble t = { .retry_after = -1 };
	const struct session_failure *why = &of->session.failure;
	struct post *p = arg;
	struct token *token =
		session_token(&of->session, loop_now(p->broker->loop));

	if (p->broker->stopping)
		return;
	if (token) {
		broker_ask_with(p, token);
	} else if (why->status == 0) {
		post_want_token(of, &p->subject, broker_on_subject, p);
	} else {
		t.trouble = why->status == 503 && !why->login ?
				    REFRESH_UNAVAILABLE : REFRESH_DENIED;
		t.login = why->login;
		p->session.known = of->session.known;
		fault_set(&t.text, "its subject_token_service has no token: %s",
			  why->text.text);
		broker_fail(p, &t);
	}
}

/* It is known where the token endpoint is, or why not. */
static void broker_on_found(void *arg, struct post *p,
			    const struct session_trouble *t)
{
	const struct service *subject = p->session.service->subject;
	struct broker *b = arg;

	if (b->stopping)
		return;
	if (t)
		broker_fail(p, t);
	else if (!subject || p->session.refresh_token)
		broker_ask_with(p, NULL);
	else
		post_want_token(broker_post(b, subject->index), &p->subject,
				broker_on_subject, p);
}

void broker_ask(struct post *p)
{
	bool refreshes = p->session.refresh_token != NULL;

	if (!p->broker->stopping)
		discovery_want(p, refreshes ? ENDPOINT_REFRESH : ENDPOINT_TOKEN,
			       &p->found, broker_on_found, p->broker);
}

/* It is checked with the configuration that there is no circle. */
void broker_supply(struct post *of, int64_t now)
{
	struct broker *b = of->broker;

	for (size_t i = 0; i < b->n; i++) {
		const struct service *subject =
			b->posts[i].session.service->subject;
		struct post *p = &b->posts[i];

		if (!subject || broker_post(b, subject->index) != of)
			continue;
		broker_act(p, session_supplied(&p->session), now);
		broker_supply(p, now);
	}
}
