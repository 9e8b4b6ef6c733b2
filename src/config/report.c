/* SPDX-License-Identifier: MIT */
/* Collects all that is wrong with a configuration, for `check` and for a
 * start that is refused. */
#include "config/report.h"

#include <stdarg.h>
#include <stdint.h>
#include <string.h>

#include "base/alloc.h"
#include "base/buf.h"
#include "base/limits.h"
#include "config/section.h"

struct message {
	size_t file; /* which, in reading order */
	int line;
	char *text;
};

struct messages {
	struct message *v; /* sorted */
	size_t n;
};

struct config_report {
	char **files;
	size_t nfiles;
	struct messages mistakes, warnings;
};

struct config_report *config_report_new(void)
{
	return mem_new(struct config_report);
}

static void messages_fini(struct messages *m)
{
	for (size_t i = 0; i < m->n; i++)
		mem_free(m->v[i].text);
	mem_free(m->v);
}

void config_report_free(struct config_report **r)
{
	struct config_report *x = *r;

	*r = NULL;
	if (!x)
		return;
	messages_fini(&x->mistakes);
	messages_fini(&x->warnings);
	for (size_t i = 0; i < x->nfiles; i++)
		mem_free(x->files[i]);
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
	return r->mistakes.n >= LIMIT_CONFIG_MISTAKES;
}

static void insert(struct messages *to, struct message m)
{
	size_t at = to->n;

	to->v = mem_resize(to->v, (to->n + 1) * sizeof(*to->v));
	while (at > 0 && (to->v[at - 1].file > m.file ||
			  (to->v[at - 1].file == m.file &&
			   to->v[at - 1].line > m.line)))
		at--;
	memmove(to->v + at + 1, to->v + at, (to->n - at) * sizeof(*to->v));
	to->v[at] = m;
	to->n++;
}

ATTR_PRINTF(5, 0)
static void addv(struct config_report *r, struct messages *to,
		 const char *file, int line, const char *fmt, va_list ap)
{
	struct message m = { .line = line };
	struct buf b = BUF_INIT(LIMIT_CONFIG_MISTAKE);

	if (to->n >= LIMIT_CONFIG_MISTAKES)
		return;
	m.file = file_index(r, file);
	buf_add_z(&b, file);
	if (line > 0)
		buf_addf(&b, ":%d", line);
	buf_addf(&b, ": %s", to == &r->warnings ? "warning: " : "");
	buf_addv(&b, fmt, ap);
	if (!buf_ok(&b)) {
		buf_reset(&b);
		buf_addf(&b, "line %d: a mistake too long to tell", line);
	}
	/* What a profile does wrong is said once, whoever has it. */
	for (size_t i = 0; i < to->n; i++) {
		if (strcmp(to->v[i].text, buf_z(&b)) != 0)
			continue;
		buf_fini(&b);
		return;
	}
	m.text = buf_take(&b);
	insert(to, m);
}

void config_report_add(struct config_report *r, const char *file, int line,
		       const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	addv(r, &r->mistakes, file, line, fmt, ap);
	va_end(ap);
}

void config_report_warn(struct config_report *r, const char *file, int line,
			const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	addv(r, &r->warnings, file, line, fmt, ap);
	va_end(ap);
}

/* i: which repetition; the last one where there are not as many. */
ATTR_PRINTF(6, 0)
static void keyv(struct config_report *r, struct messages *to,
		 const struct config_section *s, const char *key, size_t i,
		 const char *fmt, va_list ap)
{
	const struct config_entry *e = config_section_entry(s, key);
	struct config_place place = { .file = s->file, .line = s->line };

	/* What could not be read has been reported, and all that is said of
	 * its value now would follow from that. */
	if (e ? e->bad : s->incomplete)
		return;
	if (e)
		place = i < e->nplaces ? e->places[i] : *config_entry_last(e);
	addv(r, to, place.file, place.line, fmt, ap);
}

void config_report_key(struct config_report *r, const struct config_section *s,
		       const char *key, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	keyv(r, &r->mistakes, s, key, SIZE_MAX, fmt, ap);
	va_end(ap);
}

void config_report_warn_key(struct config_report *r,
			    const struct config_section *s, const char *key,
			    const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	keyv(r, &r->warnings, s, key, SIZE_MAX, fmt, ap);
	va_end(ap);
}

void config_report_item(struct config_report *r,
			const struct config_section *s, const char *key,
			size_t i, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	keyv(r, &r->mistakes, s, key, i, fmt, ap);
	va_end(ap);
}

size_t config_report_count(const struct config_report *r)
{
	return r->mistakes.n;
}

size_t config_report_warnings(const struct config_report *r)
{
	return r->warnings.n;
}

const char *config_report_text(const struct config_report *r, size_t i)
{
	return i < r->mistakes.n ? r->mistakes.v[i].text : NULL;
}

const char *config_report_warning(const struct config_report *r, size_t i)
{
	return i < r->warnings.n ? r->warnings.v[i].text : NULL;
}
