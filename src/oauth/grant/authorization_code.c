/* SPDX-License-Identifier: MIT */
/* authorization_code (RFC 6749 §4.1): a person logs in, and what the browser
 * brings back is a code, which is exchanged for a token here. */
#include "oauth/grant/grant.h"

#include "oauth/login/authorization.h"

static bool authorization_code_infer(const struct config_section *s)
{
	const struct oauth_settings *o = config_block(s, &oauth_settings_table);

	return o->authorization_endpoint != NULL;
}

static int authorization_code_check(const struct config_section *s,
				    const char **key, struct fault *f)
{
	if (grant_check_client(s, key, f) < 0)
		return -1;
	return authorization_check(s, &grant_authorization_code, key, f);
}

/* No scope: it was consented to with the code (RFC 6749 §4.1.3). */
static int authorization_code_request(const struct token_asking *a,
				      struct token_request *r,
				      struct fault *f)
{
	token_request_param(r, "grant_type", STR("authorization_code"));
	token_request_param(r, "code", secret_expose(a->code));
	token_request_param(r, "redirect_uri", str_z(a->redirect_uri));
	token_request_param(r, "code_verifier", secret_expose(a->verifier));
	return grant_add_scope(a->section, false, r, f);
}

const struct grant grant_authorization_code = {
	.name = "authorization_code",
	.table = &authorization_table,
	.uses_client = true,
	.person = true,
	.response_type = "code",
	.remedy = "log in again",
	.infer = authorization_code_infer,
	.check = authorization_code_check,
	.request = authorization_code_request,
};
