/* SPDX-License-Identifier: MIT */
/* One attempt to log in, for the files that drive it; not for others. */
#pragma once

#include "authserver/call.h"
#include "authserver/token_call.h"
#include "base/secret.h"
#include "broker/broker_int.h"
#include "broker/login.h"
#include "crypto/jwk.h"
#include "http/address.h"
#include "oauth/login/device.h"
#include "oauth/login/id_token.h"
#include "service/login_url.h"

struct id_check;

/* What it does next: in the order in which a browser's login does it; each
 * way has its first one. */
enum login_step {
	LOGIN_TICKET,   /* a command begins: an address for a browser */
	LOGIN_LOCATE,   /* where the authorization endpoint is; a page begins,
			   or a person who will paste */
	LOGIN_PREPARE,  /* what it is known by */
	LOGIN_PUSH,     /* the request, to the server (RFC 9126) */
	LOGIN_LEAD,     /* the browser, to the server; then it waits for the
			   person */
	LOGIN_RETURNED, /* with an answer: it waits for its turn */
	LOGIN_FRONT_CHECK,  /* the id_token that came with a code */
	LOGIN_LOCATE_TOKEN, /* where the token endpoint is */
	LOGIN_TRADE,        /* the code for a token */
	LOGIN_CHECK,        /* the id_token that came with the token */
	LOGIN_STORE,        /* the token, to the session and the store */
	LOGIN_DONE,         /* all are told, and it is gone */
	/* RFC 8628, up to LOGIN_CHECK. */
	LOGIN_DEVICE_LOCATE,
	LOGIN_DEVICE_CODES,
	LOGIN_DEVICE_WAIT, /* between polls */
	LOGIN_DEVICE_POLL,
	/* What was got before: LOGIN_RETURNED follows the first, and
	 * LOGIN_CHECK the last. */
	LOGIN_IMPORT_READ,   /* it waits for the token response */
	LOGIN_IMPORT_CHECK,  /* the id_token in it */
	LOGIN_IMPORT_LOCATE, /* where tokens are refreshed */
	LOGIN_IMPORT_REFRESH,
};

struct login {
	struct list node;       /* logins->all */
	struct entry *entry;
	enum login_step step; /* the present one … */
	bool waits;           /* … goes on later, by login_go */
	bool driving;
	bool good;         /* of LOGIN_DONE */
	bool refusal_told; /* of an answer that may be this one's */
	int status;        /* not good: of the page that says so */
	struct fault text; /* what happened */
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

	struct secret *request_uri; /* what stands for the request, which was
				       pushed (RFC 9126); NULL: nothing was */
	int64_t address_until; /* clock_ms: when the server forgets what was
				  pushed; INT64_MAX: nothing was */

	struct discovery_wait found; /* an endpoint that is needed next */

	/* Whom the outcome is shown to. */
	login_reply_fn *reply;  /* NULL: no browser waits */
	void *reply_arg;

	/* What the person brought, while it is asked about. */
	bool back;
	struct secret *code;
	struct token *token; /* implicit, no more is asked then; or what the
				code was traded for */
	struct secret *kept; /* what is kept of the answer, a JSON object;
				NULL: the service keeps nothing */
	struct secret *front_id_token; /* that came with the code; NULL: none */
	struct token *front_token;     /* the same of a token, unused; or what
					  is imported */
	struct id_token_subject front_subject; /* whose code it is, or whose
						  import */
	struct fault unproved; /* LOGIN_IMPORT: why its id_token does not say
				  whose it is; "": it does, or there is none */
	struct id_check *check;
	bool identified;
	struct id_token_subject subject; /* identified: who has logged in */
	int64_t token_sent;     /* clock_ms */
	struct entry_wait wait;
	struct token_call *token_call;
	uint64_t generation;    /* of the session before */
	bool holds;             /* the session is busy with it */

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
const struct service *login_service(const struct login *l);
/* Ends it, wherever it is, perhaps before this returns: it is gone then. */
void login_end(struct login *l, const struct fault *text);

/* Goes on with this step, and those that follow, up to one that waits; where
 * that is called from within a step, after it. The login may be gone then. */
void login_go(struct login *l, enum login_step step);
/* The present step goes on later. Said before it begins anything. */
void login_wait(struct login *l);
/* Goes on to its end, which a page shows with this status. */
void login_fail(struct login *l, int status, const struct fault *text);
/* LOGIN_DONE. */
void login_finish(struct login *l);
/* The person has answered: it ends by itself now, and not by its time. */
void login_is_back(struct login *l);
/* The session is not busy with it any more, and what it was. */
void login_let_go(struct login *l);
/* Goes on with the token that came. */
void login_take(struct login *l, const struct token_call_reply *reply);

/* A change of `until`. */
void logins_arm(struct logins *l);

/* Whether the browser will come back to a page of ours. */
bool login_comes_back(const struct login *l, struct own_callback *out);

/* --- what is asked for (login_request.c) --- */

/* 256 random bits that fit a parameter. */
struct secret *login_secret(void);
/* The key of what it asks for, made at the first call, borrowed; NULL: the
 * service has no dpop. */
struct key *login_key(struct login *l);
/* Makes state, nonce and verifier, and the redirect_uri. */
ATTR_MUST_CHECK int login_prepare(struct login *l, struct fault *f);
/* Whether it is pushed (RFC 9126); -1: the server demands that, and it is not
 * known where. */
ATTR_MUST_CHECK int login_request_is_pushed(const struct login *l, bool *out,
					    struct fault *f);
/* Pushes it; done: as of call_start. */
ATTR_MUST_CHECK struct call *login_request_push(struct login *l,
						call_done_fn *done,
						struct fault *f);
/* Reads the answer to that. -1: there is no request_uri, and the status of a
 * page that says so. */
ATTR_MUST_CHECK int login_request_pushed(struct login *l, struct call *c,
					 const struct fetch_response *response,
					 int *status, struct fault *f);
/* Appends the address that the browser is to open (RFC 6749 §4.1.1). */
ATTR_MUST_CHECK int login_request_url(const struct login *l, struct buf *out,
				      struct fault *f);

/* --- the steps of LOGIN_DEVICE (login_device.c) --- */

void login_device_locate(struct login *l);
void login_device_codes(struct login *l);
void login_device_wait(struct login *l);
void login_device_poll(struct login *l);

/* --- the steps of LOGIN_IMPORT (login_import.c) --- */

void login_import_read(struct login *l);
void login_import_check(struct login *l);
void login_import_locate(struct login *l);
void login_import_refresh(struct login *l);
/* What came of it was refused by LOGIN_CHECK, for this reason. */
void login_import_unproved(struct login *l, const struct fault *why);
