/* SPDX-License-Identifier: MIT */
/* What servers make of a path. It is not one thing: they differ in whether
 * they decode "%2F", take "\" for a slash, cut parameters or merge slashes. */
#pragma once

#include <stdbool.h>

#include "base/buf.h"
#include "base/str.h"

/* How a path is read: a set of these. */
enum {
	PATH_SLASHES = 1 << 0, /* "%2F", "\" and "%5C" separate segments too */
	PATH_CUT = 1 << 1,     /* a segment ends at ";" and NUL */
	PATH_MERGE = 1 << 2,   /* ".." does not see empty segments */
	PATH_FORMS = 1 << 3,
};

/* The readings that path_reading has. */
enum { PATH_READINGS = 2 * PATH_FORMS };

/* Whether all readings are the path itself. */
bool path_is_plain(struct str path);

/* Takes an octet, decoded once; a "\" that was encoded is a "/". c is not at
 * its end. */
char path_octet(struct cursor *c);

/* Appends a path as a server may have it that decodes once: without dot
 * segments and empty ones. path begins with its slash. out needs room for the
 * path's length and 1. */
void path_read(struct buf *out, struct str path, unsigned how);

/* Appends reading i of a path, i below PATH_READINGS: each form of path_read,
 * and then each for servers that decode twice, or that know other forms of an
 * ASCII character: UTF-8's overlong ones ("%C0%AF" as "/"), wide ones (U+FF0F),
 * and "%u002F". */
void path_reading(struct buf *out, struct str path, unsigned i);
