/* SPDX-License-Identifier: MIT */
/* One id_token that is verified (oauth/login/id_token.h), with the keys that
 * this needs: those that there are, or newer ones. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "base/fault.h"
#include "oauth/login/id_token.h"
#include "session/refresh.h"

struct id_check;
struct as_client;

struct id_check_result {
	bool good;
	/* good: whose it is; NULL where that was not looked at, or is said by
	 * what came before. */
	const struct id_token_subject *subject;
	/* Not good: the reason. */
	enum refresh_trouble trouble;
	struct fault text;
	bool old; /* it has expired, or the server has no key of it any more */
	/* What was given, borrowed. */
	struct token *token;
	int64_t sent;
};

/* Called once; the check is gone by then, but the result lives until it
 * returns. */
typedef void id_check_fn(void *arg, const struct id_check_result *r);

/* Checks the id_token that came to the client. The rules' section,
 * issuer, metadata, keys and time are filled in; all else of it is copied.
 * token (NULL is fine) and sent are kept for the result, and its access_token
 * is what at_hash is of. id_token NULL: none came. Where the service does not
 * verify, all is good. done is called within, or later, from the loop: *at is
 * the check until then, and NULL from then on. */
void id_check_start(struct id_check **at, struct as_client *client,
		    const struct id_token_rules *rules, struct secret *id_token,
		    struct token *token, int64_t sent, id_check_fn *done,
		    void *arg);
/* Without done; nulls the pointer. NULL is fine. */
void id_check_cancel(struct id_check **at);
