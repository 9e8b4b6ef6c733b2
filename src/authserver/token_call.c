/* SPDX-License-Identifier: MIT */
/* Makes one token request (RFC 6749 §4, §6): the grant composes it, a call
 * carries it, and what comes back is a token or words for whoever waits. */
#include "authserver/token_call.h"

#include <string.h>

#include "authserver/call.h"
#include "base/alloc.h"
#include "base/arena.h"
#include "base/limits.h"
#include "config/live_secret.h"
#include "data/form.h"
#include "oauth/hook/token.h"
#include "oauth/settings.h"
#include "oauth/token/reply.h"
#include "service/endpoints.h"

struct token_call {
	struct as_client *client;
	const struct grant *grant;
	bool refreshes;
	bool once;           /* it is not asked again */
	struct secret *refresh_token; /* what it asks with; NULL: none */
	struct call *call;
	token_call_done_fn *done;
	void *arg;
	bool (*connected)(void *arg);
};

static void token_call_free(struct token_call *a)
{
	secret_unref(&a->refresh_token);
	mem_free(a);
}

/* --- the request --- */

static void token_call_on_response(void *arg, struct call *c,
				   const struct fetch_response *response,
				   const struct transfer_fault *fault);

static bool token_call_on_connected(void *arg)
{
	const struct token_call *a = arg;

	return a->connected(a->arg);
}

static int token_call_build(const struct token_asking *asking,
			    struct token_request *r, struct fault *f)
{
	const struct token_call *a = asking->arg;

	if (a->refreshes)
		return grant_refresh(a->grant, asking->section,
				     a->refresh_token, r, f);
	return a->grant->request(asking, r, f);
}

static struct call *token_call_make(struct token_call *a,
				    const struct token_call_request *q,
				    struct fault *f)
{
	const struct secret *secrets[9], *of[] = {
		q->refresh_token,
		q->asking.code,
		q->asking.verifier,
		q->asking.device_code,
		q->asking.subject_token,
		q->old ? q->old->access_token : NULL,
		q->old ? q->old->refresh_token : NULL,
		q->old ? q->old->id_token : NULL,
	};
	struct call_request r = {
		.to = a->refreshes ? ENDPOINT_REFRESH : ENDPOINT_TOKEN,
		.asking = q->asking,
		.build = token_call_build,
		.token = q->old,
		.secrets = secrets,
		.key = q->key,
		.connected = q->connected ? token_call_on_connected : NULL,
	};
	size_t n = 0;

	for (size_t i = 0; i < sizeof(of) / sizeof(of[0]); i++) {
		if (of[i])
			secrets[n++] = of[i];
	}
	secrets[n] = NULL;
	r.asking.arg = a;
	r.asking.grant_state = a->client->service->grant_state;
	return call_start(a->client, &r, token_call_on_response, a, f);
}

struct token_call *token_call_start(struct as_client *client,
				    const struct token_call_request *q,
				    token_call_done_fn *done, void *arg,
				    struct fault *f)
{
	struct token_call *a = mem_new(struct token_call);

	a->client = client;
	a->grant = q->grant ? q->grant : client->service->grant;
	a->refreshes = q->refresh_token != NULL;
	a->once = q->once || q->asking.code != NULL;
	a->refresh_token = secret_ref(q->refresh_token);
	a->done = done;
	a->arg = arg;
	a->connected = q->connected;
	a->call = token_call_make(a, q, f);
	if (a->call)
		return a;
	token_call_free(a);
	return NULL;
}

void token_call_go_on(struct token_call *a)
{
	call_go_on(a->call);
}

bool token_call_is_irreplaceable(const struct token_call *a)
{
	return a->refreshes || !a->grant->repeatable;
}

void token_call_cancel(struct token_call **call)
{
	struct token_call *a = *call;

	*call = NULL;
	if (!a)
		return;
	call_cancel(&a->call);
	token_call_free(a);
}

/* --- the server's words --- */

/* What an error means, and what to do about it: RFC 6749 §5.2, RFC 8707 §2,
 * OpenID Connect Core §3.1.2.6. action NULL: what its grant says. */
static const struct token_call_meaning {
	const char *code;
	enum session_refusal refusal;
	const char *action;
} meanings[] = {
	{ "invalid_grant", REFUSAL_GRANT, NULL },
	{ "invalid_client", REFUSAL_CLIENT,
	  "check client_id, client_secret and token_endpoint_auth_method" },
	{ "unauthorized_client", REFUSAL_RIGHTS,
	  "the server must let this client use the grant_type" },
	{ "unsupported_grant_type", REFUSAL_RIGHTS,
	  "check grant_type and token_endpoint" },
	{ "invalid_scope", REFUSAL_RIGHTS, "check scope" },
	{ "interaction_required", REFUSAL_PERSON, "a person has to log in" },
	{ "login_required", REFUSAL_PERSON, "a person has to log in" },
	{ "consent_required", REFUSAL_PERSON,
	  "a person has to log in, and to consent" },
	{ "account_selection_required", REFUSAL_PERSON,
	  "a person has to log in, and to choose an account" },
	{ "invalid_target", REFUSAL_OTHER, "check resource and audience" },
	{ "invalid_request", REFUSAL_OTHER,
	  "check scope, audience and resource" },
	{ "invalid_dpop_proof", REFUSAL_OTHER,
	  "check this machine's clock; the server takes no proof otherwise" },
	{ "use_dpop_nonce", REFUSAL_OTHER,
	  "the server does not take the nonce that it gave itself" },
}, other = {
	"", REFUSAL_OTHER,
	"check the keys of this service, and at the server those of its client",
};

