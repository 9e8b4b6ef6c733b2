/* SPDX-License-Identifier: MIT */
/* What of a hook's error is told: fixed words, and where they stand in the
 * file. All else in an error may be a hook's secret: what it raises, the name
 * that it gives a type, each word of a text that it loads. So the words of Lua
 * are looked for in a list and told from there; a name is told where it is code
 * of the line that failed; what a hook raises, where it is a literal of that
 * line. Line numbers come from Lua's account of its calls, never from words. */
#include "base/limits.h"
#include "oauth/hook/int.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "oauth/token/reply.h"

/* A "$" and a letter stand for a part:
 * t  a type; one that is none of Lua's own becomes "?"
 * v  nothing, or " (local 'name')"; nothing where the name is not told
 * q  'name', or '?'
 * n  a digit, or "?"
 * l  a line of the file, or a limit of Lua's
 * o  what was to be done with text that is no number
 * k  one of Lua's own words or signs, in quotes; <eof>, <name> and the like
 * e  words of ours, or of details */

/* clang-format off */

/* Of running. */
static const char *const running[] = {
	"attempt to call a $t value$v",
	"attempt to index a $t value$v",
	"attempt to concatenate a $t value$v",
	"attempt to get length of a $t value$v",
	"attempt to perform arithmetic on a $t value$v",
	"attempt to perform bitwise operation on a $t value$v",
	"attempt to $o a '$t' with a '$t'",
	"attempt to compare two $t values",
	"attempt to compare $t with $t",
	"attempt to divide by zero",
	"attempt to perform 'n//0'",
	"attempt to perform 'n%%0'",
	"number$v has no integer representation",
	"'for' initial value must be a number",
	"'for' limit must be a number",
	"'for' step must be a number",
	"'for' step is zero",
	"bad 'for' initial value (number expected, got $t)",
	"bad 'for' limit (number expected, got $t)",
	"bad 'for' step (number expected, got $t)",
	"bad argument #$n to $q ($e)",
	"bad argument #$n ($e)",
	"calling $q on bad self ($e)",
	"variable $q got a non-closable value",
	"C stack overflow",
	"stack overflow",
	"stack overflow (too many results to unpack)",
	"error in error handling",
	"string length overflow",
	"table overflow",
	"table index is nil",
	"table index is NaN",
	"invalid key to 'next'",
	"object length is not an integer",
	"'__tostring' must return a string",
	"'__index' chain too long; possible loop",
	"'__index' chain too long; possibly a loop",
	"'__newindex' chain too long; possible loop",
	"'__newindex' chain too long; possibly a loop",
	"cannot change a protected metatable",
	"wrong number of arguments to 'insert'",
	"invalid value ($t) at index $n in table for 'concat'",
	"invalid order function for sorting",
	"too many results to unpack",
	"resulting string too large",
	"string slice too long",
	"value has no literal form",
	"invalid UTF-8 code",
	"initial position is a continuation byte",
	"variable-length format",
	"variable-size format in packsize",
	"missing size for format option 'c'",
};

/* In the brackets of "bad argument". */
static const char *const details[] = {
	"$t expected, got $t",
	"value expected",
	"value out of range",
	"index out of range",
	"base out of range",
	"position out of bounds",
	"out of bounds",
	"initial position out of bounds",
	"final position out of bounds",
	"initial position out of string",
	"number has no integer representation",
	"interval is empty",
	"interval too large",
	"zero",
	"too many elements to move",
	"destination wrap around",
	"array too big",
	"data string too short",
	"string contains zeros",
	"string longer than given size",
	"string length does not fit in given size",
	"integer overflow",
	"unsigned overflow",
	"unfinished string for format 'z'",
	"format result too large",
	"format asks for alignment not power of 2",
	"invalid next option for option 'X'",
	"value has no literal form",
};

/* Of compiling the file. */
static const char *const compiling[] = {
	"unexpected symbol",
	"syntax error",
	"$k expected",
	"$k expected (to close $k at line $l)",
	"'=' or 'in' expected",
	"<name> or '...' expected",
	"function arguments expected",
	"cannot use '...' outside a vararg function",
	"unfinished string",
	"unfinished long string (starting at line $l)",
	"unfinished long comment (starting at line $l)",
	"invalid long string delimiter",
	"malformed number",
	"hexadecimal digit expected",
	"invalid escape sequence",
	"decimal escape too large",
	"UTF-8 value too large",
	"missing '{'",
	"missing '}'",
	"lexical element too long",
	"chunk has too many lines",
	"control structure too long",
	"function or expression needs too many registers",
	"too many local variables (limit is $l) in main function",
	"too many local variables (limit is $l) in function at line $l",
	"too many upvalues (limit is $l) in main function",
	"too many upvalues (limit is $l) in function at line $l",
	"too many C levels (limit is $l)",
	"too many C levels (limit is $l) in main function",
	"too many C levels (limit is $l) in function at line $l",
	"C stack overflow",
	"attempt to assign to const variable $q",
	"unknown attribute $q",
	"multiple to-be-closed variables in local list",
	"label $q already defined on line $l",
	"no visible label $q for <goto> at line $l",
	"no visible label $q for goto at line $l",
	"break outside loop at line $l",
	"break outside a loop at line $l",
	"attempt to load a binary chunk (mode is 't')",
};

