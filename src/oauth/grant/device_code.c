/* SPDX-License-Identifier: MIT */
/* device_code (RFC 8628): a person logs in with the browser of another device,
 * and meanwhile it is asked again and again whether they have. */
#include "oauth/grant/grant.h"

#define URN "urn:ietf:params:oauth:grant-type:device_code"

static bool device_code_infer(const struct config_section *s ATTR_UNUSED)
{
	return false;
}

static int device_code_check(const struct config_section *s, const char **key,
			     struct fault *f)
{
	if (grant_check_client(s, key, f) < 0)
		return -1;
	return grant_check_endpoint(s, ENDPOINT_DEVICE_AUTHORIZATION, key, f);
}

/* RFC 8628 §3.4. */
static int device_code_request(const struct token_asking *a,
			       struct token_request *r, struct fault *f)
{
	token_request_param(r, "grant_type", STR(URN));
	token_request_param(r, "device_code", secret_expose(a->device_code));
	return grant_add_scope(a->section, false, r, f);
}

const struct grant grant_device_code = {
	.name = "device_code",
	.urn = URN,
	.uses_client = true,
	.person = true,
	.remedy = "log in again",
	.infer = device_code_infer,
	.check = device_code_check,
	.request = device_code_request,
};
