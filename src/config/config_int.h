/* SPDX-License-Identifier: MIT */
/* What the files of config/ share: a configuration inside, and one file of it
 * while it is read. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

#include "config/report.h"
#include "config/section.h"
#include "config/strict.h"

/* Which file it was, to know it again. */
struct file_id {
	dev_t dev;
	ino_t ino;
};

struct config {
	char *path;
	struct config_kind *kinds;
	size_t nkinds;
	char **files;
	struct file_id *ids;
	size_t nfiles;
	struct config_strict strict;
};

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
