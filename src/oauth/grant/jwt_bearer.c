/* SPDX-License-Identifier: MIT */
/* jwt-bearer (RFC 7523 §2.1): an assertion, signed here, of who asks and in
 * whose name, is exchanged for a token. */
#include "oauth/grant/grant.h"

#include "oauth/grant/signing.h"

#define URN "urn:ietf:params:oauth:grant-type:jwt-bearer"

static int jwt_bearer_check(const struct config_section *s, const char **key,
			    struct fault *f)
{
	if (grant_check_optional_client(s, key, f) < 0 ||
	    signing_check(s, "jwt-bearer", key, f) < 0)
		return -1;
	return signing_has_account(s)
		       ? 0
		       : grant_check_endpoint(s, ENDPOINT_TOKEN, key, f);
}

static int jwt_bearer_request(const struct token_asking *a,
			      struct token_request *r, struct fault *f)
{
	struct secret *assertion = signing_make(a, false, f);

	if (!assertion)
		return -1;
	token_request_param(r, "grant_type", STR(URN));
	token_request_secret(r, "assertion", assertion);
	secret_unref(&assertion);
	return grant_add_scope(a->section, !signing_has_account(a->section), r,
			       f);
}

const struct grant grant_jwt_bearer = {
	.name = "jwt-bearer",
	.urn = URN,
	.table = &signing_table,
	.uses_client = true,
	.repeatable = true,
	.remedy = "the server does not take the assertion: its issuer, "
		  "subject, audience or key, or the time of one of the two "
		  "machines",
	.infer = signing_given,
	.check = jwt_bearer_check,
	.prepare = signing_prepare,
	.release = signing_release,
	.request = jwt_bearer_request,
	.user = signing_user,
	.token_endpoint = signing_account_endpoint,
};
