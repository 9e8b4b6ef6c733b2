/* SPDX-License-Identifier: MIT */
/* The request-target (RFC 9112 §3.2) and what its path means. Everything is a
 * slice of the raw target: it travels byte for byte. */
#pragma once

#include <stdbool.h>

#include "base/attr.h"
#include "base/buf.h"
#include "base/fault.h"
#include "base/str.h"

enum target_form { TARGET_ORIGIN, TARGET_ABSOLUTE, TARGET_AUTHORITY,
		   TARGET_ASTERISK };

struct target {
	enum target_form form;
	bool https;       /* TARGET_ABSOLUTE: which scheme */
	bool is_ipv6;
	struct str host;  /* ABSOLUTE, AUTHORITY: without brackets */
	int port;         /* as written, or -1 */
	struct str path;  /* ORIGIN, ABSOLUTE; "" only for the latter */
	struct str query; /* with its "?", or empty */
};

/* Reads the target of a request with this method: authority-form for CONNECT
 * only, "*" for OPTIONS only, http and https (any case) absolute-form without
 * userinfo, no fragment, no octet outside visible ASCII. */
ATTR_MUST_CHECK int target_parse(struct str raw, struct str method,
				 struct target *out, struct fault *f);

/* Whether the path below prefix climbs out of it. Looked at is the path
 * decoded once, "%2F", "\" and "%5C" taken as "/", a segment's ";…" (and what
 * follows a NUL in it) cut off: true where ".." segments lead above prefix at
 * any point. Both start with a slash (or are empty); path starts with prefix
 * by octets. */
bool target_climbs(struct str path, struct str prefix);

/* Whether prefix fits path up to a segment's end: "/v1" fits "/v1" and
 * "/v1/x", not "/v10"; "/v1/" fits what "/v1" fits. The empty prefix and "/"
 * fit all. */
bool target_has_prefix(struct str path, struct str prefix);

/* Hosts compare without case and without a final dot. */
bool host_eq(struct str a, struct str b);
/* Appends host in lower case, without a final dot. */
void host_normalize(struct buf *out, struct str host);
