/* SPDX-License-Identifier: MIT */
/* Verifies an ID token with its server's keys, between a token's arrival and
 * its use: a session belongs to a person only where the server says so. */
#include "authserver/id_check.h"

#include "authserver/as_client.h"
#include "authserver/discovery.h"
#include "authserver/jwks.h"
#include "base/alloc.h"
#include "base/assert.h"
#include "base/clock.h"
#include "crypto/jws.h"
#include "oauth/login/authorization.h"
#include "oauth/token/token.h"
#include "service/endpoints.h"

struct id_check {
	struct id_check **at;
	struct as_client *client;
	struct endpoints *endpoints; /* a reference to those that it began with:
					the session may get others meanwhile,
					without keys */
	struct id_token_rules rules; /* borrows the next ones */
	struct secret *nonce, *code, *access_token;
	struct id_token_subject before;
	struct secret *id_token;
	struct token *token;
	int64_t sent;
	struct discovery_wait found;
	struct jwks_wait keys;
	bool newer; /* keys were asked for once more */
	id_check_fn *done;
	void *arg;
};

static void id_check_free(struct id_check *c)
{
	*c->at = NULL;
	discovery_unwant(&c->found);
	jwks_unwant(&c->keys);
	secret_unref(&c->nonce);
	secret_unref(&c->code);
	secret_unref(&c->access_token);
	id_token_subject_fini(&c->before);
	secret_unref(&c->id_token);
	token_unref(&c->token);
	endpoints_unref(&c->endpoints);
	mem_free(c);
}

void id_check_cancel(struct id_check **at)
{
	if (!*at)
		return;
	as_context_runs((*at)->client->context, -1);
	id_check_free(*at);
}

/* --- its end --- */

static void finish(struct id_check *c, struct id_check_result *r)
{
	struct as_context *context = c->client->context;
	struct token *token = token_ref(c->token);
	id_check_fn *done = c->done;
	void *arg = c->arg;

	r->token = token;
	r->sent = c->sent;
	id_check_free(c);
	done(arg, r);
	token_unref(&token);
	as_context_runs(context, -1);
}

static void good(struct id_check *c, const struct id_token_subject *subject)
{
	finish(c,
	       &(struct id_check_result){ .good = true, .subject = subject });
}

static void bad(struct id_check *c, enum refresh_trouble trouble, bool old,
		const struct fault *text)
{
	struct id_check_result r = { .trouble = trouble, .old = old };

	fault_set(&r.text, "[service %s]: %s", c->client->service->name,
		  text->text);
	finish(c, &r);
}

/* --- the check --- */

static void want_keys(struct id_check *c, bool newer);

static void take_algorithms(struct id_check *c, const struct metadata *m)
{
	c->rules.algs = NULL;
	c->rules.nalgs = 0;
	if (!m || !m->id_token_signing_alg_values.given)
		return;
	c->rules.algs = (const char *const *)m->id_token_signing_alg_values.v;
	c->rules.nalgs = m->id_token_signing_alg_values.n;
}

/* keys may be NULL; t: why they are, or are no newer ones. */
static void verify(struct id_check *c, const struct jwk_set *keys,
		   const struct session_trouble *t)
{
	const struct endpoints *e = c->endpoints;
	struct id_token_subject subject;
	struct fault f;

	c->rules.keys = keys;
	c->rules.issuer = e->issuer;
	c->rules.now = clock_wall_ms() / 1000;
	take_algorithms(c, e->metadata);
	switch (id_token_verify(&c->rules, secret_expose(c->id_token), &subject,
				&f)) {
	case ID_TOKEN_GOOD:
		good(c, &subject);
		break;
	case ID_TOKEN_UNKNOWN_KEY:
		if (t)
			bad(c, t->trouble, false, &t->text);
		else if (!c->newer && keys)
			want_keys(c, true);
		else
			bad(c, REFRESH_DENIED, keys != NULL, &f);
		break;
	case ID_TOKEN_OVER:
		bad(c, REFRESH_DENIED, true, &f);
		break;
	case ID_TOKEN_BAD:
		bad(c, REFRESH_DENIED, false, &f);
		break;
	}
	id_token_subject_fini(&subject);
}

/* --- the keys --- */

static void on_keys(void *arg, const struct jwk_set *set,
		    const struct session_trouble *t)
{
	verify(arg, set, t);
}

static void want_keys(struct id_check *c, bool newer)
{
	c->newer = newer;
	jwks_want(c->client, endpoints_get(c->endpoints, ENDPOINT_JWKS), newer,
		  &c->keys, on_keys, c);
}

static void on_found(void *arg, const struct session_trouble *t)
{
	struct id_check *c = arg;

	if (t) {
		bad(c, t->trouble, false, &t->text);
		return;
	}
	endpoints_unref(&c->endpoints);
	c->endpoints = endpoints_ref(c->client->endpoints);
	want_keys(c, false);
}

/* --- how it begins --- */

static void missing(struct id_check *c)
{
	struct fault f;

	/* A refresh need not bring one (§12.2), where it is known whose the
	 * session is. */
	if (c->rules.refresh && c->before.sub) {
		good(c, NULL);
		return;
	}
	fault_set(&f,
		  "no id_token came, and who has logged in is not known; "
		  "%s, or give id_token = ignore",
		  c->rules.refresh && c->client->service->grant->person
			  ? "log in again"
			  : "ask for openid with scope");
	bad(c, REFRESH_DENIED, false, &f);
}

static void begin(struct id_check *c)
{
	const struct service *s = c->client->service;
	const struct id_token_settings *settings =
		config_block(s->section, &id_token_table);

	if (!id_token_is_verified(s->section, s->grant))
		good(c, NULL);
	else if (!c->id_token)
		missing(c);
	else if (jws_alg_is_shared(settings->signed_response_alg))
		verify(c, NULL, NULL);
	else
		discovery_want(c->client, ENDPOINT_JWKS, &c->found, on_found,
			       c);
}

void id_check_start(struct id_check **at, struct as_client *client,
		    const struct id_token_rules *rules, struct secret *id_token,
		    struct token *token, int64_t sent, id_check_fn *done,
		    void *arg)
{
	const struct service *s = client->service;
	struct id_check *c = mem_new(struct id_check);

	ASSERT(!*at);
	*at = c;
	c->at = at;
	c->client = client;
	c->endpoints = endpoints_ref(client->endpoints);
	c->rules = *rules;
	c->rules.section = s->section;
	c->rules.max_age = authorization_max_age(s->section, s->grant);
	c->rules.nonce = c->nonce =
		rules->nonce ? secret_new(secret_expose(rules->nonce)) : NULL;
	c->rules.code = c->code =
		rules->code ? secret_new(secret_expose(rules->code)) : NULL;
	c->rules.access_token = c->access_token =
		token ? secret_ref(token->access_token) : NULL;
	if (rules->before)
		id_token_subject_copy(&c->before, rules->before);
	c->rules.before = &c->before;
	c->id_token = secret_ref(id_token);
	c->token = token_ref(token);
	c->sent = sent;
	c->done = done;
	c->arg = arg;
	as_context_runs(client->context, 1);
	begin(c);
}
