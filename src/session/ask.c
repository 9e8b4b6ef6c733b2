/* SPDX-License-Identifier: MIT */
/* From the broker to a token endpoint and back: grant and client
 * authentication build the request (RFC 6749 §4), a fetch carries it, and
 * what comes back is a token or words for whoever waits. */
#include "session/ask.h"

#include <string.h>

#include "base/alloc.h"
#include "base/clock.h"
#include "data/date.h"
#include "oauth/request.h"
#include "oauth/settings.h"
#include "session/words.h"
#include "upstream/fetch.h"

struct ask {
	const struct service *service;
	struct fetch *fetch;
	struct token *old;           /* NULL: none */
	struct secret *credential;   /* what Authorization held; NULL: none */
	int64_t sent, sent_wall;
	ask_done_fn *done;
	void *arg;
};

static void ask_free(struct ask *a)
{
	token_unref(&a->old);
	secret_unref(&a->credential);
	mem_free(a);
}

/* --- the request --- */

static int ask_build(const struct service *s, struct token_request *r,
		     struct fault *f)
{
	if (s->grant->request(s->section, r, f) < 0 ||
	    (s->auth && s->auth->apply(s->section, r, f) < 0))
		return fault_prefix(f, "[service %s]", s->name);
	return 0;
}

/* Whose echo must not be shown: the credentials behind the scheme. */
static struct secret *ask_credential(const struct fields *fields)
{
	const struct field *field = fields_find(fields, STR("Authorization"));
	struct str rest, scheme;

	if (!field)
		return NULL;
	rest = field->value;
	return str_next_word(&rest, &scheme) && str_trim(rest).n > 0 ?
		       secret_new(str_trim(rest)) :
		       NULL;
}

static void ask_on_response(void *arg, const struct fetch_response *response,
			    const struct transfer_fault *fault);

static void ask_send(struct ask *a, struct upstream *u,
		     struct token_request *r)
{
	const struct service *s = a->service;
	struct fields fields;

	fields_init(&fields, &r->arena);
	fields_add(&fields, STR("Host"), str_z(s->token_origin.authority));
	fields_add(&fields, STR("User-Agent"),
		   STR("bearerd/" PACKAGE_VERSION));
	for (size_t i = 0; i < r->fields.n; i++)
		fields_add(&fields, r->fields.v[i].name, r->fields.v[i].value);
	a->sent = clock_ms();
	a->sent_wall = clock_wall_ms();
	a->fetch = fetch_start(u,
			       &(struct fetch_request){
				       .origin = &s->token_origin,
				       .method = STR("POST"),
				       .target = str_z(s->token_target),
				       .fields = &fields,
				       .body = buf_str(&r->form),
				       .timeout = s->tokens->token_timeout,
				       .max_body = TOKEN_RESPONSE_MAX,
			       },
			       ask_on_response, a);
}

struct ask *ask_start(struct upstream *u, const struct service *service,
		      struct token *old, ask_done_fn *done, void *arg,
		      struct fault *f)
{
	struct token_request r;
	struct ask *a = NULL;

	token_request_init(&r);
	if (ask_build(service, &r, f) == 0) {
		a = mem_new(struct ask);
		a->service = service;
		a->old = token_ref(old);
		a->credential = ask_credential(&r.fields);
		a->done = done;
		a->arg = arg;
		ask_send(a, u, &r);
	}
	token_request_fini(&r);
	return a;
}

void ask_cancel(struct ask **ask)
{
	struct ask *a = *ask;

	*ask = NULL;
	if (!a)
		return;
	fetch_cancel(&a->fetch);
	ask_free(a);
}

/* --- the server's words --- */

/* What to do about an error of RFC 6749 §5.2 and RFC 8707 §2. */
static const struct {
	const char *code, *action;
} actions[] = {
	{ "invalid_client", "check client_id, client_secret and "
			    "token_endpoint_auth_method" },
	{ "unauthorized_client", "the server must let this client use the "
				 "grant_type" },
	{ "unsupported_grant_type", "check grant_type and token_endpoint" },
	{ "invalid_grant", "the credentials of this grant are not good any "
			   "more" },
	{ "invalid_scope", "check scope" },
	{ "invalid_target", "check resource and audience" },
	{ "invalid_request", "check scope, audience and resource" },
};

