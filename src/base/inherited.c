/* SPDX-License-Identifier: MIT */
/* Keeps what the process was given by its parent, for its children. Only soft
 * limits are changed here, so that an unprivileged child can set them again. */
#include "base/inherited.h"

#include <stdbool.h>
#include <sys/resource.h>
#include <sys/stat.h>

static struct {
	bool is_noted, has_core, has_files;
	struct rlimit core, files;
	mode_t mask;
} given;

void inherited_note(void)
{
	given.has_core = getrlimit(RLIMIT_CORE, &given.core) == 0;
	given.has_files = getrlimit(RLIMIT_NOFILE, &given.files) == 0;
	given.mask = umask(077); /* it cannot be read otherwise */
	umask(given.mask);
	given.is_noted = true;
}

void inherited_restore(void)
{
	if (!given.is_noted)
		return;
	if (given.has_core)
		setrlimit(RLIMIT_CORE, &given.core);
	if (given.has_files)
		setrlimit(RLIMIT_NOFILE, &given.files);
	umask(given.mask);
}
