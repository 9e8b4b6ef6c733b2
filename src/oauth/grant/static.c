/* SPDX-License-Identifier: MIT */
/* static: the token stands in the configuration and is used until the file
 * says otherwise; there is nothing to ask for and nothing to renew. */
#include "oauth/grant/grant.h"

struct static_settings {
	struct secret *access_token;
};

/* clang-format off */
static const struct config_key keys[] = {
	{ "access_token", &config_secret,
	  offsetof(struct static_settings, access_token), CONFIG_SECRET,
	  NULL, NULL,
	  "A token to be used as it is: a personal access token or an API "
	  "key." },
};
/* clang-format on */

static const struct config_table static_table = {
	.section = "service",
	.title = "Session: static",
	.keys = keys,
	.nkeys = sizeof(keys) / sizeof(keys[0]),
	.size = sizeof(struct static_settings),
};

static bool static_infer(const struct config_section *s)
{
	return config_given(s, "access_token");
}

/* What no place can hold is found here, before the first request is. */
static int static_check(const struct config_section *s, const char **key,
			struct fault *f)
{
	const struct static_settings *o = config_block(s, &static_table);
	struct str value = secret_expose(o->access_token);

	*key = "access_token";
	if (!o->access_token)
		return fault_set(f, "access_token is missing: the grant "
				    "static needs it");
	if (!str_is_printable(value))
		return fault_set(f, "access_token holds a character that is "
				    "not printable ASCII (a second line?)");
	return grant_check_endpoints(s, key, f);
}

static struct token *static_fixed(const struct config_section *s)
{
	const struct static_settings *o = config_block(s, &static_table);

	return o->access_token ? token_static(o->access_token) : NULL;
}

const struct grant grant_static = {
	.name = "static",
	.table = &static_table,
	.repeatable = true,
	.infer = static_infer,
	.check = static_check,
	.fixed = static_fixed,
};
