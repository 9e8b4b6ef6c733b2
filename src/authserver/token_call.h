/* SPDX-License-Identifier: MIT */
/* One token request: built anew for each attempt, sent once, its answer
 * read. */
#pragma once

#include <stdint.h>

#include "authserver/as_client.h"
#include "base/attr.h"
#include "base/fault.h"
#include "oauth/token/token.h"
#include "session/session.h"

struct token_call;

/* What is asked, and with what. */
struct token_call_request {
	const struct grant *grant;     /* NULL: the service's */
	struct secret *refresh_token;  /* not NULL: it is a refresh (RFC 6749
					  §6), whatever the grant */
	struct token *old;             /* the session's present token, or the
					  last one where that is of no use any
					  more, or NULL: for templates, and
					  its values are kept out of texts, as
					  the client's and the grant's secrets
					  are */
	struct key *key;               /* dpop: which is proved; NULL: none */
	struct token_asking asking;    /* what the caller brings: code,
					  device_code and so on; all that the
					  client says is filled in */
	bool (*connected)(void *arg);  /* as of call_request; NULL: none */
	bool once;                     /* nobody will ask it again; a code is
					  sent once in any case */
};

struct token_call_reply {
	struct token *token;           /* borrowed; NULL: there is none … */
	struct session_trouble trouble; /* … for this reason */
	struct oauth_error error;      /* the server's, clean of secrets */
	int64_t sent;                  /* clock_ms when it was asked for */
};

/* Called once, from the loop; the token call is gone by then. */
typedef void token_call_done_fn(void *arg,
				const struct token_call_reply *reply);

/* The client outlives the call. NULL with a fault where the request cannot be
 * built. */
ATTR_MUST_CHECK struct token_call *token_call_start(
	struct as_client *client, const struct token_call_request *q,
	token_call_done_fn *done, void *arg, struct fault *f);
/* After connected has returned false. */
void token_call_go_on(struct token_call *a);
/* Whether what it brings could not be asked for again: it sends a refresh
 * token, which the server may rotate, or what a person has brought. */
bool token_call_is_irreplaceable(const struct token_call *a);
/* Without done; nulls the pointer. NULL is fine. */
void token_call_cancel(struct token_call **call);
