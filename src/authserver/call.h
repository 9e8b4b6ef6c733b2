/* SPDX-License-Identifier: MIT */
/* A request of bearerd's own to an authorization server: a form, POSTed once
 * (or what its compliance fixes make of that), with the client's
 * authentication in, and its whole answer. One that the server refuses because
 * its proof has no nonce, or an old one, is made anew with the nonce that came
 * with the refusal, and sent once more (RFC 9449 §8). */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "authserver/as_client.h"
#include "base/attr.h"
#include "base/fault.h"
#include "crypto/key.h"
#include "oauth/request.h"
#include "oauth/server.h"
#include "oauth/token/token.h"
#include "upstream/fetch.h"

struct call;

/* What a call is made of. */
struct call_request {
	enum endpoint_kind to;      /* which of the client's endpoints */
	struct token_asking asking; /* what the caller brings; all that the
				       client says is filled in */
	/* Puts the parameters in that are not the client's. */
	int (*build)(const struct token_asking *a, struct token_request *r,
		     struct fault *f);
	struct token *token; /* the session's present one, for templates; NULL:
				none */
	/* Values that no text may repeat, beside the client's and the grant's
	 * own; ends with NULL. */
	const struct secret *const *secrets;
	/* Which its proof is of (RFC 9449 §5), with the client's nonces; NULL:
	 * it has none. */
	struct key *key;
	/* Optional, with done's arg: a connection is there, and nothing has
	 * left yet. False: nothing does until call_go_on. */
	bool (*connected)(void *arg);
};

/* As fetch_done_fn, called once from the loop. The call is gone when it
 * returns; within it, call_clean and the functions below it may be used. */
typedef void call_done_fn(void *arg, struct call *c,
			  const struct fetch_response *response,
			  const struct transfer_fault *fault);

/* The client outlives the call, which keeps the endpoints that it has now. NULL
 * with a fault where the request cannot be built, or the server (by newer
 * metadata) has no such endpoint; where programs have to print its secrets
 * first, that is told as a fault of the call. */
ATTR_MUST_CHECK struct call *call_start(struct as_client *client,
					const struct call_request *q,
					call_done_fn *done, void *arg,
					struct fault *f);
/* After connected has returned false. */
void call_go_on(struct call *c);
/* Without done; nulls the pointer. NULL is fine. */
void call_cancel(struct call **call);

/* The authority that it went to, for texts. */
const char *call_authority(const struct call *c);
/* Whether its fault is that it could not be built. */
bool call_is_unmade(const struct call *c);
/* What it was for. */
enum token_phase call_phase(const struct call *c);
/* When it was sent: clock_ms, clock_wall_ms. */
int64_t call_sent(const struct call *c, int64_t *wall);
/* Keeps the tokens of an answer in JSON from being repeated in a text: what a
 * hook makes of it may hold one where no token is looked for. */
void call_keep_tokens(struct call *c, struct str body);
/* Takes words away that repeat a secret. The code says what is to be done: it
 * stays where it is clean. Where there is no code for the answer could not be
 * read, the words say why. */
void call_clean(const struct call *c, struct oauth_error *e);
/* Whether a text of any length repeats one. */
ATTR_MUST_CHECK bool call_repeats(const struct call *c, struct str text);
/* The response's media type; empty where it names none. */
struct str call_media_type(const struct fetch_response *r);
/* Retry-After, ms from now; -1: none that is understood. */
int64_t call_retry_after(const struct fetch_response *r);
