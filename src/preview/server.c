/* SPDX-License-Identifier: MIT */
/* The preview's first part: shows what the authorization server would be asked,
 * and how its answers would be read. */
#include "authserver/metadata_fetch.h"
#include "authserver/server_request.h"
#include "base/alloc.h"
#include "base/assert.h"
#include "base/clock.h"
#include "base/limits.h"
#include "config/mask.h"
#include "config/pairs.h"
#include "data/base64url.h"
#include "oauth/dpop.h"
#include "oauth/login/authorization.h"
#include "oauth/login/device.h"
#include "oauth/token/revocation.h"
#include "preview/int.h"
#include "preview/text.h"
#include "service/authorization.h"
#include "service/endpoints.h"
#include "service/login_url.h"

static const char FOUND[] = "(found from issuer)";


/* All endpoints that there may be: what the keys do not say is found from the
 * issuer. One reference. */
static struct endpoints *endpoints_of(const struct service *s)
{
	struct endpoints *e = endpoints_new();

	if (s->endpoints->issuer)
		e->issuer = mem_strdup(s->endpoints->issuer);
	for (int kind = 0; kind < ENDPOINT_KINDS; kind++) {
		const struct endpoint *given =
			endpoints_get(s->endpoints, kind);
		int rc = endpoint_init(&e->v[kind],
				       given ? given->url : PREVIEW_FOUND,
				       s->token_transport, NULL);

		ASSERT(rc == 0); /* it was read before */
	}
	return e;
}

/* What a run would bring, by mask. */
struct carried {
	struct endpoints *endpoints;
	struct secret *code, *verifier, *device_code, *subject_token,
		*refresh_token, *access_token;
};

static void carried_init(struct carried *b, const struct service *s)
{
	b->endpoints = endpoints_of(s);
	b->code = mask_secret("code");
	b->verifier = mask_secret("code_verifier");
	b->device_code = mask_secret("device_code");
	b->subject_token = mask_secret("subject_token");
	b->refresh_token = mask_secret("refresh_token");
	b->access_token = mask_secret("access_token");
}

static void carried_fini(struct carried *b)
{
	secret_unref(&b->code);
	secret_unref(&b->verifier);
	secret_unref(&b->device_code);
	secret_unref(&b->subject_token);
	secret_unref(&b->refresh_token);
	secret_unref(&b->access_token);
	endpoints_unref(&b->endpoints);
}

/* What is asked, of whom, in which words. */
struct asked {
	const char *heading;
	enum endpoint_kind kind;
	const struct grant *grant;
	const struct carried *carried;
	const char *redirect_uri;
	const struct authorization_request *login; /* that is pushed */
	int (*build)(const struct token_asking *a, struct token_request *r,
		     struct fault *f);
};

/* --- one request --- */

static void say_fault(const struct preview *p, const struct fault *f)
{
	preview_line(p->out, "cannot be made: %s", f->text);
}

static void say_body(const struct preview *p, const struct token_request *r)
{
	size_t query = str_find(r->target, '?');
	struct preview_rows rows = { NULL, 0 };

	preview_form(&rows, str_from(r->target, query + 1), r);
	preview_block(p->out, "query", &rows);
	if (r->format == TOKEN_JSON)
		preview_json(&rows, buf_str(&r->body), r);
	else
		preview_form(&rows, buf_str(&r->body), r);
	preview_block(p->out, r->format == TOKEN_JSON ? "JSON" : "form", &rows);
}

static void say_request(const struct preview *p, const struct endpoint *to,
			const struct token_request *r)
{
	bool known = !str_eq_z(STR(PREVIEW_FOUND), to->url);
	struct str path = str_sub(r->target, 0, str_find(r->target, '?'));

	if (known)
		preview_line(p->out, "%.*s %s://%s%.*s", STR_ARGS(r->method),
			     to->origin.scheme, to->origin.authority,
			     STR_ARGS(path));
	else
		preview_line(p->out, "%.*s %s", STR_ARGS(r->method), FOUND);
	preview_line(p->out, "Host: %s",
		     known ? to->origin.authority : FOUND);
	preview_fields(p->out, &r->fields, r);
	/* As authserver/call.c adds it to what is written. */
	if (p->service->dpop && r->phase <= PHASE_REFRESH_TOKEN)
		preview_line(p->out, DPOP_FIELD ": " PREVIEW_PROOF);
	if (p->service->auth && p->service->auth->shows_certificate)
		preview_line(p->out, "(with client_certificate)");
	say_body(p, r);
}

struct told {
	struct preview_rows rows;
};

