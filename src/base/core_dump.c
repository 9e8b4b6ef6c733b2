/* SPDX-License-Identifier: MIT */
/* Keeps the process's memory out of core dumps and from other processes:
 * forbidden first of all in the process; its children get the soft limit back.
 * The hard limit stays, as only a privileged process could raise it again. (The
 * address sanitizer's leak check has to look at the memory.) */
#include "base/core_dump.h"

#include <stdbool.h>
#include <sys/prctl.h>
#include <sys/resource.h>

static struct rlimit given;
static bool is_given;

void core_dump_forbid(void)
{
#ifndef __SANITIZE_ADDRESS__
	struct rlimit none;

	is_given = getrlimit(RLIMIT_CORE, &given) == 0;
	none = (struct rlimit){ 0, is_given ? given.rlim_max : 0 };
	setrlimit(RLIMIT_CORE, &none);
	prctl(PR_SET_DUMPABLE, 0);
#endif
}

void core_dump_restore(void)
{
	if (is_given)
		setrlimit(RLIMIT_CORE, &given);
}
