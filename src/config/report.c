/* SPDX-License-Identifier: MIT */
/* Collects all that is wrong with a configuration, for `check` and for a
 * start that is refused. */
#include "config/report.h"

#include <stdarg.h>
#include <stdint.h>
#include <string.h>

#include "base/alloc.h"
#include "base/buf.h"
#include "config/section.h"

enum { MISTAKES_MAX = 1000, TEXT_MAX = 8192 };

struct mistake {
	size_t file; /* which, in reading order */
	int line;
	char *text;
};

struct config_report {
	char **files;
	size_t nfiles;
	struct mistake *v; /* sorted */
	size_t n;
};

struct config_report *config_report_new(void)
{
	return mem_new(struct config_report);
}

void config_report_free(struct config_report **r)
{
	struct config_report *x = *r;

	*r = NULL;
	if (!x)
		return;
	for (size_t i = 0; i < x->n; i++)
		mem_free(x->v[i].text);
	for (size_t i = 0; i < x->nfiles; i++)
		mem_free(x->files[i]);
	mem_free(x->v);
	mem_free(x->files);
	mem_free(x);
}

/* The file's place in the reading order; one that is new comes last. */
static size_t file_index(struct config_report *r, const char *path)
{
	for (size_t i = 0; i < r->nfiles; i++)
		if (!strcmp(r->files[i], path))
			return i;
	r->files = mem_resize(r->files, (r->nfiles + 1) * sizeof(*r->files));
	r->files[r->nfiles] = mem_strdup(path);
	return r->nfiles++;
}

void config_report_file(struct config_report *r, const char *path)
{
	file_index(r, path);
}

bool config_report_full(const struct config_report *r)
{
	return r->n >= MISTAKES_MAX;
}

static void insert(struct config_report *r, struct mistake m)
{
	size_t at = r->n;

	r->v = mem_resize(r->v, (r->n + 1) * sizeof(*r->v));
	while (at > 0 && (r->v[at - 1].file > m.file ||
			  (r->v[at - 1].file == m.file &&
			   r->v[at - 1].line > m.line)))
		at--;
	memmove(r->v + at + 1, r->v + at, (r->n - at) * sizeof(*r->v));
	r->v[at] = m;
	r->n++;
}

ATTR_PRINTF(4, 0)
static void addv(struct config_report *r, const char *file, int line,
		 const char *fmt, va_list ap)
{
	struct mistake m = { .line = line };
	struct buf b = BUF_INIT(TEXT_MAX);

	if (config_report_full(r))
		return;
	m.file = file_index(r, file);
	buf_addf(&b, "%s:%d: ", file, line);
	buf_addv(&b, fmt, ap);
	if (!buf_ok(&b)) {
		buf_reset(&b);
		buf_addf(&b, "line %d: a mistake too long to tell", line);
	}
	/* What a profile does wrong is said once, whoever has it. */
	for (size_t i = 0; i < r->n; i++) {
		if (strcmp(r->v[i].text, buf_z(&b)) != 0)
			continue;
		buf_fini(&b);
		return;
	}
	m.text = buf_take(&b);
	insert(r, m);
}

void config_report_add(struct config_report *r, const char *file, int line,
		       const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	addv(r, file, line, fmt, ap);
	va_end(ap);
}

/* i: which repetition; the last one where there are not as many. */
ATTR_PRINTF(5, 0)
static void keyv(struct config_report *r, const struct config_section *s,
		 const char *key, size_t i, const char *fmt, va_list ap)
{
	const struct config_entry *e = config_section_entry(s, key);
	struct config_place place = { .file = s->file, .line = s->line };

	/* What could not be read has been reported, and all that is said of
	 * its value now would follow from that. */
	if (e ? e->bad : s->incomplete)
		return;
	if (e)
		place = i < e->nplaces ? e->places[i] : *config_entry_last(e);
	addv(r, place.file, place.line, fmt, ap);
}

void config_report_key(struct config_report *r, const struct config_section *s,
		       const char *key, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	keyv(r, s, key, SIZE_MAX, fmt, ap);
	va_end(ap);
}

void config_report_item(struct config_report *r,
			const struct config_section *s, const char *key,
			size_t i, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	keyv(r, s, key, i, fmt, ap);
	va_end(ap);
}

size_t config_report_count(const struct config_report *r)
{
	return r->n;
}

const char *config_report_text(const struct config_report *r, size_t i)
{
	return i < r->n ? r->v[i].text : NULL;
}
