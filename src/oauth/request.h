/* SPDX-License-Identifier: MIT */
/* A request to a token endpoint while it is being built: grants put their
 * parameters in, client authentication its own, the configuration changes what
 * a server wants otherwise, then it is written. */
#pragma once

#include <stdint.h>

#include "base/arena.h"
#include "base/attr.h"
#include "base/buf.h"
#include "base/fault.h"
#include "base/secret.h"
#include "base/str.h"
#include "config/table.h"
#include "http/fields.h"

/* Octets of all parameters, and of what they are written as. */
/* What it is for: whose compliance fixes it gets. */
enum token_phase {
	PHASE_ACCESS_TOKEN,
	PHASE_REFRESH_TOKEN,
	PHASE_DEVICE_AUTHORIZATION, /* RFC 8628 §3.1 */
	PHASE_REVOCATION,
	PHASE_OTHER,   /* nobody's */
};

/* Where its parameters go; in the order of the key's words. */
enum token_format { TOKEN_FORM, TOKEN_JSON, TOKEN_QUERY };

struct hook;
struct hook_machine;

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
	const struct hook *hook; /* the service's, or NULL; */
	struct hook_machine *hooks; /* and where it runs: in this thread */

	const struct secret *code;          /* RFC 6749 §4.1.3 */
	const char *redirect_uri;           /* as it was sent with the
					       authorization request */
	const struct secret *verifier;      /* RFC 7636 §4.5; NULL: none */
	const struct secret *device_code;   /* RFC 8628 §3.4 */
	const struct secret *subject_token; /* another session's; or NULL */
	const struct secret *callback;      /* what is kept of the browser's
					       answer, a JSON object; or
					       NULL */
};

struct token_param {
	struct str name, value; /* the request's own */
};

struct token_request {
	enum token_phase phase;
	struct arena arena;   /* wiped with it; the memory of all below */
	struct str method;
	struct fields fields; /* Content-Type, Accept, Authorization … */
	struct token_param *params; /* in the order in which they go out */
	size_t nparams, cap;
	size_t size;          /* octets of them */
	enum token_format format;
	struct str path;      /* in place of the endpoint's path and query,
				 where a hook says so */
	struct str raw;       /* the body, whatever the parameters, where a
				 hook says so */
	struct secret **secrets; /* that were made or read for it: no text
				    may repeat them */
	size_t nsecrets;
	const struct secret *callback; /* borrowed from what it is made of */

	/* What token_request_finish made of it. */
	struct str target;    /* path and query; may hold secrets */
	struct buf query;     /* its memory; secret */
	struct buf body;      /* secret */
};

/* POST, a form, with User-Agent, Accept: application/json and Content-Type
 * set; its phase is PHASE_ACCESS_TOKEN. */
void token_request_init(struct token_request *r);
void token_request_fini(struct token_request *r);
/* Adds a parameter, copied; an empty value is left out (RFC 6749 §3.2 treats
 * it as omitted). */
void token_request_param(struct token_request *r, const char *name,
			 struct str value);
/* The same, also of an empty one. */
void token_request_add(struct token_request *r, struct str name,
		       struct str value);
/* The first of that name, the request's own for as long as it is there; empty
 * where there is none. */
struct str token_request_get(const struct token_request *r, struct str name);
/* Takes all of that name out. */
void token_request_drop(struct token_request *r, struct str name);
/* The first of that name in place of all others, where the first was; behind
 * all others where there was none. It may be empty. */
void token_request_set(struct token_request *r, struct str name,
		       struct str value);
/* Notes a value that is in no settings: no text may repeat it. */
void token_request_note(struct token_request *r, struct secret *value);
/* Adds a parameter with such a value. */
void token_request_secret(struct token_request *r, const char *name,
			  struct secret *value);
/* Adds client_id, unless it is there; NULL adds nothing. */
void token_request_client_id(struct token_request *r, const char *client_id);
/* Adds a field, copied. */
void token_request_field(struct token_request *r, struct str name,
			 struct str value);
/* -1 with a fault where its parameters have become too long. */
ATTR_MUST_CHECK int token_request_check(const struct token_request *r,
					struct fault *f);
/* Writes target and body, as format says. target: the endpoint's, whose query
 * is kept; borrowed. -1 with a fault where they would be too long, or JSON
 * cannot hold a value. */
ATTR_MUST_CHECK int token_request_finish(struct token_request *r,
					 struct str target, struct fault *f);
