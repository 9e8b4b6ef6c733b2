/* SPDX-License-Identifier: MIT */
/* Writes an authorization request: into the address that the browser is sent
 * to, or to the server first, which gives a reference to it (RFC 9126). It is
 * pushed once only: where no answer came, nobody knows what the server has made
 * of it. */
#include <stdio.h>

#include "authserver/call.h"
#include "base/alloc.h"
#include "base/limits.h"
#include "broker/login_int.h"
#include "crypto/random.h"
#include "data/base64url.h"
#include "oauth/login/pkce.h"
#include "oauth/login/pushed_authorization.h"
#include "service/authorization.h"
#include "service/endpoints.h"
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

/* Its own, so that no token of another login, which the server may have bound
 * to another person, goes with it. */
struct key *login_key(struct login *l)
{
	if (!l->key && login_service(l)->dpop)
		l->key = key_generate_p256();
	return l->key;
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
	const struct service *s = login_service(l);
	struct buf uri = BUF_INIT(LIMIT_LOGIN_ADDRESS);

	if (service_redirect_uri(s, l->entry->broker->external, &uri, f) < 0)
		return -1;
	l->redirect_uri = buf_take(&uri);
	l->state = login_secret();
	if (service_login_has_nonce(s))
		l->nonce = login_secret();
	if (service_login_has_verifier(s))
		l->verifier = pkce_verifier_new();
	login_bind_code(l);
	return 0;
}

/* All but where it goes. */
static struct authorization_request login_asks(const struct login *l)
{
	const struct login_parts parts = {
		.redirect_uri = l->redirect_uri,
		.state = l->state,
		.nonce = l->nonce,
		.verifier = l->verifier,
		.dpop_jkt = l->thumbprint,
	};

	return service_authorization(login_service(l), &parts);
}

/* --- where it goes --- */

int login_request_url(const struct login *l, struct buf *out, struct fault *f)
{
	const struct endpoint *to = endpoints_get(l->entry->client.endpoints,
						  ENDPOINT_AUTHORIZATION);
	struct authorization_request r = login_asks(l);

	if (!to)
		return fault_set(f, "authorization_endpoint is missing");
	r.request_uri = l->request_uri;
	r.endpoint = to->url;
	return authorization_request_write(&r, out, f);
}

/* --- it is told first --- */

int login_request_is_pushed(const struct login *l, bool *out, struct fault *f)
{
	const struct oauth_settings *o = login_service(l)->oauth;
	const struct endpoints *e = l->entry->client.endpoints;
	bool known = endpoints_get(e, ENDPOINT_PUSHED_AUTHORIZATION) != NULL;
	bool demanded = e->metadata &&
			e->metadata->require_pushed_authorization_requests;

	*out = demanded || o->pushed_authorization_request_endpoint;
	if (demanded && !known)
		return fault_set(f,
				 "the server's metadata demands "
				 "require_pushed_authorization_requests, but "
				 "names no "
				 "pushed_authorization_request_endpoint; give "
				 "the key, if the server has one");
	return 0;
}

static int login_build(const struct token_asking *a, struct token_request *r,
		       struct fault *f)
{
	struct authorization_request asks = login_asks(a->arg);

	return authorization_request_push(&asks, r, f);
}

struct call *login_request_push(struct login *l, call_done_fn *done,
				struct fault *f)
{
	const struct secret *secrets[4] = { NULL };
	size_t n = 0;

	secrets[n++] = l->state;
	if (l->nonce)
		secrets[n++] = l->nonce;
	if (l->verifier)
		secrets[n++] = l->verifier;
	return call_start(&l->entry->client,
			  &(struct call_request){
				  .to = ENDPOINT_PUSHED_AUTHORIZATION,
				  .asking.arg = l,
				  .build = login_build,
				  .secrets = secrets,
			  },
			  done, l, f);
}

int login_request_pushed(struct login *l, struct call *c,
			 const struct fetch_response *response, int *status,
			 struct fault *f)
{
	struct pushed_authorization pushed;
	struct oauth_error error;
	enum token_reply reply;
	int64_t wall, sent = call_sent(c, &wall);

	reply = pushed_reply_read(response->status, call_media_type(response),
				  response->body, &pushed, &error, f);
	if (reply == TOKEN_OK) {
		l->address_until = sent + pushed.expires_in * 1000;
		l->request_uri = secret_ref(pushed.request_uri);
		pushed_authorization_fini(&pushed);
		return 0;
	}
	discovery_doubt(&l->entry->client, response->status);
	if (reply != TOKEN_BAD) {
		call_clean(c, &error);
		fault_set(f, "the server answered with status %d: %s",
			  error.status, reply_error_text(&error).text);
	}
	*status = reply == TOKEN_UNAVAILABLE ? 503 : 400;
	return -1;
}
