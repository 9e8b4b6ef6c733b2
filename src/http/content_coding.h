/* SPDX-License-Identifier: MIT */
/* Content codings (RFC 9110 §8.4) undone, of a body that is whole in memory:
 * some servers pack what they send whatever was asked for. */
#pragma once

#include "base/attr.h"
#include "base/buf.h"
#include "base/fault.h"
#include "http/fields.h"

enum content_coding {
	CONTENT_CODING_NONE,    /* there is none to undo: body is plain */
	CONTENT_CODING_UNDONE,  /* plain is in out */
	CONTENT_CODING_UNKNOWN, /* the fault names it; gzip and deflate are
				   known, identity is none */
	CONTENT_CODING_DAMAGED, /* it is cut, or not what it is called */
	CONTENT_CODING_LARGE,   /* more comes out than out may hold */
};

/* Undoes what Content-Encoding names, the last one first. out is empty, and
 * bounded; it and what is used meanwhile are wiped where it is a secret's. An
 * empty body needs nothing undone. */
ATTR_MUST_CHECK enum content_coding
content_coding_undo(const struct fields *fields, struct str body,
		    struct buf *out, struct fault *f);

/* Appends the library and the version that runs: "zlib/1.2.13". */
void content_coding_library(struct buf *out);
