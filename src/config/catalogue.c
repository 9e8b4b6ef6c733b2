/* SPDX-License-Identifier: MIT */
/* Lists the profiles and shows their text, for people. The reader (profile.c)
 * takes keys from a profile; what they hold is not looked at here. */
#include "config/catalogue.h"

#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/limits.h"
#include "base/text_file.h"
#include "config/config_int.h"
#include "config/file.h"
#include "config/include.h"
#include "config/profile.h"

/* --- which there are --- */

const struct config_profile *
config_catalogue_find(const struct config_catalogue *c, const char *name)
{
	for (size_t i = 0; i < c->n; i++) {
		if (!strcmp(c->v[i].name, name))
			return &c->v[i];
	}
	return NULL;
}

/* The first of a name is the one that counts. Takes file. */
static void add(struct config_catalogue *c, struct str name, char *file,
		int line, bool last)
{
	char *z = str_dup(name);

	if (config_catalogue_find(c, z)) {
		mem_free(z);
		mem_free(file);
		return;
	}
	c->v = mem_resize(c->v, (c->n + 1) * sizeof(*c->v));
	c->v[c->n++] = (struct config_profile){ z, file, line, last };
}

/* Whether the reader has the section from a profile's file, where the
 * directories' turn has not come yet. */
static bool is_of_directory(const struct profiles *p,
			    const struct config_section *s)
{
	struct buf name = BUF_INIT(256);
	const char *dir;
	bool found = false;

	buf_addf(&name, "%s.ini", s->name);
	for (size_t i = 0; !found && (dir = config_profiles_dir(p, i)); i++) {
		char *path = config_file_join(dir, buf_str(&name));

		found = !strcmp(path, s->file);
		mem_free(path);
	}
	buf_fini(&name);
	return found;
}

static void add_sections(struct config_catalogue *out,
			 const struct profiles *p)
{
	for (size_t i = 0; i < p->nkinds; i++) {
		const struct config_kind *k = &p->kinds[i];

		for (size_t j = 0; k->profile && j < k->n; j++) {
			const struct config_section *s = k->v[j];

			if (!config_name_mistake(str_z(s->name)) &&
			    !is_of_directory(p, s))
				add(out, str_z(s->name), mem_strdup(s->file),
				    s->line, false);
		}
	}
}

static void add_directory(struct config_catalogue *out, const char *dir,
			  bool last)
{
	char **paths;
	size_t n;

	if (config_include_find(dir, STR("*.ini"), &paths, &n, NULL) < 0)
		n = 0;
	for (size_t i = 0; i < n; i++) {
		const char *slash = strrchr(paths[i], '/');
		struct str name = str_z(slash ? slash + 1 : paths[i]);

		name.n -= strlen(".ini");
		if (config_name_mistake(name))
			mem_free(paths[i]);
		else
			add(out, name, paths[i], 0, last);
	}
	mem_free(paths);
}

static int by_name(const void *a, const void *b)
{
	const struct config_profile *x = a, *y = b;

	return strcmp(x->name, y->name);
}

void config_catalogue_read(struct config_catalogue *out,
			   const struct config *c, const char *last)
{
	struct profiles p = { .last = last };
	const char *dir;

	*out = (struct config_catalogue){ NULL, 0 };
	if (c) {
		p.kinds = c->kinds;
		p.nkinds = c->nkinds;
	}
	add_sections(out, &p);
	for (size_t i = 0; (dir = config_profiles_dir(&p, i)) != NULL; i++)
		add_directory(out, dir, dir == last);
	if (out->n)
		qsort(out->v, out->n, sizeof(*out->v), by_name);
}

void config_catalogue_fini(struct config_catalogue *c)
{
	for (size_t i = 0; i < c->n; i++) {
		mem_free(c->v[i].name);
		mem_free(c->v[i].file);
	}
	mem_free(c->v);
	*c = (struct config_catalogue){ NULL, 0 };
}

/* --- what is written of one --- */

struct catalogue_lines {
	struct str *v;
	size_t n;
};

/* Without their line feeds. mem_free of v. */
static struct catalogue_lines split(struct str text)
{
	struct catalogue_lines l = { NULL, 0 };
	size_t cap = 0;

	while (text.n > 0) {
		size_t n = str_find(text, '\n');

		if (l.n == cap) {
			cap = cap ? 2 * cap : 64;
			l.v = mem_resize(l.v, cap * sizeof(*l.v));
		}
		l.v[l.n++] = str_sub(text, 0, n);
		text = str_from(text, n + 1);
	}
	return l;
}

static bool is_header(struct str line)
{
	return str_starts(line, STR("["));
}

static bool is_comment(struct str line)
{
	return str_starts(line, STR("#")) || str_starts(line, STR(";"));
}

/* Where the section's header is: that of its line, or the file's first; n
 * where there is none. */
static size_t header_of(const struct catalogue_lines *l,
			const struct config_profile *p)
{
	size_t i = p->line > 0 ? (size_t)p->line - 1 : 0;

	/* The file may be another by now. */
	if (i > l->n)
		return l->n;
	while (i < l->n && !is_header(l->v[i]))
		i++;
	return i;
}

/* The first line of the comment directly above line i, or i. */
static size_t above(const struct catalogue_lines *l, size_t i)
{
	while (i > 0 && i <= l->n && is_comment(l->v[i - 1]))
		i--;
	return i;
}

/* Behind the section's last line: what is directly above the next header is
 * the next one's. */
static size_t end_of(const struct catalogue_lines *l, size_t header)
{
	size_t i = header + 1;

	while (i < l->n && !is_header(l->v[i]))
		i++;
	if (i < l->n)
		i = above(l, i);
	while (i > header + 1 && str_trim(l->v[i - 1]).n == 0)
		i--;
	return i;
}

static int read_text(const struct config_profile *p, struct buf *text,
		     struct fault *f)
{
	return text_file_read(p->file, text, NULL, f) < 0 ?
		       fault_prefix(f, "%s", p->file) :
		       0;
}

int config_profile_text(const struct config_profile *p, struct buf *out,
			struct fault *f)
{
	ATTR_CLEANUP(buf_fini)
	struct buf text = BUF_INIT_SECRET(LIMIT_CONFIG_FILE);
	struct catalogue_lines l;
	size_t header, end = 0;

	if (read_text(p, &text, f) < 0)
		return -1;
	if (!p->line) {
		buf_add_str(out, buf_str(&text));
		return 0;
	}
	l = split(buf_str(&text));
	header = header_of(&l, p);
	if (header < l.n)
		end = end_of(&l, header);
	for (size_t i = above(&l, header); i < end; i++) {
		buf_add_str(out, l.v[i]);
		buf_add_char(out, '\n');
	}
	mem_free(l.v);
	return 0;
}

int config_profile_about(const struct config_profile *p, struct buf *out,
			 struct fault *f)
{
	ATTR_CLEANUP(buf_fini)
	struct buf text = BUF_INIT_SECRET(LIMIT_CONFIG_FILE);
	struct catalogue_lines l;
	size_t header, first;

	if (read_text(p, &text, f) < 0)
		return -1;
	l = split(buf_str(&text));
	header = header_of(&l, p);
	first = above(&l, header);
	if (header < l.n && first < header)
		buf_add_str(out, str_trim(str_from(str_trim(l.v[first]), 1)));
	mem_free(l.v);
	return 0;
}
