/* SPDX-License-Identifier: MIT */
/* Puts an authorization request together from a service's keys and what is the
 * login's own. */
#include "service/authorization.h"

#include "oauth/settings.h"
#include "service/service.h"

bool service_login_has_nonce(const struct service *s)
{
	return oauth_scope_holds(s->oauth, STR("openid"));
}

bool service_login_has_verifier(const struct service *s)
{
	return authorization_uses_pkce(s->section, s->grant);
}

struct authorization_request
service_authorization(const struct service *s, const struct login_parts *parts)
{
	struct authorization_request r = {
		.section = s->section,
		.grant = s->grant,
		.params = compliance_authorization(s->compliance),
		.redirect_uri = parts->redirect_uri,
		.state = parts->state,
	};

	if (service_login_has_nonce(s))
		r.nonce = parts->nonce;
	if (service_login_has_verifier(s))
		r.verifier = parts->verifier;
	if (s->dpop)
		r.dpop_jkt = parts->dpop_jkt;
	return r;
}
