/* SPDX-License-Identifier: MIT */
/* What a service's logins ask its authorization server for: the same for the
 * broker, which sends it, and for check -v, which shows it. */
#pragma once

#include <stdbool.h>

#include "base/secret.h"
#include "oauth/login/authorization.h"

struct service;

/* What is made for one login, before it asks; all borrowed. */
struct login_parts {
	const char *redirect_uri;
	struct secret *state;
	struct secret *nonce;    /* where service_login_has_nonce */
	struct secret *verifier; /* where service_login_has_verifier */
	const char *dpop_jkt;    /* of the login's key, where the service has
				    dpop (RFC 9449 §10) */
};

/* Whether an ID token is asked for (OpenID Connect Core §3.1.2.1). */
bool service_login_has_nonce(const struct service *s);
/* Whether a code is asked for with PKCE (RFC 7636). */
bool service_login_has_verifier(const struct service *s);
/* The request, without the endpoint and without a request_uri. Of parts only
 * those go in that the service's logins have. */
struct authorization_request
service_authorization(const struct service *s, const struct login_parts *parts);
