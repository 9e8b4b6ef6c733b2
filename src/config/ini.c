/* SPDX-License-Identifier: MIT */
/* Reads the lines of an INI text, and hands them to inih so that it cannot
 * misread them. inih splits lines over 200 octets, cuts values at " ;", takes
 * ":" for "=" and indented lines for continuations, and tells its handler no
 * line number. So it gets its lines from here: each is checked first, and one
 * with a value goes to inih as one or more lines "key = <piece>". The handler
 * joins the pieces. Sections are told apart here, since inih says nothing of
 * one that is empty. */
#include "config/ini.h"

#include <ini.h>
#include <stdbool.h>
#include <string.h>

#include "base/assert.h"
#include "base/buf.h"
#include "base/limits.h"

/* Stands at both ends of a piece, so that its white space and its comment
 * characters are inside of it. No line that holds one gets this far. */
enum { GUARD = 1 };

struct ini {
	struct str rest;      /* of the text */
	int line;             /* the last one taken off it */
	struct str key, left; /* what of its value inih has not had yet */
	bool open;            /* an entry is under way */
	struct buf name, value;
	const struct ini_events *events;
	void *arg;
};

static bool is_space(char c)
{
	return c == ' ' || c == '\t';
}

static bool is_key(struct str s)
{
	for (size_t i = 0; i < s.n; i++)
		if (!char_is_token(s.p[i]) && s.p[i] != '/')
			return false;
	return s.n > 0;
}

/* Why the octets of this line cannot be taken, or NULL. */
static const char *octets_mistake(struct str line)
{
	for (size_t i = 0; i < line.n; i++) {
		unsigned char c = (unsigned char)line.p[i];

		if (c == 0)
			return "a NUL octet: this is not text";
		if ((c < ' ' && c != '\t') || c == 0x7f)
			return "a control character";
	}
	return NULL;
}

LIMIT_SAID(CONFIG_KEY, 128);
LIMIT_SAID(CONFIG_VALUE, 8192);

static const char *entry_mistake(struct str key, struct str value,
				 bool has_equals)
{
	if (str_find(key, ':') < key.n)
		return "\":\" does not separate: write KEY = VALUE";
	if (!has_equals)
		return "neither a [section], nor KEY = VALUE, nor a comment "
		       "(after \";\" or \"#\")";
	if (!key.n)
		return "no key in front of \"=\"";
	if (!is_key(key))
		return "what stands in front of \"=\" is not a key";
	if (key.n > LIMIT_CONFIG_KEY)
		return "the key is longer than 128 octets";
	if (value.n > LIMIT_CONFIG_VALUE)
		return "the value is longer than 8192 octets";
	return NULL;
}

static void take_section(struct ini *ini, struct str line)
{
	const struct ini_events *ev = ini->events;
	struct str inner = str_from(line, 1), kind;
	size_t close = str_find(inner, ']'), n = 0;

	if (close == inner.n)
		ev->mistake(ini->arg, ini->line,
			    "the section's \"]\" is missing");
	else if (close + 1 < inner.n)
		ev->mistake(ini->arg, ini->line,
			    "something behind the section's \"]\"; comments "
			    "have lines of their own");
	inner = str_trim(str_sub(inner, 0, close));
	while (n < inner.n && !is_space(inner.p[n]))
		n++;
	kind = str_sub(inner, 0, n);
	ev->section(ini->arg, ini->line, kind, str_trim(str_from(inner, n)));
}

/* Sets key and left; false where it was a mistake. */
static bool take_entry(struct ini *ini, struct str line)
{
	size_t at = str_find(line, '=');
	struct str key = str_trim(str_sub(line, 0, at));
	struct str value = str_trim(str_from(line, at + 1));
	const char *what = entry_mistake(key, value, at < line.n);

	if (what) {
		ini->events->mistake(ini->arg, ini->line, what);
		return false;
	}
	ini->key = key;
	ini->left = value;
	return true;
}

