/* SPDX-License-Identifier: MIT */
/* An exchange: one request and its response. Its life is a table of steps in
 * reading order, in exchange.c; every asynchronous completion calls the
 * driver and nothing else. */
#pragma once

#include <microhttpd.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/alloc.h"
#include "base/limits.h"
#include "base/list.h"
#include "base/loop.h"
#include "http/fields.h"
#include "http/message.h"
#include "http/target.h"
#include "oauth/placement/placement.h"
#include "proxy/kept_answer.h"
#include "proxy/reply.h"
#include "proxy/spool.h"
#include "service/routes.h"
#include "session/view.h"
#include "upstream/transfer.h"

struct client;
struct client_writer;
struct login_mail;
struct worker;

enum { EXCHANGE_MEMORY = 6 * 1024 }; /* of the arena, inside the exchange */

/* How the request's body is kept. */
enum exchange_body {
	BODY_STREAMS,   /* as far as the upstream does not follow */
	BODY_FORM,      /* a form that is changed: whole */
	BODY_FOR_HOOK,  /* whole, as long as it is not too large */
	BODY_FOR_LENGTH, /* whole: the upstream must be told its length */
	BODY_DISCARDED, /* what more comes of it is dropped */
};

/* How far the upstream has come. */
enum exchange_upstream {
	UPSTREAM_SILENT,   /* not asked, or no head yet */
	UPSTREAM_FAILED,   /* there will be none: fault says why */
	UPSTREAM_ANSWERS,  /* the head is there */
	UPSTREAM_ANSWERED, /* and all of the body */
	UPSTREAM_CUT,      /* the body has broken off */
};

/* How far the answer to the client has come. */
enum exchange_answer {
	ANSWER_AWAITED,
	ANSWER_READY,  /* all but handed over */
	ANSWER_QUEUED, /* in libmicrohttpd's hands */
	ANSWER_WRITTEN, /* past it, by us (early.h) */
};

struct exchange {
	struct list node;        /* worker->exchanges, or ->spare */
	struct list parked;      /* worker->parked while suspended */
	struct worker *worker;
	struct MHD_Connection *conn;
	struct client *client;
	struct arena arena;
	uint64_t number;         /* among its worker's, for the log */
	size_t step;
	bool driving;            /* the driver is running */

	/* The request as it came. */
	struct {
		const char *uri, *version; /* libmicrohttpd's, to see where
					      they stood */
		struct str raw;  /* the request-target */
		struct str method;
		struct fields fields;
		struct fields trailers; /* those that go on */
		struct framing framing;
		struct target target;
		struct str host; /* of the Host field */
		int host_port;
		bool begun, http10, has_host;
		enum exchange_body keeps;
		struct spool body;
		uint64_t octets; /* of the body, taken */
		bool ended;      /* the client has sent all of it */
		bool wants_room; /* it waits until some has gone on */
		bool awaits;     /* a 100, before any of it is sent */
		bool mhd_continues; /* libmicrohttpd says that 100 */
		bool unread;     /* libmicrohttpd rests since the head */
	} request;

	/* Where it goes, and with what. */
	struct {
		struct route found;
		const struct service *service; /* NULL: none yet, or an own
						  page */
		struct origin named; /* the origin where the service has
					none */
		bool own_page;       /* it is for one of bearerd's own pages */
		struct login_mail *asked; /* such a page: the broker answers;
					     or NULL */
		struct session_waiter waiter;
		struct snapshot *snapshot;   /* a reference, or NULL */
		enum decision woken;   /* what the waiter was told */
		struct snapshot *woken_with; /* a reference, or NULL */
		bool was_woken;
		bool keeps_own;      /* the client's own credential stays */
		uint64_t refused;    /* generation that the upstream refused */
		bool replayed;       /* the back-edge to acquire was taken */
		bool proved_again;   /* the one to place was */
	} route;

