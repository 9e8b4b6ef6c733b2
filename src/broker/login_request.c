/* SPDX-License-Identifier: MIT */
/* Between a login's begin and the browser that is sent away: what is asked for
 * goes into the address, or is told to the server first, which gives a
 * reference to it (RFC 9126). That is told once: what a server that did not
 * answer made of it is not known. */
#include <stdio.h>

#include "authserver/call.h"
#include "base/alloc.h"
#include "broker/login_int.h"
#include "broker/login_limit.h"
#include "crypto/random.h"
#include "data/base64url.h"
#include "oauth/login/authorization.h"
#include "oauth/login/pkce.h"
#include "oauth/login/pushed_authorization.h"
#include "service/login_url.h"

enum { LOGIN_RANDOM = 32 }; /* octets of what nobody may guess */

struct secret *login_secret(void)
{
	unsigned char random[LOGIN_RANDOM];
	struct buf text = BUF_INIT_SECRET(64);
	struct secret *s;

	random_fill(random, sizeof(random));
	base64url_encode(&text,
			 (struct str){ (char *)random, sizeof(random) });
	s = secret_take(&text);
	buf_fini(&text);
	mem_wipe(random, sizeof(random));
	return s;
}

static void login_bind_code(struct login *l)
{
	struct buf b = BUF_INIT(JWK_THUMBPRINT_SIZE);

	if (login_key(l)) {
		jwk_thumbprint(l->key, &b);
		snprintf(l->thumbprint, sizeof(l->thumbprint), "%s",
			 buf_z(&b));
	}
	buf_fini(&b);
}

int login_prepare(struct login *l, struct fault *f)
{
	const struct service *s = l->entry->session.service;
	struct buf uri = BUF_INIT(LOGIN_ADDRESS_MAX);

	if (service_redirect_uri(s, l->entry->broker->external, &uri, f) < 0)
		return -1;
	l->redirect_uri = buf_take(&uri);
	l->state = login_secret();
	if (oauth_scope_holds(s->oauth, STR("openid")))
		l->nonce = login_secret();
	if (authorization_uses_pkce(s->section, s->grant))
		l->verifier = pkce_verifier_new();
	login_bind_code(l);
	return 0;
}

/* All but where it goes. */
static struct authorization_request login_asks(const struct login *l)
{
	const struct service *s = l->entry->session.service;

	return (struct authorization_request){
		.section = s->section,
		.grant = s->grant,
		.params = compliance_authorization(s->compliance),
		.redirect_uri = l->redirect_uri,
		.state = l->state,
		.nonce = l->nonce,
		.verifier = l->verifier,
		.dpop_jkt = l->thumbprint[0] ? l->thumbprint : NULL,
	};
}

/* --- where it goes --- */

static void login_fails(struct login *l, int status, const struct fault *why)
{
	struct fault text;

	fault_set(&text, "[service %s]: the login cannot begin: %s",
		  l->entry->session.service->name, why->text);
	l->on_address(l, NULL, status, &text);
}

/* request_uri: what stands for the parameters; NULL: they are in it. */
static void login_sends(struct login *l, const struct secret *request_uri)
{
	const struct endpoint *to = endpoints_get(l->entry->client.endpoints,
						  ENDPOINT_AUTHORIZATION);
	struct buf url = BUF_INIT_SECRET(LOGIN_ADDRESS_MAX);
	struct authorization_request r = login_asks(l);
	struct fault f;
	int rc;

	r.request_uri = request_uri;
	r.endpoint = to ? to->url : NULL;
	rc = to ? authorization_request_write(&r, &url, &f) :
		  fault_set(&f, "authorization_endpoint is missing");
	if (rc < 0)
		login_fails(l, 500, &f);
	else
		l->on_address(l, buf_z(&url), 303, NULL);
	buf_fini(&url);
}

/* --- it is told first --- */

static void login_pushed(struct login *l, struct call *c,
			 const struct fetch_response *response)
{
	struct pushed_authorization pushed;
	struct oauth_error error;
	enum token_reply reply;
	struct fault f;
	int64_t wall, sent = call_sent(c, &wall);

	reply = pushed_reply_read(response->status, call_media_type(response),
				  response->body, &pushed, &error, &f);
	if (reply == TOKEN_OK) {
		l->address_until = sent + pushed.expires_in * 1000;
		login_sends(l, pushed.request_uri);
		pushed_authorization_fini(&pushed);
		return;
	}
	discovery_doubt(&l->entry->client, response->status);
	if (reply != TOKEN_BAD) {
		call_clean(c, &error);
		fault_set(&f, "the server answered with status %d: %s",
			  error.status, reply_error_text(&error).text);
	}
	fault_prefix(&f, "pushed_authorization_request_endpoint");
	login_fails(l, reply == TOKEN_UNAVAILABLE ? 503 : 400, &f);
}

static void login_on_pushed(void *arg, struct call *c,
			    const struct fetch_response *response,
			    const struct transfer_fault *fault)
{
	struct login *l = arg;
	struct fault f;

	l->call = NULL;
	if (response) {
		login_pushed(l, c, response);
		return;
	}
	f = fault->text;
	fault_prefix(&f, "pushed_authorization_request_endpoint");
	login_fails(l, 503, &f);
}

static int login_build(const struct token_asking *a, struct token_request *r,
		       struct fault *f)
{
	struct authorization_request asks = login_asks(a->arg);

	return authorization_request_push(&asks, r, f);
}

static void login_push(struct login *l, const struct endpoint *to)
{
	const struct secret *secrets[4] = { NULL };
	struct entry *e = l->entry;
	struct fault f;
	size_t n = 0;

	secrets[n++] = l->state;
	if (l->nonce)
		secrets[n++] = l->nonce;
	if (l->verifier)
		secrets[n++] = l->verifier;
	l->call = call_start(e->broker->context.upstream,
			     &(struct call_request){
				     .service = e->session.service,
				     .endpoints = e->client.endpoints,
				     .endpoint = to,
				     .asking.arg = l,
				     .asking.hooks = e->broker->context.hooks,
				     .build = login_build,
				     .secrets = secrets,
			     },
			     login_on_pushed, l, &f);
	if (!l->call)
		l->on_address(l, NULL, 500, &f);
}

/* Where it is told first; *to is NULL where it is not. */
static int login_find_push(const struct login *l, const struct endpoint **to,
			   struct fault *f)
{
	const struct oauth_settings *o = l->entry->session.service->oauth;
	const struct endpoints *e = l->entry->client.endpoints;
	const struct endpoint *there =
		endpoints_get(e, ENDPOINT_PUSHED_AUTHORIZATION);
	bool demanded = e->metadata &&
			e->metadata->require_pushed_authorization_requests;

	*to = demanded || o->pushed_authorization_request_endpoint ? there :
								     NULL;
	if (demanded && !there)
		return fault_set(f, "the server's metadata demands "
				 "require_pushed_authorization_requests, but "
				 "names no "
				 "pushed_authorization_request_endpoint; give "
				 "the key, if the server has one");
	return 0;
}

void login_address(struct login *l, login_address_fn *fn)
{
	const struct endpoint *to;
	struct fault f;

	l->on_address = fn;
	l->address_until = INT64_MAX;
	if (login_find_push(l, &to, &f) < 0)
		login_fails(l, 500, &f);
	else if (!to)
		login_sends(l, NULL);
	else if (l->from[0] && login_limit_ask(l->entry, &f) < 0)
		login_fails(l, 503, &f);
	else
		login_push(l, to);
}
