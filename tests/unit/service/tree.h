/* SPDX-License-Identifier: MIT */
/* Files of the source tree, wherever the test was built. */
#pragma once

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"

/* A path in the tree: below $abs_top_srcdir, or as the compiler saw this
 * file. */
static inline const char *tree_path(const char *name)
{
	static char path[4096];
	const char *top = getenv("abs_top_srcdir");
	const char *here = __FILE__, *end = strstr(here, "tests/unit/");

	if (top)
		(void)snprintf(path, sizeof(path), "%s/%s", top, name);
	else
		(void)snprintf(path, sizeof(path), "%.*s%s",
			       end ? (int)(end - here) : 0, here, name);
	return path;
}

/* Appends the file; false where it cannot be read. */
static inline bool tree_read(const char *name, struct buf *out)
{
	FILE *file = fopen(tree_path(name), "r");
	char part[4096];
	size_t n;

	if (!file)
		return false;
	while ((n = fread(part, 1, sizeof(part), file)) > 0)
		buf_add(out, part, n);
	return fclose(file) == 0 && buf_ok(out);
}
