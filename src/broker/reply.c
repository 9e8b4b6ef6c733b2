/* SPDX-License-Identifier: MIT */
/* Takes what a token request brought: it is checked, and stored, before anybody
 * sees it. Whatever becomes of a token that was refreshed, the refresh token
 * that came with it is the good one from then on. */
#include "broker/reply.h"

#include "authserver/id_check.h"
#include "authserver/secret_command.h"
#include "authserver/token_call.h"
#include "base/log.h"
#include "broker/broker_int.h"
#include "broker/request.h"
#include "broker/subject.h"
#include "crypto/random.h"

/* --- a failure --- */

static void log_failure(const struct entry *e, unsigned what,
			const struct fault *text)
{
	const struct service *s = e->session.service;
	int64_t until = e->session.pause.until;

	if (what == 0)
		log_debug(EV("token_request_again"), KV("service", s->name),
			  KV("reason", text));
	else if (what & SESSION_START)
		log_warning(EV("refresh_token_refused"), KV("service", s->name),
			    KV("grant_type", s->grant->name),
			    KV("reason", text));
	else if (e->session.failure.waits)
		log_warning(EV("login_needed"), KV("service", s->name),
			    KV("grant_type", s->grant->name),
			    KV("reason", &e->session.failure.text));
	else if (until == INT64_MAX)
		log_error(EV("session_given_up"), KV("service", s->name),
			  KV("grant_type", s->grant->name),
			  KV("reason", &e->session.failure.text));
	else
		log_warning(EV("token_request_failed"), KV("service", s->name),
			    KV("grant_type", s->grant->name),
			    KV("reason", &e->session.failure.text),
			    KV("pause_ms", (long long)(until - entry_now(e))));
}

void reply_failed(struct entry *e, const struct session_trouble *t)
{
	unsigned what =
		session_failed(&e->session, t, entry_now(e), random_u32());

	log_failure(e, what, &t->text);
	broker_act(e, what);
}

/* --- a token --- */

/* RFC 9449 §5: a server that does not know DPoP ignores it, and the token can
 * be used by anybody who gets at it. Said once until that changes. */
static void look_at_type(struct entry *e, const struct token *t)
{
	const struct service *s = e->session.service;
	bool unbound = s->dpop && !token_is_bound(t);

	if (unbound && !e->unbound)
		log_warning(EV("token_not_bound"), KV("service", s->name),
			    KV("reason", "the server ignores dpop, and gives "
					 "Bearer tokens"));
	e->unbound = unbound;
}

int reply_store(struct entry *e, struct token *t, int64_t sent,
		const struct id_token_subject *subject, struct fault *f)
{
	if (session_arrived(&e->session, t, sent, f) < 0)
		return -1;
	look_at_type(e, t);
	session_identify(&e->session, subject);
	e->arriving = true;
	if (session_is_stored(&e->session))
		broker_save(e);
	else
		reply_stored(e);
	return 0;
}

void reply_stored(struct entry *e)
{
	const struct service *s = e->session.service;
	unsigned what;

	e->arriving = false;
	if (subject_drops(e, e->session.arrived))
		return;
	what = session_obtained(&e->session, entry_now(e));
	subject_disown_exchanged(e);
	subject_watch(e->broker);
	log_info(EV("token_obtained"), KV("service", s->name),
		 KV("grant_type", s->grant->name),
		 KV("expires_in", (long long)e->session.token->expires_in));
	/* Before those who wait for this one are told. */
	request_supply(e);
	broker_act(e, what);
}

/* What the grant's own request brought is not asked with before it is known
 * whose it is: that grant starts again. */
static void save_refresh_token(struct entry *e, const struct token *t)
{
	if (!session_asks_with(&e->session))
		return;
	broker_act(e, session_rotated(&e->session, t));
}

static void on_verified(void *arg, const struct id_check_result *r)
{
	struct session_trouble t = { .trouble = REFRESH_DENIED,
				     .retry_after = -1 };
	struct entry *e = arg;

	if (subject_drops(e, r->token))
		return;
	if (!r->good) {
		t.trouble = r->trouble;
		t.text = r->text;
	} else if (reply_store(e, r->token, r->sent, r->subject, &t.text) ==
		   0) {
		return;
	} else {
		session_identify(&e->session, r->subject);
	}
	save_refresh_token(e, r->token);
	reply_failed(e, &t);
}

/* Who it is that the session belongs to, a refresh cannot change; another
 * request begins anew. */
static void verify(struct entry *e, struct token *t, int64_t sent)
{
	bool refresh = session_asks_with(&e->session) != NULL;
	struct id_token_rules rules = {
		.refresh = refresh,
		.before = refresh ? &e->session.subject : NULL,
	};

	id_check_start(&e->check, &e->client, &rules, t->id_token, t, sent,
		       on_verified, e);
	/* While keys are fetched much may happen. */
	if (e->check)
		save_refresh_token(e, t);
}

/* --- the answer --- */

void reply_take(void *arg, const struct token_call_reply *reply)
{
	struct entry *e = arg;

	e->token_call = NULL;
	if (subject_drops(e, reply->token)) {
		/* it is asked anew */
	} else if (reply->token) {
		verify(e, reply->token, reply->sent);
	} else {
		discovery_doubt(&e->client, reply->error.status);
		if (reply->trouble.refusal == REFUSAL_CLIENT ||
		    reply->trouble.refusal == REFUSAL_GRANT)
			secret_command_refresh(e->session.service);
		reply_failed(e, &reply->trouble);
	}
	as_context_runs(&e->broker->context, -1);
}
