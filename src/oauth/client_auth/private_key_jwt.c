/* SPDX-License-Identifier: MIT */
/* private_key_jwt (OpenID Connect Core §9): the client signs with a key whose
 * public part the server has; or brings an assertion that somebody else has
 * signed for it (RFC 7523 §2.2). */
#include "oauth/client_auth/client_auth.h"

#include "config/live_secret.h"
#include "oauth/client_auth/client_assertion.h"
#include "oauth/settings.h"

static const struct client_auth_settings *
settings_of(const struct config_section *s)
{
	return config_block(s, &client_auth_settings_table);
}

static int no_use(const char *key, struct fault *f)
{
	return fault_set(f, "%s has no use where client_assertion is given",
			 key);
}

/* Keys that say how an assertion is made, where one is there already. */
static int check_ready_made(const struct config_section *s, const char **key,
			    struct fault *f)
{
	static const char *const making[] = {
		"client_private_key", "client_key_id",
		"token_endpoint_auth_signing_alg",
		"client_assertion_audience",
	};
	const struct config_table *t = &client_auth_settings_table;

	for (size_t i = 0; i < sizeof(making) / sizeof(making[0]); i++) {
		*key = making[i];
		if (config_own(s, *key))
			return no_use(*key, f);
	}
	for (size_t i = 0; i < t->nkeys; i++) {
		size_t at = 0;

		if (str_starts(str_z(t->keys[i].name),
			       STR("client_assertion.")) &&
		    (*key = config_own_next(s, &t->keys[i], &at)))
			return no_use(*key, f);
	}
	return 0;
}

static int private_key_check(const struct config_section *s, const char **key,
			     struct fault *f)
{
	const struct oauth_settings *o = config_block(s, &oauth_settings_table);
	const struct client_auth_settings *set = settings_of(s);

	*key = "client_id";
	if (!o->client_id)
		return fault_set(f, "client_id is missing: the client "
				 "authentication needs it");
	if (config_given(s, "client_assertion"))
		return check_ready_made(s, key, f);
	*key = "client_private_key";
	if (!set->private_key)
		return fault_set(f, "client_private_key is missing: "
				 "private_key_jwt needs it, or "
				 "client_assertion");
	return 0;
}

static int key_prepare(const struct client_auth_settings *set, struct key *k,
		       void **state, const char **key, struct fault *f)
{
	if (key_type(k) == KEY_OCT)
		return fault_set(f, "client_private_key holds a shared secret, "
				 "which client_secret_jwt would sign with");
	if (set->signing_alg)
		*key = "token_endpoint_auth_signing_alg";
	*state = client_assertion_signer(k, set->signing_alg, set->key_id, f);
	return *state ? 0 : fault_prefix(f, "%s", *key);
}

static int private_key_prepare(const struct config_section *s, void **state,
			       const char **key, struct fault *f)
{
	const struct client_auth_settings *set = settings_of(s);
	struct key *k;
	int rc;

	if (config_given(s, "client_assertion"))
		return 0;
	if (client_assertion_check(s, key, f) < 0)
		return -1;
	*key = "client_private_key";
	k = key_load(set->private_key, f);
	if (!k)
		return fault_prefix(f, "%s", *key);
	rc = key_prepare(set, k, state, key, f);
	key_unref(&k);
	return rc;
}

static int private_key_apply(const struct token_asking *a,
			     struct token_request *r, struct fault *f)
{
	const struct client_auth_settings *set = settings_of(a->section);
	struct secret *now;
	int rc;

	if (!config_live_given(&set->assertion))
		return client_assertion_apply(a, r, f);
	now = config_live_read(&set->assertion, f);
	if (!now)
		return fault_prefix(f, "client_assertion");
	rc = client_assertion_add(a, now, r, f);
	secret_unref(&now);
	return rc;
}

const struct client_auth client_auth_private_key_jwt = {
	.name = "private_key_jwt",
	.table = &client_auth_settings_table,
	.keys = "client_private_key client_key_id client_assertion "
		"token_endpoint_auth_signing_alg client_assertion_audience "
		"client_assertion.header.* client_assertion.claim.*",
	.check = private_key_check,
	.prepare = private_key_prepare,
	.release = client_assertion_release,
	.apply = private_key_apply,
};
