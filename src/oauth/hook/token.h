/* SPDX-License-Identifier: MIT */
/* Hooks at the token endpoint: what a function makes of a request before it is
 * written, and of a response before it is read. */
#pragma once

#include "oauth/hook/hook.h"

/* The phase's function, where the file has it: after the compliance fixes.
 * token: the session's present one, or NULL. */
ATTR_MUST_CHECK int hook_token_request(const struct token_asking *a,
				       struct token *token,
				       struct token_request *r,
				       struct fault *f);
/* client_auth: who the client is. */
ATTR_MUST_CHECK int hook_client_auth(const struct token_asking *a,
				     struct token_request *r, struct fault *f);

/* A response, whose members are replaced in the arena. */
struct hook_response {
	struct arena *arena;
	int status;
	struct fields fields;
	struct str body;
};

/* Whether the phase has a function. h may be NULL. */
bool hook_has_response(const struct hook *h, enum token_phase phase);
/* Calls it, which must be there. */
ATTR_MUST_CHECK int hook_token_response(const struct token_asking *a,
					enum token_phase phase,
					struct hook_response *r,
					struct fault *f);
