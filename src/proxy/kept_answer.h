/* SPDX-License-Identifier: MIT */
/* libmicrohttpd's response object of an exchange's last answer, queued once
 * more where the next one has the same head. Most answers of an upstream differ
 * only in their bodies, and in Date once a second; for each field of a new
 * object libmicrohttpd takes memory three times and gives it back. */
#pragma once

#include <microhttpd.h>
#include <stddef.h>

#include "base/str.h"
#include "http/fields.h"

/* Zeroed: none. */
struct kept_answer {
	struct MHD_Response *response; /* a reference, or NULL */
	struct str body;               /* where its body stands */
	char *head;                    /* its fields: a NUL behind each name
					  and value */
	size_t n, cap;
};

/* The kept one (borrowed) where these fields, each with a NUL behind name and
 * value, are its, and its body stands at the same place with the same length;
 * else NULL, and none is kept any more. The octets there may have changed:
 * libmicrohttpd reads them as it sends them. */
struct MHD_Response *kept_answer_find(struct kept_answer *k,
				      const struct fields *fields,
				      struct str body);
/* Keeps one that has these fields and this body, and takes the reference over.
 * None may be kept. */
void kept_answer_put(struct kept_answer *k, struct MHD_Response *response,
		     const struct fields *fields, struct str body);
/* Keeps none, and has no memory. */
void kept_answer_fini(struct kept_answer *k);
