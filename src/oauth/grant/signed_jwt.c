/* SPDX-License-Identifier: MIT */
/* signed-jwt: the assertion itself is the access token, so that no server is
 * asked: Snowflake's key pairs, GitHub Apps, App Store Connect, and Google's
 * self-signed tokens. */
#include "oauth/grant/grant.h"

#include "base/clock.h"
#include "oauth/grant/signing.h"

/* Never meant where it is not named: jwt-bearer has the same keys. */
static bool signed_jwt_infer(const struct config_section *s ATTR_UNUSED)
{
	return false;
}

/* Google takes a self-signed token for one API, by its address, or for
 * scopes. */
static int signed_jwt_check(const struct config_section *s, const char **key,
			    struct fault *f)
{
	if (signing_check(s, "signed-jwt", key, f) < 0)
		return -1;
	*key = "service_account_file";
	if (signing_has_account(s) && !config_given(s, "assertion_audience") &&
	    !config_given(s, "scope"))
		return fault_set(f, "assertion_audience or scope is missing: a "
				 "token that a service account signs itself "
				 "is for one API or for scopes");
	return grant_check_endpoints(s, key, f);
}

static struct token *signed_jwt_make(const struct token_asking *a,
				     int64_t *sent, struct fault *f)
{
	struct secret *made = signing_make(a, true, f);
	struct token *t;

	*sent = clock_ms();
	if (!made)
		return NULL;
	t = token_static(made);
	t->expires_in = signing_life(a->section);
	t->sent_wall = a->now * 1000;
	secret_unref(&made);
	return t;
}

const struct grant grant_signed_jwt = {
	.name = "signed-jwt",
	.table = &signing_table,
	.repeatable = true,
	.infer = signed_jwt_infer,
	.check = signed_jwt_check,
	.prepare = signing_prepare,
	.release = signing_release,
	.make = signed_jwt_make,
	.user = signing_user,
};