static const struct token_call_meaning *
token_call_meaning(const struct oauth_error *e)
{
	for (size_t i = 0; i < sizeof(meanings) / sizeof(meanings[0]); i++) {
		if (strcmp(meanings[i].code, e->code) == 0)
			return &meanings[i];
	}
	return &other;
}

/* What was not confirmed ends nobody's login. */
static enum session_refusal token_call_refusal(const struct oauth_error *e)
{
	enum session_refusal r = token_call_meaning(e)->refusal;

	return r == REFUSAL_GRANT && !e->confirmed ? REFUSAL_OTHER : r;
}

/* What follows where the server could not answer. */
static const char *token_call_again(const struct token_call *a)
{
	if (!a->once)
		return "it will be asked again";
	return a->refreshes ? "begin the login again"
			    : "a code is sent once: begin the login again";
}

/* Whether the secret is written otherwise than it is (RFC 6749 §2.3.1), which
 * many servers never undo. */
static bool token_call_encodes(const struct token_call *a)
{
	const struct service *s = a->client->service;
	const struct oauth_settings *o =
		config_block(s->section, &oauth_settings_table);
	ATTR_CLEANUP(buf_fini) struct buf b = BUF_INIT_SECRET(LIMIT_VALUE);
	struct secret *secret;
	struct fault f;
	size_t n;

	if (o->client_secret_basic_encoding != 0 ||
	    client_auth_for(s->auth, s->section,
			    a->client->endpoints->metadata) !=
		    &client_auth_client_secret_basic)
		return false;
	secret = config_live_read(&o->client_secret, &f);
	if (!secret)
		return false;
	n = secret_expose(secret).n;
	form_add(&b, STR("s"), secret_expose(secret));
	secret_unref(&secret);
	return b.n != n + 2;
}

/* What type the answer said that it was, where that may be what is wrong. */
static struct fault token_call_type(const struct fetch_response *r)
{
	struct str type = call_media_type(r);
	struct fault f;
	char words[80];

	type = str_trim(str_sub(type, 0, str_find(type, ';')));
	reply_words(words, sizeof(words), type);
	if (str_eq_nocase(type, STR("application/json")))
		f.text[0] = '\0';
	else if (type.n == 0)
		fault_set(&f, " (it has no Content-Type)");
	else
		fault_set(&f, " (its Content-Type is %s)", words);
	return f;
}

/* Of a refusal without a code, in which there may be words elsewhere. */
static struct fault token_call_shape(const struct fetch_response *r)
{
	struct json *j = json_parse_refusal(r->body);
	struct fault f;

	if (json_is(j, JSON_OBJECT) && json_count(j) > 0)
		fault_set(&f, "what the answer says has another shape: "
			  "access_token_response.error says where in it; %s",
			  other.action);
	else
		fault_set(&f, "%s%s", other.action, token_call_type(r).text);
	json_free(&j);
	return f;
}

/* Where what the grant shows is not good any more. */
static const char *token_call_over(const struct token_call *a)
{
	const struct grant *g = a->grant;

	if (a->refresh_token && g->person)
		return "the refresh token was used already, is over, or was "
		       "revoked: log in again";
	return g->remedy ? g->remedy
			 : "the credentials of this grant are not good any "
			   "more";
}

static const char *token_call_grant_action(const struct token_call *a,
					   const struct token_call_meaning *m)
{
	const struct grant *g = a->grant;

	if (a->refresh_token && g->repeatable && m->refusal != REFUSAL_CLIENT)
		return m->action ? "the grant starts again"
				 : "the refresh token is not good any more, "
				   "and the grant starts again";
	return m->action ? m->action : token_call_over(a);
}

/* Some servers say of a refresh token that they do not know any more
 * invalid_request, or a word of their own, instead of invalid_grant. */
static bool token_call_may_be_over(const struct token_call *a,
				   const struct token_call_meaning *m)
{
	return a->refresh_token && !a->grant->repeatable &&
	       (m == &other || !strcmp(m->code, "invalid_request"));
}

