/* SPDX-License-Identifier: MIT */
/* none: a public client (RFC 6749 §2.1) says who it is (§3.2.1) and proves
 * nothing. */
#include "oauth/client_auth/client_auth.h"

#include "oauth/settings.h"

static int none_check(const struct config_section *s, const char **key,
		      struct fault *f)
{
	const struct oauth_settings *o = config_block(s, &oauth_settings_table);

	*key = "client_id";
	if (!o->client_id)
		return fault_set(f, "client_id is missing: the client "
				    "authentication needs it");
	return 0;
}

const struct client_auth client_auth_none = {
	.name = "none",
	.keys = "",
	.check = none_check,
	.apply = client_auth_apply_id,
};
