/* SPDX-License-Identifier: MIT */
/* bearerd check: every mistake of the configuration, or a line per service. */

#include <stdio.h>

#include "command/command.h"
#include "command/load.h"

static void check_print(const struct service *s)
{
	bool inferred = !config_given(s->section, "grant_type");
	bool wildcard = s->nmatches > 0 && s->matches[0].wildcard;

	printf("%s: %s%s%s -> %s%s, grant_type %s%s", s->name,
	       wildcard ? "*" : "",
	       s->nmatches > 0 ? s->matches[0].host : s->path,
	       s->nmatches > 0 ? s->matches[0].prefix : "",
	       s->has_upstream ? s->upstream.url : "https://HOST",
	       s->has_upstream ? s->base_path : "", s->grant->name,
	       inferred ? " (inferred)" : "");
	if (s->auth != NULL)
		printf(", %s", s->auth->name);
	putchar('\n');
}

static int check_main(const struct command_line *line)
{
	struct services *s;

	if (load_no_words("check", line) != 0)
		return COMMAND_WRONG_USE;
	s = load_services(line);
	if (s == NULL)
		return COMMAND_FAILED;
	for (size_t i = 0; i < s->n; i++)
		check_print(s->v[i]);
	services_free(&s);
	return COMMAND_DONE;
}

const struct command command_check = {
	.name = "check",
	.usage = " [-c FILE]",
	.summary = "reads the configuration and says what is wrong with it",
	.run = check_main,
};
