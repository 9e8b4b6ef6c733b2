/* SPDX-License-Identifier: MIT */
/* refresh_token (RFC 6749 §6): the session begins with a refresh token that
 * somebody got elsewhere. Where the server rotates it, what the file says is
 * of no use any more, and the newest lies in the store alone. */
#include "oauth/grant/grant.h"

#include "config/live_secret.h"

struct refresh_token_settings {
	struct config_live_secret refresh_token;
};

/* clang-format off */
static const struct config_key keys[] = {
	{ "refresh_token", &config_live_token,
	  offsetof(struct refresh_token_settings, refresh_token),
	  CONFIG_SECRET, NULL, NULL,
	  "The refresh token that the session begins with. Where the server "
	  "gives a new one, that one is stored and used instead, also after "
	  "a restart, until the value here is changed." },
};
/* clang-format on */

static const struct config_table refresh_token_table = {
	.section = "service",
	.title = "Session: refresh_token",
	.keys = keys,
	.nkeys = sizeof(keys) / sizeof(keys[0]),
	.size = sizeof(struct refresh_token_settings),
};

static struct secret *refresh_token_seed(const struct config_section *s)
{
	const struct refresh_token_settings *o =
		config_block(s, &refresh_token_table);

	return config_live_read(&o->refresh_token, NULL);
}

static bool refresh_token_infer(const struct config_section *s)
{
	return config_given(s, "refresh_token");
}

static int refresh_token_check(const struct config_section *s, const char **key,
			       struct fault *f)
{
	if (grant_check_client(s, key, f) < 0)
		return -1;
	*key = "refresh_token";
	if (!config_given(s, "refresh_token"))
		return fault_set(f, "refresh_token is missing: the grant "
				    "refresh_token needs it");
	return 0;
}

static int refresh_token_request(const struct token_asking *a,
				 struct token_request *r, struct fault *f)
{
	const struct refresh_token_settings *o =
		config_block(a->section, &refresh_token_table);
	struct secret *now = config_live_read(&o->refresh_token, f);
	int rc;

	if (!now)
		return fault_prefix(f, "refresh_token");
	token_request_note(r, now);
	rc = grant_refresh(&grant_refresh_token, a->section, now, r, f);
	secret_unref(&now);
	return rc;
}

const struct grant grant_refresh_token = {
	.name = "refresh_token",
	.table = &refresh_token_table,
	.uses_client = true,
	.remedy = "the refresh token was revoked, is over or was used "
		  "already: give a new refresh_token",
	.infer = refresh_token_infer,
	.check = refresh_token_check,
	.request = refresh_token_request,
	.seed = refresh_token_seed,
};
