/* SPDX-License-Identifier: MIT */
/* The authorization server's endpoints, by the names that keys and metadata
 * (RFC 8414 §2) have for them. */
#pragma once

#include "base/attr.h"
#include "base/fault.h"
#include "oauth/settings.h"

enum endpoint_kind {
	ENDPOINT_AUTHORIZATION, /* where people go */
	ENDPOINT_TOKEN,
	ENDPOINT_REFRESH,
	ENDPOINT_DEVICE_AUTHORIZATION,
	ENDPOINT_REVOCATION,
	ENDPOINT_INTROSPECTION,
	ENDPOINT_PUSHED_AUTHORIZATION, /* RFC 9126 */
	ENDPOINT_JWKS, /* where its keys are */
	ENDPOINT_KINDS,
};

/* "token_endpoint", … */
const char *endpoint_key(enum endpoint_kind kind);
/* What the section says of it; NULL where it says nothing. */
const char *endpoint_given(const struct oauth_settings *o,
			   enum endpoint_kind kind);
/* Whether it is given, or will be found: by the issuer that is given. */
bool endpoint_is_findable(const struct oauth_settings *o,
			  enum endpoint_kind kind);
/* Whether secrets may be sent to an address: https, or http on loopback, and
 * no second place for a user and password. name is for the fault. */
ATTR_MUST_CHECK int endpoint_check(const char *name, const char *url,
				   struct fault *f);
/* Whether it is an issuer's identifier (RFC 8414 §2): an endpoint's address as
 * above, without query and fragment. */
ATTR_MUST_CHECK int issuer_check(const char *issuer, struct fault *f);
