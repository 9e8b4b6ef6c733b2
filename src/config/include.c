/* SPDX-License-Identifier: MIT */
/* Finds the files that an include's pattern means: one, or all that it
 * matches. */
#include "config/include.h"

#include <errno.h>
#include <glob.h>
#include <limits.h>
#include <string.h>

#include "base/alloc.h"
#include "base/buf.h"
#include "config/file.h"

/* dir is a path, not a pattern, whatever characters it has. */
static char *quoted(const char *dir)
{
	struct buf b = BUF_INIT(2 * PATH_MAX);

	for (; *dir; dir++) {
		if (strchr("*?[]\\", *dir))
			buf_add_char(&b, '\\');
		buf_add_char(&b, *dir);
	}
	return buf_take(&b);
}

static bool has_wildcard(struct str pattern)
{
	for (size_t i = 0; i < pattern.n; i++)
		if (strchr("*?[", pattern.p[i]))
			return true;
	return false;
}

/* glob(3) asks whether to stop: not for a directory that is not there. */
static int unreadable(const char *path ATTR_UNUSED, int err)
{
	return err != ENOENT && err != ENOTDIR;
}

static int find(const char *path, glob_t *g, struct fault *f)
{
	switch (glob(path, 0, unreadable, g)) {
	case 0:
		return 0;
	case GLOB_NOMATCH:
		return 0;
	default:
		return fault_errno(f, errno, "cannot look for its files");
	}
}

int config_include_find(const char *dir, struct str pattern, char ***paths,
			size_t *n, struct fault *f)
{
	char *base = quoted(dir), *path = config_file_join(base, pattern);
	glob_t g = { 0 };
	int rc = find(path, &g, f);

	*paths = NULL;
	*n = 0;
	if (!rc && !g.gl_pathc && !has_wildcard(pattern))
		rc = fault_set(f, "there is no such file");
	if (!rc && g.gl_pathc) {
		*n = g.gl_pathc;
		*paths = mem_array(*n, sizeof(**paths));
		for (size_t i = 0; i < *n; i++)
			(*paths)[i] = mem_strdup(g.gl_pathv[i]);
	}
	globfree(&g);
	mem_free(path);
	mem_free(base);
	return rc;
}
