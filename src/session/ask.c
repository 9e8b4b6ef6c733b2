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
	struct secret *refresh_token; /* what it asks with; NULL: none */
	struct token *old;           /* NULL: none */
	struct secret *credential;   /* what Authorization held; NULL: none */
	int64_t sent, sent_wall;
	ask_done_fn *done;
	void *arg;
};

static void ask_free(struct ask *a)
{
	secret_unref(&a->refresh_token);
	token_unref(&a->old);
	secret_unref(&a->credential);
	mem_free(a);
}

/* --- the request --- */

static int ask_build(const struct service *s,
		     const struct secret *refresh_token,
		     struct token_request *r, struct fault *f)
{
	const struct grant *g = s->grant;
	int rc = refresh_token ?
			 grant_refresh(g, s->section, refresh_token, r, f) :
			 g->request(s->section, r, f);

	if (rc < 0 || (s->auth && s->auth->apply(s->section, r, f) < 0))
		return fault_prefix(f, "[service %s]", s->name);
	return 0;
}

/* Where this one goes. */
static const struct origin *ask_origin(const struct ask *a)
{
	return a->refresh_token && a->service->refresh_target ?
		       &a->service->refresh_origin :
		       &a->service->token_origin;
}

static const char *ask_target(const struct ask *a)
{
	return a->refresh_token && a->service->refresh_target ?
		       a->service->refresh_target :
		       a->service->token_target;
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
	fields_add(&fields, STR("Host"), str_z(ask_origin(a)->authority));
	fields_add(&fields, STR("User-Agent"),
		   STR("bearerd/" PACKAGE_VERSION));
	for (size_t i = 0; i < r->fields.n; i++)
		fields_add(&fields, r->fields.v[i].name, r->fields.v[i].value);
	a->sent = clock_ms();
	a->sent_wall = clock_wall_ms();
	a->fetch = fetch_start(u,
			       &(struct fetch_request){
				       .origin = ask_origin(a),
				       .method = STR("POST"),
				       .target = str_z(ask_target(a)),
				       .fields = &fields,
				       .body = buf_str(&r->form),
				       .timeout = s->tokens->token_timeout,
				       .max_body = TOKEN_RESPONSE_MAX,
			       },
			       ask_on_response, a);
}

