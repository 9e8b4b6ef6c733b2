/* SPDX-License-Identifier: MIT */
/* client_secret_jwt (OpenID Connect Core §9): the client_secret stays here,
 * and what is sent is signed with it. */
#include "oauth/client_auth/client_auth.h"

#include "config/live_secret.h"
#include "oauth/client_auth/client_assertion.h"
#include "oauth/settings.h"

static void *signer(const struct config_section *s, struct secret *secret,
		    struct fault *f)
{
	const struct client_auth_settings *set =
		config_block(s, &client_auth_settings_table);
	struct key *k = key_symmetric(secret);
	void *made = client_assertion_signer(
		k, set->signing_alg ? set->signing_alg : "HS256", NULL, f);

	key_unref(&k);
	return made;
}

/* What a program prints is not known yet. */
static int secret_jwt_prepare(const struct config_section *s, void **state,
			      const char **key, struct fault *f)
{
	const struct oauth_settings *o = config_block(s, &oauth_settings_table);
	const struct client_auth_settings *set =
		config_block(s, &client_auth_settings_table);

	if (client_assertion_check(s, key, f) < 0)
		return -1;
	if (!o->client_secret.value)
		return 0;
	*key = set->signing_alg ? "token_endpoint_auth_signing_alg"
				: "client_secret";
	*state = signer(s, o->client_secret.value, f);
	return *state ? 0 : fault_prefix(f, "%s", *key);
}

/* With the secret as it is now. */
static int secret_jwt_apply(const struct token_asking *a,
			    struct token_request *r, struct fault *f)
{
	const struct oauth_settings *o =
		config_block(a->section, &oauth_settings_table);
	struct secret *secret = config_live_read(&o->client_secret, f);
	struct token_asking now = *a;
	void *made;
	int rc;

	if (!secret)
		return fault_prefix(f, "client_secret");
	token_request_note(r, secret);
	made = signer(a->section, secret, f);
	secret_unref(&secret);
	if (!made)
		return fault_prefix(f, "client_secret");
	now.auth_state = made;
	rc = client_assertion_apply(&now, r, f);
	client_assertion_release(made);
	return rc;
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
	.apply = secret_jwt_apply,
};
