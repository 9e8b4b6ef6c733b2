/* SPDX-License-Identifier: MIT */
/* What the files of our own carrier share: a transfer of HTTP/1.1. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "base/alloc.h"
#include "base/attr.h"
#include "base/buf.h"
#include "base/list.h"
#include "base/loop.h"
#include "http/response_parser.h"
#include "upstream/carrier.h"
#include "upstream/connection.h"
#include "upstream/limit.h"
#include "upstream/upstream.h"

enum {
	HTTP1_MEMORY = 6144,          /* of most requests' and heads' fields */
	HTTP1_BLOCK = UPSTREAM_BLOCK,
	HTTP1_CHUNK_HEAD = 10,        /* "ffff" and so on, CRLF */
	HTTP1_FIELD_ENDS = sizeof(": \r\n") - 1,
};

/* What is waited for, and for how long at the most. */
enum http1_wait {
	HTTP1_OWNER,      /* whose time it is: for ever */
	HTTP1_CONNECTION,
	HTTP1_CONTINUE,   /* a 100, before the body */
	HTTP1_ANSWER,     /* the final head, the request being out */
	HTTP1_OCTETS,     /* the next ones, either way */
};

struct http1 {
	struct transfer transfer;
	struct list node;          /* in pool->http1_active, or spare */
	struct pool *pool;
	struct connection *connection; /* NULL: none yet, or no more */
	struct limit_slot *slot;   /* where the service has a limit */
	struct loop_timer timer;
	struct loop_task soon;

	const struct origin *origin;
	struct transfer_events events;
	void *arg;
	struct framing framing;
	uint64_t body_left;        /* of a FRAMING_SIZED body */
	int64_t connect_timeout, response_timeout, idle_timeout;
	struct str head;           /* of the request; the arena's */
	struct str tail;           /* trailers that did not fit a block; so */
	struct buf out;            /* octets that the socket has not taken */
	struct buf sent;           /* the body as it was sent, where it can
				      be sent again */
	struct buf in;             /* octets that the owner has not taken */
	size_t in_data;            /* of them, the first ones are data */
	struct arena *answer_arena; /* the response's fields' */
	struct response_parser parser;
	struct transfer_fault fault;

	enum http1_wait wait;      /* what timer is set to */
	int interims;              /* 1xx that have come */

	bool idempotent, fresh;
	bool keeps_sent;           /* sent holds all that was */
	bool expects;              /* it says Expect: 100-continue */
	bool awaits_continue;      /* so that the body is not asked for yet */
	bool waiting;              /* for its slot */
	bool connected;
	bool held, goes_on;        /* by its owner, before the first octet;
				      who has let it go since */
	bool head_sent;            /* the head is out, or in out */
	bool octets_sent;          /* some of the request are out */
	bool body_read;            /* some of the body were taken */
	bool body_done;            /* all of it is out, or in out */
	bool write_over;           /* no more is sent: the connection takes
				      none, or the answer came instead of a
				      100 */
	bool read_paused, write_paused, blocked;
	bool wants_read, wants_write;
	bool is_head, answered;    /* the final head is there */
	bool upgrade;              /* 101 would be an answer */
	bool streams;              /* it was: body_done says that the owner
				      sends no more */
	bool owned;                /* by whom it streams for */
	bool read_ended, shut;     /* either direction of the stream */
	bool retried;

	struct arena arena;
	char memory[HTTP1_MEMORY];
};

/* transfer_http1.c */
/* Ends it with a fault, and its connection. */
ATTR_PRINTF(4, 5)
void http1_fail(struct http1 *t, int status, const char *error,
		const char *fmt, ...);
/* The end; the response's fields live until done has returned. */
void http1_end(struct http1 *t, const struct transfer_fault *fault);
/* The connection has ended before the response did. */
void http1_lost(struct http1 *t);
/* Waits for the socket, as far as the owner does not hold it up. */
void http1_expect(struct http1 *t);
/* Sets the timer to what is waited for, where that is another thing than
 * before, or where octets are (a piece of an answer's head does not count). */
void http1_watch(struct http1 *t);
/* The same; and the time begins now. */
void http1_watch_anew(struct http1 *t);
/* The body is wanted, or may be. False where the transfer is gone, or waits
 * for another connection. */
bool http1_continue(struct http1 *t);
/* The connection takes no more. False where the request goes over another. */
ATTR_MUST_CHECK bool http1_write_broke(struct http1 *t);

/* The end; its connection is another's, or gone. */
void http1_end(struct http1 *t, const struct transfer_fault *fault);

/* http1_request.c */
/* Composes the head; the fields are the owner's until transfer_start has
 * returned. */
void http1_write_head(struct http1 *t, const struct transfer_request *r);
/* Hands octets to the socket; what it does not take stays in out. False where
 * the connection has ended. */
ATTR_MUST_CHECK bool http1_put(struct http1 *t, const char *p, size_t n);
/* The same for what is in out. */
ATTR_MUST_CHECK bool http1_put_rest(struct http1 *t);
/* Sends as much as there is and the socket takes. False where the transfer is
 * gone, or waits for another connection. */
ATTR_MUST_CHECK bool http1_send(struct http1 *t);

/* What was sent of the body is not kept any more. */
void http1_sent_forget(struct http1 *t);

/* http1_response.c */
/* Reads what there is. False as above. */
bool http1_receive(struct http1 *t);
/* The owner has room again: first what was kept for him. False where the
 * transfer is gone. */
ATTR_MUST_CHECK bool http1_read_on(struct http1 *t);

/* http1_stream.c */
/* The 101 that was asked for has come; rest stood behind it. */
void http1_stream_begin(struct http1 *t, struct str rest);
/* In place of what a request does. The transfer may be gone behind them. */
void http1_stream_ready(struct http1 *t, uint32_t events);
void http1_stream_soon(struct http1 *t, bool read, bool write);
