/* SPDX-License-Identifier: MIT */
/* A configuration while it is compiled: what the parts of services_load
 * share. For service/ only. */
#pragma once

#include <stddef.h>

#include "service/service.h"

/* A CA file that was read, or could not be. */
struct compiled_trust {
	const char *path;    /* NULL: the system's */
	struct trust *trust; /* one reference */
};

struct compiling {
	struct services *services;
	struct config_report *report;
	struct compiled_trust *trusts;
	size_t ntrusts;
	struct transport **transports; /* one reference each; equal ones of
					  all services are one */
	size_t ntransports;
};

/* The CAs of a file (NULL: the system's), read once for all that believe them;
 * borrowed until all is compiled. NULL where they cannot be had, which is
 * reported for the first that needs them, by this key. */
ATTR_MUST_CHECK struct trust *compiling_trust(struct compiling *c,
					      const char *path,
					      const struct config_section *s,
					      const char *key);
