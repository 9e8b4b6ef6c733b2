/* SPDX-License-Identifier: MIT */
/* A token response (RFC 6749 §5.1) and an error response (§5.2), read as the
 * standard says and as servers really answer. Immutable once read. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "base/attr.h"
#include "base/buf.h"
#include "base/fault.h"
#include "base/limits.h"
#include "base/secret.h"
#include "base/str.h"
#include "data/json.h"

/* Ten years: what lives longer is taken to live so long. */
struct token {
	struct secret *access_token;  /* never NULL; fits a field value */
	struct secret *refresh_token; /* NULL where none */
	struct secret *id_token;      /* NULL where none */
	char *token_type;             /* as it came, "Bearer" where absent; or
					 DPoP, in any case: token_is_bound */
	char *scope;                  /* NULL where absent */
	int64_t expires_in;           /* seconds; 0: the server named none */
	int64_t refresh_expires_in;   /* the same of the refresh token: those
					 that refresh_expires_in names, or one
					 of its other names */
	int64_t sent_wall;            /* when it was asked for, ms, epoch */
	struct secret *members;       /* the whole response as JSON text, so
					 that no member is lost; NULL: none */
	/* private */
	_Atomic unsigned refs;
};

/* The server's words (RFC 6749 §5.2), bounded, only printable ASCII left. */
struct oauth_error {
	char code[LIMIT_ERROR_CODE];         /* "" where the reply had none */
	char description[LIMIT_ERROR_TEXT];
	int status;
	bool passes;    /* a key says that it passes by itself */
	bool confirmed; /* with invalid_grant: a status or a key leaves no
			   doubt that it is meant so */
};

enum token_reply {
	TOKEN_OK,          /* *out is a token */
	TOKEN_ERROR,       /* the server said no: *error */
	TOKEN_UNAVAILABLE, /* what passes by itself (reply_passes), or a success
			      whose body is empty or cut: to be tried again;
			      *error has status */
	TOKEN_BAD,         /* not to be understood: the fault says why */
};

/* Reads a reply. JSON or form-encoded by Content-Type, and by the first octet
 * where that names neither. 200 and 201 are successes. Refused: a reply that
 * is not whole and valid, a member twice, both error and access_token, an
 * access_token that is no string or holds what a field value cannot, a
 * token_type that is neither Bearer nor DPoP nor absent. expires_in may be a
 * number, a string of digits; 0, null, negative, anything else counts as
 * absent. A refusal is taken of a reply that is not whole and valid too, as far
 * as its words can be read.
 * sent_wall: when the request was sent, ms since the epoch. Faults never hold
 * a value of the reply. */
ATTR_MUST_CHECK enum token_reply
token_reply_read(int status, struct str content_type, struct str body,
		 int64_t sent_wall, struct token **out,
		 struct oauth_error *error, struct fault *f);

struct response_fixes;
/* The same of a reply that the configuration changes first
 * (oauth/compliance/compliance.h), a token_type that it sets being taken as it
 * is; NULL changes nothing. */
ATTR_MUST_CHECK enum token_reply
token_reply_read_fixed(const struct response_fixes *x, int status,
		       struct str content_type, struct str body,
		       int64_t sent_wall, struct token **out,
		       struct oauth_error *error, struct fault *f);
/* The same of a response that somebody has kept: a success's body, as the
 * server sent it, JSON or a form by its first octet, whatever the
 * configuration says of their form. */
ATTR_MUST_CHECK enum token_reply
token_reply_read_given(const struct response_fixes *x, struct str body,
		       int64_t sent_wall, struct token **out,
		       struct oauth_error *error, struct fault *f);

/* A token that the configuration holds. One reference. */
ATTR_MALLOC struct token *token_static(const struct secret *access_token);
struct token *token_ref(struct token *t);
void token_unref(struct token **t);
/* What a refresh brought, with what its reply does not name as it was before:
 * all members but those that are of one token alone (its values, type and
 * life), and the scope (RFC 6749 §6). One reference. */
ATTR_RETURNS_NONNULL struct token *token_refreshed(struct token *t,
						   const struct token *old);
/* A login's token with what its callback brought as its member "callback", in
 * place of one that the reply had: kept is a JSON object; a refresh keeps it,
 * whatever its reply has of that name. One reference; NULL with a fault where
 * they are too long together. */
ATTR_MUST_CHECK struct token *
token_with_callback(struct token *t, const struct secret *kept,
		    struct fault *f);
/* Whether it is of use only with proofs of the key that it was asked for with
 * (RFC 9449 §5). */
bool token_is_bound(const struct token *t);

/* For the store: written and read back whole. */
void token_write(const struct token *t, struct buf *out);
ATTR_MUST_CHECK struct token *token_parse(struct str text, struct fault *f);

/* Appends the member at a dotted path of the response ("a.b.0"), text of
 * strings and numbers and booleans; -1 where there is none. */
ATTR_MUST_CHECK int token_member(const struct token *t, struct str path,
				 struct buf *out);

/* --- members of a response, as JSON: what a server sent and what the store
 * gives back obey the same rules --- */

/* A token with one reference, its sent_wall and members unset; NULL with a
 * fault, which holds no value, where access_token, token_type, refresh_token
 * or id_token are not what they must be. any_type: a token_type other than
 * Bearer was agreed to before. */
ATTR_MUST_CHECK struct token *
token_members_read(const struct json *j, bool any_type, struct fault *f);
/* Whether s could be a token_type: 1 to LIMIT_TOKEN_TYPE printable characters
 * of ASCII. */
bool token_is_type(struct str s);
/* A number above 0 in any of JSON's notations or in a string, its fraction
 * cut, max where it is more; 0 for all else. m may be NULL. */
int64_t token_number(const struct json *m, int64_t max);
/* The seconds of an expires_in; 0 for what says none. */
int64_t token_expires_in(const struct json *m);
/* Whether a member says something: absent, null, false and "" do not. */
bool token_member_given(const struct json *j, const char *name);