static const char *ask_action(const char *code)
{
	for (size_t i = 0; i < sizeof(actions) / sizeof(actions[0]); i++) {
		if (strcmp(actions[i].code, code) == 0)
			return actions[i].action;
	}
	return "check the keys of this service, and at the server those of "
	       "its client";
}

static bool ask_is_secret(const struct ask *a, const char *words, size_t size)
{
	const struct oauth_settings *set =
		config_block(a->service->section, &oauth_settings_table);
	const struct secret *secrets[] = {
		set->client_secret,
		a->credential,
		a->old ? a->old->access_token : NULL,
		a->old ? a->old->refresh_token : NULL,
		a->old ? a->old->id_token : NULL,
	};

	for (size_t i = 0; i < sizeof(secrets) / sizeof(secrets[0]); i++) {
		if (words_hold(words, size - 1, secrets[i]))
			return true;
	}
	return false;
}

/* Takes words that repeat a secret away. */
static void ask_clean(const struct ask *a, struct oauth_error *e)
{
	if (!ask_is_secret(a, e->code, sizeof(e->code)) &&
	    !ask_is_secret(a, e->description, sizeof(e->description)))
		return;
	e->code[0] = '\0';
	strcpy(e->description,
	       "its words are not shown, for they repeat a secret");
}

static void ask_words(const struct ask *a, const struct oauth_error *e,
		      const char *verb, const char *action, struct fault *f)
{
	bool both = e->code[0] != '\0' && e->description[0] != '\0';

	fault_set(f, "the token endpoint %s %s (status %d): %s%s%s; %s",
		  a->service->token_origin.authority, verb, e->status,
		  e->code, both ? ": " : "", e->description, action);
}

/* --- the answer --- */

/* Seconds, or a date (RFC 9110 §10.2.3), as ms from now; -1: neither. */
static int64_t ask_retry_after(const struct fields *fields)
{
	const struct field *field = fields_find(fields, STR("Retry-After"));
	uint64_t seconds;
	int64_t date, wait;

	if (!field)
		return -1;
	if (str_u64(field->value, UINT64_MAX, &seconds))
		return seconds > REFRESH_RETRY_AFTER / 1000 ?
			       REFRESH_RETRY_AFTER :
			       (int64_t)seconds * 1000;
	if (date_http_parse(field->value, &date) < 0)
		return -1;
	wait = date * 1000 - clock_wall_ms();
	return wait > 0 ? wait : 0;
}

static void ask_read(const struct ask *a, const struct fetch_response *r,
		     struct ask_reply *out)
{
	const struct field *type =
		fields_find(r->fields, STR("Content-Type"));
	struct session_trouble *t = &out->trouble;
	struct oauth_error e;
	struct fault bad;

	switch (token_reply_read(r->status, type ? type->value : STR(""),
				 r->body, a->sent_wall, &out->token, &e,
				 &bad)) {
	case TOKEN_OK:
		break;
	case TOKEN_ERROR:
		ask_clean(a, &e);
		ask_words(a, &e, "refused", ask_action(e.code), &t->text);
		break;
	case TOKEN_UNAVAILABLE:
		ask_clean(a, &e);
		t->trouble = REFRESH_UNAVAILABLE;
		t->retry_after = ask_retry_after(r->fields);
		ask_words(a, &e, "is not available",
			  "it will be asked again", &t->text);
		break;
	case TOKEN_BAD:
		fault_set(&t->text, "%s: %s; check token_endpoint",
			  a->service->token_origin.authority, bad.text);
		break;
	}
}

static void ask_on_response(void *arg, const struct fetch_response *response,
			    const struct transfer_fault *fault)
{
	struct ask *a = arg;
	struct ask_reply reply = {
		.trouble = { REFRESH_DENIED, -1, { "" } },
		.sent = a->sent,
	};
	ask_done_fn *done = a->done;

	if (fault) {
		reply.trouble.trouble = REFRESH_UNAVAILABLE;
		fault_set(&reply.trouble.text,
			  "the token endpoint cannot be used: %s; it will be "
			  "asked again; where this lasts, check "
			  "token_endpoint, its certificate and the network",
			  fault->text.text);
	} else {
		ask_read(a, response, &reply);
	}
	arg = a->arg;
	ask_free(a);
	done(arg, &reply);
	token_unref(&reply.token);
}
