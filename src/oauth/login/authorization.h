/* SPDX-License-Identifier: MIT */
/* The authorization endpoint (RFC 6749 §3.1), where people log in: its keys,
 * and the address that a browser is sent to. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "base/attr.h"
#include "base/buf.h"
#include "base/fault.h"
#include "base/limits.h"
#include "base/secret.h"
#include "config/table.h"
#include "oauth/grant/grant.h"
#include "oauth/placement/named_values.h"
#include "oauth/request.h"

/* Octets of the whole address: what browsers and servers take. */
/* What comes back in front, by way of the browser. */
enum {
	RESPONSE_CODE = 1 << 0,
	RESPONSE_ID_TOKEN = 1 << 1,
	RESPONSE_TOKEN = 1 << 2,
};

struct authorization_settings {
	char *redirect_uri;       /* NULL: bearerd's own callback */
	char *response_type;      /* as written; NULL: the grant's */
	int response_mode;        /* index of its words, where it is given */
	int pkce;                 /* enum pkce_method */
	int64_t max_age;          /* ms, where it is given */
	struct config_list param; /* "NAME=TEMPLATE"; empty: left out */
	struct config_list rename; /* of the answer: "OLD=NEW" */
	struct config_list keep;   /* of the answer: names */
};

/* The keys of the grants that have a response_type. */
extern const struct config_table authorization_table;

/* Checks these keys, and that an authorization_endpoint is there. */
ATTR_MUST_CHECK int authorization_check(const struct config_section *s,
					const struct grant *g,
					const char **key, struct fault *f);

/* RESPONSE_… of a section that was checked. Without the key: the grant's own,
 * and id_token beside token where the scope holds openid. */
unsigned authorization_response_type(const struct config_section *s,
				     const struct grant *g);
/* Whether the answer is in the fragment, which only a page's script sees. */
bool authorization_in_fragment(const struct config_section *s,
			       const struct grant *g);
/* How long ago a person may have logged in at the server, seconds; -1: that is
 * not asked for. */
int64_t authorization_max_age(const struct config_section *s,
			      const struct grant *g);
/* Whether a code_verifier is to be made. */
bool authorization_uses_pkce(const struct config_section *s,
			     const struct grant *g);

/* authorization_request.param.*, as written: "NAME=TEMPLATE". */
const struct config_list *authorization_params(const struct config_section *s);

/* authorization_response.rename.*, as written: "OLD=NEW"; and .keep: what is
 * kept of an answer, as {token.callback.NAME}. */
const struct config_list *authorization_renames(const struct config_section *s);
const struct config_list *authorization_keeps(const struct config_section *s);
/* Whether NAME is one of the latter. */
bool authorization_is_kept(const struct config_section *s, struct str name);

/* One login; all borrowed. */
struct authorization_request {
	const struct config_section *section;
	const struct grant *grant;
	const struct named_values *params; /* of the configuration, in place
				     of others; NULL: none */
	const char *endpoint;     /* its query is kept (§3.1) */
	const char *redirect_uri; /* whole */
	const struct secret *state;
	const struct secret *nonce;    /* NULL: none */
	const struct secret *verifier; /* NULL where authorization_uses_pkce
					  says no */
	const struct secret *request_uri; /* the parameters were pushed, and
					  this is what stands for them (RFC
					  9126 §2.2); NULL: they were not */
	const char *dpop_jkt;     /* thumbprint of the key that the code is
				     bound to (RFC 9449 §10); NULL: none */
};

/* Puts the parameters into a request that is to be pushed (RFC 9126 §2.1). -1
 * with a fault where a value cannot be had, or they are too long. */
ATTR_MUST_CHECK int
authorization_request_push(const struct authorization_request *r,
			   struct token_request *out, struct fault *f);
/* Appends the address; out is a secret buffer, for it holds the state. -1
 * with a fault where it is over LIMIT_AUTHORIZATION_URL, the endpoint is no URL
 * without a fragment, or a parameter's value cannot be had. */
ATTR_MUST_CHECK int
authorization_request_write(const struct authorization_request *r,
			    struct buf *out, struct fault *f);
