/* SPDX-License-Identifier: MIT */
/* Which client authentication a session uses at its token endpoint. */
#include "oauth/client_auth.h"

#include "base/buf.h"
#include "oauth/settings.h"

const struct client_auth *const client_auths[] = {
	&client_auth_client_secret_basic,
	&client_auth_client_secret_post,
	&client_auth_none,
	NULL,
};

const struct client_auth *client_auth_find(const char *name, struct fault *f)
{
	struct buf names = BUF_INIT(FAULT_TEXT_MAX);

	for (size_t i = 0; client_auths[i]; i++) {
		if (str_eq(str_z(client_auths[i]->name), str_z(name))) {
			buf_fini(&names);
			return client_auths[i];
		}
		buf_addf(&names, "%s%s", i > 0 ? ", " : "",
			 client_auths[i]->name);
	}
	fault_set(f, "token_endpoint_auth_method must be one of %s, not "
		  "\"%s\"", buf_z(&names), name);
	buf_fini(&names);
	return NULL;
}

const struct client_auth *client_auth_of(const struct config_section *s,
					 struct fault *f)
{
	const struct oauth_settings *o = config_block(s, &oauth_settings_table);

	if (o->token_endpoint_auth_method)
		return client_auth_find(o->token_endpoint_auth_method, f);
	return o->client_secret ? &client_auth_client_secret_basic
				: &client_auth_none;
}

int client_auth_check_secret(const struct config_section *s, const char **key,
			     struct fault *f)
{
	const struct oauth_settings *o = config_block(s, &oauth_settings_table);

	*key = "client_id";
	if (!o->client_id)
		return fault_set(f, "client_id is missing: the client "
				 "authentication needs it");
	*key = "client_secret";
	if (!o->client_secret)
		return fault_set(f, "client_secret is missing: "
				 "token_endpoint_auth_method needs it (none "
				 "does without)");
	return 0;
}
