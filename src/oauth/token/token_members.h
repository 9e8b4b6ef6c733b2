/* SPDX-License-Identifier: MIT */
/* The members of a token response (RFC 6749 §5.1), out of JSON: what a server
 * sent and what the store gives back obey the same rules. */
#pragma once

#include <stdbool.h>

#include "base/attr.h"
#include "base/fault.h"
#include "base/str.h"
#include "data/json.h"
#include "oauth/token/token.h"

/* Ten years: what lives longer is taken to live so long. */
enum { TOKEN_EXPIRES_MAX = 10 * 365 * 24 * 3600 };

enum { TOKEN_TYPE_MAX = 64 };

/* A token with one reference, its sent_wall and members unset; NULL with a
 * fault, which holds no value, where access_token, token_type, refresh_token
 * or id_token are not what they must be. any_type: a token_type other than
 * Bearer was agreed to before. */
ATTR_MUST_CHECK struct token *
token_members_read(const struct json *j, bool any_type, struct fault *f);
/* Whether s could be a token_type: 1 to TOKEN_TYPE_MAX printable characters of
 * ASCII. */
bool token_is_type(struct str s);
/* The seconds of an expires_in: a number in any of JSON's notations or in a
 * string, its fraction cut; 0 for all else. m may be NULL. */
int64_t token_expires_in(const struct json *m);
/* Whether a member says something: absent, null and "" do not. */
bool token_member_given(const struct json *j, const char *name);
