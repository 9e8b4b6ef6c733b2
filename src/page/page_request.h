/* SPDX-License-Identifier: MIT */
/* What a page is asked, what it may look at, and what it answers: between
 * pages.c, which finds the page, and the files with the pages. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/limits.h"
#include "base/mailbox.h"
#include "base/str.h"
#include "broker/broker.h"
#include "broker/login_mail.h"
#include "http/fields.h"
#include "service/service.h"
#include "session/view.h"

/* What a page may look at: all of it the asking worker's own, or constant. */
struct page_context {
	const struct services *services;
	const struct session_view *view;
	bool store_ok; /* the last write to the store worked */
	bool live;     /* every loop has turned lately */
	bool ready;    /* the start is complete, and nothing drains */
	bool draining; /* a page that would have to wait is a 503 */
	int64_t now;   /* clock_ms */
	/* For what the broker answers: whom to ask, and where the answer
	 * goes. */
	struct broker *broker;
	struct mailbox *box;
	const char *external; /* as server_external; NULL: none */
	login_mail_fn *answered;
	void *arg;
};

/* What is asked; all borrowed. */
struct page_request {
	struct str method;
	struct str path;      /* as it came, with the leading "/-/" */
	struct str query;     /* without "?" */
	const struct fields *fields;
	struct str body;      /* where page_takes_form */
	struct str from;      /* whose: as address_network writes it */
};

struct page_reply {
	int status;
	const char *content_type; /* static; NULL: no body */
	const char *allow;        /* for 405, static; else NULL */
	struct buf policy;        /* Content-Security-Policy, or empty */
	struct buf location;      /* or empty */
	struct buf cookie;        /* Set-Cookie's value, or empty */
	struct buf body;
	/* Not NULL: the answer comes later, to `answered`, which makes a reply
	 * of it by page_answered. */
	struct login_mail *pending;
};
