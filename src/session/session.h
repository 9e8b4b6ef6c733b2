/* SPDX-License-Identifier: MIT */
/* A session in the broker: its token, what is under way for it, and what the
 * workers are to see of it. No I/O: events go in, and what is to be done comes
 * out. Who waits for it is kept in the workers' views. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "base/attr.h"
#include "base/fault.h"
#include "crypto/digest.h"
#include "oauth/login/id_token.h"
#include "oauth/token/token.h"
#include "service/service.h"
#include "session/record.h"
#include "session/refresh.h"
#include "session/snapshot.h"

/* What an event asks the broker to do. */
enum {
	SESSION_PUBLISH = 1 << 0, /* session_publish, to all views with it */
	SESSION_START = 1 << 1,   /* one token request, with refresh_token */
	SESSION_SAVE = 1 << 2,    /* session_record, to the store, before */
	SESSION_REMOVE = 1 << 3,  /* what the store has of it, away */
};

enum { LOGIN_ID_SIZE = 33 }; /* octets, with the NUL */

/* What a session is busy with: from a token request's beginning, over its
 * second try, until its answer is stored. */
enum session_work {
	SESSION_RESTS,  /* with nothing */
	SESSION_RENEWS, /* with a token request of its own */
	SESSION_LOGS_IN /* with what a person's login brought */
};

/* What is known of a refresh token's life, and when it was used last. All times
 * are clock_ms, and may be before the boot, but those called wall. */
struct session_end {
	int64_t life;              /* ms, as the server said; 0: it did not */
	int64_t given, given_wall; /* when it was */
	int64_t renewed;           /* the last token request that worked was
				      sent */
	int64_t tried;             /* a renewal began that nobody asked for */
	bool told;                 /* that it comes */
};

struct session {
	const struct service *service;
	char seed[2 * DIGEST_SHA256_SIZE + 1]; /* the digest of the refresh
				     token that it begins with; "": none */
	struct snapshot *current; /* what was published last; a reference */

	uint64_t generation;
	struct token *token;      /* NULL: none */
	struct token_use *use;    /* of the token; a reference */
	struct token *last;       /* the newest token that it had, which may be
				     over: what a refresh does not name is as
				     in it; a reference; NULL: none */
	bool last_is_other;       /* it was asked for by other keys
				     (request_digest) */
	struct secret *refresh_token; /* what the next token request is made
				     with; NULL: the grant's own */
	struct key *key;          /* what both tokens are bound to, or the next
				     will be (RFC 9449); NULL: none yet */
	struct refresh_life life;
	struct session_end end;
	struct id_token_subject subject; /* whose it is; zeroed: not known */
	char login_id[LOGIN_ID_SIZE];	 /* which login its tokens come from, or
					which first request of a grant without
					people; an exchanged token's is its
					subject's; "": it has none */
	char asked_login_id[LOGIN_ID_SIZE]; /* the same of what is under way */
	bool used;                /* since it was obtained; current->used too */
	bool spent;               /* refused; only while it is busy */

	enum session_work work;
	bool known;               /* somebody has logged in before */
	struct session_failure before; /* a login: what there was, and will be
				     again where it comes to nothing */
	bool second;              /* the quick second try was granted */
	int64_t second_at;        /* when it is due; 0: it is not */
	struct token *arrived;    /* to be stored before it is used */
	struct token_use *arrived_use;
	int64_t arrived_sent;
	struct key *arrived_key;  /* a login's; NULL: the session's */

	struct refresh_pause pause;
	struct refresh_hold hold;
	struct session_failure failure;
	uint64_t failures;
	unsigned refused;         /* invalid_grant in a row, for the grant's
				     own request */
	bool lost;                /* an answer to refresh_token was lost */
	bool refused_refresh;     /* the server has refused refresh_token,
				     whatever it said */
	bool keeps_refresh;       /* a login is by the same person: its old one
				     stays where the login brings none */
	bool noted;               /* the store is to say that refresh_token was
				     sent, and what came of it is not known:
				     while it rests, it is asked for again,
				     whether or not anybody waits, for some
				     servers take the same one for a while */
	bool bypass;              /* refresh_token was refused, and the grant's
				     own request is under way; only while
				     busy */
};

