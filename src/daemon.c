/* SPDX-License-Identifier: MIT */
/* main: what holds for the whole process, then the command. */

#include <signal.h>
#include <sys/prctl.h>
#include <sys/resource.h>

#include "command/command.h"

/* Tokens are in memory: neither a core dump nor another process of the same
 * user may see it. (The address sanitizer's leak check has to.) */
static void daemon_close_memory(void)
{
#ifndef __SANITIZE_ADDRESS__
	const struct rlimit none = { 0, 0 };

	setrlimit(RLIMIT_CORE, &none);
	prctl(PR_SET_DUMPABLE, 0);
#endif
}

int main(int argc, char **argv)
{
	daemon_close_memory();
	/* A peer that has gone is an error of write(2), not the end. */
	signal(SIGPIPE, SIG_IGN);
	return command_main(argc, argv);
}
