/* SPDX-License-Identifier: MIT */
/* bearerd providers: the profiles that there are, or what one of them says. */

#include <stdio.h>
#include <string.h>

#include "base/alloc.h"
#include "base/limits.h"
#include "command/command.h"
#include "config/catalogue.h"
#include "config/file.h"
#include "config/nearest.h"
#include "service/keys.h"
#include "service/paths.h"
#include "service/service.h"

/* Where it stands, where it was not installed. */
static void providers_add_place(const struct config_profile *p,
				struct buf *out)
{
	if (p->last)
		return;
	buf_addf(out, "%s(%s", out->n > 0 ? " " : "", p->file);
	if (p->line > 0)
		buf_addf(out, ":%d", p->line);
	buf_add_char(out, ')');
}

static int providers_list(const struct config_catalogue *c)
{
	int width = 0;
	struct fault f;

	for (size_t i = 0; i < c->n; i++) {
		int n = (int)strlen(c->v[i].name);

		width = n > width ? n : width;
	}
	for (size_t i = 0; i < c->n; i++) {
		struct buf b = BUF_INIT(LIMIT_PROFILE_LINE);

		if (config_profile_about(&c->v[i], &b, &f) < 0)
			fprintf(stderr, "bearerd: %s\n", f.text);
		providers_add_place(&c->v[i], &b);
		printf("%-*s  %s\n", width, c->v[i].name, buf_z(&b));
		buf_fini(&b);
	}
	return COMMAND_DONE;
}

static int providers_unknown(const struct config_catalogue *c,
			     const char *name)
{
	const char **names = mem_array(c->n, sizeof(*names));
	const char *nearest;

	for (size_t i = 0; i < c->n; i++)
		names[i] = c->v[i].name;
	nearest = config_nearest(name, names, c->n);
	fprintf(stderr, "bearerd: there is no profile %s", name);
	if (nearest)
		fprintf(stderr, "; did you mean %s?\n", nearest);
	else
		fputs("; bearerd providers lists them\n", stderr);
	mem_free(names);
	return COMMAND_FAILED;
}

/* With where it stands as a comment, so that it stays a profile. */
static int providers_show(const struct config_catalogue *c, const char *name)
{
	const struct config_profile *p = config_catalogue_find(c, name);
	ATTR_CLEANUP(buf_fini) struct buf text = BUF_INIT(LIMIT_CONFIG_FILE);
	struct fault f;

	if (!p)
		return providers_unknown(c, name);
	if (config_profile_text(p, &text, &f) < 0) {
		fprintf(stderr, "bearerd: %s\n", f.text);
		return COMMAND_FAILED;
	}
	printf("# %s", p->file);
	if (p->line > 0)
		printf(":%d", p->line);
	putchar('\n');
	fwrite(text.p, 1, text.n, stdout);
	return COMMAND_DONE;
}

/* Only the default file need not be there. */
static bool providers_has_file(const char *path)
{
	char *usual = services_default_path();
	bool has = config_file_exists(path) || strcmp(path, usual) != 0;

	mem_free(usual);
	return has;
}

/* What is wrong in the file is for check to say, but not that there is
 * none. */
static int providers_read(const char *path, const char *last,
			  struct config_report *report, struct config **out)
{
	*out = NULL;
	if (!providers_has_file(path))
		return 0;
	if (!config_file_exists(path)) {
		fprintf(stderr, "bearerd: %s: there is no such file\n", path);
		return -1;
	}
	*out = config_read(path, service_tables(), last, report);
	return 0;
}

static int providers_main(const struct command_line *line)
{
	struct config_report *report;
	struct config_catalogue c;
	struct config *config;
	int status = COMMAND_FAILED;
	char *last;

	if (line->argc > 1 || (line->argc == 1 && line->argv[0][0] == '-')) {
		fprintf(stderr, "bearerd: providers does not know %s; see "
				"bearerd providers --help\n",
			line->argv[line->argc - 1]);
		return COMMAND_WRONG_USE;
	}
	last = services_provider_dir();
	report = config_report_new();
	if (providers_read(line->config, last, report, &config) == 0) {
		config_catalogue_read(&c, config, last);
		status = line->argc == 1 ? providers_show(&c, line->argv[0])
					 : providers_list(&c);
		config_catalogue_fini(&c);
	}
	config_free(&config);
	config_report_free(&report);
	mem_free(last);
	return status;
}

const struct command command_providers = {
	.name = "providers",
	.usage = " [NAME] [-c FILE]",
	.summary = "lists the profiles of providers, or shows one of them",
	.run = providers_main,
};
