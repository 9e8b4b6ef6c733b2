/* SPDX-License-Identifier: MIT */
/* Reads a file of a configuration, and those that it includes. For config/
 * only. */
#pragma once

#include <stdbool.h>

#include "base/attr.h"
#include "base/fault.h"
#include "config/config_int.h"
#include "config/report.h"

/* Reads a file and what it includes into r's configuration; r's other members
 * are as they should be at its first line. -1 with a fault where the file as a
 * whole cannot be read, or has been read already; what is wrong inside goes to
 * the report. */
ATTR_MUST_CHECK int config_read_file(struct reading *r, const char *path,
				     struct fault *f);
/* Reads the file of a profile, with nothing else in it; installed: it came with
 * the program. -1 where it cannot be read as a whole. */
ATTR_MUST_CHECK int config_read_profile(struct config *c,
					struct config_report *report,
					const char *path, const char *name,
					bool installed, struct fault *f);
