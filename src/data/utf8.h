/* SPDX-License-Identifier: MIT */
/* UTF-8 (RFC 3629). */
#pragma once

#include <stddef.h>

#include "base/str.h"

/* The length, 1 to 4, of the sequence that begins at s.p[at], where at < s.n;
 * 0 where there is none: overlong, a surrogate, over U+10FFFF, cut off. */
size_t utf8_length(struct str s, size_t at);