	/* Towards the upstream and back. */
	struct {
		struct str method;
		struct origin hooked; /* where a hook sends it; no host:
					 nowhere else */
		struct fields fields;
		struct str target;
		struct framing framing;
		struct str form;      /* the body where p is not NULL */
		size_t form_at;       /* what was sent of it */
		bool upgrade;         /* a WebSocket handshake */
		struct transfer *transfer;
		enum exchange_upstream state;
		int64_t head_at;     /* when the head came */
		int status, version; /* 11 of HTTP/1.1, and so on */
		struct fields answer;   /* its fields */
		struct fields trailers; /* those that go on to the client,
					   copied */
		struct spool body;      /* of the answer */
		bool body_paused;     /* until the client has taken some */
		bool source_paused;   /* until the client has sent more */
		size_t interim_octets; /* of the fields of those responses */
		struct transfer_fault fault;
		struct loop_task task; /* drives, once the callbacks are
					  through */
	} upstream;

	/* Towards the client. */
	struct {
		enum exchange_answer state;
		struct reply reply; /* where status is not 0: an own answer */
		bool prepared;      /* the upstream's is as it goes out */
		uint64_t length;    /* of its body, where has_length */
		bool has_length;
		size_t reply_at;    /* what was written of an own one's body */
		struct MHD_Response *response; /* the one that is streamed */
		struct client_writer *writer;  /* or NULL */
		int64_t ready_at;   /* before the request's end; 0: not yet */
		struct loop_timer timer; /* drives: early.h */
		bool suspended;
		bool expected;      /* it has a timeout of its own */
		bool doubted;       /* libmicrohttpd may be refusing its body */
		bool gone;          /* the client hung up */
		int64_t parked_at;
		int64_t moved_at;   /* when the client last took or sent
				       octets */
		struct loop_io hangup;
	} answer;

	/* Not cleared for the next request: the arena's first memory, and what
	 * libmicrohttpd had for the last answer that was whole. */
	_Alignas(16) char memory[EXCHANGE_MEMORY];
	struct kept_answer kept;
};

/* At the request line. uri is the raw target. */
struct exchange *exchange_new(struct worker *w, struct MHD_Connection *conn,
			      const char *uri);
/* When the connection is done with it, in whatever way. Nulls. */
void exchange_free(struct exchange **it);
/* Gives back a spare one's memory. */
void exchange_discard(struct exchange *x);

/* The head is complete: reads it, and drives. */
void exchange_begin(struct exchange *x, const char *method,
		    const char *version);
/* Octets of the client's body; returns how many were taken. Not all: the
 * caller suspends until there is room. */
size_t exchange_upload(struct exchange *x, const char *p, size_t n);
/* The client's body is complete. */
void exchange_upload_end(struct exchange *x);

/* Nobody wants more of the client's body, which is read all the same, so that
 * the connection can go on behind it. */
void exchange_discard_body(struct exchange *x);

/* How long its client may stand still, ms. */
int64_t exchange_patience(const struct exchange *x);

/* Whether the upstream's head is there. */
bool exchange_has_head(const struct exchange *x);
/* Whether nothing more comes from the upstream. */
bool exchange_has_ended(const struct exchange *x);

/* Whether the client's body is still under way. */
bool exchange_uploads(const struct exchange *x);

/* Runs the steps as far as they go. */
void exchange_drive(struct exchange *x);
/* The waiter's wake: the token is there, or it will not come. */
void exchange_on_token(void *arg, enum decision answer,
		       struct snapshot *snapshot);
/* Suspends the connection; exchange_wake undoes it. Within libmicrohttpd's
 * callbacks only. */
void exchange_park(struct exchange *x);
void exchange_wake(struct exchange *x);
/* Says a problem past libmicrohttpd, and ends. Only before an answer. */
void exchange_break(struct exchange *x, int status, struct str detail);
/* The client has hung up: ends what is under way. */
void exchange_client_gone(struct exchange *x);
/* Draining is over: ends it, with an answer where one can be given. */
void exchange_abandon(struct exchange *x);

/* An answer of our own about an error (bearerd(8), Errors). */
void exchange_problem(struct exchange *x, int status, const char *error,
		      struct str detail, const char *action);
/* The own answer to what comes, or is still under way, in a stop: 503. */
void exchange_too_late(struct exchange *x);
