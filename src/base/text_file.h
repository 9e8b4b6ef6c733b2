/* SPDX-License-Identifier: MIT */
/* Files of text that are read whole: configurations, secrets, keys, hooks. */
#pragma once

#include "base/attr.h"
#include "base/buf.h"
#include "base/fault.h"

struct stat;

/* Puts what is in a regular file, which may be as much as out may hold, into
 * out, which is empty, but for a byte order mark in front of it; st may be
 * NULL. -1 with a fault that
 * says why it cannot be read and neither names the path nor repeats what is in
 * it: also for UTF-16 and UTF-32. */
ATTR_MUST_CHECK int text_file_read(const char *path, struct buf *out,
				   struct stat *st, struct fault *f);
