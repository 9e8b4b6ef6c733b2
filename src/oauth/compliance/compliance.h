/* SPDX-License-Identifier: MIT */
/* Compliance fixes by key: what a server wants otherwise than RFC 6749 has it,
 * and what it answers otherwise. A request for tokens, or for a device's codes,
 * is changed after grant and client authentication have filled it in and before
 * it is written; a reply after it was taken apart and before it is read. */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "base/attr.h"
#include "base/buf.h"
#include "base/fault.h"
#include "config/table.h"
#include "data/json.h"
#include "oauth/grant/grant.h"
#include "oauth/placement/named_values.h"
#include "oauth/request.h"
#include "oauth/token/reply.h"
#include "oauth/token/token.h"

extern const struct config_table compliance_table;

/* A service's, compiled; immutable. */
struct compliance;
struct response_fixes;

/* A mistake: the key and its repetition (config_report_item), and why. */
typedef void compliance_mistake_fn(void *arg, const char *key, size_t i,
				   const struct fault *f);

/* Compiles a section's keys, authorization_request.param.* among them; *out
 * is NULL where none is given. g: its grant; one that asks for no tokens has no
 * use for them, so that those of a profile are passed over, and the section's
 * own are mistakes. All mistakes are told; -1, and NULL, where there is any. */
ATTR_MUST_CHECK int compliance_new(struct compliance **out,
				   const struct config_section *s,
				   const struct grant *g,
				   compliance_mistake_fn *mistake, void *arg);
void compliance_free(struct compliance **c);

/* What goes into the authorization request; NULL: nothing. c may be NULL. */
const struct named_values *
compliance_authorization(const struct compliance *c);

/* Changes a request that has all of its parameters, as its phase has it.
 * token: the session's present one, or NULL. c may be NULL. -1 with a fault
 * where a template's value is not there or cannot be carried. */
ATTR_MUST_CHECK int compliance_request(const struct compliance *c,
				       const struct config_section *s,
				       struct token *token,
				       struct token_request *r,
				       struct fault *f);

/* Whether a revocation is the same request for each of the tokens, since the
 * parameter that says which one is taken out. c may be NULL. */
bool compliance_revokes_at_once(const struct compliance *c);

/* How replies of a phase are read; NULL: as they come. c may be NULL. */
const struct response_fixes *compliance_response(const struct compliance *c,
						 enum token_phase phase);
enum reply_format response_format(const struct response_fixes *x);
/* Whether the token_type is what the configuration says, whatever it is. */
bool response_sets_type(const struct response_fixes *x);

/* One fix, for people: what it does ("rename"), to what (an empty name: what
 * its key has none for), and how, as its key says it. */
typedef void response_told_fn(void *arg, const char *what, const char *name,
			      struct str value);
/* Tells all of them in the order in which they are made. x may be NULL. */
void response_tell(const struct response_fixes *x, response_told_fn *told,
		   void *arg);

enum response_says {
	RESPONSE_FINE,    /* nothing against it */
	RESPONSE_REFUSES, /* no: *error */
	RESPONSE_UNCLEAR, /* not to be understood: the fault says why */
};

/* Changes a reply of a success's status: *j (json_free) and its *text, which
 * then lies in made (a secret buffer of REPLY_MADE_MAX). sent_wall: when it was
 * asked for, ms since the epoch, from where a date of its counts. */
ATTR_MUST_CHECK enum response_says
response_fix(const struct response_fixes *x, const char *who, struct json **j,
	     int64_t sent_wall, struct buf *made, struct str *text,
	     struct oauth_error *error, struct fault *f);
/* The words of a reply of another status, and whether it passes
 * (unavailable_if). j may be NULL. True: a test of the configuration's
 * (invalid_grant_if) says that it means invalid_grant. */
bool response_error(const struct response_fixes *x, const char *who,
		    const struct json *j, struct oauth_error *error);
