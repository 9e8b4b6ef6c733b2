/* SPDX-License-Identifier: MIT */
/* client_secret_jwt (OpenID Connect Core §9): the client_secret stays here,
 * and what is sent is signed with it. */
#include "oauth/client_auth/client_auth.h"

#include "oauth/client_auth/client_assertion.h"
#include "oauth/settings.h"

static int secret_jwt_prepare(const struct config_section *s, void **state,
			      const char **key, struct fault *f)
{
	const struct oauth_settings *o = config_block(s, &oauth_settings_table);
	const struct client_auth_settings *set =
		config_block(s, &client_auth_settings_table);
	const char *alg = set->signing_alg ? set->signing_alg : "HS256";
	struct key *k;

	if (client_assertion_check(s, key, f) < 0)
		return -1;
	k = key_symmetric(o->client_secret);
	*key = set->signing_alg ? "token_endpoint_auth_signing_alg"
				: "client_secret";
	*state = client_assertion_signer(k, alg, NULL, f);
	key_unref(&k);
	return *state ? 0 : fault_prefix(f, "%s", *key);
}

const struct client_auth client_auth_client_secret_jwt = {
	.name = "client_secret_jwt",
	.table = &client_auth_settings_table,
	.keys = "client_secret token_endpoint_auth_signing_alg "
		"client_assertion_audience client_assertion.header.* "
		"client_assertion.claim.*",
	.check = client_auth_check_secret,
	.prepare = secret_jwt_prepare,
	.release = client_assertion_release,
	.apply = client_assertion_apply,
};