/* Longer ones first, where one begins with another. */
static const char *const types[] = {
	"nil or table", "nil", "boolean", "number", "string, function or table",
	"string", "table or string", "table", "function", "light userdata",
	"userdata", "thread", "no value",
};

static const char *const operations[] = {
	"add", "sub", "mul", "div", "idiv", "mod", "pow", "unm",
};

static const char *const kinds[] = {
	"local", "upvalue", "global", "field", "method", "constant",
};

static const char *const tokens[] = {
	"<eof>", "<name>", "<string>", "<number>", "<integer>",
	"'and'", "'break'", "'do'", "'else'", "'elseif'", "'end'", "'false'",
	"'for'", "'function'", "'goto'", "'if'", "'in'", "'local'", "'nil'",
	"'not'", "'or'", "'repeat'", "'return'", "'then'", "'true'", "'until'",
	"'while'", "'+'", "'-'", "'*'", "'/'", "'%'", "'^'", "'#'", "'&'",
	"'~'", "'|'", "'<<'", "'>>'", "'//'", "'=='", "'~='", "'<='", "'>='",
	"'<'", "'>'", "'='", "'('", "')'", "'{'", "'}'", "'['", "']'", "'::'",
	"';'", "':'", "','", "'.'", "'..'", "'...'",
};

/* clang-format on */

#define ROWS(table) (table), sizeof(table) / sizeof((table)[0])

/* --- what stands in the file --- */

static struct str line_of(const struct hook *h, int line)
{
	struct str rest = buf_str(&h->text);

	for (int i = 1; i < line; i++)
		rest = str_from(rest, str_find(rest, '\n') + 1);
	return line > 0 ? str_sub(rest, 0, str_find(rest, '\n')) : STR("");
}

static bool is_name_char(char c)
{
	return char_is_alpha(c) || char_is_digit(c) || c == '_';
}

/* Goes through a line's code: all but what is within quotes, up to a comment
 * or a literal in brackets. */
struct code {
	struct str line;
	size_t at; /* behind the octet that was given last */
	char quote;
};

static bool next_octet(struct code *c)
{
	while (c->at < c->line.n) {
		struct str rest = str_from(c->line, c->at++);

		if (c->quote) {
			c->at += *rest.p == '\\';
			c->quote = *rest.p == c->quote ? '\0' : c->quote;
			continue;
		}
		if (*rest.p == '"' || *rest.p == '\'')
			c->quote = *rest.p;
		return !str_starts(rest, STR("--")) &&
		       !str_starts(rest, STR("[[")) &&
		       !str_starts(rest, STR("[="));
	}
	return false;
}

static bool is_at(struct str line, size_t at, struct str name)
{
	return str_starts(str_from(line, at), name) &&
	       (at == 0 || !is_name_char(line.p[at - 1])) &&
	       (at + name.n == line.n || !is_name_char(line.p[at + name.n]));
}

static bool has_name(struct str line, struct str name)
{
	struct cursor c = cursor_of(name);
	struct code code = { line, 0, '\0' };

	if (name.n == 0 || cursor_while(&c, is_name_char).n < name.n)
		return false;
	while (next_octet(&code)) {
		if (is_at(line, code.at - 1, name))
			return true;
	}
	return false;
}

bool hook_line_has(const struct hook *h, int line, struct str name)
{
	return has_name(line_of(h, line), name);
}

/* Whether what stands before a literal hands it to error or assert. */
static bool raises(struct str before)
{
	before = str_trim(before);
	if (str_ends(before, STR(",")))
		return has_name(before, STR("error")) ||
		       has_name(before, STR("assert"));
	if (str_ends(before, STR("(")))
		before = str_trim(str_sub(before, 0, before.n - 1));
	return str_ends(before, STR("error"));
}

static bool has_literal(struct str line, struct str words)
{
	struct code code = { line, 0, '\0' };

	while (next_octet(&code)) {
		struct str rest = str_from(line, code.at);

		if (code.quote && str_starts(rest, words) && words.n < rest.n &&
		    rest.p[words.n] == code.quote &&
		    raises(str_sub(line, 0, code.at - 1)))
			return true;
	}
	return false;
}

