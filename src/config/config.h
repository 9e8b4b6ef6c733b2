/* SPDX-License-Identifier: MIT */
/* Reads a configuration file and all that it includes into sections, by the
 * tables that the caller joins. All mistakes are collected in one run. */
#pragma once

#include <stddef.h>

#include "base/attr.h"
#include "base/ownership.h"
#include "config/report.h"
#include "config/table.h"

struct config;

/* Reads path. tables is a NULL-terminated array, each table's section says
 * where its keys may stand; the kinds of sections are those of the tables.
 * profiles is a directory of profiles to look into last, or NULL.
 * Always returns a configuration, which is good only if nothing was added to
 * the report. Freed by config_free, with all blocks. */
ATTR_MUST_CHECK struct config *config_read(
	const char *path, const struct config_table *const *tables,
	const char *profiles, struct config_report *report);
void config_free(struct config **c);
/* Holds the files that it was read from to strict_modes, once that is known:
 * itself, what it includes, its profiles but those of the directory that is
 * looked into last, its secrets and programs, and what its keys name with
 * CONFIG_GUARDED, CONFIG_PRIVATE or CONFIG_KEY_FILE. Where it is strict, what
 * others than who (and root) could change is a mistake, else a warning. A
 * secret that all users can read is a warning. Secrets that are read again
 * later are held to the same. */
void config_check_files(struct config *c, const struct ownership *who,
			bool strict, struct config_report *report);

/* Whether a program that a key names may be started now, as strict_modes has
 * it. -1 with a fault. May block, as ownership_check. */
ATTR_MUST_CHECK int config_hold_program(const struct config *c,
					const char *path, struct fault *f);

/* The section of that kind without a name, with its defaults even where the
 * file has none; and the named ones in the file's order. */
const struct config_section *config_only(const struct config *c,
					 const char *kind);
size_t config_count_of(const struct config *c, const char *kind);
const struct config_section *config_nth(const struct config *c,
					const char *kind, size_t i);
