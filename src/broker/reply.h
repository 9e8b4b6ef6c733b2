/* SPDX-License-Identifier: MIT */
/* What comes of a token request: a token, which is checked and stored before
 * anybody sees it, or a failure. */
#pragma once

#include <stdint.h>

#include "base/attr.h"
#include "base/fault.h"

struct entry;
struct id_token_subject;
struct session_trouble;
struct token;
struct token_call_reply;

/* The answer to an entry's own token request; arg: the entry. */
void reply_take(void *arg, const struct token_call_reply *reply);
/* A token request has ended without a token. */
void reply_failed(struct entry *e, const struct session_trouble *t);
/* A token request, or a login, has brought t, which is subject's (NULL: that
 * is not known): the session is busy until it is stored. -1 where it cannot be
 * placed. */
ATTR_MUST_CHECK int reply_store(struct entry *e, struct token *t, int64_t sent,
				const struct id_token_subject *subject,
				struct fault *f);
/* It is stored, or cannot be: it is the session's token from now on. */
void reply_stored(struct entry *e);