/* What the server refused with (RFC 6749 §5.2, OpenID Connect Core
 * §3.1.2.6). */
enum session_refusal {
	REFUSAL_NONE,   /* it did not refuse */
	REFUSAL_GRANT,  /* a confirmed invalid_grant */
	REFUSAL_CLIENT, /* invalid_client */
	REFUSAL_RIGHTS, /* what the client may not do, or not with this
			   scope */
	REFUSAL_PERSON, /* a person has to be there */
	REFUSAL_OTHER,  /* anything else */
};

/* What a token request came to where it was no token. */
struct session_trouble {
	enum refresh_trouble trouble;
	int64_t retry_after; /* ms; -1: none named */
	enum session_refusal refusal;
	bool login;          /* of the session whose token is needed for the
				request: a person has to log in there */
	bool lost;           /* the server may have given a token, which was
				not seen */
	struct fault text;
};

/* Whether it is busy: what else is to be done of it has to wait. */
static inline bool session_is_busy(const struct session *s)
{
	return s->work != SESSION_RESTS;
}

/* Whether its record is to be in the store: what is made here is made anew
 * instead. */
bool session_is_stored(const struct session *s);

/* With its first snapshot. static has its token from here on. */
void session_init(struct session *s, const struct service *service,
		  int64_t now);
void session_fini(struct session *s);
/* Takes over what was stored; r is borrowed. The token's age is told by the
 * wall clock; one that is over, or was asked for by other keys, or does
 * not fit its place any more, is passed over; and so is all of it where the
 * configuration names another refresh token by now. now and wall are the same
 * instant, clock_ms and clock_wall_ms. */
void session_restore(struct session *s, const struct record *r, int64_t now,
		     int64_t wall);
/* What is to be stored; references are taken: record_fini. */
void session_record(const struct session *s, struct record *out);

/* A new snapshot, which is current; borrowed. */
struct snapshot *session_publish(struct session *s, int64_t now);
/* The same for a service that uses the session of another, which has just
 * published: s has nothing but its service and this. Borrowed. */
struct snapshot *session_follow(struct session *s,
				const struct session *leader);

/* The refresh token that the token request under way is made with, borrowed;
 * NULL: it is the grant's own request. */
struct secret *session_asks_with(const struct session *s);
/* Somebody waits; refused as in decision_of. */
ATTR_MUST_CHECK unsigned session_asked(struct session *s, uint64_t refused,
				       int64_t now);
/* Used after its renew_at. */
ATTR_MUST_CHECK unsigned session_used(struct session *s, uint64_t generation,
				      int64_t now);
/* The time that session_due named has come. */
ATTR_MUST_CHECK unsigned session_tick(struct session *s, int64_t now);
/* When session_tick is to be called; INT64_MAX: not. */
int64_t session_due(const struct session *s, int64_t now);

/* A person has come back from a login: what that brought is asked about now.
 * The session is not busy. Requests wait for the outcome. */
ATTR_MUST_CHECK unsigned session_login_begins(struct session *s, int64_t now);
/* The same where it is asked whether a person has come yet (RFC 8628 §3.4):
 * nothing that anybody sees changes. */
void session_poll_begins(struct session *s);
/* It came to nothing, and the session is what it was. */
ATTR_MUST_CHECK unsigned session_login_failed(struct session *s);
/* The session whose token it needs has one now, perhaps by a login that it
 * waited for. */
ATTR_MUST_CHECK unsigned session_supplied(struct session *s);
/* Somebody wants a new token now, whatever pauses there are. 0 or -1: there
 * is nothing to get one with. */
ATTR_MUST_CHECK int session_renew(struct session *s, unsigned *what,
				  struct fault *f);
/* A file of one of its secrets has changed, and it is not busy: a token or a
 * refresh token that stands there takes the old one's place, and what was
 * refused before is tried again. */
ATTR_MUST_CHECK unsigned session_secrets_changed(struct session *s);
/* Whether session_forget works, which depends on the grant alone. */
ATTR_MUST_CHECK int session_may_forget(const struct session *s,
				       struct fault *f);
