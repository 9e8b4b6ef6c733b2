/* SPDX-License-Identifier: MIT */
/* client_secret_post (RFC 6749 §2.3.1): both in the body, for servers that
 * cannot do Basic. */
#include "oauth/client_auth/client_auth.h"

#include "config/live_secret.h"
#include "oauth/settings.h"

static int post_apply(const struct token_asking *a, struct token_request *r,
		      struct fault *f)
{
	const struct oauth_settings *o =
		config_block(a->section, &oauth_settings_table);
	struct secret *secret = config_live_read(&o->client_secret, f);

	if (!secret)
		return fault_prefix(f, "client_secret");
	token_request_client_id(r, o->client_id);
	token_request_secret(r, "client_secret", secret);
	secret_unref(&secret);
	return token_request_check(r, f);
}

const struct client_auth client_auth_client_secret_post = {
	.name = "client_secret_post",
	.keys = "client_secret",
	.check = client_auth_check_secret,
	.apply = post_apply,
};
