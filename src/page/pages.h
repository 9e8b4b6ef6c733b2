/* SPDX-License-Identifier: MIT */
/* bearerd's own pages, below /-/ on its own address: a request in, a reply
 * out, no server in it. */
#pragma once

#include <stdbool.h>

#include "base/str.h"
#include "page/page_request.h"

/* Whether a request has a form that is to be read whole first. */
bool page_takes_form(struct str method, struct str path);
/* Whether another site's page may send a browser here, whatever the method:
 * where people come back from a login. */
bool page_is_callback(struct str path);

/* Answers a request. A path that is no page gives 404 without a body, a
 * method that a page does not know 405, a page that would have to wait while
 * the worker drains 503: the caller words these. HEAD is answered as GET. *out
 * is to be freed by page_reply_fini. */
void page_answer(const struct page_context *c, const struct page_request *q,
		 struct page_reply *out);
/* What the broker has answered. */
void page_answered(struct login_reply *r, struct page_reply *out);
void page_reply_fini(struct page_reply *r);
