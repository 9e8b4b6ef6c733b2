/* SPDX-License-Identifier: MIT */
/* What an authorization server says of itself (RFC 8414, OpenID Connect
 * Discovery): where that lies, and reading it. Immutable once read, shared by
 * reference. */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "base/attr.h"
#include "base/buf.h"
#include "base/fault.h"
#include "base/limits.h"
#include "base/str.h"
#include "oauth/server.h"

/* Addresses; NULL: not named. Refreshing has none of its own. */
struct metadata_endpoints {
	char *v[ENDPOINT_KINDS];
};

struct metadata_list {
	char **v;
	size_t n;
	bool given; /* a list was there, though it may be empty */
};

struct metadata {
	_Atomic unsigned refs;
	char *issuer;
	struct metadata_endpoints endpoints;
	struct metadata_endpoints mtls; /* mtls_endpoint_aliases (RFC 8705
					   §5) */
	bool require_pushed_authorization_requests;          /* RFC 9126 §5 */
	bool authorization_response_iss_parameter_supported; /* RFC 9207 §3 */
	/* ..._supported */
	struct metadata_list id_token_signing_alg_values;
	struct metadata_list token_endpoint_auth_methods;
	struct metadata_list code_challenge_methods;
	struct metadata_list grant_types;
	struct metadata_list dpop_signing_alg_values;
};

/* Appends address i of those where the issuer's document may lie, the likely
 * one first: with openid OpenID Connect Discovery's, else RFC 8414's; false
 * where there are not so many. issuer has passed issuer_check. */
ATTR_MUST_CHECK bool metadata_url(const char *issuer, bool openid, size_t i,
				  struct buf *out);
/* Reads a document, one reference. NULL with a fault where it is no JSON
 * object whole and valid, has a member twice, is another issuer's (RFC 8414
 * §3.3), or where a member that matters is not what it must be: an address to
 * which nothing may be sent, say. A member that is null is absent. */
ATTR_MUST_CHECK struct metadata *
metadata_parse(struct str text, const char *issuer, struct fault *f);
struct metadata *metadata_ref(struct metadata *m);
void metadata_unref(struct metadata **m);
