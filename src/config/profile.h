/* SPDX-License-Identifier: MIT */
/* Profiles: sections whose keys are the defaults of others that name them.
 * Only for the reader. */
#pragma once

#include <stddef.h>

#include "config/report.h"
#include "config/section.h"

/* What profiles are looked for in, once all files are read. */
struct profiles {
	struct config *config;
	struct config_kind *kinds;
	size_t nkinds;
	const char *last; /* the directory to look into last, or NULL */
	struct config_report *report;
};

/* Gives each section that names a profile the keys of it that the section has
 * not; reads the profile's file where no section is the profile. */
void config_profiles_take(const struct profiles *p);

/* Directory i to look into, or NULL behind the last one. */
const char *config_profiles_dir(const struct profiles *p, size_t i);
