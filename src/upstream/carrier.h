/* SPDX-License-Identifier: MIT */
/* What the two carriers have in common: what a transfer is to those who own it,
 * which each carrier's own has first. transfer.c chooses one. */
#pragma once

#include "upstream/transfer.h"

struct pool;

struct carrier {
	/* As transfer_start; p is the pool of the request's origin. */
	struct transfer *(*start)(struct pool *p,
				  const struct transfer_request *r,
				  const struct transfer_events *events,
				  void *arg);
	/* As transfer_resume_read, transfer_resume_write. */
	void (*resume_read)(struct transfer *t);
	void (*resume_write)(struct transfer *t);
	/* As transfer_go_on. */
	void (*go_on)(struct transfer *t);
	/* As transfer_cancel, of one that is there. */
	void (*cancel)(struct transfer *t);
};

struct transfer {
	const struct carrier *carrier;
	int version; /* of the last head that came */
};

/* An easy transfer of libcurl's each: HTTP/2, and what is told to a proxy. */
extern const struct carrier carrier_curl;
/* HTTP/1.1, spoken by ourselves. */
extern const struct carrier carrier_http1;
/* Frees the memory that is kept for transfers to come. */
void http1_free_spare(struct pool *p);
