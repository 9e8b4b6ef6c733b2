/* SPDX-License-Identifier: MIT */
/* What the configuration puts into requests: a template over the token, the
 * session's settings, and what is new for each request. */
#pragma once

#include <stdbool.h>

#include "base/attr.h"
#include "base/buf.h"
#include "base/fault.h"
#include "base/limits.h"
#include "config/table.h"
#include "http/template.h"
#include "oauth/token/token.h"

/* Octets, before and after it is encoded: the largest token with something
 * around it. */
enum {
	VALUE_ENCODED_MAX = 3 * LIMIT_VALUE,
};

/* Immutable. */
struct value {
	struct template *template;
	bool of_token;   /* needs one */
	bool of_reply;   /* … and more of it than what a login's callback
			    brought ({token.callback.NAME}) */
	bool of_secret;  /* holds the client's */
	bool of_request; /* {now}, {uuid}, or what the request brings:
			    differs from request to request */
};

/* What a request to the authorization server carries, as its grant has put it
 * in; empty: it does not. */
struct value_carried {
	struct str assertion, password, refresh_token, subject_token;
	const struct secret *callback; /* of a login whose token is not there
					  yet: a JSON object; NULL: none */
};

/* What the names stand for. */
struct value_source {
	struct token *token; /* NULL: there is none; a name that needs it has
				no value */
	const struct config_section *section;
	const struct value_carried *carried; /* NULL: nothing */
	bool in_url; /* it decides where a request goes */
};

/* Whether all secrets of the section that it names are known now: what a
 * program is to print is not. */
bool value_is_known(const struct value *v, const struct config_section *s);
/* Whether it names a secret of the section that may change while this runs. */
bool value_is_live(const struct value *v, const struct config_section *s);
/* Appends a value as it is to go out; -1 where it cannot. */
typedef int value_encode_fn(struct str value, struct buf *out,
			    struct fault *f);

/* NULL with a fault: see template_parse. */
ATTR_MUST_CHECK struct value *value_parse(struct str text, struct fault *f);
/* The same for a request to the authorization server itself, which no browser
 * and no upstream sees: {assertion}, {password}, {refresh_token} and
 * {subject_token} are names there too. */
ATTR_MUST_CHECK struct value *value_parse_server(struct str text,
						 struct fault *f);
void value_free(struct value **v);

/* Whether all of its names can have a value in this section; has_token: the
 * service gets one, which may have any. */
ATTR_MUST_CHECK int value_check(const struct value *v,
				const struct config_section *s, bool has_token,
				struct fault *f);
/* Appends what it is now, encoded; it may be empty. -1 with a fault where a
 * name has no value, or the whole holds CR, LF or NUL, is too long, or cannot
 * be encoded. Faults hold no value. */
ATTR_MUST_CHECK int value_write(const struct value *v,
				const struct value_source *source,
				value_encode_fn *encode, struct buf *out,
				struct fault *f);