static struct fault token_call_action(const struct token_call *a,
				      const struct fetch_response *r,
				      const struct oauth_error *e)
{
	const struct token_call_meaning *m = token_call_meaning(e);
	struct fault f;

	fault_set(&f, "%s", token_call_grant_action(a, m));
	if (m->refusal == REFUSAL_CLIENT && token_call_encodes(a))
		fault_set(&f, "%s; its secret holds what is encoded on its "
			  "way, which many servers do not undo: for these "
			  "client_secret_basic_encoding = raw", m->action);
	else if (m == &other && !e->code[0] && m->action &&
		 !strcmp(f.text, m->action))
		f = token_call_shape(r);
	if (token_call_may_be_over(a, m)) {
		struct fault first = f;

		fault_set(&f, "%s; or %s", first.text, token_call_over(a));
	}
	return f;
}

static void token_call_words(const struct call *c, const struct oauth_error *e,
			     const char *verb, const char *action,
			     struct fault *f)
{
	fault_set(f, "the token endpoint %s %s (status %d): %s; %s",
		  call_authority(c), verb, e->status, reply_error_text(e).text,
		  action);
}

/* --- the answer --- */

static void token_call_read(const struct token_call *a, const struct call *c,
			    const struct fetch_response *r,
			    struct token_call_reply *out)
{
	const struct service *s = a->client->service;
	struct session_trouble *t = &out->trouble;
	struct oauth_error *e = &out->error;
	struct fault bad;
	int64_t wall;

	out->sent = call_sent(c, &wall);
	switch (token_reply_read_fixed(
		compliance_response(s->compliance, call_phase(c)),
		r->status, call_media_type(r), r->body, wall, &out->token, e,
		&bad)) {
	case TOKEN_OK:
		break;
	case TOKEN_ERROR:
		call_clean(c, e);
		t->refusal = token_call_refusal(e);
		token_call_words(c, e, "refused",
				 token_call_action(a, r, e).text, &t->text);
		break;
	case TOKEN_UNAVAILABLE:
		call_clean(c, e);
		t->trouble = REFRESH_UNAVAILABLE;
		t->lost = r->status < 300 && !e->passes;
		t->retry_after = call_retry_after(r);
		token_call_words(c, e, "is not available", token_call_again(a),
				 &t->text);
		break;
	case TOKEN_BAD:
		t->lost = true;
		if (call_repeats(c, str_z(bad.text)))
			fault_set(&bad, "the token response cannot be used, "
				  "and its words repeat a secret");
		fault_set(&t->text, "%s: %s%s; check token_endpoint",
			  call_authority(c), bad.text,
			  token_call_type(r).text);
		break;
	}
}

/* What a hook makes of it first: it may then have any status and body. */
static void token_call_read_changed(const struct token_call *a, struct call *c,
				    const struct fetch_response *r,
				    struct token_call_reply *out)
{
	const struct service *s = a->client->service;
	const struct token_asking asking = {
		.section = s->section,
		.hook = s->hook,
		.hooks = a->client->context->hooks,
	};
	struct arena arena = { NULL, NULL, NULL };
	struct hook_response changed = { &arena, r->status, *r->fields,
					 r->body };
	struct fault f;

	if (hook_token_response(&asking, call_phase(c), &changed, &f) == 0) {
		call_keep_tokens(c, r->body);
		token_call_read(
			a, c,
			&(struct fetch_response){ .status = changed.status,
						  .fields = &changed.fields,
						  .body = changed.body },
			out);
	} else {
		out->trouble.lost = true;
		fault_set(&out->trouble.text, "[service %s]: %s",
			  s->name, f.text);
	}
	arena_fini(&arena);
}

static void token_call_on_response(void *arg, struct call *c,
				   const struct fetch_response *response,
				   const struct transfer_fault *fault)
{
	struct token_call *a = arg;
	struct token_call_reply reply = {
		.trouble = { .trouble = REFRESH_DENIED, .retry_after = -1 },
	};
	token_call_done_fn *done = a->done;

	if (fault && fetch_is_foreign(fault)) {
		reply.trouble.lost = true;
		fault_set(&reply.trouble.text,
			  "the answer of the token endpoint cannot be read: "
			  "%s; check token_endpoint",
			  fault->text.text);
	} else if (fault && call_is_unmade(c)) {
		reply.trouble.trouble = REFRESH_UNAVAILABLE;
		fault_set(&reply.trouble.text, "%s; %s", fault->text.text,
			  token_call_again(a));
	} else if (fault) {
		reply.trouble.trouble = REFRESH_UNAVAILABLE;
		reply.trouble.lost = fault->sent;
		fault_set(&reply.trouble.text,
			  "the token endpoint cannot be used: %s; %s; where "
			  "this lasts, check token_endpoint, its certificate "
			  "and the network",
			  fault->text.text, token_call_again(a));
	} else if (hook_has_response(a->client->service->hook, call_phase(c))) {
		token_call_read_changed(a, c, response, &reply);
	} else {
		token_call_read(a, c, response, &reply);
	}
	arg = a->arg;
	token_call_free(a);
	done(arg, &reply);
	token_unref(&reply.token);
}
