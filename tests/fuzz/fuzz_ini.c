/* SPDX-License-Identifier: MIT */
/* The lines of a configuration. What the reader says of a line is compared
 * with the line itself: inih must bend nothing on the way. */
#include "base/limits.h"
#include "config/ini.h"

#include <string.h>

#include "fuzz.h"

struct seen {
	struct str text;
	int line;         /* the last one of which something was said */
	size_t entries;
};

/* Line n (from 1) without its end. */
static struct str line_of(struct str text, int n)
{
	struct str line = { NULL, 0 };

	while (n-- > 0)
		line = fuzz_part(&text, '\n');
	if (str_ends(line, STR("\r")))
		line.n--;
	return line;
}

static void at(struct seen *s, int line)
{
	ASSERT(line >= s->line && line > 0);
	s->line = line;
}

static void on_section(void *arg, int line, struct str kind, struct str name)
{
	struct seen *s = arg;
	struct str written;

	at(s, line);
	written = line_of(s->text, line);
	ASSERT(written.n && written.p[0] == '[');
	fuzz_inside(kind, s->text);
	fuzz_inside(name, s->text);
	ASSERT(str_find(kind, ' ') == kind.n && str_find(kind, ']') == kind.n);
}

static void on_entry(void *arg, int line, struct str key, struct str value)
{
	struct seen *s = arg;
	struct str written, rest;

	ASSERT(line > s->line);
	at(s, line);
	s->entries++;
	written = line_of(s->text, line);
	ASSERT(key.n > 0 && key.n <= LIMIT_CONFIG_KEY &&
	       value.n <= LIMIT_CONFIG_VALUE);
	ASSERT(str_starts(written, key));
	rest = str_trim(str_from(written, key.n));
	ASSERT(rest.n && rest.p[0] == '=');
	ASSERT(str_eq(str_trim(str_from(rest, 1)), value));
}

static void on_mistake(void *arg, int line, const char *what)
{
	at(arg, line);
	ASSERT(*what);
}

/* How many lines there are that look like an entry without a mistake. */
static size_t plain_entries(struct str text)
{
	size_t n = 0;

	while (text.n) {
		struct str line = fuzz_part(&text, '\n');
		size_t i = 0;

		while (i < line.n && (char_is_alpha(line.p[i]) ||
				      char_is_digit(line.p[i])))
			i++;
		if (i == 0 || i > LIMIT_CONFIG_KEY || i == line.n ||
		    line.p[i] != '=' || line.n - i > LIMIT_CONFIG_VALUE)
			continue;
		while (i < line.n && ((unsigned char)line.p[i] >= ' ' ||
				      line.p[i] == '\t') &&
		       line.p[i] != 0x7f)
			i++;
		n += i == line.n;
	}
	return n;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const struct ini_events events = {
		on_section, on_entry, on_mistake
	};
	struct seen s = { .text = fuzz_text(data, size) };

	ini_read(s.text, &events, &s);
	ASSERT(s.entries >= plain_entries(s.text));
	return 0;
}
