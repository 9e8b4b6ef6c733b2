/* SPDX-License-Identifier: MIT */
/* A session as the workers see it: made by the broker, never changed, shared
 * by reference. A new state is a new snapshot. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/attr.h"
#include "base/fault.h"
#include "crypto/key.h"
#include "oauth/token/token.h"
#include "session/token_use.h"

/* The states that bearerd(8) lists under status. */
enum session_state { SESSION_IDLE, SESSION_READY, SESSION_RENEWING,
		     SESSION_FAILING, SESSION_WAITING_FOR_LOGIN };

/* "idle", "ready", … */
const char *session_state_name(enum session_state state);

/* Why there is no token: what a client is told (bearerd(8), Errors). */
struct session_failure {
	int status;            /* 502, 503, 500; 0: nothing has failed */
	const char *error;     /* Proxy-Status error type, static */
	struct fault text;     /* what and what to do, the server's words in;
				  no secrets */
	int64_t retry_at;      /* clock_ms: until then the failure is told at
				  once; at or after it, a request asks again */
	bool login;            /* a person's login ends it */
	bool waits;            /* and nothing else does */
};

struct snapshot {
	_Atomic unsigned refs;
	_Atomic bool used;        /* set by a worker that forwards with it */
	size_t service;           /* its index */
	enum session_state state;
	uint64_t generation;      /* of the token; 0: there is none */
	struct token *token;      /* NULL: none */
	struct token_use *use;    /* of the token; NULL where there is none */
	struct key *key;          /* which the token is bound to: each request
				     proves it (RFC 9449); NULL: to none */
	struct snapshot *of;      /* a reference to that of the service whose
				     session it uses; NULL: its own */
	int64_t expires;          /* clock_ms; INT64_MAX: not known */
	int64_t renew_at;         /* clock_ms: a use from then on is told to
				     the broker, once; INT64_MAX: never */
	struct session_failure failure;
	int64_t hold_until;       /* clock_ms: until then refusals by the
				     upstream pass on; 0: no */
	bool probation;           /* the token was refused after a renewal: an
				     accepted answer is to be told */
	int64_t login_warns;      /* clock_ms: from then on the login is said to
				     end soon; INT64_MAX: never */
	bool spent;               /* refused by the upstream: not usable */
	bool renewable;           /* a newer token can be had without a
				     person */
	bool known;               /* somebody has logged in before */
	uint64_t failures;        /* how often it has failed so far: another
				     number is another failure */
	int64_t made;             /* clock_ms of the broker when it was made */
};

/* Zeroed, of a login that does not end, one reference. */
ATTR_MALLOC struct snapshot *snapshot_new(size_t service);
/* The same picture for another service that uses this session, with a use of
 * its own (references are taken). One reference. */
ATTR_MALLOC struct snapshot *snapshot_follow(struct snapshot *of,
					     size_t service,
					     struct token_use *use);
/* A request goes out with its token. Any thread. */
void snapshot_use(struct snapshot *s);
struct snapshot *snapshot_ref(struct snapshot *s);
void snapshot_unref(struct snapshot **s);

/* Whether a request may go out with it at this time (clock_ms). */
bool snapshot_usable(const struct snapshot *s, int64_t now);
