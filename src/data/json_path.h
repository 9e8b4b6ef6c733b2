/* SPDX-License-Identifier: MIT */
/* Dotted paths into a JSON tree: "a.b.0". */
#pragma once

#include "base/str.h"
#include "data/json.h"

/* The value that a path leads to, from an object by its members' names, from
 * an array by its indices; NULL where there is none, or the path is empty. A
 * name may hold dots itself (claims that are URLs do): what fits whole goes
 * before what has to be split. */
const struct json *json_path(const struct json *j, struct str path);
/* Whether a value is the one that the configuration names: a text, a number,
 * true, false or null, by its words; in quotation marks, a text alone. */
bool json_fits(const struct json *j, struct str value);