struct ask *ask_start(struct upstream *u, const struct service *service,
		      struct secret *refresh_token, struct token *old,
		      ask_done_fn *done, void *arg, struct fault *f)
{
	struct token_request r;
	struct ask *a = NULL;

	token_request_init(&r);
	if (ask_build(service, refresh_token, &r, f) == 0) {
		a = mem_new(struct ask);
		a->service = service;
		a->refresh_token = secret_ref(refresh_token);
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

static const char ask_invalid_grant[] = "invalid_grant";

/* What to do about an error of RFC 6749 §5.2 and RFC 8707 §2. */
static const struct {
	const char *code, *action;
} actions[] = {
	{ "invalid_client", "check client_id, client_secret and "
			    "token_endpoint_auth_method" },
	{ "unauthorized_client", "the server must let this client use the "
				 "grant_type" },
	{ "unsupported_grant_type", "check grant_type and token_endpoint" },
	{ "invalid_scope", "check scope" },
	{ "invalid_target", "check resource and audience" },
	{ "invalid_request", "check scope, audience and resource" },
};

static const char *ask_action(const struct ask *a, const char *code)
{
	const struct grant *g = a->service->grant;

	if (strcmp(code, ask_invalid_grant) == 0) {
		if (a->refresh_token && g->repeatable)
			return "the refresh token is not good any more, and "
			       "the grant starts again";
		return g->remedy ? g->remedy : "the credentials of this grant "
					       "are not good any more";
	}
	for (size_t i = 0; i < sizeof(actions) / sizeof(actions[0]); i++) {
		if (strcmp(actions[i].code, code) == 0)
			return actions[i].action;
	}
	return "check the keys of this service, and at the server those of "
	       "its client";
}

/* Whether the words repeat a secret key of the grant's own. */
static bool ask_is_grant_secret(const struct ask *a, const char *words,
				size_t size)
{
	const struct config_table *t = a->service->grant->table;

	for (size_t i = 0; t && i < t->nkeys; i++) {
		const char *block = config_block(a->service->section, t);
		const void *value = block + t->keys[i].offset;

		if ((t->keys[i].flags & CONFIG_SECRET) &&
		    words_hold(words, size - 1,
			       *(const struct secret *const *)value))
			return true;
	}
	return false;
}

static bool ask_is_secret(const struct ask *a, const char *words, size_t size)
{
	const struct oauth_settings *set =
		config_block(a->service->section, &oauth_settings_table);
	const struct secret *secrets[] = {
		set->client_secret,
		a->credential,
		a->refresh_token,
		a->old ? a->old->access_token : NULL,
		a->old ? a->old->refresh_token : NULL,
		a->old ? a->old->id_token : NULL,
	};

	for (size_t i = 0; i < sizeof(secrets) / sizeof(secrets[0]); i++) {
		if (words_hold(words, size - 1, secrets[i]))
			return true;
	}
	return ask_is_grant_secret(a, words, size);
}

/* Takes words that repeat a secret away. The code says what is to be done: it
 * stays where it is clean. */
static void ask_clean(const struct ask *a, struct oauth_error *e)
{
	bool code = ask_is_secret(a, e->code, sizeof(e->code));

	if (!code &&
	    !ask_is_secret(a, e->description, sizeof(e->description)))
		return;
	if (code)
		e->code[0] = '\0';
	strcpy(e->description,
	       "its words are not shown, for they repeat a secret");
}

static void ask_words(const struct ask *a, const struct oauth_error *e,
		      const char *verb, const char *action, struct fault *f)
{
	bool both = e->code[0] != '\0' && e->description[0] != '\0';

	fault_set(f, "the token endpoint %s %s (status %d): %s%s%s; %s",
		  ask_origin(a)->authority, verb, e->status,
		  e->code, both ? ": " : "", e->description, action);
}

/* --- the answer --- */

/* Digits only, however many. */
static bool ask_is_number(struct str s)
{
	for (size_t i = 0; i < s.n; i++) {
		if (!char_is_digit(s.p[i]))
			return false;
	}
	return s.n > 0;
}

/* Seconds, or a date (RFC 9110 §10.2.3), as ms from now; -1: neither. */
static int64_t ask_retry_after(const struct fields *fields)
{
	const struct field *field = fields_find(fields, STR("Retry-After"));
	uint64_t seconds;
	int64_t date, wait;

	if (!field)
		return -1;
	if (str_u64(field->value, REFRESH_RETRY_AFTER / 1000, &seconds))
		return (int64_t)seconds * 1000;
	if (ask_is_number(field->value))
		return REFRESH_RETRY_AFTER;
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
		t->invalid_grant = strcmp(e.code, ask_invalid_grant) == 0;
		ask_words(a, &e, "refused", ask_action(a, e.code), &t->text);
		break;
	case TOKEN_UNAVAILABLE:
		ask_clean(a, &e);
		t->trouble = REFRESH_UNAVAILABLE;
		t->retry_after = ask_retry_after(r->fields);
		ask_words(a, &e, "is not available",
			  "it will be asked again", &t->text);
		break;
	case TOKEN_BAD:
		t->lost = true;
		fault_set(&t->text, "%s: %s; check token_endpoint",
			  ask_origin(a)->authority, bad.text);
		break;
	}
}

static void ask_on_response(void *arg, const struct fetch_response *response,
			    const struct transfer_fault *fault)
{
	struct ask *a = arg;
	struct ask_reply reply = {
		.trouble = { .trouble = REFRESH_DENIED, .retry_after = -1 },
		.sent = a->sent,
	};
	ask_done_fn *done = a->done;

	if (fault) {
		reply.trouble.trouble = REFRESH_UNAVAILABLE;
		reply.trouble.lost = fault->sent;
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
