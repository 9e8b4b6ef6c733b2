/* SPDX-License-Identifier: MIT */
/* Secrets that others keep fresh: in a file, such as the token of a workload's
 * identity, which is read when the configuration is, and again whenever it is
 * needed; or by a program that prints them. */
#pragma once

#include "base/attr.h"
#include "base/fault.h"
#include "base/limits.h"
#include "base/secret.h"
#include "base/str.h"
#include "config/table.h"

/* Whether the section says anything of it. */
bool config_live_given(const struct config_live_secret *s);
/* What it is now; of a program, what it printed last. One reference; NULL with
 * a fault that names the file, where that cannot be read or holds no secret any
 * more. */
ATTR_MUST_CHECK struct secret *
config_live_read(const struct config_live_secret *s, struct fault *f);

/* The programs of the section's secrets, one after the other; *at is 0 at
 * first; NULL after the last. Borrowed. */
struct config_command *config_live_command_next(const struct config_section *s,
						size_t *at);

/* For config/: appends what a secret's file holds, one newline at its end
 * taken off. -1 with a fault where that is nothing. */
ATTR_MUST_CHECK int config_secret_file_read(const char *path, struct buf *out,
					    struct fault *f);
