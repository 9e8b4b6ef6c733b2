/* SPDX-License-Identifier: MIT */
/* bearerd check: every mistake of the configuration, or a line per service,
 * and with -v the requests that each of them would make. */

#include <stdio.h>
#include <string.h>

#include "base/alloc.h"
#include "base/limits.h"
#include "command/command.h"
#include "command/load.h"
#include "preview/preview.h"
#include "service/match.h"

/* How it gets its tokens, or whose it uses. */
static void check_session(const struct service *s)
{
	bool inferred = !config_given(s->section, "grant_type");

	if (s->session_of != s) {
		printf("session %s", s->session_of->name);
		return;
	}
	printf("grant_type %s%s", s->grant->name,
	       inferred ? " (inferred)" : "");
	if (s->auth)
		printf(", %s", s->auth->name);
}

/* Where its requests go; a template as it is written. */
static const char *check_upstream(const struct service *s)
{
	if (s->has_upstream)
		return s->upstream.url;
	return s->upstream_template ? s->route->upstream : "https://HOST";
}

static void check_print(const struct service *s)
{
	bool wildcard = s->nmatches > 0 && s->matches[0].wildcard;

	printf("%s: %s%s%s -> %s%s, ", s->name,
	       wildcard ? "*" : "",
	       s->nmatches > 0 ? s->matches[0].host : s->path,
	       s->nmatches > 0 ? s->matches[0].prefix : "",
	       check_upstream(s),
	       s->has_upstream ? s->base_path : "");
	check_session(s);
	putchar('\n');
}

static void check_preview(const struct service *s, const char *external)
{
	struct buf text = BUF_INIT(LIMIT_PREVIEW);

	preview_write(s, external, &text);
	printf("%s\n",
	       buf_ok(&text) ? buf_z(&text) : "\n  too long to be shown\n");
	buf_fini(&text);
}

/* The file is read a second time: what is shown is made of a configuration in
 * which there is no secret. */
static int check_show(const struct command_line *line)
{
	struct config_report *report = config_report_new();
	struct services *s = services_load_masked(line->config, report);
	char *external;

	if (!s) {
		fprintf(stderr, "bearerd: the requests cannot be shown: %s\n",
			config_report_text(report, 0));
		config_report_free(&report);
		return COMMAND_FAILED;
	}
	external = preview_external(s);
	for (size_t i = 0; i < s->n; i++) {
		check_print(s->v[i]);
		check_preview(s->v[i], external);
	}
	mem_free(external);
	services_free(&s);
	config_report_free(&report);
	return COMMAND_DONE;
}

static int check_main(const struct command_line *line)
{
	bool verbose = line->argc == 1 && strcmp(line->argv[0], "-v") == 0;
	struct services *s;

	if (!verbose && load_no_words("check", line) < 0)
		return COMMAND_WRONG_USE;
	s = load_services(line);
	if (!s)
		return COMMAND_FAILED;
	for (size_t i = 0; !verbose && i < s->n; i++)
		check_print(s->v[i]);
	services_free(&s);
	return verbose ? check_show(line) : COMMAND_DONE;
}

const struct command command_check = {
	.name = "check",
	.usage = " [-v] [-c FILE]",
	.summary = "says what is wrong with the configuration; -v shows "
		   "requests",
	.run = check_main,
};
