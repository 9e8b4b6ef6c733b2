/* SPDX-License-Identifier: MIT */
/* Files that a configuration is made of: read whole, and their paths. */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "base/attr.h"
#include "base/buf.h"
#include "base/fault.h"
#include "base/str.h"

/* Which file it was, to know it again. */
struct config_file_id {
	unsigned long long dev, ino;
};

/* Appends the octets of a regular file, which may be as many as out may hold;
 * id may be NULL. -1 with a fault that names the path and nothing of what is
 * in it. */
ATTR_MUST_CHECK int config_file_read(const char *path, struct buf *out,
				     struct config_file_id *id,
				     struct fault *f);

/* Whether there is anything of that name. */
bool config_file_exists(const char *path);
/* The absolute path of path's directory. mem_free. */
char *config_file_dir(const char *path);
/* path as seen from dir. mem_free. */
char *config_file_join(const char *dir, struct str path);
