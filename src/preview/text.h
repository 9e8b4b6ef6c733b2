/* SPDX-License-Identifier: MIT */
/* How requests are shown to people: masks become words, parameters stand one
 * a line, names in a column. For preview/ only. */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "base/buf.h"
#include "base/limits.h"
#include "base/str.h"
#include "http/fields.h"
#include "oauth/hook/hook.h"
#include "oauth/request.h"

/* In place of an address that is not known yet; shown as "(found from
 * issuer)". */
#define PREVIEW_FOUND "https://found-from-issuer.invalid/"

/* The value of a DPoP field. */
#define PREVIEW_PROOF "(a proof, new for each request)"

/* Appends a value that is called so: masks, also within base64, become words;
 * so does what was made for the request alone (r's secrets; r may be NULL);
 * and what its name says is a secret, written where it is no secret's place, is
 * hidden. Control characters are escaped. */
void preview_value(struct buf *out, struct str name, struct str value,
		   const struct token_request *r);

/* Lines of a block, all of it ready to be shown. Zeroed is empty. */
struct preview_rows {
	struct preview_row *v;
	size_t n;
};

/* Adds name = value, the value as preview_value has it. */
void preview_row(struct preview_rows *rows, struct str name, struct str value,
		 const struct token_request *r);
/* Adds a line of words. */
void preview_note(struct preview_rows *rows, const char *text);
/* Adds the parameters of a form or a query. */
void preview_form(struct preview_rows *rows, struct str form,
		  const struct token_request *r);
/* Adds the members of a JSON object. */
void preview_json(struct preview_rows *rows, struct str text,
		  const struct token_request *r);
/* Appends them under a title, and frees them; nothing where there are none. */
void preview_block(struct buf *out, const char *title,
		   struct preview_rows *rows);

/* Appends the heading of a request, or of what is said of one. */
void preview_heading(struct buf *out, const char *text);
/* Appends a line of it. */
ATTR_PRINTF(2, 3) void preview_line(struct buf *out, const char *fmt, ...);
struct service;
/* Says that a function of the service's hook changes it, if it does. */
void preview_hook(struct buf *out, const struct service *s,
		  enum hook_function function);
/* Appends fields as they go out. */
void preview_fields(struct buf *out, const struct fields *fields,
		    const struct token_request *r);
