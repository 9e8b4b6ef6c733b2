/* SPDX-License-Identifier: MIT */
/* Writes octets that would go out as lines that people read. Secrets need
 * not be hidden here: masks stand in their places already (config/mask.h). */
#include "preview/text.h"

#include <stdarg.h>

#include "base/alloc.h"
#include "base/limits.h"
#include "config/mask.h"
#include "data/base64url.h"
#include "data/form.h"
#include "data/json.h"
#include "service/service.h"

enum {
	BASE64_MIN = 16,
	BASE64_WORD = 64,
	BASE64_DEPTH = LIMIT_TEMPLATE_DEPTH + 1,
};

struct preview_row {
	char *name;  /* NULL: a line of words */
	char *value;
};

/* --- values --- */

/* What a mask stands for, where its name does not say it all. */
static const struct {
	const char *name, *words;
} masks[] = {
	{ "state", "new for each login" },
	{ "nonce", "new for each login" },
	{ "code", "the login's code" },
	{ "code_verifier", "the login's code_verifier" },
	{ "device_code", "the login's device_code" },
	{ "dpop_jkt", "thumbprint of the session's key" },
	{ "now", "seconds since 1970" },
	{ "uuid", "new for each request" },
};

/* The first mask, or address that is not known yet; its name is what it stands
 * for. */
static bool find_placeholder(struct str s, struct mask *m)
{
	struct str url = STR(PREVIEW_FOUND);
	size_t at = str_find_str(s, url);
	bool found = mask_find(s, m);

	if (at == s.n || (found && m->at < at))
		return found;
	*m = (struct mask){ at, url.n, STR("found from issuer") };
	return true;
}

static void add_words(struct buf *out, struct str name)
{
	for (size_t i = 0; i < sizeof(masks) / sizeof(masks[0]); i++) {
		if (str_eq_z(name, masks[i].name))
			name = str_z(masks[i].words);
	}
	buf_addf(out, "(%.*s)", STR_ARGS(name));
}

/* Appends it without what would move a terminal's cursor. */
static void add_plain(struct buf *out, struct str s)
{
	for (size_t i = 0; i < s.n; i++) {
		unsigned char c = (unsigned char)s.p[i];

		if (c < 0x20 || c == 0x7f)
			buf_addf(out, "\\x%02x", c);
		else
			buf_add_char(out, s.p[i]);
	}
}

static bool is_base64(char c)
{
	return char_is_alpha(c) || char_is_digit(c) || c == '+' || c == '/';
}

/* The next run of base64's characters, with its padding. */
static struct str next_run(struct cursor *c)
{
	struct str run = cursor_while(c, is_base64);

	while (run.n % 4 != 0 && run.n > 0 && cursor_skip(c, '='))
		run.n++;
	return run;
}

static bool add_decoded(struct buf *out, struct str s, int depth);

/* Appends the run from skip on as what a mask is in; false where none is. */
static bool add_inside(struct buf *out, struct str run, size_t skip, int depth)
{
	struct buf inside = BUF_INIT(LIMIT_PREVIEW);
	bool shown = false;
	size_t n = out->n;

	if (base64_decode(&inside, str_from(run, skip)) == 0 &&
	    (skip == 0 || str_is_printable(buf_str(&inside)))) {
		add_plain(out, str_sub(run, 0, skip));
		buf_add_z(out, "base64(");
		shown = add_decoded(out, buf_str(&inside), depth + 1);
		buf_add_char(out, ')');
	}
	if (!shown)
		buf_cut(out, n);
	buf_fini(&inside);
	return shown;
}

/* The same of all of the run, or, where a word is in front of it that looks the
 * same, of its end. */
static bool add_run(struct buf *out, struct str run, int depth)
{
	for (size_t skip = run.n % 4;
	     skip <= BASE64_WORD && run.n >= skip + BASE64_MIN; skip += 4) {
		if (add_inside(out, run, skip, depth))
			return true;
	}
	return false;
}

/* The same of a text without masks of its own. */
static bool add_runs(struct buf *out, struct str s, int depth)
{
	struct cursor c = cursor_of(s);
	bool shown = false;

	while (!cursor_done(&c)) {
		struct str run = next_run(&c);
		struct str rest = cursor_rest(&c);

		if (depth < BASE64_DEPTH && add_run(out, run, depth))
			shown = true;
		else
			add_plain(out, run);
		if (rest.n > 0 && cursor_skip(&c, rest.p[0]))
			add_plain(out, str_sub(rest, 0, 1));
	}
	return shown;
}

