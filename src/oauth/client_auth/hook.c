/* SPDX-License-Identifier: MIT */
/* hook: a function of the service's hook file puts in who the client is, for
 * servers that want it in a way of their own. */
#include "oauth/client_auth/client_auth.h"

#include "oauth/hook/token.h"

static int hook_check(const struct config_section *s, const char **key,
		      struct fault *f)
{
	const struct hook_settings *set = config_block(s, &hook_settings_table);

	*key = "token_endpoint_auth_method";
	if (!set->path)
		return fault_set(f, "hook is missing: "
				 "token_endpoint_auth_method = hook needs a "
				 "file with the function client_auth");
	return 0;
}

const struct client_auth client_auth_hook = {
	.name = "hook",
	.table = &hook_settings_table,
	.keys = "client_secret",
	.check = hook_check,
	.apply = hook_client_auth,
};