static void on_fix(void *arg, const char *what, const char *name,
		   struct str value)
{
	struct buf shown = BUF_INIT(LIMIT_PREVIEW);
	struct buf line = BUF_INIT(LIMIT_PREVIEW);
	struct told *t = arg;
	bool is_value = str_eq_z(STR("set"), what) ||
			str_eq_z(STR("default"), what);

	preview_value(&shown, is_value ? str_z(name) : STR(""), value, NULL);
	buf_addf(&line, "%s%s%s", what, *name ? "." : "", name);
	buf_addf(&line, " = %s", buf_z(&shown));
	preview_note(&t->rows, buf_z(&line));
	buf_fini(&shown);
	buf_fini(&line);
}

static void say_fixes(const struct preview *p, enum token_phase phase)
{
	struct told t = { { NULL, 0 } };

	response_tell(compliance_response(p->service->compliance, phase),
		      on_fix, &t);
	preview_block(p->out, "its answer is changed, in this order", &t.rows);
}

/* They are not called: what they make of masks would say little. */
static void say_hooks(const struct preview *p, enum token_phase phase)
{
	static const enum hook_function functions[][2] = {
		[PHASE_ACCESS_TOKEN] = { HOOK_ACCESS_TOKEN_REQUEST,
					 HOOK_ACCESS_TOKEN_RESPONSE },
		[PHASE_REFRESH_TOKEN] = { HOOK_REFRESH_TOKEN_REQUEST,
					  HOOK_REFRESH_TOKEN_RESPONSE },
	};
	const struct service *s = p->service;

	if (s->auth == &client_auth_hook)
		preview_hook(p->out, s, HOOK_CLIENT_AUTH);
	for (int i = 0; phase <= PHASE_REFRESH_TOKEN && i < 2; i++)
		preview_hook(p->out, s, functions[phase][i]);
}

static void say_asked(const struct preview *p, const struct asked *a)
{
	const struct service *s = p->service;
	struct token_request r;
	struct fault f;
	struct server_request q = {
		.service = s,
		.endpoints = a->carried->endpoints,
		.endpoint = endpoints_get(a->carried->endpoints, a->kind),
		.asking = {
			.grant_state = s->grant_state,
			.arg = a,
			.code = a->carried->code,
			.redirect_uri = a->redirect_uri,
			.device_code = a->carried->device_code,
			.subject_token = a->carried->subject_token,
		},
		.build = a->build,
		.token = p->token,
	};

	if (s->grant->response_type &&
	    authorization_uses_pkce(s->section, s->grant))
		q.asking.verifier = a->carried->verifier;
	preview_heading(p->out, a->heading);
	token_request_init(&r);
	if (server_request_write(&q, &r, &f) < 0) {
		say_fault(p, &f);
	} else {
		say_request(p, q.endpoint, &r);
		say_fixes(p, r.phase);
		say_hooks(p, r.phase);
	}
	token_request_fini(&r);
}

/* --- all of them --- */

static void say_metadata(const struct preview *p)
{
	const struct service *s = p->service;
	struct buf url = BUF_INIT(LIMIT_PREVIEW);

	if (!s->metadata_id)
		return;
	preview_heading(p->out, "Server metadata, of the first of these that "
			"has it");
	for (size_t i = 0; metadata_fetch_address(s->oauth, i, &url); i++) {
		preview_line(p->out, "GET %s", buf_z(&url));
		buf_reset(&url);
	}
	buf_fini(&url);
}

/* What an id_token is verified with. */
static void say_keys(const struct preview *p, const struct carried *b)
{
	const struct endpoint *to = endpoints_get(b->endpoints, ENDPOINT_JWKS);
	bool known = !str_eq_z(STR(PREVIEW_FOUND), to->url);

	preview_heading(p->out, "Server keys, where an id_token is to be "
			"verified");
	preview_line(p->out, "GET %s", known ? to->url : FOUND);
}

static void say_address(const struct preview *p, struct str url)
{
	size_t query = str_find(url, '?');
	ATTR_CLEANUP(buf_fini) struct buf address = BUF_INIT(LIMIT_PREVIEW);
	struct preview_rows rows = { NULL, 0 };

	preview_value(&address, STR(""), str_sub(url, 0, query), NULL);
	preview_line(p->out, "GET %s", buf_z(&address));
	preview_form(&rows, str_from(url, query + 1), NULL);
	preview_block(p->out, "query", &rows);
}

/* With masks in place of what only a login makes. */
struct preview_login {
	struct authorization_request request;
	struct secret *state, *nonce, *request_uri;
	struct buf jkt;
};

