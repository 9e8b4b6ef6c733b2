/* SPDX-License-Identifier: MIT */
/* bearerd's own answers about errors: problem details (RFC 9457) with
 * Proxy-Status (RFC 9209); bearerd(8), Errors. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "base/alloc.h"
#include "base/attr.h"
#include "base/buf.h"
#include "http/fields.h"

struct reply {
	int status;
	struct fields fields; /* Content-Type and others; the arena's */
	struct buf body;
	bool close;           /* the connection ends with it */
};

void reply_init(struct reply *r, struct arena *arena);
void reply_fini(struct reply *r);

/* Makes it a problem: detail says what is wrong, action what to do about it
 * (NULL: nothing to be done), error is the Proxy-Status type (NULL: the field
 * has none). Replaces what it was. */
void reply_problem(struct reply *r, int status, const char *error,
		   struct str detail, const char *action);
/* Adds a member to the problem that it is. */
void reply_problem_member(struct reply *r, const char *name, struct str text);
/* Adds Retry-After: whole seconds, at least 1. */
void reply_retry_after(struct reply *r, int64_t ms);
/* Appends it as a message of HTTP/1.1 (RFC 9112) that ends its connection. */
void reply_write(const struct reply *r, struct buf *out);
/* Adds a field, copied. */
void reply_field(struct reply *r, const char *name, struct str value);
