/* SPDX-License-Identifier: MIT */
/* Puts a profile's keys into the sections that name it, once all files are
 * read. A profile's values are kept as text, and read once more into each
 * section that takes them. */
#include "config/profile.h"

#include <dirent.h>
#include <limits.h>
#include <string.h>

#include "base/alloc.h"
#include "base/assert.h"
#include "base/buf.h"
#include "base/limits.h"
#include "config/file.h"
#include "config/nearest.h"
#include "config/reading.h"

#define SUFFIX STR(".ini")

const char *config_profiles_dir(const struct profiles *p, size_t i)
{
	for (size_t k = 0; k < p->nkinds; k++) {
		for (size_t j = 0; p->kinds[k].single &&
				   j < p->kinds[k].nrefs; j++) {
			const struct config_ref *ref = &p->kinds[k].refs[j];
			const struct config_list *dirs;

			if (!(ref->key->flags & CONFIG_PROFILE_DIR))
				continue;
			dirs = config_section_value(p->kinds[k].v[0], ref);
			if (i < dirs->n)
				return dirs->v[i];
			i -= dirs->n;
		}
	}
	return i == 0 ? p->last : NULL;
}

static struct config_section *find(const struct config_kind *k,
				   const char *name)
{
	for (size_t i = 0; i < k->n; i++)
		if (!strcmp(k->v[i]->name, name))
			return k->v[i];
	return NULL;
}

/* The profile in this file; a file without it is reported once, and then it is
 * as if the profile were empty. */
static struct config_section *load(const struct profiles *p,
				   struct config_kind *k, const char *path,
				   const char *name, bool installed,
				   struct fault *f)
{
	struct config_section *s;

	if (config_read_profile(p->config, p->report, path, name, installed,
				f) < 0)
		return NULL;
	s = find(k, name);
	if (s)
		return s;
	config_report_add(p->report, path, 1, "the file holds no [%s %s]",
			  k->name, name);
	return config_section_add(k, str_z(name), k->name, 0);
}

/* Looks for NAME.ini. NULL with a fault where there is none, or none that can
 * be read; the first one that is there counts. */
static struct config_section *look(const struct profiles *p,
				   struct config_kind *k, const char *name,
				   struct fault *f)
{
	struct config_section *s = NULL;
	struct buf file = BUF_INIT(NAME_MAX);
	const char *dir;
	bool found = false;

	f->text[0] = '\0';
	buf_addf(&file, "%s.ini", name);
	for (size_t i = 0; !found && (dir = config_profiles_dir(p, i)); i++) {
		char *path = config_file_join(dir, buf_str(&file));

		found = config_file_exists(path);
		if (found)
			s = load(p, k, path, name, dir == p->last, f);
		mem_free(path);
	}
	buf_fini(&file);
	return s;
}

struct names {
	char **v;
	size_t n;
};

static void names_add(struct names *names, struct str name)
{
	for (size_t i = 0; i < names->n; i++)
		if (str_eq_z(name, names->v[i]))
			return;
	names->v = mem_resize(names->v, (names->n + 1) * sizeof(*names->v));
	names->v[names->n++] = str_dup(name);
}

static void names_free(struct names *names)
{
	for (size_t i = 0; i < names->n; i++)
		mem_free(names->v[i]);
	mem_free(names->v);
}

static void names_of_directory(struct names *names, const char *path)
{
	DIR *dir = opendir(path);
	const struct dirent *d;

	while (dir && (d = readdir(dir)) != NULL) {
		struct str name = str_z(d->d_name);

		if (!str_ends(name, SUFFIX))
			continue;
		name.n -= SUFFIX.n;
		if (!config_name_mistake(name))
			names_add(names, name);
	}
	if (dir)
		closedir(dir);
}

/* What may have been meant, or what there is. */
static void hint(const struct profiles *p, const struct config_kind *k,
		 const char *name, struct buf *out)
{
	struct names names = { NULL, 0 };
	const char *dir, *nearest;

	for (size_t i = 0; i < k->n; i++)
		names_add(&names, str_z(k->v[i]->name));
	for (size_t i = 0; (dir = config_profiles_dir(p, i)) != NULL; i++)
		names_of_directory(&names, dir);
	nearest = config_nearest(name, (const char *const *)names.v, names.n);
	if (nearest)
		buf_addf(out, "did you mean \"%s\"?", nearest);
	else if (!names.n)
		buf_addf(out, "there is none at all");
	else
		buf_addf(out, "there is");
	for (size_t i = 0;
	     !nearest && i < names.n && i < LIMIT_PROFILES_SHOWN; i++)
		buf_addf(out, "%s %s", i > 0 ? "," : "", names.v[i]);
	if (!nearest && names.n > LIMIT_PROFILES_SHOWN)
		buf_add_z(out, ", ...");
	names_free(&names);
}

/* The profile of that name; reported where there is none. */
static struct config_section *profile(const struct profiles *p,
				      const struct config_section *s,
				      struct config_kind *k, const char *name)
{
	ATTR_CLEANUP(buf_fini) struct buf known = BUF_INIT(4096);
	const char *what = config_name_mistake(str_z(name));
	struct config_section *found;
	struct fault f;

	found = what ? NULL : find(k, name);
	if (!what && !found)
		found = look(p, k, name, &f);
	if (found)
		return found;
	if (!what && f.text[0]) {
		config_report_key(p->report, s, k->name, "%s: %s", k->name,
				  f.text);
		return NULL;
	}
	hint(p, k, name, &known);
	config_report_key(p->report, s, k->name, "%s: there is no profile of "
			  "this name; %s", k->name, buf_z(&known));
	return NULL;
}

/* One key of the profile's, with all of its repetitions. */
static void inherit(struct config_section *s, const struct config_entry *from)
{
	const struct config_ref *ref =
		config_kind_ref(s->kind, str_z(from->key));
	void *value = config_section_value(s, ref);
	struct config_entry *e;

	if (config_section_entry(s, from->key))
		return;
	e = config_section_enter(s, str_z(from->key));
	e->inherited = true;
	e->bad = from->bad;
	for (size_t i = 0; i < from->nplaces; i++) {
		const struct config_place *at = &from->places[i];

		config_entry_place(e, at->file, at->line);
		/* It was read well once. */
		if (!from->bad)
			ASSERT(ref->key->type->read(ref->key,
						    str_z(at->text), value,
						    NULL) == 0);
	}
}

static void take(const struct profiles *p, struct config_section *s)
{
	const struct config_ref *by = s->kind->by_profile;
	const struct config_entry *e =
		config_section_entry(s, by->key->name);
	const struct config_section *from;
	const char *name;

	if (!e || e->bad)
		return;
	name = *(char *const *)config_section_value(s, by);
	from = profile(p, s, config_kind_find(p->kinds, p->nkinds,
					      str_z(by->key->name)), name);
	s->incomplete = !from;
	for (size_t i = 0; from && i < from->n; i++)
		inherit(s, &from->entries[i]);
}

void config_profiles_take(const struct profiles *p)
{
	for (size_t i = 0; i < p->nkinds; i++)
		for (size_t j = 0; p->kinds[i].by_profile &&
				   j < p->kinds[i].n; j++)
			take(p, p->kinds[i].v[j]);
}
