/* SPDX-License-Identifier: MIT */
/* What can be said of a message without knowing whose it is: methods,
 * statuses, and how its body is framed (RFC 9112 §6). */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "base/attr.h"
#include "base/fault.h"
#include "base/str.h"
#include "http/fields.h"

/* RFC 9110 §9.2.2. */
bool method_is_idempotent(struct str method);
/* RFC 9110 §9.2.1. */
bool method_is_safe(struct str method);

/* The standard phrase, or "" for a status that has none. */
const char *status_phrase(int status);
/* 1xx, 204 and 304 have no body; a HEAD's response has none either. */
bool status_has_body(int status);

enum framing_body { FRAMING_NONE, FRAMING_SIZED, FRAMING_CHUNKED };

struct framing {
	enum framing_body body;
	uint64_t length; /* of FRAMING_SIZED */
};

/* How a request's body is framed, strictly: refuses with words two
 * Content-Length fields (also equal ones), a length that is no number, one
 * beside Transfer-Encoding, any coding but "chunked" alone, Transfer-Encoding
 * from an HTTP/1.0 client, a Host that is missing (HTTP/1.1) or doubled, and
 * field names that are no tokens or values that hold what they must not. */
ATTR_MUST_CHECK int framing_check(const struct fields *fs, bool http10,
				  struct framing *out, struct fault *f);
