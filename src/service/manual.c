/* SPDX-License-Identifier: MIT */
/* Writes the parts of the manual that are made from the tables of keys and of
 * limits. */
#include "service/manual.h"

#include <string.h>

#include "base/limits.h"
#include "service/keys.h"
#include "service/service.h"

enum { LINE_MAX_OCTETS = 76 };

static void add_escaped(struct buf *out, struct str s)
{
	for (size_t i = 0; i < s.n; i++) {
		if (s.p[i] == '\\')
			buf_add_z(out, "\\e");
		else
			buf_add_char(out, s.p[i]);
	}
}

/* A sentence ends its line, for mdoc spaces it by that. */
static bool ends_sentence(struct str word)
{
	return str_ends(word, STR(".")) || str_ends(word, STR(".)"));
}

/* Running text, wrapped; what looks like a macro is escaped. */
static void add_text(struct buf *out, struct str text)
{
	size_t column = 0;
	struct str word;

	while (str_next_word(&text, &word)) {
		if (column && column + 1 + word.n > LINE_MAX_OCTETS) {
			buf_add_char(out, '\n');
			column = 0;
		}
		if (column)
			buf_add_char(out, ' ');
		else if (*word.p == '.' || *word.p == '\'')
			buf_add_z(out, "\\&");
		add_escaped(out, word);
		column += word.n + 1;
		if (ends_sentence(word)) {
			buf_add_char(out, '\n');
			column = 0;
		}
	}
	if (column)
		buf_add_char(out, '\n');
}

static void add_words(struct buf *out, const char *words)
{
	struct str rest = str_z(words), word;
	bool first = true;

	buf_add_z(out, "One of");
	while (str_next_word(&rest, &word)) {
		buf_addf(out, "%s\n.Cm %.*s", first ? "" : " ,",
			 STR_ARGS(word));
		first = false;
	}
	buf_add_z(out, " .\n");
}

static void add_key(struct buf *out, const struct config_key *key)
{
	buf_addf(out, ".It Ic %s No = Ar %s\n", key->name, key->type->name);
	add_text(out, str_z(key->text));
	if (key->words && strchr(key->words, ' '))
		add_words(out, key->words);
	if (key->fallback)
		buf_addf(out, "Default:\n.Ql %s .\n", key->fallback);
	if (key->flags & CONFIG_REPEAT)
		buf_add_z(out, "May be repeated.\n");
	if (key->flags & CONFIG_SECRET && key->type->live)
		buf_addf(out, "Also as\n.Ic %s_file ,\n.Ic %s_env\nand\n"
			 ".Ic %s_command .\n", key->name, key->name,
			 key->name);
	else if (key->flags & CONFIG_SECRET)
		buf_addf(out, "Also as\n.Ic %s_file\nand\n.Ic %s_env .\n",
			 key->name, key->name);
	if (key->flags & CONFIG_RESTART)
		buf_add_z(out, "A change takes effect at the next start.\n");
}

void service_manual_write(struct buf *out)
{
	const struct config_table *const *tables = service_tables();

	for (; *tables; tables++) {
		const struct config_table *t = *tables;

		buf_addf(out, ".Ss [%s%s] %s\n.Bl -tag -width Ds\n",
			 t->section,
			 strcmp(t->section, "proxy") != 0 ? " NAME" : "",
			 t->title);
		for (size_t i = 0; i < t->nkeys; i++)
			add_key(out, &t->keys[i]);
		buf_add_z(out, ".El\n");
	}
}

/* --- bounds --- */

struct key_limit {
	const char *key, *at;
};

/* A row, or the title of those that follow: without a unit. */
struct limit_row {
	long number;
	const char *unit, *what, *at;
};

/* clang-format off */
#define KEY_ROW(key, at) { #key, at },
#define LIMIT_ROW(name, number, unit, what, at) { number, unit, what, at },
#define LIMIT_TITLE(title, rows) { 0, NULL, title, NULL }, rows(LIMIT_ROW)
static const struct key_limit key_limits[] = { LIMITS_KEYS(KEY_ROW) };
static const struct limit_row limits[] = {
	LIMITS_GROUPS(LIMIT_TITLE)
};
/* clang-format on */

static const struct config_key *find_key(const char *name)
{
	const struct config_table *const *t = service_tables();

	for (; *t; t++)
		for (size_t i = 0; i < (*t)->nkeys; i++)
			if (strcmp((*t)->keys[i].name, name) == 0)
				return &(*t)->keys[i];
	return NULL;
}

static void add_key_limit(struct buf *out, const struct key_limit *l)
{
	const struct config_key *key = find_key(l->key);

	buf_addf(out, ".It Ic %s : %s\n", l->key,
		 key && key->fallback ? key->fallback : "unlimited");
	add_text(out, str_z(l->at));
}

/* In the largest unit that it is a whole number of; 60 s are no "1 min". */
static void add_number(struct buf *out, const struct limit_row *l)
{
	static const struct {
		const char *from;
		long n;
		const char *to;
	} units[] = {
		{ "octets", LIMIT_MIB, "MiB" },	{ "octets", LIMIT_KIB, "KiB" },
		{ "ms", 1000, "s" },		{ "s", 60, "min" },
		{ "min", 60, "h" },		{ "h", 24, "days" },
	};
	const char *unit = l->unit;
	long n = l->number;

	for (size_t i = 0; i < sizeof(units) / sizeof(*units); i++) {
		bool is_one = i > 2 && n == units[i].n;

		if (strcmp(unit, units[i].from) != 0 || is_one ||
		    n % units[i].n != 0)
			continue;
		n /= units[i].n;
		unit = units[i].to;
	}
	buf_addf(out, "%ld", n);
	if (!str_starts(str_z(l->what), str_z(unit)))
		buf_addf(out, " %s", unit);
}

void service_manual_limits(struct buf *out)
{
	buf_add_z(out, ".Ss Those that a key sets\n.Bl -tag -width Ds\n");
	for (size_t i = 0; i < sizeof(key_limits) / sizeof(*key_limits); i++)
		add_key_limit(out, &key_limits[i]);
	for (size_t i = 0; i < sizeof(limits) / sizeof(*limits); i++) {
		if (!limits[i].unit) {
			buf_addf(out, ".El\n.Ss %s\n.Bl -tag -width Ds\n",
				 limits[i].what);
			continue;
		}
		buf_addf(out, ".It %s : ", limits[i].what);
		add_number(out, &limits[i]);
		buf_add_char(out, '\n');
		add_text(out, str_z(limits[i].at));
	}
	buf_add_z(out, ".El\n");
}
