/* SPDX-License-Identifier: MIT */
/* protected_request.*: what every forwarded request gets beside its token, and
 * what is taken out of it. Compiled once a service; what depends on the token
 * is made when that is published; {now} and {uuid} when a request goes out. */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "base/attr.h"
#include "base/fault.h"
#include "config/table.h"
#include "oauth/placement/placement.h"

extern const struct config_table protected_request_table;

struct protected_row;

/* A service's, compiled; immutable. Zeroed is valid and has none. */
struct protected_request {
	struct protected_row *rows;
	size_t n;
	const struct config_section *section; /* of the session */
	bool of_token;    /* a row needs the token */
	bool of_secret;   /* a row holds a token or the client's secret */
	bool has_form;    /* a row is about the form */
	bool needs_form;  /* a row adds to the form */
};

/* The values of one token. Immutable, shared by reference. */
struct protected_values;

/* A mistake: the key and its repetition (config_report_item), and why. */
typedef void protected_mistake_fn(void *arg, const char *key, size_t i,
				  const struct fault *f);

/* Compiles a section's keys; session is the section of the session's keys,
 * spec what its token_placement is, and has_token whether the service gets a
 * token. All mistakes are told; -1 where there is any. */
ATTR_MUST_CHECK int protected_request_init(struct protected_request *p,
					   const struct config_section *s,
					   const struct config_section *session,
					   const struct placement_spec *spec,
					   bool has_token,
					   protected_mistake_fn *mistake,
					   void *arg);
void protected_request_fini(struct protected_request *p);

/* One row, for people. Borrowed. */
struct protected_row_told {
	const char *place, *name; /* "header", "query", "body" */
	bool removes;             /* it only takes out */
	bool keeps;               /* the client's own wins */
};
/* Row i; false beyond the last one. */
bool protected_request_tell(const struct protected_request *p, size_t i,
			    struct protected_row_told *out);

/* What the token makes of the rows that need it; *out is NULL where none
 * does. -1 with a fault where one cannot be. p must outlive it. */
ATTR_MUST_CHECK int protected_values_init(struct protected_values **out,
					  const struct protected_request *p,
					  struct token *t, struct fault *f);
/* NULL is fine; nulls the pointer. */
void protected_values_free(struct protected_values **v);

/* Changes the request. v: of the token that it carries, or NULL where it
 * carries none, or no row needs it; rows that need one then do nothing. Values
 * are borrowed from p and v. -1 with a fault where a value of {now} or {uuid}
 * cannot be carried. */
ATTR_MUST_CHECK int protected_request_apply(const struct protected_request *p,
					    const struct protected_values *v,
					    struct placement_request *r,
					    struct fault *f);
