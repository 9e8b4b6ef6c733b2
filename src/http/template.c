/* SPDX-License-Identifier: MIT */
/* Parses templates of fields and parameters when the configuration is read, and
 * expands them when a token is published, not for each request. */
#include "http/template.h"

#include <stddef.h>

#include "base/alloc.h"
#include "base/limits.h"
#include "data/base64url.h"

enum kind { PLAIN, NAME, BASE64 };

struct piece {
	enum kind kind;
	struct str text;  /* a slice of the template's own; not of BASE64 */
	size_t inside;    /* of BASE64: how many of the next pieces */
};

struct template {
	char *text;
	size_t length;
	struct piece *pieces;
	size_t n, cap;
};

/* A template while it is read. */
struct template_reading {
	struct template *template;
	struct cursor c;
	template_known_fn *known;
	const char *names;
	size_t depth; /* of {base64:…} in one another */
};

static size_t add_piece(struct template *t, enum kind kind, struct str text)
{
	if (t->n == t->cap) {
		t->cap = t->cap ? t->cap * 2 : 4;
		t->pieces = mem_resize(t->pieces,
				       t->cap * sizeof(struct piece));
	}
	t->pieces[t->n] = (struct piece){ kind, text, 0 };
	return t->n++;
}

static void add_plain(struct template *t, struct str text)
{
	if (text.n > 0)
		add_piece(t, PLAIN, text);
}

static int no_end(struct fault *f)
{
	return fault_set(f, "a \"{\" without its \"}\" (a brace itself is "
			    "written \"{{\")");
}

/* The cursor stands behind "{". */
static int take_name(struct template_reading *r, struct fault *f)
{
	struct str name = cursor_until(&r->c, '}');

	if (!cursor_skip(&r->c, '}') || str_find(name, '{') < name.n)
		return no_end(f);
	if (name.n == 0)
		return fault_set(f, "\"{}\" names nothing; there are %s",
				 r->names);
	if (!r->known(name)) {
		int shown = name.n < LIMIT_TEMPLATE_NAME ? (int)name.n
							 : LIMIT_TEMPLATE_NAME;

		return fault_set(f, "\"{%.*s}\" is unknown; there are %s",
				 shown, name.p, r->names);
	}
	add_piece(r->template, NAME, name);
	return 0;
}

static int take_pieces(struct template_reading *r, struct fault *f);

/* The cursor stands behind "{base64:". */
static int take_base64(struct template_reading *r, struct fault *f)
{
	size_t at = add_piece(r->template, BASE64, STR(""));

	if (++r->depth > LIMIT_TEMPLATE_DEPTH)
		return fault_set(f, "more than %d {base64:...} in one another",
				 (int)LIMIT_TEMPLATE_DEPTH);
	if (take_pieces(r, f) < 0)
		return -1;
	if (!cursor_skip(&r->c, '}'))
		return no_end(f);
	r->depth--;
	r->template->pieces[at].inside = r->template->n - at - 1;
	return 0;
}

static bool is_plain(char c)
{
	return c != '{' && c != '}';
}

/* "}}" is a brace; within {base64:…} only where a "{{" is open, for else the
 * first of the two ends it. */
static bool skip_doubled(struct template_reading *r, size_t *open)
{
	if (cursor_skip_str(&r->c, STR("{{"))) {
		++*open;
		return true;
	}
	if ((r->depth > 0 && *open == 0) ||
	    !cursor_skip_str(&r->c, STR("}}")))
		return false;
	*open -= *open > 0;
	return true;
}

/* Up to the end, or to the "}" of the {base64:…} that this is in. */
static int take_pieces(struct template_reading *r, struct fault *f)
{
	size_t open = 0;

	while (!cursor_done(&r->c)) {
		struct str plain = cursor_while(&r->c, is_plain);

		/* The first of the two braces is in the text. */
		if (skip_doubled(r, &open)) {
			plain.n++;
			add_plain(r->template, plain);
			continue;
		}
		add_plain(r->template, plain);
		if (cursor_peek(&r->c) == '}')
			break;
		if (cursor_skip_str(&r->c, STR("{base64:"))) {
			if (take_base64(r, f) < 0)
				return -1;
		} else if (cursor_skip(&r->c, '{') && take_name(r, f) < 0) {
			return -1;
		}
	}
	if (r->depth == 0 && !cursor_done(&r->c))
		return fault_set(f, "a \"}\" without its \"{\" (a brace "
				    "itself is written \"}}\")");
	return 0;
}

struct template *template_parse(struct str text, template_known_fn *known,
				const char *names, struct fault *f)
{
	struct template *t = mem_new(struct template);
	struct template_reading r = { .template = t,
				      .known = known,
				      .names = names };

	t->text = str_dup(text);
	t->length = text.n;
	r.c = cursor_of((struct str){ t->text, t->length });
	if (take_pieces(&r, f) < 0)
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

bool template_any(const struct template *t, template_known_fn *is)
{
	for (size_t i = 0; i < t->n; i++) {
		if (t->pieces[i].kind == NAME && is(t->pieces[i].text))
			return true;
	}
	return false;
}

static int expand(const struct piece *pieces, size_t n,
		  template_value_fn *value, void *arg, struct buf *out,
		  struct fault *f);

static int expand_base64(const struct piece *pieces, size_t n,
			 template_value_fn *value, void *arg, struct buf *out,
			 struct fault *f)
{
	struct buf inside = BUF_INIT_SECRET(out->max);
	int rc = expand(pieces, n, value, arg, &inside, f);

	if (rc == 0 && !buf_ok(&inside))
		rc = fault_set(f, "the value is too long");
	if (rc == 0)
		base64_encode(out, buf_str(&inside));
	buf_fini(&inside);
	return rc;
}

static int expand(const struct piece *pieces, size_t n,
		  template_value_fn *value, void *arg, struct buf *out,
		  struct fault *f)
{
	int rc = 0;

	for (size_t i = 0; i < n && rc == 0; i++) {
		const struct piece *piece = &pieces[i];

		if (piece->kind == PLAIN)
			buf_add_str(out, piece->text);
		else if (piece->kind == NAME)
			rc = value(arg, piece->text, out, f);
		else
			rc = expand_base64(piece + 1, piece->inside, value,
					   arg, out, f);
		i += piece->inside;
	}
	return rc;
}

int template_expand(const struct template *t, template_value_fn *value,
		    void *arg, struct buf *out, struct fault *f)
{
	return expand(t->pieces, t->n, value, arg, out, f);
}
