/* SPDX-License-Identifier: MIT */
/* Waiting for a session's token, or for a new one now, on behalf of commands;
 * requests wait in the workers' views. All of it is the broker's thread. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "base/fault.h"
#include "broker/entry.h"
#include "oauth/token/token.h"

/* t is borrowed, and expires clock_ms (INT64_MAX: not known); or it is NULL,
 * and why says why. */
typedef void token_wait_done_fn(void *arg, struct token *t, int64_t expires,
				const struct fault *why);

/* Embedded, zeroed is at rest. */
struct token_wait {
	struct entry_wait wait;
	bool renewal;
	uint64_t before; /* the token's generation then */
	token_wait_done_fn *done;
	void *arg;
};

/* A token that may be used: what there is, or, past its renew_at, what a
 * renewal brings if it brings something; else the next one. done is called
 * once, perhaps from within. */
void token_wait_begin(struct token_wait *w, struct entry *e,
		      token_wait_done_fn *done, void *arg);
/* A new token now, whatever pauses there are: the same. */
void token_wait_renewal(struct token_wait *w, struct entry *e,
			token_wait_done_fn *done, void *arg);
/* done is not called any more; what is under way goes on. */
void token_wait_cancel(struct token_wait *w);
