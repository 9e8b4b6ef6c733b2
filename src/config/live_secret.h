/* SPDX-License-Identifier: MIT */
/* Secrets that others keep fresh. One in a file (such as the token of a
 * workload's identity) is read with the configuration and again whenever it is
 * needed; others are printed by a program. */
#pragma once

#include <stdint.h>

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

/* The same as it was last read, or printed, by any thread: without I/O, for the
 * workers. One reference; NULL: there is none. */
struct secret *config_live_current(const struct config_live_secret *s);
/* A number that is another one where a file of one of the section's secrets may
 * have changed: 0 where it has none. Looks at the files, and reads none. */
uint64_t config_live_mark(const struct config_section *s);
/* Reads all of them, for config_live_current. */
void config_live_freshen(const struct config_section *s);

/* The programs of the section's secrets, one after the other; *at is 0 at
 * first; NULL after the last. Borrowed. */
struct config_command *config_live_command_next(const struct config_section *s,
						size_t *at);

/* For config/: what was read of a file. A reference is taken. */
struct config_live_file *config_live_file_new(struct secret *value);
/* Nulls the pointer. NULL is fine. */
void config_live_file_free(struct config_live_file **f);
/* For config/: appends what a secret's file holds, one newline at its end
 * taken off (CR LF, where Windows wrote it). -1 with a fault where that is
 * nothing. */
ATTR_MUST_CHECK int config_secret_file_read(const char *path, struct buf *out,
					    struct fault *f);
