/* SPDX-License-Identifier: MIT */
/* Logouts: a session's tokens are revoked at the server (RFC 7009) where that
 * can be, and forgotten here whatever the server says. All of it is the
 * broker's thread. */
#pragma once

#include <stdbool.h>

#include "base/attr.h"
#include "base/fault.h"
#include "base/list.h"

struct logout;
struct entry;
struct secret;
struct token;

/* What became of it, in words; good: nothing is left to be done by anybody.
 * Called from the loop, never from within logout_begin; the logout is gone
 * when it returns. */
typedef void logout_done_fn(void *arg, bool good, const struct fault *text);

/* Begins once the session is not busy. NULL with a fault where the session
 * has nothing that could be forgotten. */
ATTR_MUST_CHECK struct logout *logout_begin(struct entry *e,
					    logout_done_fn *done, void *arg,
					    struct fault *f);
/* What the session had until the login of its subject ended, or had asked for:
 * it is revoked, and nobody is told but the log. References are taken; NULL:
 * there is none. The session may go on meanwhile. */
void logout_disowned(struct entry *e, struct secret *refresh_token,
		     struct token *token);
/* Nobody is there any more to be told; it goes on. */
void logout_leave(struct logout *l);
/* Ends all those of a broker, without a word. */
void logouts_end(struct list *logouts);
