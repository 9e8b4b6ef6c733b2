/* SPDX-License-Identifier: MIT */
/* One attempt to log in, for the files that drive it; not for others. */
#pragma once

#include "authserver/token_call.h"
#include "base/secret.h"
#include "broker/broker_int.h"
#include "broker/login.h"
#include "crypto/jwk.h"
#include "http/address.h"
#include "oauth/login/device.h"
#include "oauth/login/id_token.h"

struct call;
struct id_check;

struct login {
	struct list node;       /* logins->all */
	struct entry *entry;
	enum login_way way;
	login_news_fn *news;    /* NULL: nobody is told */
	void *arg;
	int64_t begun, until;   /* clock_ms */
	char from[ADDRESS_NETWORK_MAX]; /* where the page was opened that
					   began it; "": a command did */
	char seen_from[ADDRESS_NETWORK_MAX]; /* for the log: the browser's,
						or whose command it is */

	/* What it is known by. */
	struct secret *ticket;  /* the address that works once; NULL: none, or
				   it was opened */
	struct secret *state;   /* of the authorization request; NULL: none
				   yet, or the answer has come */
	char cookie_name[32];   /* the browser that it is bound to shows a
				   cookie of this name … */
	struct secret *cookie;  /* … and value; NULL: it is bound to none */
	struct secret *nonce;   /* OpenID Connect; NULL: none */
	struct secret *verifier; /* PKCE; NULL: none */
	char *redirect_uri;
	struct key *key;        /* what its tokens are to be bound to (RFC
				   9449); NULL: none, or none yet */

	char thumbprint[JWK_THUMBPRINT_SIZE + 1]; /* what the code is to be
						     bound to (RFC 9449 §10);
						     "": nothing */

	/* While it is found out where the browser is to go, and then. */
	void (*on_address)(struct login *l, const char *address, int status,
			   const struct fault *text);
	int64_t address_until; /* clock_ms: when the server forgets what was
				  pushed; INT64_MAX: nothing was */

	struct discovery_wait found; /* an endpoint that is needed next */

	/* Whom the outcome is shown to. */
	login_reply_fn *reply;  /* NULL: no browser waits */
	void *reply_arg;

	/* What the person brought, while it is asked about. */
	bool back;
	struct secret *code;
	struct token *token;    /* implicit: no more is asked */
	struct secret *front_id_token; /* that came with the code; NULL: none */
	struct token *front_token;     /* the same of a token, unused */
	struct id_token_subject front_subject; /* whose code it is */
	struct id_check *check;
	int64_t token_sent;     /* clock_ms */
	struct entry_wait wait;
	struct token_call *token_call;
	uint64_t generation;    /* of the session before */

	struct call *call; /* what is pushed, or asks for codes */

	/* RFC 8628. */
	struct device_authorization device;
	struct loop_timer poll;
	int64_t interval;       /* ms */

	struct loop_task begin; /* news is never told from within */
};

/* A new attempt on the list, without anything to be known by. from: of the
 * page that begins it, or empty. */
struct login *login_new(struct entry *e, enum login_way way, struct str from);
/* Tells everybody how it ended, and frees it. */
void login_end(struct login *l, bool good, const struct fault *text);
/* Frees it without a word. */
void login_free(struct login *l);

/* 256 random bits that fit a parameter. */
struct secret *login_secret(void);
/* Makes state, nonce and verifier, and the redirect_uri. */
ATTR_MUST_CHECK int login_prepare(struct login *l, struct fault *f);

/* address: of the authorization request (RFC 6749 §4.1.1), which the browser
 * is to open; status is 303. NULL: why there is none, and the status of a page
 * that says so: 400, 500 or 503. */
typedef void login_address_fn(struct login *l, const char *address, int status,
			      const struct fault *text);
/* Once it is prepared and the authorization endpoint is known: fn is called
 * from within, or, where the request is pushed first (RFC 9126), later. */
void login_address(struct login *l, login_address_fn *fn);
/* The key of what it asks for, made at the first call, borrowed; NULL: the
 * service has no dpop. */
struct key *login_key(struct login *l);
/* LOGIN_DEVICE: asks for the codes; the rest follows by itself. */
void login_device_begin(struct login *l);

/* A change of `until`. */
void logins_arm(struct logins *l);

/* Has the code asked about, or the token stored, once the session is not
 * busy, and ends: perhaps before this returns. */
void login_take(struct login *l);
/* A token has come: it is stored, once its id_token is known to be good. The
 * session was told that the login begins (session_login_begins), as for all
 * that follows here. */
void login_arrived(struct login *l, struct token *t, int64_t sent);
/* Has the code asked about, once the id_token that came with it is known to
 * be good. */
void login_ask_verified(struct login *l);
/* Has the code asked about, once (RFC 6749 §4.1.3). */
void login_ask(struct login *l);
/* Stores what came, which is subject's (NULL: not known), and ends. */
void login_store(struct login *l, struct token *t, int64_t sent,
		 const struct id_token_subject *subject);
/* Ends; the session is what it was. */
void login_fail(struct login *l, const struct fault *text);
