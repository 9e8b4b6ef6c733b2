/* SPDX-License-Identifier: MIT */
/* Token revocation (RFC 7009): telling the server that a token is not needed
 * any more. */
#pragma once

#include "base/attr.h"
#include "base/fault.h"
#include "base/secret.h"
#include "base/str.h"
#include "oauth/request.h"
#include "oauth/token/token.h"

enum revocation_reply {
	REVOCATION_DONE,    /* it is not valid, or never was (§2.2) */
	REVOCATION_LATER,   /* 503 and the like: it still is; try again */
	REVOCATION_REFUSED, /* the server said no: *error */
};

/* Puts the parameters in (§2.1). hint: "refresh_token" or "access_token". -1
 * where they are too long. */
ATTR_MUST_CHECK int revocation_request(const struct secret *token,
				       const char *hint,
				       struct token_request *r,
				       struct fault *f);
/* *error has the status, and, unless it is done, words that a person can be
 * told. */
ATTR_MUST_CHECK enum revocation_reply
revocation_reply_read(int status, struct str content_type, struct str body,
		      struct oauth_error *error);
