/* SPDX-License-Identifier: MIT */
/* Replies of an authorization server's endpoints, read by what all of them
 * have in common (RFC 6749 §5). */
#pragma once

#include "base/attr.h"
#include "base/buf.h"
#include "base/fault.h"
#include "base/limits.h"
#include "base/str.h"
#include "data/json.h"
#include "oauth/token/token.h"

/* A control character of a form takes six octets in JSON. */
enum { REPLY_MADE_MAX = 8 * LIMIT_TOKEN_RESPONSE };

/* How a body is encoded; AUTO: by Content-Type, and by the first octet where
 * that names neither. In the order of the key's words. */
enum reply_format { REPLY_AUTO, REPLY_JSON, REPLY_FORM };

/* The body as a tree, and its JSON text, which lies in body or in made (a
 * secret buffer of REPLY_MADE_MAX). NULL with a fault where it is no object,
 * not whole and valid, or has a member twice. json_free. */
ATTR_MUST_CHECK struct json *reply_parse(enum reply_format format,
					 struct str content_type,
					 struct str body, struct buf *made,
					 struct str *text, struct fault *f);

/* The same of a refusal, of which nothing but words is taken: where it is not
 * what it must be, what can be read of it (json_parse_refusal) counts, and a
 * form of any type. *valid: it was. NULL: nothing can be read. */
ATTR_MUST_CHECK struct json *
reply_parse_refusal(enum reply_format format, struct str content_type,
		    struct str body, struct buf *made, bool *valid);

/* Whether a refusal passes by itself, whatever carries it: 408, 429, 5xx, and
 * the codes temporarily_unavailable (§4.1.2.1) and slow_down (RFC 8628
 * §3.5). */
bool reply_passes(const struct oauth_error *e);

/* Copies words for people: one "?" for each character that is not printable
 * ASCII, cut to size - 1. */
void reply_words(char *out, size_t size, struct str s);
/* The server's words where *error has none of a kind yet; where it has none at
 * all, what error->status says. who is "token endpoint" or the like; j may be
 * NULL. */
void reply_error(const char *who, const struct json *j,
		 struct oauth_error *error);
/* The same from a body of any kind. */
void reply_error_body(const char *who, struct str content_type,
		      struct str body, struct oauth_error *error);

/* "CODE: DESCRIPTION", or the one of them that there is. */
struct reply_error_text {
	char text[sizeof(((struct oauth_error *)NULL)->code) +
		  sizeof(((struct oauth_error *)NULL)->description) + 2];
};
struct reply_error_text reply_error_text(const struct oauth_error *e);

/* An endpoint that answers in JSON and nothing else. */
struct reply_endpoint {
	const char *who; /* "device authorization endpoint" */
	const char *key; /* the key that names it */
	size_t max;      /* octets of an answer */
	const char *answer; /* with this member it is no error, whatever else
			       it has; NULL: there is none */
};

/* What such an endpoint said. TOKEN_OK: *out is a JSON object, whole and
 * valid, without a member twice, to be freed by json_free; whether it has what
 * it must is the caller's to see (reply_refuse). Else *out is NULL; TOKEN_ERROR
 * and TOKEN_UNAVAILABLE fill *error in, TOKEN_BAD the fault. */
ATTR_MUST_CHECK enum token_reply
reply_read_json(const struct reply_endpoint *e, int status,
		struct str content_type, struct str body, struct json **out,
		struct oauth_error *error, struct fault *f);
/* A status that is neither a success nor an error: the fault says what it
 * means. */
enum token_reply reply_refuse_status(const struct reply_endpoint *e,
				     int status, struct fault *f);
/* An object that has not what it must, which the fault says: frees it. */
enum token_reply reply_refuse(const struct reply_endpoint *e, struct json **j,
			      struct fault *f);
