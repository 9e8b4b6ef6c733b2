/* SPDX-License-Identifier: MIT */
/* client_credentials (RFC 6749 §4.4): the client asks in its own name; no
 * person is needed, ever. */
#include "oauth/grant/grant.h"

static bool client_credentials_infer(const struct config_section *s)
{
	const struct oauth_settings *o = config_block(s, &oauth_settings_table);

	return o->client_id != NULL;
}

static int client_credentials_request(const struct token_asking *a,
				      struct token_request *r, struct fault *f)
{
	token_request_param(r, "grant_type", STR("client_credentials"));
	return grant_add_scope(a->section, true, r, f);
}

const struct grant grant_client_credentials = {
	.name = "client_credentials",
	.uses_client = true,
	.repeatable = true,
	.infer = client_credentials_infer,
	.check = grant_check_client,
	.request = client_credentials_request,
};
