/* SPDX-License-Identifier: MIT */
/* Calls the hooks of the token endpoint: for a request that all keys have had
 * their say in, before it is written, and for a response before it is read. */
#include "oauth/hook/token.h"

#include "base/limits.h"
#include "data/form.h"
#include "data/uri.h"
#include "data/utf8.h"

/* --- requests --- */

static void note(struct token_request *r, struct str value)
{
	struct secret *s;

	if (value.n < LIMIT_REDACT_LEAST)
		return;
	s = secret_new(value);
	token_request_note(r, s);
	secret_unref(&s);
}

static bool had_param(const struct token_request *r,
		      const struct token_param *p)
{
	for (size_t i = 0; i < r->nparams; i++) {
		if (str_eq(r->params[i].name, p->name) &&
		    str_eq(r->params[i].value, p->value))
			return true;
	}
	return false;
}

static bool had_field(const struct token_request *r, const struct field *f)
{
	for (size_t i = 0; i < r->fields.n; i++) {
		if (str_eq(r->fields.v[i].value, f->value))
			return true;
	}
	return false;
}

/* The query's values. */
static void note_url(struct token_request *r, struct str url)
{
	struct str query = str_from(url, str_find(url, '?') + 1);
	struct buf name = BUF_INIT_SECRET(LIMIT_TOKEN_REQUEST);
	struct buf value = BUF_INIT_SECRET(LIMIT_TOKEN_REQUEST);

	while (form_next(&query, &name, &value))
		note(r, buf_str(&value));
	buf_fini(&name);
	buf_fini(&value);
}

/* What a hook has put in may be a secret that nobody else knows of. */
static void note_all(struct token_request *r, const struct hook_message *m)
{
	for (size_t i = 0; i < m->nparams; i++) {
		if (!had_param(r, &m->params[i]))
			note(r, m->params[i].value);
	}
	for (size_t i = 0; i < m->fields.n; i++) {
		if (!had_field(r, &m->fields.v[i]))
			note(r, m->fields.v[i].value);
	}
}

static int check_method(struct str method, struct fault *f)
{
	static const char *const never[] = { "CONNECT", "HEAD", "TRACE" };

	for (size_t i = 0; i < sizeof(never) / sizeof(never[0]); i++) {
		if (str_eq_z(method, never[i]))
			return fault_set(f, "no token request can be a %s",
					 never[i]);
	}
	return 0;
}

/* Only path and query are the hook's to change. */
static int take_url(struct token_request *r, struct str before, struct str url,
		    struct fault *f)
{
	struct uri old, new;

	if (str_eq(before, url))
		return 0;
	if (uri_parse(before, &old, f) < 0 || uri_parse(url, &new, f) < 0)
		return fault_prefix(f, "its url");
	if (!str_eq_nocase(old.scheme, new.scheme) ||
	    !str_eq_nocase(old.host, new.host) ||
	    uri_port(&old) != uri_port(&new) || new.has_userinfo ||
	    new.has_fragment)
		return fault_set(f, "its url must stay at the token "
				 "endpoint's scheme, host and port");
	if (new.path.n == 0)
		return fault_set(f, "its url must have a path");
	r->path = str_from(url, (size_t)(new.path.p - url.p));
	return 0;
}

/* A GET has no body: its parameters go to the query. */
static void take_method(struct token_request *r, struct str method)
{
	if (!str_eq(r->method, method) && str_eq_z(method, "GET"))
		r->format = TOKEN_QUERY;
	r->method = method;
}

/* Here, and not where it is written: what is told there of a parameter is its
 * name, which may be a hook's secret. */
static int check_params(const struct token_request *r,
			const struct hook_message *m, struct fault *f)
{
	for (size_t i = 0; r->format == TOKEN_JSON && i < m->nparams; i++) {
		if (!utf8_is_valid(m->params[i].name) ||
		    !utf8_is_valid(m->params[i].value))
			return fault_set(f, "its parameters must be UTF-8, "
					    "for JSON to hold them");
	}
	return 0;
}

static int take(struct token_request *r, const struct hook_message *m,
		struct str url, struct fault *f)
{
	if (check_method(m->method, f) < 0 || check_params(r, m, f) < 0 ||
	    take_url(r, url, m->url, f) < 0)
		return -1;
	note_all(r, m);
	if (!str_eq(url, m->url))
		note_url(r, m->url);
	take_method(r, m->method);
	r->fields = m->fields;
	r->nparams = r->cap = r->size = 0;
	r->params = NULL;
	for (size_t i = 0; i < m->nparams; i++)
		token_request_add(r, m->params[i].name, m->params[i].value);
	if (m->has_body == HOOK_BODY_TEXT) {
		r->raw = m->body;
		note(r, m->body);
	}
	return token_request_check(r, f);
}

static int change(const struct token_asking *a, enum hook_function function,
		  struct token *token, struct token_request *r,
		  struct fault *f)
{
	struct hook_message m = {
		.arena = &r->arena,
		.service = config_section_name(a->section),
		.section = a->section,
		.token = token,
		.method = r->method,
		.url = str_z(a->endpoint),
		.fields = r->fields,
		.params = r->params,
		.nparams = r->nparams,
		.has_params = true,
		.has_body = r->raw.n > 0 ? HOOK_BODY_TEXT : HOOK_BODY_NONE,
		.body = r->raw,
	};

	if (hook_call(a->hooks, a->hook, function, &m, f) < 0)
		return -1;
	if (take(r, &m, str_z(a->endpoint), f) == 0)
		return 0;
	return fault_prefix(f, "the hook %s", hook_function_name(function));
}

int hook_token_request(const struct token_asking *a, struct token *token,
		       struct token_request *r, struct fault *f)
{
	enum hook_function function = r->phase == PHASE_REFRESH_TOKEN ?
					      HOOK_REFRESH_TOKEN_REQUEST :
					      HOOK_ACCESS_TOKEN_REQUEST;

	if (r->phase > PHASE_REFRESH_TOKEN || !hook_has(a->hook, function))
		return 0;
	return change(a, function, token, r, f);
}

int hook_client_auth(const struct token_asking *a, struct token_request *r,
		     struct fault *f)
{
	return change(a, HOOK_CLIENT_AUTH, NULL, r, f);
}

/* --- responses --- */

static enum hook_function response_of(enum token_phase phase)
{
	return phase == PHASE_REFRESH_TOKEN ? HOOK_REFRESH_TOKEN_RESPONSE :
					      HOOK_ACCESS_TOKEN_RESPONSE;
}

bool hook_has_response(const struct hook *h, enum token_phase phase)
{
	return phase <= PHASE_REFRESH_TOKEN && hook_has(h, response_of(phase));
}

int hook_token_response(const struct token_asking *a, enum token_phase phase,
			struct hook_response *r, struct fault *f)
{
	struct hook_message m = {
		.arena = r->arena,
		.service = config_section_name(a->section),
		.section = a->section,
		.status = r->status,
		.has_body = r->body.n > 0 ? HOOK_BODY_TEXT : HOOK_BODY_NONE,
		.body = r->body,
	};

	fields_init(&m.fields, r->arena);
	for (size_t i = 0; i < r->fields.n; i++) {
		if (!hook_field_is_ours(r->fields.v[i].name))
			fields_add(&m.fields, r->fields.v[i].name,
				   r->fields.v[i].value);
	}
	if (hook_call(a->hooks, a->hook, response_of(phase), &m, f) < 0)
		return -1;
	r->status = m.status;
	r->fields = m.fields;
	r->body = m.body;
	return 0;
}
