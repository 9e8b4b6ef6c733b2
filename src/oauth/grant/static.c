/* SPDX-License-Identifier: MIT */
/* static: the token stands in the configuration and is used until the file
 * says otherwise; there is nothing to ask for and nothing to renew. */
#include "oauth/grant/grant.h"

#include "config/command.h"
#include "config/live_secret.h"

struct static_settings {
	struct config_live_secret access_token;
};

/* clang-format off */
static const struct config_key keys[] = {
	{ "access_token", &config_live_secret,
	  offsetof(struct static_settings, access_token),
	  CONFIG_SECRET | CONFIG_TOKEN, NULL, NULL,
	  "A token to be used as it is: a personal access token or an API "
	  "key. With access_token_command, a program's that prints one: alone "
	  "on its first line, or in a JSON object as access_token, with "
	  "expires_in (seconds) or expires_at (a date, or seconds since 1970). "
	  "It is run again when the token's life is over, or the upstream "
	  "refuses it." },
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
	struct str value = secret_expose(o->access_token.value);

	*key = "access_token";
	if (!config_live_given(&o->access_token))
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
	struct secret *now;
	struct token *t;

	if (!o->access_token.value)
		return NULL;
	now = config_live_read(&o->access_token, NULL);
	t = now ? token_static(now) : NULL;
	secret_unref(&now);
	return t;
}

static bool static_makes(const struct config_section *s)
{
	const struct static_settings *o = config_block(s, &static_table);

	return o->access_token.command != NULL;
}

/* The program's last one, whose life counts from when it was begun. */
static struct token *static_make(const struct token_asking *a, int64_t *sent,
				 struct fault *f)
{
	const struct static_settings *o =
		config_block(a->section, &static_table);
	struct config_command_value v =
		config_command_get(o->access_token.command);
	struct token *t;

	if (!v.secret) {
		fault_set(f, "access_token_command has printed no token yet");
		return NULL;
	}
	t = token_static(v.secret);
	t->expires_in = v.life;
	t->sent_wall = v.ran_wall;
	*sent = v.ran;
	secret_unref(&v.secret);
	return t;
}

const struct grant grant_static = {
	.name = "static",
	.table = &static_table,
	.repeatable = true,
	.infer = static_infer,
	.check = static_check,
	.fixed = static_fixed,
	.makes = static_makes,
	.make = static_make,
};