static void login_init(struct preview_login *l, const struct preview *p,
		       const struct asked *a)
{
	*l = (struct preview_login){
		.state = mask_secret("state"),
		.nonce = mask_secret("nonce"),
		.request_uri = mask_secret("request_uri"),
		.jkt = BUF_INIT(LIMIT_PREVIEW),
	};
	mask_write(&l->jkt, STR("dpop_jkt"));
	l->request = service_authorization(
		p->service,
		&(struct login_parts){ .redirect_uri = a->redirect_uri,
				       .state = l->state,
				       .nonce = l->nonce,
				       .verifier = a->carried->verifier,
				       .dpop_jkt = buf_z(&l->jkt) });
	l->request.endpoint = endpoints_get(a->carried->endpoints,
					    ENDPOINT_AUTHORIZATION)->url;
}

static void login_fini(struct preview_login *l)
{
	secret_unref(&l->state);
	secret_unref(&l->nonce);
	secret_unref(&l->request_uri);
	buf_fini(&l->jkt);
}

static int build_pushed(const struct token_asking *a, struct token_request *r,
			struct fault *f)
{
	const struct asked *asked = a->arg;

	return authorization_request_push(asked->login, r, f);
}

/* What is made of the answer that the browser brings. */
static void say_callback(const struct preview *p)
{
	const struct config_section *s = p->service->section;
	const struct config_list *renames = authorization_renames(s);
	const struct config_list *keeps = authorization_keeps(s);
	struct told t = { { NULL, 0 } };

	for (size_t i = 0; i < renames->n; i++) {
		struct buf what = BUF_INIT(LIMIT_PREVIEW);
		struct str old, new;

		config_pair(renames, i, &old, &new);
		buf_addf(&what, "rename.%.*s", STR_ARGS(old));
		on_fix(&t, buf_z(&what), "", str_trim(new));
		buf_fini(&what);
	}
	for (size_t i = 0; i < keeps->n; i++)
		on_fix(&t, "keep", "", str_z(keeps->v[i]));
	preview_block(p->out, "its answer, by way of the browser", &t.rows);
}

static void say_authorization(const struct preview *p,
			      const struct asked *token)
{
	struct buf url = BUF_INIT(LIMIT_PREVIEW);
	struct preview_login l;
	struct fault f;

	login_init(&l, p, token);
	if (p->service->oauth->pushed_authorization_request_endpoint) {
		say_asked(p, &(struct asked){
				     .heading = "Pushed authorization request",
				     .kind = ENDPOINT_PUSHED_AUTHORIZATION,
				     .grant = token->grant,
				     .carried = token->carried,
				     .login = &l.request,
				     .build = build_pushed });
		l.request.request_uri = l.request_uri;
	}
	preview_heading(p->out, "Authorization request, by a person's browser");
	if (authorization_request_write(&l.request, &url, &f) < 0)
		say_fault(p, &f);
	else
		say_address(p, buf_str(&url));
	if (p->service->metadata_id && !l.request.request_uri)
		preview_line(p->out, "(pushed first, where the metadata "
			     "demands it)");
	say_callback(p);
	buf_fini(&url);
	login_fini(&l);
}

static int build_token(const struct token_asking *a, struct token_request *r,
		       struct fault *f)
{
	const struct asked *asked = a->arg;

	return asked->grant->request(a, r, f);
}

static int build_refresh(const struct token_asking *a, struct token_request *r,
			 struct fault *f)
{
	const struct asked *asked = a->arg;

	return grant_refresh(asked->grant, a->section,
			     asked->carried->refresh_token, r, f);
}

static int build_revocation(const struct token_asking *a,
			    struct token_request *r, struct fault *f)
{
	const struct asked *asked = a->arg;

	return revocation_request(asked->carried->refresh_token,
				  "refresh_token", r, f);
}

static int build_access_revocation(const struct token_asking *a,
				   struct token_request *r, struct fault *f)
{
	const struct asked *asked = a->arg;

	return revocation_request(asked->carried->access_token,
				  "access_token", r, f);
}

static void say_revocation(const struct preview *p, const struct carried *b)
{
	static const char *const headings[] = {
		[LOGOUT_BOTH] = ("Revocation request, then the same of the "
				 "access token"),
		[LOGOUT_REFRESH_TOKEN] = "Revocation request",
		[LOGOUT_ACCESS_TOKEN] = "Revocation request",
	};
	int what = p->service->tokens->logout_tokens;

	say_asked(p, &(struct asked){
			     .heading = headings[what],
			     .kind = ENDPOINT_REVOCATION,
			     .grant = p->service->grant,
			     .carried = b,
			     .build = what == LOGOUT_ACCESS_TOKEN
					      ? build_access_revocation
					      : build_revocation });
}

