/* SPDX-License-Identifier: MIT */
/* People who log in: what each attempt has to remember from its beginning to
 * its end, and how it ends. Any number at once, of one service or of several,
 * that do not disturb one another. All of it is the broker's thread. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/attr.h"
#include "base/buf.h"
#include "base/fault.h"
#include "base/list.h"
#include "base/loop.h"
#include "base/str.h"

struct broker;
struct login;
struct entry;

/* What the names of the cookies begin with that bind attempts to browsers. */
#define LOGIN_COOKIE "bearerd_login_"

/* How the person answers. */
enum login_way {
	LOGIN_BROWSER, /* a browser is led to the callback page */
	LOGIN_PASTE,   /* the address to which a browser was led, or the code,
			  is typed in */
	LOGIN_DEVICE,  /* a code is typed in elsewhere (RFC 8628) */
	LOGIN_IMPORT,  /* not at all: a token response that was got before is
			  handed in, and proved by a refresh */
};

/* What there is to be told: once where the person is to go, perhaps once that
 * the server seems to have refused, and once how it ended. */
struct login_news {
	bool ended;
	bool good;           /* ended: the session has a token */
	struct fault text;   /* ended: what happened, and what to do about it;
				no secrets */
	/* Not ended: what the person opens. LOGIN_BROWSER: an address of
	 * bearerd's own that works once; LOGIN_PASTE: the authorization
	 * server's; LOGIN_DEVICE: any browser's, where user_code is to be
	 * typed in. */
	const char *address;
	/* Not ended, and nothing else is told: the server's word, of an answer
	 * that does not say which login it is for. */
	const char *refusal;
	const char *user_code;        /* LOGIN_DEVICE, or NULL */
	const char *address_complete; /* the same with the code in, or NULL */
	int64_t expires;              /* clock_ms */
};

/* Called from the loop. With news->ended the login is gone when it returns. */
typedef void login_news_fn(void *arg, const struct login_news *news);

/* The attempts of all services, oldest first. */
struct logins {
	struct broker *broker;
	struct list all;
	struct loop_timer timer;
};

/* None yet; b outlives them. */
void logins_init(struct logins *l, struct broker *b);
/* Whether the answer to a code, or what proves whose it is, is on its way. */
bool logins_expect(const struct logins *l);
/* Ends all of them; whoever waits is told so. */
void logins_end(struct logins *l);

/* Begins an attempt. The news comes later, never from within; also where it
 * is never finished. NULL with a fault where this service has no such way. */
ATTR_MUST_CHECK struct login *login_begin(struct entry *e, enum login_way way,
					  login_news_fn *news, void *arg,
					  struct fault *f);
/* Where it was begun, for the log: "uid 1000". */
void login_set_from(struct login *l, const char *from);
/* Nobody is there any more to be told; the attempt goes on, but for one that
 * still waits for what only they could hand in. */
void login_leave(struct login *l);
/* LOGIN_PASTE, once its address was told: what was typed in, the whole address
 * (RFC 6749 §4.1.2) or the code alone. -1 with a fault where it is neither:
 * another line may be tried. Else the news comes later, or from within. */
ATTR_MUST_CHECK int login_paste(struct login *l, struct str line,
				struct fault *f);
/* LOGIN_IMPORT: the token response, as the server sent it (RFC 6749 §5.1). The
 * news comes later, or from within. A second one counts for nothing. */
void login_import(struct login *l, struct str response);

/* --- what browsers ask --- */

/* What a page is to show, or where the browser is to go. */
struct login_reply {
	int status;          /* 200, 303, 400, 500, 503 */
	struct buf location; /* 303: where to */
	struct buf cookie;   /* Set-Cookie's value, or empty */
	struct fault text;   /* what happened */
	/* Of the device's way; empty else. */
	struct buf user_code, verification_uri;
};

/* Empty, with status 0. */
void login_reply_init(struct login_reply *r);
void login_reply_fini(struct login_reply *r);

typedef void login_reply_fn(void *arg, struct login_reply *reply);

/* A browser opens the login of a service: leads it to the authorization
 * server, with a cookie that binds the attempt to it. ticket: of the address
 * that login_address gave, or empty. from: its address, as address_network
 * writes it. Answers from within, or later. */
void login_open(struct entry *e, struct str ticket, struct str from,
		login_reply_fn *reply, void *arg);
/* A browser comes back (RFC 6749 §4.1.2, §4.2.2). e: the service that the
 * path names, or NULL; cookies: what the browser sent of them; parameters: of
 * query, form or fragment. What shows no attempt of this browser changes
 * nothing. Answers from within, or later. */
void login_callback(struct broker *b, struct entry *e, struct str cookies,
		    struct str parameters, login_reply_fn *reply, void *arg);
