/* SPDX-License-Identifier: MIT */
/* JSON (RFC 8259) read into a tree under bounds, and written into a buffer.
 * A document is taken whole and valid or not at all; a member that stands
 * twice is refused. The tree may hold secrets: it is wiped when freed. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/attr.h"
#include "base/buf.h"
#include "base/fault.h"
#include "base/limits.h"
#include "base/str.h"

enum json_type { JSON_NULL, JSON_BOOL, JSON_NUMBER, JSON_STRING, JSON_ARRAY,
		 JSON_OBJECT };

struct json;

/* Appends the library that reads it and the version that runs:
 * "yajl/2.1.0". */
void json_library(struct buf *out);
/* NULL with a fault where text is not one valid document (UTF-8 checked,
 * nothing but white space behind it), is deeper than LIMIT_JSON_DEPTH, holds
 * more than LIMIT_JSON_VALUES values or a member twice. The caller bounds the
 * text's size. Freed by json_free. */
ATTR_MUST_CHECK struct json *json_parse(struct str text, struct fault *f);
/* As json_parse, of a refusal, of which only words are used: what that refuses
 * is read as far as it goes. text begins with an object; what stands behind it,
 * and commas with nothing behind them, are left out; octets that are no UTF-8
 * become "?", control characters spaces; words that JSON does not have, and
 * what is nested more than 8 deep, become null; so do members that stand twice
 * with values that are not the same text. NULL where there is no whole object
 * even so. */
ATTR_MUST_CHECK struct json *json_parse_refusal(struct str text);
/* Whether text is no document only because it ends too soon. */
ATTR_MUST_CHECK bool json_is_cut(struct str text);
/* Wipes and frees; NULL is fine. */
void json_free(struct json **j);

/* All take NULL as the absent value. */
enum json_type json_type(const struct json *j); /* NULL: JSON_NULL */
bool json_is(const struct json *j, enum json_type type);
/* "null", "boolean", "number", "string", "array", "object". */
const char *json_type_name(enum json_type type);
/* The member of an object; NULL where there is none or j is no object. */
const struct json *json_get(const struct json *j, const char *name);
const struct json *json_get_str(const struct json *j, struct str name);
/* The same where it says something: NULL too where it is null, or a string
 * that is empty. */
const struct json *json_given(const struct json *j, const char *name);
/* How many members or elements. */
size_t json_count(const struct json *j);
/* Element i of an array, or value i of an object; NULL beyond the end. */
const struct json *json_at(const struct json *j, size_t i);
/* Name i of an object; empty beyond the end. */
struct str json_name(const struct json *j, size_t i);
/* The string's octets; a number's text as it was written; else empty. */
struct str json_text(const struct json *j);
bool json_bool(const struct json *j);
/* False unless it is a number without a fraction that fits. 1e3 and 3600.0
 * count as whole. */
ATTR_MUST_CHECK bool json_int(const struct json *j, int64_t *out);
/* Writes the value as it is (compact). */
void json_print(const struct json *j, struct buf *out);

/* A writer: fills a buffer, whose error is sticky. */
struct json_out {
	struct buf *buf;
	bool comma;
};

/* Appends to buf, which outlives it. The caller writes in order: a key before
 * each member, an end for each object and array. What does not fit makes the
 * buffer fail; nothing here does. */
void json_out_init(struct json_out *o, struct buf *buf);
void json_out_object(struct json_out *o);
void json_out_object_end(struct json_out *o);
void json_out_array(struct json_out *o);
void json_out_array_end(struct json_out *o);
void json_out_key(struct json_out *o, const char *key);
void json_out_key_str(struct json_out *o, struct str key);
/* Octets that are not UTF-8 become U+FFFD; control characters are escaped. */
void json_out_str(struct json_out *o, struct str s);
void json_out_z(struct json_out *o, const char *z);
void json_out_int(struct json_out *o, int64_t n);
void json_out_bool(struct json_out *o, bool b);
void json_out_null(struct json_out *o);
/* A member: text, or null where that is NULL. */
void json_out_text(struct json_out *o, const char *key, const char *text);
/* A value from a tree. */
void json_out_value(struct json_out *o, const struct json *j);
