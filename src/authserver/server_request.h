/* SPDX-License-Identifier: MIT */
/* What is asked of an authorization server, as it is written: what a grant
 * (or a revocation …) wants, the client's authentication, and what the
 * server wants otherwise. authserver/call.c sends it. */
#pragma once

#include "base/attr.h"
#include "base/fault.h"
#include "oauth/request.h"
#include "oauth/token/token.h"
#include "service/endpoints.h"
#include "service/service.h"

/* All of it borrowed. */
struct server_request {
	const struct service *service;
	const struct endpoints *endpoints;
	const struct endpoint *endpoint; /* where it goes */
	struct token_asking asking;      /* section, auth_state, hook,
					    endpoints, issuer and time are
					    filled in; without hooks, where
					    they would run, none is called */
	/* Puts the parameters in that are not the client's. */
	int (*build)(const struct token_asking *a, struct token_request *r,
		     struct fault *f);
	struct token *token; /* the session's present one, for templates; NULL:
				none */
};

/* Fills in a request that was begun, and finishes it. -1 with a fault, which
 * names the service, where that cannot be. */
ATTR_MUST_CHECK int server_request_write(const struct server_request *q,
					 struct token_request *r,
					 struct fault *f);
