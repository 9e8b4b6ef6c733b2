/* SPDX-License-Identifier: MIT */
/* Templates: what the configuration says a field or parameter shall hold.
 * Parsed when the configuration is read; expanded when a token is published,
 * not for each request. */
#include "http/template.h"

#include <stddef.h>

#include "base/alloc.h"

/* A slice of the template's own text. */
struct piece {
	struct str text;
	bool is_name;
};

struct template {
	char *text;
	size_t length;
	struct piece *pieces;
	size_t n, cap;
};

enum { NAME_SHOWN = 64 };

static void add_piece(struct template *t, struct str text, bool is_name)
{
	if (text.n == 0)
		return;
	if (t->n == t->cap) {
		t->cap = t->cap ? t->cap * 2 : 4;
		t->pieces = mem_resize(t->pieces,
				       t->cap * sizeof(struct piece));
	}
	t->pieces[t->n++] = (struct piece){ text, is_name };
}

/* The cursor stands behind "{". */
static int take_name(struct template *t, struct cursor *c,
		     template_known_fn *known, const char *names,
		     struct fault *f)
{
	struct str name = cursor_until(c, '}');

	if (!cursor_skip(c, '}') || str_find(name, '{') < name.n)
		return fault_set(f, "a \"{\" without its \"}\" (a brace itself "
				    "is written \"{{\")");
	if (name.n == 0)
		return fault_set(f, "\"{}\" names nothing; there are %s",
				 names);
	if (!known(name)) {
		int shown = name.n < NAME_SHOWN ? (int)name.n : NAME_SHOWN;

		return fault_set(f, "\"{%.*s}\" is unknown; there are %s",
				 shown, name.p, names);
	}
	add_piece(t, name, true);
	return 0;
}

static bool is_plain(char c)
{
	return c != '{' && c != '}';
}

static int take_pieces(struct template *t, template_known_fn *known,
		       const char *names, struct fault *f)
{
	struct cursor c = cursor_of((struct str){ t->text, t->length });

	while (!cursor_done(&c)) {
		struct str plain = cursor_while(&c, is_plain);

		if (cursor_skip_str(&c, STR("{{")) ||
		    cursor_skip_str(&c, STR("}}"))) {
			/* The first of the two braces is in the text. */
			plain.n++;
			add_piece(t, plain, false);
			continue;
		}
		add_piece(t, plain, false);
		if (cursor_skip(&c, '}'))
			return fault_set(f, "a \"}\" without its \"{\" (a "
					    "brace itself is written \"}}\")");
		if (cursor_skip(&c, '{') &&
		    take_name(t, &c, known, names, f) < 0)
			return -1;
	}
	return 0;
}

struct template *template_parse(struct str text, template_known_fn *known,
				const char *names, struct fault *f)
{
	struct template *t = mem_new(struct template);

	t->text = str_dup(text);
	t->length = text.n;
	if (take_pieces(t, known, names, f) < 0)
		template_free(&t);
	return t;
}

void template_free(struct template **t)
{
	struct template *gone = *t;

	*t = NULL;
	if (!gone)
		return;
	/* Some keep a key in their text. */
	mem_wipe(gone->text, gone->length);
	mem_free(gone->text);
	mem_free(gone->pieces);
	mem_free(gone);
}

int template_expand(const struct template *t, template_value_fn *value,
		    void *arg, struct buf *out, struct fault *f)
{
	for (size_t i = 0; i < t->n; i++) {
		const struct piece *piece = &t->pieces[i];

		if (!piece->is_name)
			buf_add_str(out, piece->text);
		else if (value(arg, piece->text, out, f) < 0)
			return -1;
	}
	return 0;
}
