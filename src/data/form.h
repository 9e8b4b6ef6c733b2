/* SPDX-License-Identifier: MIT */
/* application/x-www-form-urlencoded (RFC 6749 appendix B, WHATWG URL) and
 * percent-encoding (RFC 3986 §2.1). */
#pragma once

#include <stdbool.h>

#include "base/attr.h"
#include "base/buf.h"
#include "base/str.h"

/* Takes the next pair off *rest and decodes it into name and value (both
 * reset first; bounded by their own maxima, so ask buf_ok). False at the
 * end. A broken percent-escape stays as it stands. */
bool form_next(struct str *rest, struct buf *name, struct buf *value);

/* Appends "name=value" encoded, with "&" in front where out is not empty. */
void form_add(struct buf *out, struct str name, struct str value);
/* Appends s as a form value: unreserved kept, space becomes "+". */
void form_encode(struct buf *out, struct str s);
/* Appends s percent-encoded: all but RFC 3986's unreserved, space "%20". */
void percent_encode(struct buf *out, struct str s);
/* Appends s with %XX decoded ("+" stays). A broken escape stays. */
void percent_decode(struct buf *out, struct str s);
