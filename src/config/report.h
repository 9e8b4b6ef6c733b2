/* SPDX-License-Identifier: MIT */
/* All that is wrong with a configuration, collected while it is read and
 * compiled, so that one run tells it all. */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "base/attr.h"

struct config_section;

/* What was wrong, in the order of files and lines. */
struct config_report;

/* Empty. Freed by config_report_free, with all of its texts; NULL is fine. */
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

/* For the reader alone: path is read now, and its mistakes come before those of
 * files that are read later. */
void config_report_file(struct config_report *r, const char *path);
/* Whether more mistakes would not be kept. */
bool config_report_full(const struct config_report *r);
