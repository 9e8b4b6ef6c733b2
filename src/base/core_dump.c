/* SPDX-License-Identifier: MIT */
/* Keeps the process's memory out of core dumps and from other processes:
 * forbidden at the start of main. The hard limit stays, as only a privileged
 * process could raise it again for its children. (The address sanitizer's leak
 * check has to look at the memory.) */
#include "base/core_dump.h"

#include <sys/prctl.h>
#include <sys/resource.h>

void core_dump_forbid(void)
{
#ifndef __SANITIZE_ADDRESS__
	struct rlimit limit;

	if (getrlimit(RLIMIT_CORE, &limit) != 0)
		limit.rlim_max = 0;
	limit.rlim_cur = 0;
	setrlimit(RLIMIT_CORE, &limit);
	prctl(PR_SET_DUMPABLE, 0);
#endif
}
