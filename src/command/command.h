/* SPDX-License-Identifier: MIT */
/* The commands: one file each, with its row, its client half and, where it
 * asks the daemon, its daemon half; and its name in the list below. */
#pragma once

#include "base/attr.h"
#include "control/peer.h"

/* What the command line said, for every command the same. */
struct command_line {
	char *config;     /* -c FILE, or the default; mem_free'd by main */
	int argc;         /* what is left: the command's own words */
	char *const *argv;
};

/* Exit statuses (bearerd(8), Exit status). */
enum { COMMAND_DONE = 0, COMMAND_FAILED = 1, COMMAND_WRONG_USE = 2 };

struct command {
	const char *name;
	const char *usage;   /* what stands behind the name */
	const char *summary; /* one line of --help */
	int (*run)(const struct command_line *line);
	/* What the daemon does of it; NULL: it asks the daemon nothing. */
	const struct control_command *daemon[2];
};

/* All, in the order of bearerd --help. */
/* clang-format off */
#define COMMANDS(row) \
	row(run) row(check) row(login) row(logout) row(status) row(token) \
	row(refresh) row(providers)
/* clang-format on */

#define COMMAND_DECLARE(name) extern const struct command command_##name;
COMMANDS(COMMAND_DECLARE)
#undef COMMAND_DECLARE

/* The daemon's half of that name, or NULL. */
const struct control_command *command_daemon(struct str name);

/* Finds the command and runs it; the process' exit status. */
int command_main(int argc, char **argv);
