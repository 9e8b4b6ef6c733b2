/* SPDX-License-Identifier: MIT */
/* Between the answer of the token endpoint and the session: what the answer
 * says is checked, and stored, before anybody sees it. Whatever becomes of a
 * token that was refreshed, the refresh token that came with it is the good one
 * from then on. */
#include "authserver/id_check.h"
#include "authserver/token_call.h"
#include "base/log.h"
#include "broker/entry.h"

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

int broker_arrive(struct entry *e, struct token *t, int64_t sent,
		  const struct id_token_subject *subject, struct fault *f)
{
	if (session_arrived(&e->session, t, sent, f) < 0)
		return -1;
	look_at_type(e, t);
	session_identify(&e->session, subject);
	e->arriving = true;
	broker_save(e);
	return 0;
}

/* What the grant's own request brought is not asked with before it is known
 * whose it is: that grant starts again. */
static void save_refresh_token(struct entry *e, const struct token *t)
{
	if (!e->session.refresh_token)
		return;
	session_rotated(&e->session, t);
	if (t->refresh_token)
		broker_save(e);
}

static void on_verified(void *arg, const struct id_check_result *r)
{
	struct session_trouble t = { .trouble = REFRESH_DENIED,
				     .retry_after = -1 };
	struct entry *e = arg;

	if (broker_drops(e, r->token))
		return;
	if (!r->good) {
		t.trouble = r->trouble;
		t.text = r->text;
	} else if (broker_arrive(e, r->token, r->sent, r->subject, &t.text) ==
		   0) {
		return;
	} else {
		session_identify(&e->session, r->subject);
	}
	save_refresh_token(e, r->token);
	broker_fail(e, &t);
}

/* Who it is that the session belongs to, a refresh cannot change; another
 * request begins anew. */
static void verify(struct entry *e, struct token *t, int64_t sent)
{
	bool refresh = e->session.refresh_token != NULL;
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

void broker_on_reply(void *arg, const struct token_call_reply *reply)
{
	struct entry *e = arg;

	e->token_call = NULL;
	if (broker_drops(e, reply->token)) {
		/* it is asked anew */
	} else if (reply->token) {
		verify(e, reply->token, reply->sent);
	} else {
		discovery_doubt(&e->client, reply->error.status);
		broker_fail(e, &reply->trouble);
	}
	as_context_runs(&e->broker->context, -1);
}