/* --- Lua's words --- */

/* Words that are fitted into a template, and what is told of them. */
struct telling {
	struct str rest;
	struct str line; /* that failed */
	struct str own;	 /* words of ours */
	struct buf *out;
};

static bool skip_one(struct telling *t, const char *const *rows, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		if (!str_starts(t->rest, str_z(rows[i])))
			continue;
		t->rest = str_from(t->rest, str_z(rows[i]).n);
		buf_add_z(t->out, rows[i]);
		return true;
	}
	return false;
}

/* Up to what follows in the template. */
static bool skip_type(struct telling *t, struct str behind)
{
	struct telling known = *t;
	size_t n;

	behind = str_sub(behind, 0, str_find(behind, '$'));
	if (skip_one(&known, ROWS(types)) && str_starts(known.rest, behind)) {
		*t = known;
		return true;
	}
	n = behind.n > 0 ? str_find_str(t->rest, behind) : t->rest.n;
	t->rest = str_from(t->rest, n);
	buf_add_char(t->out, '?');
	return true;
}

static bool skip_quoted(struct telling *t, struct str *name)
{
	struct cursor c = cursor_of(t->rest);

	if (!cursor_skip(&c, '\''))
		return false;
	*name = cursor_until(&c, '\'');
	if (!cursor_skip(&c, '\''))
		return false;
	t->rest = cursor_rest(&c);
	return true;
}

static bool skip_name(struct telling *t)
{
	struct str name;

	if (!skip_quoted(t, &name))
		return false;
	if (!has_name(t->line, name))
		name = STR("?");
	buf_addf(t->out, "'%.*s'", STR_ARGS(name));
	return true;
}

static bool skip_variable(struct telling *t)
{
	struct telling in = *t;
	size_t before = t->out->n;
	struct str name;

	if (!str_starts(t->rest, STR(" (")))
		return true;
	buf_add_z(t->out, " (");
	in.rest = str_from(in.rest, 2);
	if (!skip_one(&in, ROWS(kinds)) || !str_starts(in.rest, STR(" ")))
		return false;
	in.rest = str_from(in.rest, 1);
	if (!skip_quoted(&in, &name) || !str_starts(in.rest, STR(")")))
		return false;
	t->rest = str_from(in.rest, 1);
	if (has_name(t->line, name))
		buf_addf(t->out, " '%.*s')", STR_ARGS(name));
	else
		buf_cut(t->out, before);
	return true;
}

static bool skip_number(struct telling *t, size_t most)
{
	struct cursor c = cursor_of(t->rest);
	struct str digits = cursor_while(&c, char_is_digit);

	t->rest = cursor_rest(&c);
	buf_add_str(t->out, digits.n > most ? STR("?") : digits);
	return digits.n > 0;
}

static bool fits_one(struct telling *t, const char *const *rows, size_t n);

/* All but the bracket that closes. */
static bool skip_details(struct telling *t)
{
	struct telling in = *t;

	if (!str_ends(t->rest, STR(")")))
		return false;
	in.rest.n--;
	if (in.own.n > 0 && str_eq(in.rest, in.own))
		buf_add_str(t->out, in.own);
	else if (!fits_one(&in, ROWS(details)))
		return false;
	t->rest = str_from(t->rest, t->rest.n - 1);
	return true;
}

/* behind: of the template, behind the letter. */
static bool skip_part(struct telling *t, char letter, struct str behind)
{
	switch (letter) {
	case 't':
		return skip_type(t, behind);
	case 'v':
		return skip_variable(t);
	case 'q':
		return skip_name(t);
	case 'n':
		return skip_number(t, 1);
	case 'l':
		return skip_number(t, 9);
	case 'o':
		return skip_one(t, ROWS(operations));
	case 'k':
		return skip_one(t, ROWS(tokens));
	default:
		return skip_details(t);
	}
}

static bool fits(struct telling *t, struct str template)
{
	struct cursor c = cursor_of(template);

	while (!cursor_done(&c)) {
		struct str literal = cursor_until(&c, '$');

		if (!str_starts(t->rest, literal))
			return false;
		t->rest = str_from(t->rest, literal.n);
		buf_add_str(t->out, literal);
		if (!cursor_skip(&c, '$'))
			break;
		char letter = *c.p++;

		if (!skip_part(t, letter, cursor_rest(&c)))
			return false;
	}
	return t->rest.n == 0;
}

