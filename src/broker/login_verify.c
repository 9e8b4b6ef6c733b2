/* SPDX-License-Identifier: MIT */
/* Between what a login brought and the session: who it is that has logged in
 * (OpenID Connect Core §3.1.3.7, §3.2.2.11, §3.3.2.12, §3.3.3.7). */
#include "authserver/id_check.h"
#include "broker/login_int.h"
#include "oauth/login/authorization.h"

static unsigned response_type(const struct login *l)
{
	const struct service *s = l->entry->session.service;

	if (l->way == LOGIN_DEVICE || !s->grant->response_type)
		return 0;
	return authorization_response_type(s->section, s->grant);
}

static void on_verified(void *arg, const struct id_check_result *r)
{
	struct login *l = arg;

	if (r->good)
		login_store(l, r->token, r->sent, r->subject);
	else
		login_fail(l, &r->text);
}

/* An id_token that came from the authorization endpoint with an access_token
 * must name it; one from the token endpoint need not. */
void login_arrived(struct login *l, struct token *t, int64_t sent)
{
	struct id_token_rules rules = {
		.nonce = l->nonce,
		.code = l->code,
		.at_hash_due = response_type(l) && !l->code,
		.before = &l->front_subject,
	};

	id_check_start(&l->check, &l->entry->client, &rules, t->id_token, t,
		       sent, on_verified, l);
}

static void on_front_verified(void *arg, const struct id_check_result *r)
{
	struct login *l = arg;

	if (!r->good) {
		login_fail(l, &r->text);
		return;
	}
	if (r->subject)
		id_token_subject_copy(&l->front_subject, r->subject);
	login_ask(l);
}

void login_ask_verified(struct login *l)
{
	unsigned type = response_type(l);
	struct id_token_rules rules = {
		.nonce = l->nonce,
		.code = l->code,
		.c_hash_due = true,
		.at_hash_due = type & RESPONSE_TOKEN,
	};

	if (type & RESPONSE_ID_TOKEN)
		id_check_start(&l->check, &l->entry->client, &rules,
			       l->front_id_token, l->front_token, 0,
			       on_front_verified, l);
	else
		login_ask(l);
}
