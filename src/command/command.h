/* SPDX-License-Identifier: MIT */
/* The commands: one file and one row each. */
#pragma once

#include "base/attr.h"

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
};

extern const struct command command_check, command_login, command_logout,
	command_providers, command_refresh, command_run, command_status,
	command_token;

/* Finds the command and runs it; the process' exit status. */
int command_main(int argc, char **argv);
