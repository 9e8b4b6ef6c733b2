/* SPDX-License-Identifier: MIT */
/* WWW-Authenticate (RFC 9110 §11.6.1), as RFC 6750 §3 uses it. */
#pragma once

#include <stdbool.h>

#include "base/buf.h"
#include "base/str.h"

/* Takes the next challenge's scheme off *rest, and its parameters' text;
 * false at the end or at what is no challenge. */
bool challenge_next(struct str *rest, struct str *scheme, struct str *params);
/* The value of one parameter (no case), unquoted into out; false where it is
 * not there. */
bool challenge_param(struct str params, struct str name, struct buf *out);