/* Appends s with its masks made out, in base64 as well; false where there are
 * none. */
static bool add_decoded(struct buf *out, struct str s, int depth)
{
	bool shown = false;
	struct mask m;

	while (find_placeholder(s, &m)) {
		add_runs(out, str_sub(s, 0, m.at), depth);
		add_words(out, m.name);
		s = str_from(s, m.at + m.n);
		shown = true;
	}
	return add_runs(out, s, depth) || shown;
}

/* A client's authentication that somebody wrote out, and the like: what a name
 * ends with where the value is one that nobody should see. */
static bool is_secret_name(struct str name)
{
	static const char *const ends[] = { "secret", "password", "token",
					    "key", "assertion", "cookie" };

	for (size_t i = 0; i < sizeof(ends) / sizeof(ends[0]); i++) {
		struct str end = str_z(ends[i]);

		if (name.n >= end.n &&
		    str_eq_nocase(str_from(name, name.n - end.n), end))
			return true;
	}
	return false;
}

static bool is_credential(struct str name)
{
	return str_eq_nocase(name, STR("Authorization")) ||
	       str_eq_nocase(name, STR("Proxy-Authorization"));
}

/* Whether it was made for the request, or read for it. */
static bool is_made(const struct token_request *r, struct str value)
{
	for (size_t i = 0; r && i < r->nsecrets; i++) {
		if (secret_eq_str(r->secrets[i], value))
			return true;
	}
	return false;
}

/* What a part of a token that is signed says (RFC 7515 §7.1). json_free;
 * NULL where it is not JSON. */
static struct json *part_of(struct str part)
{
	struct buf text = BUF_INIT(LIMIT_PREVIEW);
	struct json *j = NULL;

	if (base64url_decode(&text, part) == 0)
		j = json_parse(buf_str(&text), NULL);
	buf_fini(&text);
	return j;
}

/* Whether it was signed for the request: by a key that is no mask. */
static bool is_signed(const struct token_request *r, struct str value)
{
	struct json *header = NULL;
	bool is;

	if (is_made(r, value))
		header = part_of(str_sub(value, 0, str_find(value, '.')));
	is = json_is(header, JSON_OBJECT);
	json_free(&header);
	return is;
}

static void add_hidden(struct buf *out, struct str name, struct str value,
		       const struct token_request *r)
{
	struct str rest = value, scheme;

	if (is_made(r, value))
		buf_add_z(out, "***");
	else if (is_credential(name) && str_next_word(&rest, &scheme) &&
		 str_trim(rest).n > 0)
		buf_addf(out, "%.*s ***", STR_ARGS(scheme));
	else if (is_credential(name) || is_secret_name(name))
		buf_add_z(out, "***");
	else
		add_plain(out, value);
}

void preview_value(struct buf *out, struct str name, struct str value,
		   const struct token_request *r)
{
	size_t n = out->n;

	if (str_eq(name, STR("code_challenge"))) {
		buf_add_z(out, "(new for each login)");
	} else if (is_signed(r, value)) {
		buf_add_z(out, "(new for each request)");
	} else if (!add_decoded(out, value, 0)) {
		buf_cut(out, n);
		add_hidden(out, name, value, r);
	}
}

/* --- blocks --- */

static void add_row(struct preview_rows *rows, char *name, char *value)
{
	rows->v = mem_resize(rows->v, (rows->n + 1) * sizeof(*rows->v));
	rows->v[rows->n++] = (struct preview_row){ name, value };
}

/* What differs in each assertion. */
static bool is_new(struct str name)
{
	static const char *const names[] = { "iat", "nbf", "exp", "jti" };

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		if (str_eq_z(name, names[i]))
			return true;
	}
	return false;
}

/* What is signed is not what is secret of it. */
static void add_part(struct preview_rows *rows, const char *called,
		     struct str part)
{
	struct buf text = BUF_INIT(LIMIT_PREVIEW);
	struct buf line = BUF_INIT(LIMIT_PREVIEW);
	struct json *j = part_of(part);