/* The first template that they fit; out is as it was where there is none. */
static bool fits_one(struct telling *t, const char *const *rows, size_t n)
{
	struct str words = t->rest;
	size_t before = t->out->n;

	for (size_t i = 0; i < n; i++) {
		t->rest = words;
		if (fits(t, str_z(rows[i])))
			return true;
		buf_cut(t->out, before);
	}
	return false;
}

/* Without "hook:12: " in front; *line is what stands there, or 0. */
static struct str without_place(struct str words, int *line)
{
	struct str rest = str_from(words, strlen("hook:"));
	size_t colon = str_find(rest, ':');
	uint64_t n;

	*line = 0;
	if ((!str_starts(words, STR("hook:")) &&
	     !str_starts(words, STR("load:"))) ||
	    colon == rest.n || !str_u64(str_sub(rest, 0, colon), INT32_MAX, &n))
		return words;
	*line = (int)n;
	return str_trim(str_from(rest, colon + 1));
}

/* --- telling --- */

int hook_file_line(lua_State *L, int level)
{
	lua_Debug where;

	for (; lua_getstack(L, level, &where); level++) {
		if (lua_getinfo(L, "Sl", &where) && where.currentline > 0 &&
		    strcmp(where.source, HOOK_SOURCE) == 0)
			return where.currentline;
	}
	return 0;
}

/* Of these words all may be told. */
static void set_own(lua_State *L, int line, struct str words)
{
	struct hook_machine *m = hook_machine_of(L);

	buf_reset(&m->own);
	buf_add_str(&m->own, words);
	m->own_line = line;
}

int hook_error(lua_State *L, const char *fmt, ...)
{
	char words[200];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(words, sizeof(words), fmt, ap);
	va_end(ap);
	set_own(L, hook_file_line(L, 0), str_z(words));
	return luaL_error(L, "%s", words);
}

void hook_check_argument(lua_State *L, bool good, int arg, const char *words)
{
	if (good)
		return;
	set_own(L, hook_file_line(L, 0), str_z(words));
	luaL_argerror(L, arg, words);
}

void hook_note_literal(lua_State *L, struct str words, int level)
{
	const struct hook *h = hook_machine_of(L)->hook;

	if (has_literal(line_of(h, hook_file_line(L, 1)), words))
		set_own(L, hook_file_line(L, level > 0 ? level : 1), words);
}

int hook_syntax_error(lua_State *L)
{
	struct hook_machine *m = hook_machine_of(L);
	struct telling t = { .out = &m->own };
	struct str words, near;
	size_t n;

	words.p = lua_tolstring(L, -1, &words.n);
	words = without_place(words, &m->own_line);
	t.line = line_of(m->hook, m->own_line);
	t.rest = str_sub(words, 0, str_find_str(words, STR(" near ")));
	near = str_from(words, t.rest.n);
	buf_reset(&m->own);
	if (!fits_one(&t, ROWS(compiling)))
		buf_add_z(&m->own, "Lua cannot compile it");
	n = m->own.n;
	t.rest = str_from(near, strlen(" near "));
	buf_add_z(&m->own, " near ");
	if (!skip_one(&t, ROWS(tokens)) || t.rest.n > 0)
		buf_cut(&m->own, n);
	lua_pushstring(L, buf_z(&m->own));
	return lua_error(L);
}

/* Words that Lua or a hook has raised. */
static void tell_words(struct hook_machine *m, struct str words, int *line,
		       struct buf *out)
{
	struct telling t = { .out = out };
	int place;

	words = without_place(words, &place);
	if (m->own.n > 0 && str_eq(words, buf_str(&m->own))) {
		*line = m->own_line > 0 ? m->own_line : *line;
		buf_add_str(out, words);
		return;
	}
	t.rest = words;
	t.line = line_of(m->hook, *line);
	t.own = buf_str(&m->own);
	if (!fits_one(&t, ROWS(running)))
		buf_add_z(out, "the words of its error are not shown, for "
			       "they do not stand in its line and may hold a "
			       "secret");
}

void hook_tell(struct hook_machine *m, int rc, int *line, char *out,
	       size_t size)
{
	struct buf told = BUF_INIT(LIMIT_HOOK_WORDS);
	struct str words;

	*line = m->line > 0 ? m->line : m->begins;
	if (m->stop) {
		buf_add_z(&told, m->stop);
	} else if (rc == LUA_ERRMEM) {
		buf_add_z(&told, "it needs too much memory");
	} else if (lua_type(m->L, -1) == LUA_TSTRING) {
		words.p = lua_tolstring(m->L, -1, &words.n);
		tell_words(m, words, line, &told);
	} else {
		buf_add_z(&told, "the error that it raises is not text");
	}
	reply_words(out, size, buf_str(&told));
	buf_fini(&told);
}
