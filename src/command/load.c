/* SPDX-License-Identifier: MIT */
/* Reads the configuration for a command. */

#include "command/load.h"

#include <stdio.h>

#include "config/config.h"

struct services *load_services(const struct command_line *line)
{
	struct config_report *report = config_report_new();
	struct services *s = services_load(line->config, report);
	size_t n = config_report_count(report);

	for (size_t i = 0; i < n; i++)
		fprintf(stderr, "%s\n", config_report_text(report, i));
	for (size_t i = 0; i < config_report_warnings(report); i++)
		fprintf(stderr, "%s\n", config_report_warning(report, i));
	config_report_free(&report);
	if (n > 0 && s != NULL)
		services_free(&s);
	return s;
}

int load_no_words(const char *command, const struct command_line *line)
{
	if (line->argc == 0)
		return 0;
	fprintf(stderr, "bearerd: %s does not know %s; see bearerd %s --help\n",
		command, line->argv[0], command);
	return -1;
}
