/* SPDX-License-Identifier: MIT */
/* Token introspection (RFC 7662): what the server knows of a token. */
#pragma once

#include <stdbool.h>

#include "base/attr.h"
#include "base/fault.h"
#include "base/limits.h"
#include "base/secret.h"
#include "base/str.h"
#include "data/json.h"
#include "oauth/request.h"
#include "oauth/token/token.h"

/* Puts the parameters in (§2.1). -1 where they are too long. */
ATTR_MUST_CHECK int introspection_request(const struct secret *access_token,
					  struct token_request *r,
					  struct fault *f);
/* Reads a reply (§2.2). TOKEN_OK: *out is an object, for json_free, whose
 * "active" is a boolean; else it is NULL. Faults never hold a value of the
 * reply. */
ATTR_MUST_CHECK enum token_reply
introspection_reply_read(int status, struct str content_type, struct str body,
			 struct json **out, struct oauth_error *error,
			 struct fault *f);

/* Whether a text must not be shown. */
typedef bool introspection_hides_fn(void *arg, struct str text);
/* A copy in which no name and no string is one that must not be shown, for
 * json_free: such members are not in it, and what stood in such strings is
 * not. */
ATTR_MUST_CHECK struct json *
introspection_clean(const struct json *reply, introspection_hides_fn *hides,
		    void *arg);
