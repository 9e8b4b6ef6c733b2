/* SPDX-License-Identifier: MIT */
/* One token request: built anew for each attempt, sent once, its answer
 * read. */
#pragma once

#include <stdint.h>

#include "base/attr.h"
#include "base/fault.h"
#include "oauth/token.h"
#include "service/service.h"
#include "session/session.h"
#include "upstream/transfer.h"

struct ask;

struct ask_reply {
	struct token *token;           /* borrowed; NULL: there is none … */
	struct session_trouble trouble; /* … for this reason */
	int64_t sent;                  /* clock_ms when it was asked for */
};

/* Called once, from the loop; the ask is gone by then. */
typedef void ask_done_fn(void *arg, const struct ask_reply *reply);

/* Asks for a token: with the refresh token (RFC 6749 §6), or where that is
 * NULL by the service's grant, which has a request. old: the session's present
 * token or NULL, whose values are kept out of texts as the client's and the
 * grant's secrets are. NULL with a fault where the request cannot be built. */
ATTR_MUST_CHECK struct ask *ask_start(struct upstream *u,
				      const struct service *service,
				      struct secret *refresh_token,
				      struct token *old, ask_done_fn *done,
				      void *arg, struct fault *f);
/* Without done; nulls the pointer. NULL is fine. */
void ask_cancel(struct ask **ask);
