/* SPDX-License-Identifier: MIT */
/* Takes the directives of Cache-Control one by one; what stands in a quoted
 * string is no directive, also behind a comma. */
#include "http/cache_control.h"

static bool is_space(char c)
{
	return c == ' ' || c == '\t';
}

static bool is_gap(char c)
{
	return is_space(c) || c == ',';
}

/* To the comma behind a directive, or the end. */
static void skip_value(struct cursor *c)
{
	bool quoted = false;

	for (; !cursor_done(c) && (quoted || *c->p != ','); c->p++) {
		if (*c->p == '"')
			quoted = !quoted;
		else if (quoted && *c->p == '\\' && c->end - c->p > 1)
			c->p++;
	}
}

static bool says_who(struct str value)
{
	struct cursor c = cursor_of(value);

	for (cursor_while(&c, is_gap); !cursor_done(&c);
	     cursor_while(&c, is_gap)) {
		struct str name = cursor_while(&c, char_is_token);
		bool has_value;

		cursor_while(&c, is_space); /* not the grammar's, but seen */
		has_value = cursor_peek(&c) == '=';
		skip_value(&c);
		if (has_value ? str_eq_nocase(name, STR("s-maxage")) :
				str_eq_nocase(name, STR("public")) ||
				str_eq_nocase(name, STR("private")) ||
				str_eq_nocase(name, STR("no-store")))
			return true;
	}
	return false;
}

bool cache_control_says_who(const struct fields *answer)
{
	for (size_t i = 0; i < answer->n; i++) {
		const struct field *f = &answer->v[i];

		if (str_eq_nocase(f->name, STR("Cache-Control")) &&
		    says_who(f->value))
			return true;
	}
	return false;
}
