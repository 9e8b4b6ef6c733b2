/* SPDX-License-Identifier: MIT */
/* Reads a configuration file and all that it includes into sections, by the
 * tables that the caller joins. All mistakes are collected in one run. */
#pragma once

#include <stddef.h>

#include "base/attr.h"
#include "base/buf.h"
#include "base/fault.h"
#include "base/ownership.h"
#include "config/table.h"

struct config;

/* What was wrong, in the order of files and lines. */
struct config_report;

ATTR_MALLOC struct config_report *config_report_new(void);
void config_report_free(struct config_report **r);
/* Adds "FILE:LINE: text"; "FILE: text" where the line is 0: the file as a whole
 * is meant. */
ATTR_PRINTF(4, 5)
void config_report_add(struct config_report *r, const char *file, int line,
		       const char *fmt, ...);
/* The same for a key of a section, wherever it stands. */
ATTR_PRINTF(4, 5)
void config_report_key(struct config_report *r, const struct config_section *s,
		       const char *key, const char *fmt, ...);
/* The same for repetition i of a key (from 0). */
ATTR_PRINTF(5, 6)
void config_report_item(struct config_report *r,
			const struct config_section *s, const char *key,
			size_t i, const char *fmt, ...);
size_t config_report_count(const struct config_report *r);
/* Mistake i, sorted by file (in reading order) and line. */
const char *config_report_text(const struct config_report *r, size_t i);
/* What is no mistake, but should be known: the same for warnings. */
ATTR_PRINTF(4, 5)
void config_report_warn(struct config_report *r, const char *file, int line,
			const char *fmt, ...);
ATTR_PRINTF(4, 5)
void config_report_warn_key(struct config_report *r,
			    const struct config_section *s, const char *key,
			    const char *fmt, ...);
size_t config_report_warnings(const struct config_report *r);
const char *config_report_warning(const struct config_report *r, size_t i);

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
 * looked into last, its secrets and what its keys name with CONFIG_GUARDED,
 * CONFIG_PRIVATE or CONFIG_KEY_FILE. Where it is strict, what others than who
 * (and root) could change is a mistake, else a warning. A secret that all users
 * can read is a warning. Secrets that are read again later are held to the
 * same. */
void config_check_files(struct config *c, const struct ownership *who,
			bool strict, struct config_report *report);

/* The section of that kind without a name, with its defaults even where the
 * file has none; and the named ones in the file's order. */
const struct config_section *config_only(const struct config *c,
					 const char *kind);
size_t config_count_of(const struct config *c, const char *kind);
const struct config_section *config_nth(const struct config *c,
					const char *kind, size_t i);

/* The nearest of n words, or NULL where none is near (edit distance at most
 * a third of the word). */
const char *config_nearest(const char *word, const char *const *words,
			   size_t n);
