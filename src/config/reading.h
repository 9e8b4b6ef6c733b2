/* SPDX-License-Identifier: MIT */
/* One file while it is read: what config.c and entry.c share. */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "base/str.h"
#include "config/config.h"
#include "config/section.h"

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
	struct config_section *section; /* NULL: none, or one that is not
					   known */
	bool in_section;
	struct config_section *seen;    /* the section without a name, where
					   this file has it, */
	int seen_line;                  /* and where */
	struct pending *includes;
	size_t nincludes;
};

/* Takes an entry of the file into the section. As ini_events has it; arg is
 * the struct reading. */
void config_entry_take(void *arg, int line, struct str written,
		       struct str value);