	for (size_t i = 0; i < json_count(j); i++) {
		struct str name = json_name(j, i);

		buf_reset(&text);
		buf_reset(&line);
		if (is_new(name))
			buf_add_z(&text, "(new for each request)");
		else
			json_print(json_at(j, i), &text);
		buf_addf(&line, "  %s %.*s: ", called, STR_ARGS(name));
		preview_value(&line, name, buf_str(&text), NULL);
		preview_note(rows, buf_z(&line));
	}
	json_free(&j);
	buf_fini(&text);
	buf_fini(&line);
}

/* One that was signed for the request. */
static void add_assertion(struct preview_rows *rows, struct str value)
{
	size_t first = str_find(value, '.');
	struct str rest = str_from(value, first + 1);

	add_part(rows, "header", str_sub(value, 0, first));
	add_part(rows, "claim", str_sub(rest, 0, str_find(rest, '.')));
}

void preview_row(struct preview_rows *rows, struct str name, struct str value,
		 const struct token_request *r)
{
	struct buf called = BUF_INIT(LIMIT_PREVIEW);
	struct buf shown = BUF_INIT(LIMIT_PREVIEW);

	add_decoded(&called, name, 0);
	preview_value(&shown, name, value, r);
	add_row(rows, buf_take(&called), buf_take(&shown));
	if (is_signed(r, value))
		add_assertion(rows, value);
	buf_fini(&called);
	buf_fini(&shown);
}

void preview_note(struct preview_rows *rows, const char *text)
{
	add_row(rows, NULL, mem_strdup(text));
}

void preview_form(struct preview_rows *rows, struct str form,
		  const struct token_request *r)
{
	struct buf name = BUF_INIT(LIMIT_PREVIEW);
	struct buf value = BUF_INIT(LIMIT_PREVIEW);

	while (form_next(&form, &name, &value))
		preview_row(rows, buf_str(&name), buf_str(&value), r);
	buf_fini(&name);
	buf_fini(&value);
}

void preview_json(struct preview_rows *rows, struct str text,
		  const struct token_request *r)
{
	struct json *j = json_parse(text, NULL);

	for (size_t i = 0; i < json_count(j); i++) {
		const struct json *m = json_at(j, i);
		struct buf b = BUF_INIT(LIMIT_PREVIEW);

		if (json_is(m, JSON_STRING))
			buf_add_str(&b, json_text(m));
		else
			json_print(m, &b);
		preview_row(rows, json_name(j, i), buf_str(&b), r);
		buf_fini(&b);
	}
	json_free(&j);
}

/* How wide the column of names is: nearly all of them fit. */
static int width_of(const struct preview_rows *rows)
{
	enum { WIDTH_MAX = 32 };
	size_t width = 0;

	for (size_t i = 0; i < rows->n; i++) {
		size_t n = str_z(rows->v[i].name).n;

		if (n > width && n <= WIDTH_MAX)
			width = n;
	}
	return (int)width;
}

void preview_block(struct buf *out, const char *title,
		   struct preview_rows *rows)
{
	int width = width_of(rows);

	if (rows->n > 0 && title)
		buf_addf(out, "    %s\n", title);
	for (size_t i = 0; i < rows->n; i++) {
		const struct preview_row *row = &rows->v[i];

		if (row->name)
			buf_addf(out, "      %-*s = %s\n", width, row->name,
				 row->value);
		else
			buf_addf(out, "      %s\n", row->value);
		mem_free(row->name);
		mem_free(row->value);
	}
	mem_free(rows->v);
	*rows = (struct preview_rows){ NULL, 0 };
}

/* --- lines --- */

void preview_heading(struct buf *out, const char *text)
{
	buf_addf(out, "\n  %s\n", text);
}

void preview_line(struct buf *out, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	buf_add_z(out, "    ");
	buf_addv(out, fmt, ap);
	buf_add_char(out, '\n');
	va_end(ap);
}

void preview_hook(struct buf *out, const struct service *s,
		  enum hook_function function)
{
	if (hook_has(s->hook, function))
		preview_line(out, "(then %s of the hook changes it)",
			     hook_function_name(function));
}

void preview_fields(struct buf *out, const struct fields *fields,
		    const struct token_request *r)
{
	for (size_t i = 0; i < fields->n; i++) {
		const struct field *f = &fields->v[i];

		buf_addf(out, "    %.*s: ", STR_ARGS(f->name));
		preview_value(out, f->name, f->value, r);
		buf_add_char(out, '\n');
	}
}
