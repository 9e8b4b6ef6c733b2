/* SPDX-License-Identifier: MIT */
/* implicit (RFC 6749 §4.2): a person logs in, and the browser brings the token
 * itself, in the fragment of the address. For servers that know nothing
 * else. */
#include "oauth/grant/grant.h"

#include "oauth/login/authorization.h"

static bool implicit_infer(const struct config_section *s ATTR_UNUSED)
{
	return false;
}

static int implicit_check(const struct config_section *s, const char **key,
			  struct fault *f)
{
	const struct oauth_settings *o = config_block(s, &oauth_settings_table);

	*key = "client_id";
	if (!o->client_id)
		return fault_set(f, "client_id is missing: the grant implicit "
				 "needs it");
	return authorization_check(s, &grant_implicit, key, f);
}

const struct grant grant_implicit = {
	.name = "implicit",
	.table = &authorization_table,
	.uses_client = true,
	.person = true,
	.response_type = "token",
	.remedy = "log in again",
	.infer = implicit_infer,
	.check = implicit_check,
};
