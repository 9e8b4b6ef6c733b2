/* SPDX-License-Identifier: MIT */
/* Checks who could have written the files of a configuration, once they are
 * read and before they are used. */
#include "config/strict.h"

#include <string.h>

#include "base/alloc.h"

struct config_strict_file {
	const char *file; /* where it is named */
	int line;
	char *key, *path;
	enum ownership_use use;
	char *said;       /* what was wrong with it */
};

/* What is wrong with a directory is said once for all that is in it. */
static bool is_said(const struct config_strict *s, size_t n, const char *text)
{
	for (size_t i = 0; i < n; i++)
		if (s->v[i].said && !strcmp(s->v[i].said, text))
			return true;
	return false;
}

void config_strict_fini(struct config_strict *s)
{
	for (size_t i = 0; i < s->n; i++) {
		mem_free(s->v[i].key);
		mem_free(s->v[i].path);
		mem_free(s->v[i].said);
	}
	mem_free(s->v);
	*s = (struct config_strict){ 0 };
}

void config_strict_note(struct config_strict *s, const char *file, int line,
			struct str key, const char *path,
			enum ownership_use use)
{
	s->v = mem_resize(s->v, (s->n + 1) * sizeof(*s->v));
	s->v[s->n++] = (struct config_strict_file){
		.file = file,
		.line = line,
		.key = str_dup(key),
		.path = mem_strdup(path),
		.use = use,
	};
}

/* Tells what is wrong with the file, or with a directory above it. */
static void tell(const struct config_strict_file *v, bool mistake,
		 const char *text, struct config_report *report)
{
	const char *colon = v->line ? ": " : "";

	if (mistake)
		config_report_add(report, v->file, v->line,
				  "%s%s%s (strict_modes)", v->key, colon,
				  text);
	else
		config_report_warn(report, v->file, v->line, "%s%s%s", v->key,
				   colon, text);
}

void config_strict_check(struct config_strict *s, const struct ownership *who,
			 bool strict, struct config_report *report)
{
	struct fault f;

	s->who = *who;
	s->on = strict;
	for (size_t i = 0; i < s->n; i++) {
		struct config_strict_file *v = &s->v[i];
		enum ownership_result result =
			ownership_check(who, v->path, v->use, &f);

		if (result == OWNERSHIP_GOOD || is_said(s, i, f.text))
			continue;
		v->said = mem_strdup(f.text);
		tell(v, strict && result == OWNERSHIP_BAD, f.text, report);
	}
}

int config_strict_hold(const struct config_strict *s, const char *path,
		       struct fault *f)
{
	return s->on && ownership_check(&s->who, path, OWNERSHIP_READ, f) ==
				OWNERSHIP_BAD ?
		       -1 :
		       0;
}
