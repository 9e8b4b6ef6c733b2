/* SPDX-License-Identifier: MIT */
/* strict_modes: the files that a configuration is made of are noted while it is
 * read, and their owners and modes checked once the key's value is known. For
 * config/ only. */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "base/attr.h"
#include "base/fault.h"
#include "base/ownership.h"
#include "base/str.h"
#include "config/report.h"

/* Zeroed is valid: nothing noted, nothing held. */
struct config_strict {
	struct ownership who;
	bool on;                       /* what is read later is held to it */
	struct config_strict_file *v;
	size_t n;
};

void config_strict_fini(struct config_strict *s);
/* Notes a file that is read: key (as it is written) names it on that line of
 * file; or it is file itself, and line is 0. file is borrowed for good. */
void config_strict_note(struct config_strict *s, const char *file, int line,
			struct str key, const char *path,
			enum ownership_use use);
/* Looks at all that was noted. Where it is strict, what others could change is
 * a mistake, else a warning; a secret that everybody can read is a warning. */
void config_strict_check(struct config_strict *s, const struct ownership *who,
			 bool strict, struct config_report *report);
/* Whether what was read again from path just now may be used. -1 with a
 * fault. */
ATTR_MUST_CHECK int config_strict_hold(const struct config_strict *s,
				       const char *path, struct fault *f);
