/* SPDX-License-Identifier: MIT */
/* One file while it is read: what config.c and entry.c share. */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "base/attr.h"
#include "base/fault.h"
#include "base/str.h"
#include "config/config.h"
#include "config/section.h"
#include "config/strict.h"

/* A file that is to be read once the one that names it is through. */
struct pending {
	char *pattern;
	int line;
};

/* One file while it is read. */
struct reading {
	struct config *config;
	struct config_report *report;
	const char *file;
	char *dir;
	int depth;
	struct config_strict *strict;
	const char *profile;            /* the file is that of a profile of
					   this name; or NULL */
	bool installed;                 /* the file came with the program */
	bool has_secret;                /* it holds a secret itself */
	struct config_section *section; /* NULL: none, or one that is not
					   known */
	bool in_section;
	struct config_section *seen;    /* the section without a name, where
					   this file has it, */
	int seen_line;                  /* and where */
	struct pending *includes;
	size_t nincludes;
};

/* Reads the file of a profile, with nothing else in it; installed: it came with
 * the program. -1 where it cannot be read as a whole. */
ATTR_MUST_CHECK int config_profile_file(struct config *c,
					struct config_report *report,
					const char *path, const char *name,
					bool installed, struct fault *f);
/* All kinds of sections, borrowed. */
struct config_kind *config_kinds_of(const struct config *c, size_t *n);
/* What is wrong with the name of a section, or NULL. */
const char *config_name_mistake(struct str name);
/* Takes an entry of the file into the section. As ini_events has it; arg is
 * the struct reading. */
void config_entry_take(void *arg, int line, struct str written,
		       struct str value);
