/* SPDX-License-Identifier: MIT */
/* bearerd's own pages, below /-/ on its own address: a request in, a reply
 * out, no server in it. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "base/attr.h"
#include "base/buf.h"
#include "base/str.h"
#include "service/service.h"
#include "session/broker.h"
#include "session/view.h"

/* What a page may look at: all of it the asking worker's own, or constant. */
struct page_context {
	const struct services *services;
	const struct session_view *view;
	bool store_ok; /* the last write to the store worked */
	bool live;     /* every loop has turned lately */
	bool ready;    /* the start is complete, and nothing drains */
	int64_t now;   /* clock_ms */
};

enum { PAGE_MAX = 1024 * 1024 };

struct page_reply {
	int status;
	const char *content_type; /* static; NULL: no body */
	const char *allow;        /* for 405, static; else NULL */
	struct buf body;          /* freed by page_reply_fini */
};

/* Answers a request for path (decoded not; with the leading "/-/"). A path
 * that is no page gives 404 without a body, a method that a page does not
 * know 405: the caller words these. HEAD is answered as GET. */
void page_answer(const struct page_context *c, struct str method,
		 struct str path, struct page_reply *out);
void page_reply_fini(struct page_reply *r);
