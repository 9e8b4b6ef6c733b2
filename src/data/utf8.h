/* SPDX-License-Identifier: MIT */
/* UTF-8 (RFC 3629). */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "base/str.h"

/* The length, 1 to 4, of the sequence that begins at s.p[at], where at < s.n;
 * 0 where there is none: overlong, a surrogate, over U+10FFFF, cut off. */
size_t utf8_length(struct str s, size_t at);

/* Whether all of s is UTF-8 (RFC 3629); an empty one is. */
bool utf8_is_valid(struct str s);

/* Whether the sequence that begins there, which is one, is a control character
 * (those of a terminal's, U+0080 to U+009F, too), a line's end, or one of those
 * that change the order in which a line is read: what somebody else's text must
 * not do where it is shown. */
bool utf8_is_control(struct str s, size_t at);
