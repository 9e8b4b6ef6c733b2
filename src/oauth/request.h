/* SPDX-License-Identifier: MIT */
/* A request to a token endpoint while it is being built: grants put their
 * parameters in, client authentication its own, then it is written. */
#pragma once

#include <stdint.h>

#include "base/alloc.h"
#include "base/attr.h"
#include "base/buf.h"
#include "base/fault.h"
#include "base/secret.h"
#include "base/str.h"
#include "config/table.h"
#include "http/fields.h"

enum { TOKEN_REQUEST_MAX = 256 * 1024, TOKEN_REQUEST_SECRETS = 4 };

/* What a request is made of, beside the settings; all of it borrowed. Which
 * of the last ones are there depends on the grant. */
struct token_asking {
	const struct config_section *section;
	const void *grant_state, *auth_state; /* what their rows prepared */
	const char *endpoint; /* the URL that it goes to */
	const char *token_endpoint; /* that URL, whichever it goes to; NULL
				       where there is none */
	const char *issuer;   /* the server's, where it is known; or NULL */
	int64_t now;          /* seconds since the epoch */
	const void *arg;      /* the caller's own */

	const struct secret *code;          /* RFC 6749 §4.1.3 */
	const char *redirect_uri;           /* as it was sent with the
					       authorization request */
	const struct secret *verifier;      /* RFC 7636 §4.5; NULL: none */
	const struct secret *device_code;   /* RFC 8628 §3.4 */
	const struct secret *subject_token; /* another session's; or NULL */
};

struct token_request {
	struct arena arena;   /* wiped with it; the fields' memory */
	struct fields fields; /* Content-Type, Accept, Authorization … */
	struct buf form;      /* secret; the body */
	struct secret *secrets[TOKEN_REQUEST_SECRETS]; /* that were made or
				 read for it: no text may repeat them */
	size_t nsecrets;
};

/* With Accept: application/json and Content-Type set. */
void token_request_init(struct token_request *r);
void token_request_fini(struct token_request *r);
/* Adds a parameter; an empty value is left out (RFC 6749 §3.2 treats it as
 * omitted). */
void token_request_param(struct token_request *r, const char *name,
			 struct str value);
/* Adds one whose value is in no settings, and notes that; at most
 * TOKEN_REQUEST_SECRETS a request. */
void token_request_secret(struct token_request *r, const char *name,
			  struct secret *value);
/* Adds client_id, unless it is there; NULL adds nothing. */
void token_request_client_id(struct token_request *r, const char *client_id);
/* Adds a field, copied. */
void token_request_field(struct token_request *r, struct str name,
			 struct str value);
