/* SPDX-License-Identifier: MIT */
/* Writes the request that revokes a token, and reads the answer: the last that
 * a session says to its server. */
#include "oauth/token/revocation.h"

#include <string.h>

#include "oauth/token/reply.h"

static const char WHO[] = "revocation endpoint";

int revocation_request(const struct secret *token, const char *hint,
		       struct token_request *r, struct fault *f)
{
	r->phase = PHASE_REVOCATION;
	token_request_param(r, "token", secret_expose(token));
	token_request_param(r, "token_type_hint", str_z(hint));
	return token_request_check(r, f);
}

/* Where the server has no words of its own (RFC 7009 §2.2.1). */
static void explain(struct oauth_error *error)
{
	struct str words = STR("the server does not revoke tokens of this "
			       "kind");

	if (!strcmp(error->code, "unsupported_token_type") &&
	    !error->description[0])
		reply_words(error->description, sizeof(error->description),
			    words);
}

enum revocation_reply revocation_reply_read(int status,
					    struct str content_type,
					    struct str body,
					    struct oauth_error *error)
{
	memset(error, 0, sizeof(*error));
	error->status = status;
	if (status == 200 || status == 204)
		return REVOCATION_DONE;
	reply_error_body(WHO, content_type, body, error);
	explain(error);
	return reply_passes(error) ? REVOCATION_LATER : REVOCATION_REFUSED;
}
