/* SPDX-License-Identifier: MIT */
/* Parses the challenges by which an upstream or an authorization server refuses
 * a credential. Several may stand in one field, parted by the same commas as
 * their parameters. */
#include "http/challenge.h"

static bool is_space(char c)
{
	return c == ' ' || c == '\t';
}

static bool is_gap(char c)
{
	return is_space(c) || c == ',';
}

/* RFC 9110 §11.2, without the "=" at its end. */
static bool is_token68_char(char c)
{
	return char_is_alpha(c) || char_is_digit(c) || c == '-' || c == '.' ||
	       c == '_' || c == '~' || c == '+' || c == '/';
}

static bool is_equals(char c)
{
	return c == '=';
}

/* Wider than the grammar's token: URLs stand there without quotes. */
static bool is_bare(char c)
{
	return !is_gap(c) && c != '"';
}

/* Takes a quoted string (RFC 9110 §5.6.4); value is what stands between the
 * quotes, escapes and all. */
static bool take_quoted(struct cursor *c, struct str *value)
{
	if (!cursor_skip(c, '"'))
		return false;
	value->p = c->p;
	while (!cursor_done(c) && *c->p != '"') {
		if (*c->p++ == '\\' && !cursor_done(c))
			c->p++;
	}
	value->n = (size_t)(c->p - value->p);
	return cursor_skip(c, '"');
}

struct param {
	struct str name, value;
	bool quoted;
};

/* Takes name=value; false, with the cursor where it was, where none comes. */
static bool take_param(struct cursor *c, struct param *param)
{
	struct cursor at = *c;

	cursor_while(&at, is_gap);
	param->name = cursor_while(&at, char_is_token);
	cursor_while(&at, is_space);
	if (param->name.n == 0 || !cursor_skip(&at, '='))
		return false;
	cursor_while(&at, is_space);
	param->quoted = cursor_peek(&at) == '"';
	if (param->quoted) {
		if (!take_quoted(&at, &param->value))
			return false;
	} else {
		param->value = cursor_while(&at, is_bare);
		if (param->value.n == 0)
			return false;
	}
	*c = at;
	return true;
}

/* Takes a token68 that stands alone up to a comma or the end. */
static bool take_token68(struct cursor *c)
{
	struct cursor at = *c;

	if (cursor_while(&at, is_token68_char).n == 0)
		return false;
	cursor_while(&at, is_equals);

	struct cursor end = at;

	cursor_while(&at, is_space);
	if (!cursor_done(&at) && cursor_peek(&at) != ',')
		return false;
	*c = end;
	return true;
}

bool challenge_next(struct str *rest, struct str *scheme, struct str *params)
{
	struct cursor c = cursor_of(*rest);
	struct param param;

	cursor_while(&c, is_gap);
	*scheme = cursor_while(&c, char_is_token);
	*params = str_sub(cursor_rest(&c), 0, 0);
	if (scheme->n == 0)
		return false;
	if (!cursor_done(&c) && !is_gap(*c.p))
		return false;
	if (cursor_while(&c, is_space).n > 0 && !cursor_done(&c)) {
		if (*c.p == '=')
			return false;

		const char *start = c.p;

		if (!take_token68(&c)) {
			while (take_param(&c, &param))
				continue;
		}
		*params = (struct str){ start, (size_t)(c.p - start) };
	}
	*rest = cursor_rest(&c);
	return true;
}

static void unquote(struct buf *out, const struct param *param)
{
	struct str s = param->value;

	for (size_t i = 0; i < s.n; i++) {
		if (param->quoted && s.p[i] == '\\' && i + 1 < s.n)
			i++;
		buf_add_char(out, s.p[i]);
	}
}

bool challenge_param(struct str params, struct str name, struct buf *out)
{
	struct cursor c = cursor_of(params);
	struct param param;

	buf_reset(out);
	while (take_param(&c, &param)) {
		if (!str_eq_nocase(param.name, name))
			continue;
		unquote(out, &param);
		return buf_ok(out);
	}
	return false;
}
