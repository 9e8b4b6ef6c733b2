/* SPDX-License-Identifier: MIT */
/* How the store's files come to be: made beside under another name, complete
 * and synced, then linked to their own; nothing that is there already is
 * overwritten, and a crash leaves a whole file or none. */
#pragma once

#include "base/attr.h"
#include "base/fault.h"

/* Makes the folders that path lies in where they are missing, durably, with
 * mode 0700. */
ATTR_MUST_CHECK int file_make_folder(const char *path, struct fault *f);
/* Makes an empty file beside path with mode 0600. Returns its descriptor
 * (to be closed) and its name in *beside (mem_free), or -1. */
ATTR_MUST_CHECK int file_beside(const char *path, char **beside,
				struct fault *f);
/* Syncs the file, gives it the name path unless there is one of that name
 * already, and takes the name beside away. On return 0 there is a file at
 * path, perhaps another's. */
ATTR_MUST_CHECK int file_publish(const char *beside, const char *path,
				 struct fault *f);