static void say_device(const struct preview *p, const struct carried *b)
{
	say_asked(p, &(struct asked){ .heading = "Device authorization request",
				      .kind = ENDPOINT_DEVICE_AUTHORIZATION,
				      .grant = &grant_device_code,
				      .carried = b,
				      .build = device_request });
	say_asked(p, &(struct asked){ .heading = "Token request, until the "
						 "person has entered the "
						 "code",
				      .kind = ENDPOINT_TOKEN,
				      .grant = &grant_device_code,
				      .carried = b,
				      .build = build_token });
}

/* What follows once there is a token. */
static void say_later(const struct preview *p, const struct carried *b)
{
	const struct service *s = p->service;

	say_asked(p, &(struct asked){
			     .heading = s->grant->seed
						? "Refresh request"
						: "Refresh request, where "
						  "there is a refresh token",
			     .kind = ENDPOINT_REFRESH,
			     .grant = s->grant,
			     .carried = b,
			     .build = build_refresh });
	if (endpoint_is_findable(s->oauth, ENDPOINT_REVOCATION))
		say_revocation(p, b);
}

static void say_all(const struct preview *p, const struct carried *b,
		    const char *redirect_uri)
{
	const struct grant *g = p->service->grant;
	bool device = g->person && (g == &grant_device_code ||
				    p->service->oauth->
					    device_authorization_endpoint);
	struct asked token = {
		.heading = g->response_type
				   ? "Token request, with what the browser "
				     "brings back"
				   : "Token request",
		.kind = ENDPOINT_TOKEN,
		.grant = g,
		.carried = b,
		.redirect_uri = redirect_uri,
		.build = build_token,
	};

	say_metadata(p);
	if (id_token_is_verified(p->service->section, g))
		say_keys(p, b);
	if (g->response_type)
		say_authorization(p, &token);
	if (g->request && !g->seed && g != &grant_device_code)
		say_asked(p, &token);
	if (device)
		say_device(p, b);
	if (g->request || device)
		say_later(p, b);
}

/* What one part of a JWT says: nothing of it is secret but its signature. */
static void say_part(const struct preview *p, const char *name,
		     struct str part)
{
	ATTR_CLEANUP(buf_fini) struct buf b = BUF_INIT(LIMIT_ASSERTION);

	if (base64url_decode(&b, part) == 0)
		preview_line(p->out, "%s %s", name, buf_z(&b));
}

/* A token that is signed here, an example. */
static void say_signed(const struct preview *p)
{
	const struct service *s = p->service;
	const struct token_asking asking = {
		.section = s->section,
		.grant_state = s->grant_state,
		.now = clock_wall_ms() / 1000,
	};
	struct fault f;
	int64_t sent;
	struct token *t = s->grant->make(&asking, &sent, &f);

	if (!t) {
		say_fault(p, &f);
		return;
	}
	struct str jwt = secret_expose(t->access_token);
	size_t header = str_find(jwt, '.');
	struct str rest = str_from(jwt, header + 1);

	preview_line(p->out, "is signed here, anew for every %lld s; no "
		     "server is asked", (long long)t->expires_in);
	say_part(p, "header", str_sub(jwt, 0, header));
	say_part(p, "claims", str_sub(rest, 0, str_find(rest, '.')));
	token_unref(&t);
}

/* Where there is nothing to ask; false where there is. */
static bool say_why_not(const struct preview *p)
{
	const struct service *s = p->service;

	if (s->route->session)
		preview_heading(p->out, "Tokens");
	else if (!s->grant->uses_client)
		preview_heading(p->out, "Token");
	else
		return false;
	if (s->route->session)
		preview_line(p->out, "are those of the service %s",
			     s->route->session);
	else if (s->grant == &grant_signed_jwt)
		say_signed(p);
	else if (s->grant->fixed)
		preview_line(p->out, "that of the key access_token; none is "
			     "asked for");
	else
		preview_line(p->out, "none");
	return true;
}

void preview_server(const struct preview *p)
{
	struct buf uri = BUF_INIT(LIMIT_PREVIEW);
	struct carried b;

	if (say_why_not(p))
		return;
	if (p->service->grant->response_type &&
	    service_redirect_uri(p->service, p->external, &uri, NULL) < 0)
		buf_add_z(&uri, "(not known: give external_url)");
	carried_init(&b, p->service);
	say_all(p, &b, buf_z(&uri));
	carried_fini(&b);
	buf_fini(&uri);
}
