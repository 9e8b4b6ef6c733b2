/* SPDX-License-Identifier: MIT */
/* base64url without padding (RFC 7515 §2) and base64 (RFC 4648 §4). */
#pragma once

#include "base/attr.h"
#include "base/buf.h"
#include "base/str.h"

/* Appends octets as RFC 4648 §5 has them, without padding. What does not fit
 * makes the buffer fail. */
void base64url_encode(struct buf *out, struct str octets);
/* Strict: no padding, no other characters, no stray bits. -1 where it is
 * not; out may then hold a part. */
ATTR_MUST_CHECK int base64url_decode(struct buf *out, struct str text);
/* The same in either alphabet, with padding or without: for what others write.
 * Where it fails out is empty. */
ATTR_MUST_CHECK int base64_any_decode(struct buf *out, struct str text);
/* With padding, the standard alphabet; what Basic wants (RFC 7617). */
void base64_encode(struct buf *out, struct str octets);
ATTR_MUST_CHECK int base64_decode(struct buf *out, struct str text);
