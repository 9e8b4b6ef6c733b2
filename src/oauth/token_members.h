/* SPDX-License-Identifier: MIT */
/* The members of a token response (RFC 6749 §5.1), out of JSON: what a server
 * sent and what the store gives back obey the same rules. */
#pragma once

#include <stdbool.h>

#include "base/attr.h"
#include "base/fault.h"
#include "base/str.h"
#include "data/json.h"
#include "oauth/token.h"

/* Ten years: what lives longer is taken to live so long. */
enum { TOKEN_EXPIRES_MAX = 10 * 365 * 24 * 3600 };

/* A token with one reference, its sent_wall and members unset; NULL with a
 * fault, which holds no value, where access_token, token_type, refresh_token
 * or id_token are not what they must be. */
ATTR_MUST_CHECK struct token *token_members_read(const struct json *j,
						 struct fault *f);
/* Whether a member says something: absent, null and "" do not. */
bool token_member_given(const struct json *j, const char *name);
/* All of s is visible ASCII (0x21 to 0x7e), and there is some. */
bool token_is_visible(struct str s);
