/* SPDX-License-Identifier: MIT */
/* main: what holds for the whole process, then the command. */

#include <signal.h>
#include <stdbool.h>

#include "base/core_dump.h"
#include "base/environment.h"
#include "base/inherited.h"
#include "command/command.h"
#include "command/standard_streams.h"

/* Whether the words are those of bearerd run; compares by hand, see below. */
ATTR_EARLY static bool daemon_is_run(int argc, char *const *argv)
{
	return argc >= 2 && argv[1][0] == 'r' && argv[1][1] == 'u' &&
	       argv[1][2] == 'n' && !argv[1][3];
}

/* GnuTLS reads variables of the environment in its constructor, which is to
 * say before main. What stands in .preinit_array runs before any library's
 * constructor, and so without the help of any library. */
ATTR_EARLY static void daemon_hide_environment(int argc, char **argv,
					       char **envp)
{
	if (daemon_is_run(argc, argv))
		environment_hide(envp);
}

typedef void daemon_early_fn(int, char **, char **);
/* clang-format off */
__attribute__((section(".preinit_array"), used))
static daemon_early_fn *const daemon_early = daemon_hide_environment;
/* clang-format on */

int main(int argc, char **argv)
{
	standard_streams_open();
	inherited_note();
	core_dump_forbid();
	/* A peer that has gone is an error of write(2), not the end. */
	signal(SIGPIPE, SIG_IGN);
	return standard_streams_close(command_main(argc, argv));
}
