/* SPDX-License-Identifier: MIT */
/* What the files of the libcurl carrier share: a transfer, whose memory is used
 * again and again, and the easy handle of the request that it carries now. */
#pragma once

#include <curl/curl.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/alloc.h"
#include "base/buf.h"
#include "base/limits.h"
#include "base/list.h"
#include "base/loop.h"
#include "base/str.h"
#include "http/fields.h"
#include "upstream/carrier.h"
#include "upstream/limit.h"
#include "upstream/lookup.h"
#include "upstream/multi.h"
#include "upstream/transfer.h"
#include "upstream/transport.h"
#include "upstream/upstream.h"

struct pool;

enum {
	TRANSFER_MEMORY = 6144,       /* of most requests' and heads' fields */
};

enum response_state { RESPONSE_STATUS, RESPONSE_FIELDS, RESPONSE_BODY };

/* The response as far as it has come. */
struct response {
	enum response_state state;
	int status;
	bool http10;           /* HTTP/1.0 */
	bool last;             /* its connection is not used again: libcurl
				  would, and say HTTP/1.0 itself there */
	size_t octets;         /* of all heads */
	struct fields fields, trailers;
	bool sized;            /* length is known */
	bool chunked;
	uint64_t length, received;
};

struct curl_transfer {
	struct transfer transfer;
	struct list node;      /* in pool->idle or pool->active */
	struct pool *pool;
	struct list on_socket; /* of the socket's users, while one is known */
	char *url;             /* the last request's origin, NULL at first */
	CURLU *parsed;         /* the same, so that it is parsed once; NULL
				  where libcurl does not take it */
	struct loop_timer timer;
	struct loop_task soon; /* what must not be done within a callback */

	/* From here on of one request only. */
	CURL *easy;
	const struct origin *origin;
	struct transfer_events events;
	void *arg;
	struct framing framing;
	uint64_t body_left;    /* of a FRAMING_SIZED body */
	int64_t connect_timeout, response_timeout, idle_timeout;
	struct limit_slot *slot; /* where the service has a limit */
	struct socket *socket; /* that the request left on, where known; to be
				  looked at while it is on that */
	struct lookup lookup;

	bool added;            /* to the multi */
	bool cancelled;        /* within a callback: ended by soon */
	bool stale;            /* the connection that libcurl chose; ended
				  by start_anew */
	int tries;             /* of those */
	bool repeatable;       /* may be sent twice while no body was read */
	bool waiting;          /* for its place */
	bool begun;            /* its owner was asked, where he wants that */
	bool held, goes_on;    /* by him, before libcurl has it; who has let it
				  go since */
	bool resolved, connected, sent;
	bool prohibited, tried; /* an address; one that is not */
	bool starved;          /* no descriptor was left for the last one */
	bool no_body;          /* the method is HEAD */
	bool wants_http2;      /* asked for */
	bool http2;            /* what the connection speaks */
	bool body_read, body_done;
	bool read_paused, write_paused, wants_read, wants_write;
	int interims;          /* 1xx that have come */
	bool expects;          /* it says Expect: 100-continue */
	bool awaits_continue;  /* so that the body is not asked for yet */
	bool body_refused;     /* the answer came instead of a 100 */
	bool kept_lost;        /* what kept should have is not all there */
	bool source_over;      /* the source has said so */
	bool unprocessed;      /* libcurl sends it again, and may */
	bool repeated;         /* by us, once */
	bool answered;         /* the response's end came before the body's
				  end went out */
	bool doubtful;         /* that end may be the connection's */
	bool failed;           /* fault is filled in */
	struct response response;
	struct buf kept;       /* the body's beginning, over HTTP/2 */
	size_t kept_at;        /* how much of it has gone out (again) */
	int64_t watched;       /* ms that the timer was set to */

	struct arena arena;
	struct transfer_fault fault;
	char error[CURL_ERROR_SIZE];
	char memory[TRANSFER_MEMORY];
};

/* curl_request.c: tells the easy handle what to send. */
void transfer_apply(struct curl_transfer *t, const struct transfer_request *r);

/* curl_response.c: takes one line of a head with its end; false with the
 * fault filled in. *whole is set when it ended the final response's head. */
ATTR_MUST_CHECK bool transfer_head_line(struct curl_transfer *t,
					struct str line, bool *whole);
/* Whether all of the response has come, as far as its head told. */
bool transfer_response_whole(const struct curl_transfer *t);

/* curl_interim.c: what comes before the final head. */
/* A head of 1xx. False with the fault filled in. */
ATTR_MUST_CHECK bool transfer_interim(struct curl_transfer *t);
/* The final one has come. */
void transfer_interim_over(struct curl_transfer *t);
/* Tells libcurl who knows the request's trailers. */
void transfer_interim_apply(struct curl_transfer *t,
			    const struct transfer_request *r);

/* curl_connection.c: gives a new easy handle the callbacks that open a
 * connection, close it, and look at it before the request leaves. Where it is
 * not what it was, stale is set and nothing has left. */
void curl_connection_bind(struct curl_transfer *t);
/* Its answer's head is there: decides whether the connection is kept. */
void curl_connection_look(struct curl_transfer *t);

/* Its time is over: nothing more goes over a connection on which nothing at
 * all has come meanwhile, nor over one that it had to itself. */
void curl_connection_doubt(struct curl_transfer *t);

/* curl_again.c: once the request is told; once it is over. */
void transfer_again_apply(struct curl_transfer *t);
void transfer_again_end(struct curl_transfer *t);
/* As events.source, which is asked for what has not been read before. */
ssize_t transfer_source(struct curl_transfer *t, char *p, size_t n);
/* libcurl is about to send it a second time: whether it may. */
bool transfer_may_go_again(struct curl_transfer *t);
/* It ended with code: whether it goes out once more, from its beginning. */
bool transfer_goes_again(struct curl_transfer *t, CURLcode code);

/* transfer_curl.c */
/* Sets the timer to what the upstream is waited for, from now on. */
void transfer_watch(struct curl_transfer *t);
/* Gives the transfer's easy handle the carrier's callbacks. */
void transfer_bind(struct curl_transfer *t);
/* A transfer ended (multi_ended_fn). */
void transfer_ended(CURL *easy, CURLcode code);
/* libcurl reads no more of its response (multi_unread_fn). */
void transfer_unread(CURL *easy, curl_socket_t fd);
ATTR_PRINTF(4, 5)
void transfer_fail(struct curl_transfer *t, int status, const char *error,
		   const char *fmt, ...);
