/* SPDX-License-Identifier: MIT */
/* Paths of the files that a configuration is made of. */
#pragma once

#include <stdbool.h>

#include "base/str.h"

/* Whether there is anything of that name. */
bool config_file_exists(const char *path);
/* The absolute path of path's directory. mem_free. */
char *config_file_dir(const char *path);
/* path as seen from dir. mem_free. */
char *config_file_join(const char *dir, struct str path);
