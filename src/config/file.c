/* SPDX-License-Identifier: MIT */
/* Resolves the paths that a configuration names: its includes, its secrets. */
#include "config/file.h"

#include <limits.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/alloc.h"
#include "base/buf.h"

bool config_file_exists(const char *path)
{
	struct stat st;

	return stat(path, &st) == 0;
}

char *config_file_join(const char *dir, struct str path)
{
	struct buf b = BUF_INIT(PATH_MAX + path.n);

	if (!path.n || path.p[0] != '/') {
		buf_add_z(&b, dir);
		if (!str_ends(buf_str(&b), STR("/")))
			buf_add_char(&b, '/');
	}
	buf_add_str(&b, path);
	return buf_take(&b);
}

char *config_file_dir(const char *path)
{
	struct str dir = str_z(path);
	char cwd[PATH_MAX];

	while (dir.n && dir.p[dir.n - 1] != '/')
		dir.n--;
	while (dir.n > 1 && dir.p[dir.n - 1] == '/')
		dir.n--;
	if (dir.n && dir.p[0] == '/')
		return str_dup(dir);
	/* Who stands in a directory that is gone can only be relative. */
	if (!getcwd(cwd, sizeof(cwd)))
		return dir.n ? str_dup(dir) : mem_strdup(".");
	return dir.n ? config_file_join(cwd, dir) : mem_strdup(cwd);
}
