/* SPDX-License-Identifier: MIT */
/* A session in the broker: its token, what is under way for it, and what the
 * workers are to see of it. No I/O: events go in, and what is to be done
 * comes out. Who waits is the views' to know. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "base/attr.h"
#include "base/fault.h"
#include "oauth/token.h"
#include "service/service.h"
#include "session/refresh.h"
#include "session/snapshot.h"

/* What an event asks the broker to do. */
enum {
	SESSION_PUBLISH = 1, /* session_publish, and to all views with it */
	SESSION_START = 2,   /* one token request */
};

struct session {
	const struct service *service;
	struct snapshot *current; /* what was published last; a reference */

	uint64_t generation;
	struct token *token;      /* NULL: none */
	struct placed placed;
	struct refresh_life life;
	bool used;                /* since it was obtained; current->used too */
	bool spent;               /* refused; only while busy */

	bool busy;                /* a token request is under way, or its
				     answer is being stored, or its second
				     try is due */
	bool second;              /* the quick second try was granted */
	int64_t second_at;        /* when it is due; 0: it is not */
	struct token *arrived;    /* to be stored before it is used */
	struct placed arrived_placed;
	int64_t arrived_sent;

	struct refresh_pause pause;
	struct refresh_hold hold;
	struct session_failure failure;
	uint64_t failures;
};

/* What a token request came to where it was no token. */
struct session_trouble {
	enum refresh_trouble trouble;
	int64_t retry_after; /* ms; -1: none named */
	struct fault text;
};

/* With its first snapshot. static has its token from here on. */
void session_init(struct session *s, const struct service *service,
		  int64_t now);
void session_fini(struct session *s);
/* Takes over what was stored; t is borrowed. Its age is told by the wall
 * clock; one that is over, or does not fit its place any more, is passed
 * over. now and wall are the same instant, clock_ms and clock_wall_ms. */
void session_restore(struct session *s, struct token *t, int64_t now,
		     int64_t wall);

/* A new snapshot, which is current; borrowed. */
struct snapshot *session_publish(struct session *s, int64_t now);

/* Somebody waits; refused as in answer_of. */
ATTR_MUST_CHECK unsigned session_asked(struct session *s, uint64_t refused,
				       int64_t now);
/* Used after its renew_at. */
ATTR_MUST_CHECK unsigned session_used(struct session *s, uint64_t generation,
				      int64_t now);
/* The time that session_due named has come. */
ATTR_MUST_CHECK unsigned session_tick(struct session *s, int64_t now);
/* When session_tick is to be called; INT64_MAX: not. */
int64_t session_due(const struct session *s, int64_t now);

/* The token request brought t (a reference is taken), sent at that time. -1
 * where it cannot be placed: then it is a trouble. Else it is kept as
 * `arrived`, to be stored. */
ATTR_MUST_CHECK int session_arrived(struct session *s, struct token *t,
				    int64_t sent, struct fault *f);
/* What arrived is stored, or cannot be: it is the session's token now. */
ATTR_MUST_CHECK unsigned session_obtained(struct session *s, int64_t now);
/* The token request failed. random: any number. Nothing to be done: there
 * will be a second try, at session_due. */
ATTR_MUST_CHECK unsigned session_failed(struct session *s,
					const struct session_trouble *t,
					int64_t now, uint32_t random);

/* The upstream's word on what was renewed. */
ATTR_MUST_CHECK unsigned session_held(struct session *s, uint64_t generation,
				      int64_t now);
ATTR_MUST_CHECK unsigned session_passed(struct session *s, uint64_t generation,
					int64_t now);
