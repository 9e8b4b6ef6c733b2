/* SPDX-License-Identifier: MIT */
/* Reads a file, and those that it includes, line by line into sections with
 * values. A mistake is reported and reading goes on, so that one run tells all
 * of them. */
#include "config/reading.h"

#include <sys/stat.h>

#include "base/alloc.h"
#include "base/buf.h"
#include "base/limits.h"
#include "base/text_file.h"
#include "config/entry.h"
#include "config/file.h"
#include "config/include.h"
#include "config/ini.h"
#include "config/nearest.h"

static void mistake(void *arg, int line, const char *what)
{
	struct reading *r = arg;

	config_report_add(r->report, r->file, line, "%s", what);
}

/* The kind that a header's word is, or probably is; NULL for neither. */
static struct config_kind *kind_of(struct reading *r, int line,
				   struct str word)
{
	struct config *c = r->config;
	struct config_kind *k = config_kind_find(c->kinds, c->nkinds, word);
	ATTR_CLEANUP(buf_fini) struct buf hint = BUF_INIT(256);
	const char **names, *nearest;
	char *z;

	if (k)
		return k;
	names = mem_array(c->nkinds, sizeof(*names));
	for (size_t i = 0; i < c->nkinds; i++)
		names[i] = c->kinds[i].name;
	z = str_dup(word);
	nearest = config_nearest(z, names, c->nkinds);
	if (nearest)
		buf_addf(&hint, "; did you mean \"%s\"?", nearest);
	config_report_add(r->report, r->file, line,
			  "there is no section of the kind \"%.40s\"%s", z,
			  buf_z(&hint));
	mem_free(z);
	mem_free(names);
	return nearest ? config_kind_find(c->kinds, c->nkinds, str_z(nearest))
		       : NULL;
}

static void enter_single(struct reading *r, int line, struct config_kind *k,
			 struct str name)
{
	struct config_section *s = k->v[0];

	if (name.n)
		config_report_add(r->report, r->file, line,
				  "[%s] has no name", k->name);
	if (r->seen == s)
		config_report_add(r->report, r->file, line,
				  "[%s] stands on line %d already", k->name,
				  r->seen_line);
	else
		r->seen_line = line;
	r->seen = s;
	if (!s->line) {
		s->file = r->file;
		s->line = line;
	}
	r->section = s;
}

static void take_section(void *arg, int line, struct str word,
			 struct str name)
{
	struct reading *r = arg;
	struct config_kind *k = kind_of(r, line, word);
	const char *what;

	r->in_section = true;
	r->section = NULL;
	if (!k)
		return;
	if (r->profile && (!k->profile || !str_eq_z(name, r->profile))) {
		config_report_add(r->report, r->file, line,
				  "this file can only hold the profile %s, "
				  "by its name", r->profile);
		return;
	}
	if (k->single) {
		enter_single(r, line, k, name);
		return;
	}
	what = config_name_mistake(name);
	if (what)
		mistake(r, line, what);
	r->section = config_section_add(k, name, r->file, line);
}

/* Reads what one include means. */
static void include(struct reading *r, const struct pending *p)
{
	char **paths;
	size_t n;
	struct fault f;
	int rc;

	rc = config_include_find(r->dir, str_z(p->pattern), &paths, &n, &f);
	if (!rc && r->depth == LIMIT_CONFIG_DEPTH)
		rc = fault_set(&f, "includes go %d deep already",
			       LIMIT_CONFIG_DEPTH);
	if (rc)
		config_report_add(r->report, r->file, p->line,
				  "include: %.200s: %s", p->pattern, f.text);
	for (size_t i = 0; i < n; i++) {
		struct reading inner = { .config = r->config,
					 .report = r->report,
					 .strict = r->strict,
					 .depth = r->depth + 1 };

		if (!rc && config_read_file(&inner, paths[i], &f) < 0)
			config_report_add(r->report, r->file, p->line,
					  "include: %s: %s", paths[i], f.text);
		mem_free(paths[i]);
	}
	mem_free(paths);
}

/* Notes that the file is read; -1 where it was before. */
static int file_add(struct config *c, const char *path,
		    const struct stat *st, struct fault *f)
{
	size_t n = c->nfiles;

	for (size_t i = 0; i < n; i++)
		if (c->ids[i].dev == st->st_dev && c->ids[i].ino == st->st_ino)
			return fault_set(f, "has been read already");
	if (n == LIMIT_CONFIG_FILES)
		return fault_set(f, "is one of more than %d files",
				 LIMIT_CONFIG_FILES);
	c->files = mem_resize(c->files, (n + 1) * sizeof(*c->files));
	c->ids = mem_resize(c->ids, (n + 1) * sizeof(*c->ids));
	c->files[n] = mem_strdup(path);
	c->ids[n] = (struct file_id){ st->st_dev, st->st_ino };
	c->nfiles++;
	return 0;
}

/* One mistake, and not one a line, for a file of another kind. */
static bool is_text(struct reading *r, struct str text)
{
	size_t nul = str_find(text, '\0');
	int line = 1;

	if (nul == text.n)
		return true;
	for (size_t i = 0; i < nul; i++)
		line += text.p[i] == '\n';
	mistake(r, line, "a NUL octet: this is not a text file");
	return false;
}

int config_read_file(struct reading *r, const char *path, struct fault *f)
{
	static const struct ini_events events = {
		take_section, config_entry_take, mistake
	};
	ATTR_CLEANUP(buf_fini)
	struct buf text = BUF_INIT_SECRET(LIMIT_CONFIG_FILE);
	struct config *c = r->config;
	struct stat st;

	if (text_file_read(path, &text, &st, f) < 0 ||
	    file_add(c, path, &st, f) < 0)
		return -1;
	r->file = c->files[c->nfiles - 1];
	r->dir = config_file_dir(path);
	config_report_file(r->report, r->file);
	if (is_text(r, buf_str(&text)))
		ini_read(buf_str(&text), &events, r);
	buf_fini(&text);
	if (!r->installed)
		config_strict_note(r->strict, r->file, 0, STR(""), path,
				   r->has_secret ? OWNERSHIP_SECRET :
						   OWNERSHIP_READ);
	for (size_t i = 0; i < r->nincludes; i++) {
		include(r, &r->includes[i]);
		mem_free(r->includes[i].pattern);
	}
	mem_free(r->includes);
	mem_free(r->dir);
	return 0;
}

int config_read_profile(struct config *c, struct config_report *report,
			const char *path, const char *name, bool installed,
			struct fault *f)
{
	struct reading r = { .config = c,
			     .report = report,
			     .strict = &c->strict,
			     .profile = name,
			     .installed = installed };

	if (config_read_file(&r, path, f) < 0)
		return fault_prefix(f, "%s", path);
	return 0;
}
