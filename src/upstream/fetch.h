/* SPDX-License-Identifier: MIT */
/* A whole request and a whole response in memory, bounded: for token
 * endpoints and their like. Built on a transfer that is fresh, so that
 * nothing is ever sent twice. */
#pragma once

#include "upstream/endpoint.h"
#include "upstream/transfer.h"

struct fetch;

struct fetch_request {
	const struct origin *origin;
	struct str method, target;
	const struct fields *fields;  /* with Host; Content-Length is made */
	struct str body;              /* copied into memory that is wiped */
	int64_t timeout;              /* ms, for all of it; where it was held,
					 once more for what follows */
	size_t max_body;              /* octets of the response */
	bool (*connected)(void *arg); /* optional, with done's arg: as a
					 transfer's; false holds it until
					 fetch_go_on */
};

struct fetch_response {
	int status;
	const struct fields *fields;
	struct str body;              /* plain: content codings undone, no byte
					 order mark; wiped afterwards */
	const char *unread;           /* why it cannot be read, and is empty
					 here (never with a status of 200 to
					 299); NULL: it is there */
};

/* response is NULL where fault is not. Both live until it returns. */
typedef void fetch_done_fn(void *arg, const struct fetch_response *response,
			   const struct transfer_fault *fault);

/* done is called once, from the loop, unless cancelled. A response of another
 * status than 200 is a response. Redirects are not followed. A body over
 * max_body, before or behind its content codings, is a fault; so is one whose
 * coding cannot be undone (fetch_is_foreign). */
ATTR_RETURNS_NONNULL
struct fetch *fetch_start(struct upstream *u, const struct fetch_request *r,
			  fetch_done_fn *done, void *arg);
/* The same of a JSON document that is asked for with GET. */
ATTR_RETURNS_NONNULL
struct fetch *fetch_json(struct upstream *u, const struct endpoint *at,
			 int64_t timeout, size_t max_body, fetch_done_fn *done,
			 void *arg);
/* Whether the answer came, but in a content coding that is not known. */
ATTR_MUST_CHECK bool fetch_is_foreign(const struct transfer_fault *fault);
/* After connected has returned false; may be called within it. */
void fetch_go_on(struct fetch *f);
/* Not within connected. */
void fetch_cancel(struct fetch **f);
