/* SPDX-License-Identifier: MIT */
/* password (RFC 6749 §4.3): a user's name and password are exchanged for a
 * token. No person is needed; but servers lock accounts whose password is
 * wrong too often, so that it is not tried for ever. */
#include "oauth/grant/grant.h"

#include "config/live_secret.h"

struct password_settings {
	struct config_live_secret password;
};

/* clang-format off */
static const struct config_key keys[] = {
	{ "password", &config_live_secret,
	  offsetof(struct password_settings, password), CONFIG_SECRET,
	  NULL, NULL,
	  "The password of username, for grant_type = password. After three "
	  "refusals in a row (invalid_grant) it is not sent again until its "
	  "file changes, or the next start, for servers lock accounts." },
};
/* clang-format on */

static const struct config_table password_table = {
	.section = "service",
	.title = "Session: password",
	.keys = keys,
	.nkeys = sizeof(keys) / sizeof(keys[0]),
	.size = sizeof(struct password_settings),
};

static const char *password_user(const struct config_section *s)
{
	const struct oauth_settings *o = config_block(s, &oauth_settings_table);

	return o->username;
}

static bool password_infer(const struct config_section *s)
{
	return password_user(s) && config_given(s, "password");
}

static int password_check(const struct config_section *s, const char **key,
			  struct fault *f)
{
	const struct password_settings *o = config_block(s, &password_table);

	/* RFC 6749 §4.3.2 asks for no client_id. */
	if (grant_check_optional_client(s, key, f) < 0 ||
	    grant_check_endpoint(s, ENDPOINT_TOKEN, key, f) < 0)
		return -1;
	*key = "username";
	if (!password_user(s))
		return fault_set(f, "username is missing: the grant password "
				    "needs it");
	*key = "password";
	if (!config_live_given(&o->password))
		return fault_set(f, "password is missing: the grant password "
				    "needs it");
	return 0;
}

static int password_request(const struct token_asking *a,
			    struct token_request *r, struct fault *f)
{
	const struct password_settings *o =
		config_block(a->section, &password_table);
	struct secret *now = config_live_read(&o->password, f);

	if (!now)
		return fault_prefix(f, "password");
	token_request_param(r, "grant_type", STR("password"));
	token_request_param(r, "username", str_z(password_user(a->section)));
	token_request_secret(r, "password", now);
	secret_unref(&now);
	return grant_add_scope(a->section, true, r, f);
}

static const char *password_owner(const struct config_section *s,
				  const void *state ATTR_UNUSED)
{
	return password_user(s);
}

const struct grant grant_password = {
	.name = "password",
	.table = &password_table,
	.uses_client = true,
	.repeatable = true,
	.patience = 3,
	.remedy = "check username and password",
	.infer = password_infer,
	.check = password_check,
	.request = password_request,
	.user = password_owner,
};
