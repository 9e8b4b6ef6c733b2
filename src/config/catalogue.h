/* SPDX-License-Identifier: MIT */
/* Which profiles there are, and what they say of themselves: for people. */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "base/attr.h"
#include "base/buf.h"
#include "base/fault.h"
#include "config/config.h"

struct config_profile {
	char *name;
	char *file;
	int line;   /* where its section begins; 0: the file is all of it */
	bool last;  /* of the directory that is looked into last */
};

struct config_catalogue {
	struct config_profile *v; /* sorted by name */
	size_t n;
};

/* All profiles that a service could name, each as it would be found: in
 * sections of c, which may be NULL, in the directories that it names, and in
 * last, which may be NULL too. */
void config_catalogue_read(struct config_catalogue *out,
			   const struct config *c, const char *last);
void config_catalogue_fini(struct config_catalogue *c);

/* The one of that name, borrowed, or NULL. */
const struct config_profile *
config_catalogue_find(const struct config_catalogue *c, const char *name);

/* Appends what is written of it: its section with the comment above, or its
 * whole file. */
ATTR_MUST_CHECK int config_profile_text(const struct config_profile *p,
					struct buf *out, struct fault *f);

/* Appends the first line of the comment directly above its section; nothing
 * where there is none. */
ATTR_MUST_CHECK int config_profile_about(const struct config_profile *p,
					 struct buf *out, struct fault *f);
