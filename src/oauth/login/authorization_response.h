/* SPDX-License-Identifier: MIT */
/* What a browser brings back from the authorization endpoint (RFC 6749
 * §4.1.2, §4.2.2; RFC 9207), in a query, a fragment or a form alike. None of
 * it may be believed before its state is known. */
#pragma once

#include <stdint.h>

#include "base/attr.h"
#include "base/fault.h"
#include "base/secret.h"
#include "base/str.h"
#include "config/table.h"
#include "oauth/token/token.h"

struct authorization_response {
	struct secret *state;    /* NULL where absent, as all others */
	struct secret *code;
	struct secret *id_token; /* the token has it too */
	struct token *token;     /* of the access_token in it */
	char *iss;               /* RFC 9207 */
	struct oauth_error error; /* code is "" where there is none */
	char *error_uri;         /* http or https */
	struct secret *kept;     /* authorization_response.keep: a JSON object
				    of strings, {} where none was there; NULL
				    where the service keeps none */
};

/* The state, without any of what is asked of the others: for finding out whose
 * answer it is, and how that is read. NULL: there is none. One reference. */
struct secret *authorization_response_state(struct str text);

/* Reads application/x-www-form-urlencoded parameters; sent_wall: when the
 * login was begun, ms since the epoch. s: the service that they are for, whose
 * keys say what is renamed and kept; NULL: it is not known. What is not known
 * is passed over.
 * Refused: one of the known ones twice, one that is too long, characters that
 * it cannot have, an error together with a code or a token, an access_token
 * that no token response could have, and where there is none of error, code,
 * access_token and id_token. -1 with a fault that holds no value; *out is then
 * zeroed. */
ATTR_MUST_CHECK int
authorization_response_read(struct str parameters, int64_t sent_wall,
			    const struct config_section *s,
			    struct authorization_response *out,
			    struct fault *f);
/* What the parameters say of an error, whatever else they lack: words for
 * people alone, for anybody may have written them. False: nothing. */
bool authorization_response_error(struct str text, struct oauth_error *e);
void authorization_response_fini(struct authorization_response *r);
