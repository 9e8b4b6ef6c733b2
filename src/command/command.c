/* SPDX-License-Identifier: MIT */
/* Reads the command line, and runs its command with the configuration that it
 * names. */

#include "command/command.h"

#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include "base/alloc.h"
#include "command/libraries.h"
#include "config/nearest.h"
#include "service/paths.h"
#include "service/service.h"

/* clang-format off */
#define COMMAND_ADDRESS(name) &command_##name,
static const struct command *const commands[] = {
	COMMANDS(COMMAND_ADDRESS) NULL
};
#undef COMMAND_ADDRESS
/* clang-format on */

static void command_help(FILE *out)
{
	fputs("usage: bearerd COMMAND [-c FILE]\n"
	      "       bearerd --help | --version\n"
	      "\n"
	      "bearerd forwards requests and puts the service's access token "
	      "in.\n\n", out);
	for (size_t i = 0; commands[i]; i++)
		fprintf(out, "  %-9s %s\n", commands[i]->name,
			commands[i]->summary);
	fputs("\n  -c FILE  the configuration; bearerd.ini(5) says what is in "
	      "it\n", out);
}

static const struct command *command_find(const char *name)
{
	const char *names[sizeof(commands) / sizeof(commands[0])];
	const char *nearest;
	size_t n = 0;

	for (; commands[n]; n++) {
		if (strcmp(commands[n]->name, name) == 0)
			return commands[n];
		names[n] = commands[n]->name;
	}
	nearest = config_nearest(name, names, n);
	fprintf(stderr, "bearerd: there is no command %s%s%s%s; see bearerd "
			"--help\n",
		name, nearest != NULL ? " (did you mean " : "",
		nearest != NULL ? nearest : "", nearest != NULL ? "?)" : "");
	return NULL;
}

const struct control_command *command_daemon(struct str name)
{
	for (size_t i = 0; commands[i]; i++) {
		for (size_t k = 0; k < 2 && commands[i]->daemon[k]; k++) {
			if (str_eq_z(name, commands[i]->daemon[k]->name))
				return commands[i]->daemon[k];
		}
	}
	return NULL;
}

/* Takes -c FILE and --help out of the words; -1 for wrong use, 1 where help
 * was shown. */
static int command_options(const struct command *c, int argc, char **argv,
			   struct command_line *line)
{
	int left = 0;

	for (int i = 0; i < argc; i++) {
		if (strcmp(argv[i], "--help") == 0) {
			printf("usage: bearerd %s%s\n%s\n", c->name, c->usage,
			       c->summary);
			return 1;
		}
		if (strcmp(argv[i], "-c") != 0) {
			argv[left++] = argv[i];
			continue;
		}
		if (i + 1 == argc) {
			fprintf(stderr, "bearerd: -c needs a file\n");
			return -1;
		}
		mem_free(line->config);
		line->config = mem_strdup(argv[++i]);
	}
	line->argc = left;
	line->argv = argv;
	return 0;
}

static void command_version(void)
{
	ATTR_CLEANUP(buf_fini) struct buf libraries = BUF_INIT(1024);

	libraries_write(&libraries);
	printf("bearerd " PACKAGE_VERSION "\n%s\n", buf_z(&libraries));
}

int command_main(int argc, char **argv)
{
	struct command_line line = { 0 };
	const struct command *c;
	int status;

	if (argc == 2 && strcmp(argv[1], "--version") == 0) {
		command_version();
		return COMMAND_DONE;
	}
	if (argc >= 2 && strcmp(argv[1], "--help") == 0) {
		command_help(stdout);
		return COMMAND_DONE;
	}
	if (argc < 2) {
		command_help(stderr);
		return COMMAND_WRONG_USE;
	}
	c = command_find(argv[1]);
	if (!c)
		return COMMAND_WRONG_USE;
	status = command_options(c, argc - 2, argv + 2, &line);
	if (status == 0) {
		if (!line.config)
			line.config = services_default_path();
		status = c->run(&line);
	} else {
		status = status < 0 ? COMMAND_WRONG_USE : COMMAND_DONE;
	}
	mem_free(line.config);
	return status;
}
