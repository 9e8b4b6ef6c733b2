/* SPDX-License-Identifier: MIT */
/* What the two readers of JSON (json.c, json_refusal.c) share. */
#pragma once

#include "data/json.h"

/* The length of the escape that begins with the backslash at s.p[at]: 12 for a
 * surrogate pair, 0 where half of one stands alone; else 2, whatever it is. */
size_t json_escape_length(struct str s, size_t at);
/* As json_parse, but that members may stand twice: where their values are not
 * the same text, all of them are null. */
ATTR_MUST_CHECK struct json *json_parse_repeated(struct str text);
