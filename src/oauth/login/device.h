/* SPDX-License-Identifier: MIT */
/* Device authorization (RFC 8628 §3.1, §3.2): a code that a person enters in
 * the browser of another device. Polling for the token is the grant's. */
#pragma once

#include <stdint.h>

#include "base/attr.h"
#include "base/fault.h"
#include "base/secret.h"
#include "base/str.h"
#include "oauth/compliance/compliance.h"
#include "oauth/request.h"
#include "oauth/token/token.h"

struct device_authorization {
	struct secret *device_code;
	char *user_code;        /* printable ASCII, for people */
	char *verification_uri; /* http or https, printable */
	char *verification_uri_complete; /* the same; NULL: none */
	int64_t expires_in;     /* s, from when it was asked for */
	int64_t interval;       /* s between two polls, at least */
};

/* Puts the parameters in, client_id among them, for not every server takes
 * it from the client's authentication. -1 where they are too long. */
ATTR_MUST_CHECK int device_request(const struct token_asking *a,
				   struct token_request *r, struct fault *f);

/* Reads a reply as token_reply_read_fixed does: x may be NULL, sent_wall is ms
 * since the epoch. TOKEN_OK: *out is filled in, for device_authorization_fini;
 * else it is zeroed. Refused: a device_code, user_code or verification_uri that
 * is missing, too long or not printable, and addresses that are not http or
 * https. */
ATTR_MUST_CHECK enum token_reply
device_reply_read(const struct response_fixes *x, int status,
		  struct str content_type, struct str body, int64_t sent_wall,
		  struct device_authorization *out, struct oauth_error *error,
		  struct fault *f);
void device_authorization_fini(struct device_authorization *d);