static struct str next_line(struct ini *ini)
{
	size_t n = str_find(ini->rest, '\n');
	struct str line = str_sub(ini->rest, 0, n);

	ini->rest = str_from(ini->rest, n + 1);
	ini->line++;
	if (line.n && line.p[line.n - 1] == '\r')
		line.n--;
	return line;
}

/* Goes on to the next entry; false at the end of the text. */
static bool next_entry(struct ini *ini)
{
	while (ini->rest.n) {
		struct str line = next_line(ini), text = str_trim(line);
		const char *what = octets_mistake(line);

		if (what)
			ini->events->mistake(ini->arg, ini->line, what);
		else if (!text.n || *text.p == ';' || *text.p == '#')
			continue;
		else if (text.p != line.p)
			ini->events->mistake(ini->arg, ini->line,
				"an indented line: values do not continue on "
				"the next line, and keys begin in the first "
				"column");
		else if (*line.p == '[')
			take_section(ini, text);
		else if (take_entry(ini, text))
			return true;
	}
	return false;
}

static void finish_entry(struct ini *ini)
{
	if (!ini->open)
		return;
	ini->open = false;
	ASSERT(buf_ok(&ini->name) && buf_ok(&ini->value));
	ini->events->entry(ini->arg, ini->line, buf_str(&ini->name),
			   buf_str(&ini->value));
	buf_reset(&ini->name);
	buf_reset(&ini->value);
}

/* How much of s goes in one piece of at most room octets: not beyond a white
 * space with a comment's character behind it. */
static size_t piece_length(struct str s, size_t room)
{
	size_t n = s.n < room ? s.n : room;

	for (size_t i = 1; i < n; i++)
		if (is_space(s.p[i - 1]) && strchr(";#", s.p[i]))
			return i;
	return n;
}

static char *put(char *to, const char *p, size_t n)
{
	if (n)
		memcpy(to, p, n);
	return to + n;
}

/* inih's fgets: the next line for it, num octets with its NUL at the most. */
static char *read_line(char *line, int num, void *stream)
{
	struct ini *ini = stream;
	char *p = line;
	size_t n;

	if (!ini->open || !ini->left.n) {
		finish_entry(ini);
		if (!next_entry(ini))
			return NULL;
	}
	/* " =", two guards, newline, NUL */
	ASSERT(num > 0 && (size_t)num > ini->key.n + 6);
	n = piece_length(ini->left, (size_t)num - ini->key.n - 6);
	p = put(p, ini->key.p, ini->key.n);
	p = put(p, (char[]){ ' ', '=', GUARD }, 3);
	p = put(p, ini->left.p, n);
	put(p, (char[]){ GUARD, '\n', '\0' }, 3);
	ini->left = str_from(ini->left, n);
	return line;
}

static int join(void *user, const char *section ATTR_UNUSED, const char *name,
		const char *value)
{
	struct ini *ini = user;
	struct str piece = str_z(value);

	ASSERT(piece.n >= 2 && piece.p[0] == GUARD &&
	       piece.p[piece.n - 1] == GUARD);
	if (!ini->open)
		buf_add_z(&ini->name, name);
	ini->open = true;
	buf_add_str(&ini->value, str_sub(piece, 1, piece.n - 2));
	return 1;
}

void ini_read(struct str text, const struct ini_events *events, void *arg)
{
	struct ini ini = { .rest = text, .events = events, .arg = arg };

	buf_init(&ini.name, LIMIT_CONFIG_KEY);
	buf_init_secret(&ini.value, LIMIT_CONFIG_VALUE);
	ASSERT(ini_parse_stream(read_line, &ini, join, &ini) == 0);
	buf_fini(&ini.name);
	buf_fini(&ini.value);
}

void ini_library(struct buf *out)
{
	buf_add_z(out, "inih/" INIH_VERSION);
}