/* Forgets all that it has. The session is not busy. 0 or -1: it has nothing
 * that could be forgotten. */
ATTR_MUST_CHECK int session_forget(struct session *s, unsigned *what,
				   struct fault *f);
/* When its login ends, by what the server or the configuration says of its
 * refresh token's life, or where there is none with its token; INT64_MAX: that
 * is not known, or the grant starts again without a login. */
int64_t session_login_ends(const struct session *s);
/* When that is to be told, which is later said by session_tick, once
 * (SESSION_PUBLISH); INT64_MAX: not. */
int64_t session_warns_at(const struct session *s);
/* The token that may be used at this time, borrowed; NULL: none. */
struct token *session_token(const struct session *s, int64_t now);

/* The key that the next token request proves, borrowed; made where there is
 * none yet, and stored with the token that comes. NULL: the service has no
 * dpop. */
struct key *session_key(struct session *s);
/* The login that it is busy with is subject's, verified (NULL: that is not
 * known). Where the session is the same one's, a refresh token that was not
 * refused stays, if the login brings none. Said before session_arrived. */
void session_login_as(struct session *s,
		      const struct id_token_subject *subject);
/* The login asked with a key of its own (a reference is taken), which takes
 * the old one's place once its token does. NULL is fine. */
void session_login_key(struct session *s, struct key *key);

/* The token request under way is about to be sent. SESSION_SAVE: with a refresh
 * token, which is to be stored before that: a server may rotate it, and a
 * start that finds this asks again at once. It is taken back with whatever
 * comes of it. */
ATTR_MUST_CHECK unsigned session_note(struct session *s);
/* The token request, or the login, brought t (a reference is taken), sent at
 * that time. Its refresh token, if it has one, takes the old one's place; of
 * a login nothing old remains (but session_login_as). -1 where the token
 * cannot be placed: then it is a trouble, but the record is to be stored where
 * there was a refresh token, and it was no login. Else it is kept as `arrived`,
 * to be stored. */
ATTR_MUST_CHECK int session_arrived(struct session *s, struct token *t,
				    int64_t sent, struct fault *f);
/* A token request brought t, of which nothing is used but the refresh token,
 * if it has one: that takes the old one's place, and is to be stored
 * (SESSION_SAVE). */
ATTR_MUST_CHECK unsigned session_rotated(struct session *s,
					 const struct token *t);
/* What arrived is subject's; NULL: that is not known; then it is whose it was,
 * and after a login nobody's. */
void session_identify(struct session *s,
		      const struct id_token_subject *subject);
/* Which login a token request under way asks with: of the session whose token
 * it exchanges, or what tells its subject; NULL: its own. */
void session_asks_as(struct session *s, const char *login_id);
/* The login_id of a subject that is told by this text: the same of the same
 * text. */
void session_login_id_of(char out[LOGIN_ID_SIZE], struct str text);
/* Whether all the tokens that it has come from this login; "": from nobody's,
 * and only a session without any does. */
bool session_is_of(const struct session *s, const char *login_id);
/* The login that its tokens came from has ended, or is another's now: forgets
 * them, also while it is busy. What is stored of it is to be removed. */
ATTR_MUST_CHECK unsigned session_disown(struct session *s);
/* What it was busy with is of no use: it begins anew. */
ATTR_MUST_CHECK unsigned session_ask_anew(struct session *s);
/* What arrived is stored, or cannot be: it is the session's token now. */
ATTR_MUST_CHECK unsigned session_obtained(struct session *s, int64_t now);
/* The token request failed. random: any number. Nothing to be done: there
 * will be a second try, at session_due. SESSION_SAVE: the refresh token was
 * refused and is forgotten, or is known not to have been rotated;
 * SESSION_START with it: the grant starts again. */
ATTR_MUST_CHECK unsigned session_failed(struct session *s,
					const struct session_trouble *t,
					int64_t now, uint32_t random);

/* The upstream's word on what was renewed. */
ATTR_MUST_CHECK unsigned session_held(struct session *s, uint64_t generation,
				      int64_t now);
ATTR_MUST_CHECK unsigned session_passed(struct session *s, uint64_t generation,
					int64_t now);
