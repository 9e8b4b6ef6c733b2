/* SPDX-License-Identifier: MIT */
/* What a server answers to an authorization request that was pushed (RFC 9126
 * §2.2, §2.3): a reference to it, for the browser to carry. */
#pragma once

#include <stdint.h>

#include "base/attr.h"
#include "base/fault.h"
#include "base/secret.h"
#include "base/str.h"
#include "oauth/token/token.h"

struct pushed_authorization {
	struct secret *request_uri; /* visible ASCII */
	int64_t expires_in;         /* s, from when it was pushed */
};

/* Reads a reply as token_reply_read does, but JSON alone. TOKEN_OK: *out is
 * filled in, for pushed_authorization_fini; else it is zeroed. Refused: a
 * request_uri that is missing, too long or not visible ASCII, and an
 * expires_in that is no whole number above 0. Faults never hold a value of the
 * reply. */
ATTR_MUST_CHECK enum token_reply
pushed_reply_read(int status, struct str content_type, struct str body,
		  struct pushed_authorization *out, struct oauth_error *error,
		  struct fault *f);
void pushed_authorization_fini(struct pushed_authorization *p);
