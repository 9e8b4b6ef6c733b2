/* SPDX-License-Identifier: MIT */
/* The pages for people: one layout for all of them, and text that cannot become
 * markup. */
#pragma once

#include "base/attr.h"
#include "base/buf.h"
#include "base/str.h"

/* Appends text in which nothing is markup, in an attribute's quotes too. */
void html_text(struct buf *out, struct str text);
/* The page up to its first paragraph, and its end. */
void html_begin(struct buf *out, const char *title);
void html_end(struct buf *out);
/* A paragraph of text. */
void html_paragraph(struct buf *out, struct str text);
/* A field of a form that is not shown. */
void html_hidden(struct buf *out, struct str name, struct str value);
