/* SPDX-License-Identifier: MIT */
/* Writes a request to an authorization server: for the calls that send it, and
 * for check -v, which shows it. */
#include "authserver/server_request.h"

#include "base/clock.h"
#include "config/live_secret.h"
#include "oauth/hook/token.h"

/* What the grant and the client say, then what the server wants otherwise;
 * then it is written. */
static int fill(const struct server_request *q, const struct token_asking *a,
		struct token_request *r, struct fault *f)
{
	const struct service *s = q->service;
	const struct client_auth *auth =
		client_auth_for(s->auth, s->section, q->endpoints->metadata);

	/* Templates name them too. */
	config_live_freshen(s->section);
	if (q->build(a, r, f) < 0)
		return -1;
	if (auth && (a->hook || auth != &client_auth_hook) &&
	    auth->apply(a, r, f) < 0)
		return -1;
	r->callback = a->callback;
	if (compliance_request(s->compliance, s->section, q->token, r, f) < 0 ||
	    (a->hook && hook_token_request(a, q->token, r, f) < 0))
		return -1;
	return token_request_finish(r, str_z(q->endpoint->target), f);
}

int server_request_write(const struct server_request *q,
			 struct token_request *r, struct fault *f)
{
	const struct endpoint *token =
		endpoints_get(q->endpoints, ENDPOINT_TOKEN);
	const struct service *s = q->service;
	struct token_asking a = q->asking;

	a.section = s->section;
	a.hook = a.hooks ? s->hook : NULL;
	a.auth_state = s->auth_state;
	a.endpoint = q->endpoint->url;
	a.token_endpoint = token ? token->url : NULL;
	a.issuer = q->endpoints->issuer;
	a.now = clock_wall_ms() / 1000;
	if (fill(q, &a, r, f) < 0)
		return fault_prefix(f, "[service %s]", s->name);
	return 0;
}
