/* SPDX-License-Identifier: MIT */
/* Makes a configuration of its files: has them read, takes profiles, puts
 * defaults in, and finds its sections. */
#include "config/config.h"

#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "config/profile.h"
#include "config/reading.h"

/* A section, and how many of its kind came in before it. */
struct section_named {
	const struct config_section *section;
	size_t place;
};

/* By name, then by place: qsort need not keep the order of equals. */
static int by_name(const void *a, const void *b)
{
	const struct section_named *x = a, *y = b;
	int order = strcmp(x->section->name, y->section->name);

	return order ? order : x->place < y->place ? -1 : 1;
}

/* Reports sections of a kind that have the same name. */
static void check_names(const struct config_kind *k,
			struct config_report *report)
{
	const struct config_section *first;
	struct section_named *v;

	if (k->single || !k->n)
		return;
	v = mem_array(k->n, sizeof(*v));
	for (size_t i = 0; i < k->n; i++)
		v[i] = (struct section_named){ k->v[i], i };
	qsort(v, k->n, sizeof(*v), by_name);
	first = v[0].section;
	for (size_t i = 1; i < k->n; i++) {
		const struct config_section *s = v[i].section;

		if (!*s->name || strcmp(first->name, s->name) != 0) {
			first = s;
			continue;
		}
		config_report_add(report, s->file, s->line,
				  "[%s %.40s] stands in %s on line %d already",
				  k->name, s->name, first->file, first->line);
	}
	mem_free(v);
}

struct config *config_read(const char *path,
			   const struct config_table *const *tables,
			   const char *profiles, struct config_report *report)
{
	struct config *c = mem_new(struct config);
	struct reading r = { .config = c,
			     .report = report,
			     .strict = &c->strict };
	struct fault f;

	c->path = mem_strdup(path);
	c->kinds = config_kinds_new(tables, &c->nkinds);
	config_report_file(report, path);
	for (size_t i = 0; i < c->nkinds; i++)
		if (c->kinds[i].single)
			config_section_add(&c->kinds[i], STR(""), c->path,
					   0);
	if (config_read_file(&r, path, &f) < 0)
		config_report_add(report, path, 0, "%s", f.text);
	config_profiles_take(&(struct profiles){
		.config = c, .kinds = c->kinds, .nkinds = c->nkinds,
		.last = profiles, .report = report });
	for (size_t i = 0; i < c->nkinds; i++) {
		struct config_kind *k = &c->kinds[i];

		check_names(k, report);
		if (k->single && !k->v[0]->line)
			k->v[0]->line = 1;
		for (size_t j = 0; j < k->n; j++)
			config_section_defaults(k->v[j]);
	}
	return c;
}

void config_free(struct config **c)
{
	struct config *x = *c;

	*c = NULL;
	if (!x)
		return;
	config_kinds_free(x->kinds, x->nkinds);
	config_strict_fini(&x->strict);
	for (size_t i = 0; i < x->nfiles; i++)
		mem_free(x->files[i]);
	mem_free(x->files);
	mem_free(x->path);
	mem_free(x->ids);
	mem_free(x);
}

void config_check_files(struct config *c, const struct ownership *who,
			bool strict, struct config_report *report)
{
	config_strict_check(&c->strict, who, strict, report);
}

int config_hold_program(const struct config *c, const char *path,
			struct fault *f)
{
	return config_strict_hold(&c->strict, path, f);
}

/* Kinds are looked up by those who have a table of them. */
static const struct config_kind *known(const struct config *c,
				       const char *kind)
{
	return config_kind_find(c->kinds, c->nkinds, str_z(kind));
}

const struct config_section *config_only(const struct config *c,
					 const char *kind)
{
	const struct config_kind *k = known(c, kind);

	return k && k->single ? k->v[0] : NULL;
}

size_t config_count_of(const struct config *c, const char *kind)
{
	const struct config_kind *k = known(c, kind);

	return k && !k->single ? k->n : 0;
}

const struct config_section *config_nth(const struct config *c,
					const char *kind, size_t i)
{
	const struct config_kind *k = known(c, kind);

	return k && !k->single && i < k->n ? k->v[i] : NULL;
}
