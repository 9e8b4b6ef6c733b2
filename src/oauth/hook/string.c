/* SPDX-License-Identifier: MIT */
/* string.find, match, gmatch and gsub for hooks, on the bounded patterns of
 * pattern.c. */
#include "base/limits.h"
#include "oauth/hook/int.h"

/* Pushes capture i, or the whole where the pattern has none and i is 1. */
static void push_capture(lua_State *L, struct str subject,
			 const struct hook_match *m, size_t i)
{
	if (i == 1 && m->ncaptures == 0)
		i = 0;
	if (i > m->ncaptures)
		hook_error(L, "the pattern has no capture %d", (int)i);
	if (m->capture[i].n < 0)
		lua_pushinteger(L, (lua_Integer)m->capture[i].at + 1);
	else
		hook_push_str(L, str_sub(subject, m->capture[i].at,
					 (size_t)m->capture[i].n));
}

/* All captures, or the whole where there are none and that is wanted. */
static int push_captures(lua_State *L, struct str subject,
			 const struct hook_match *m, bool or_whole)
{
	size_t n = m->ncaptures == 0 && or_whole ? 1 : m->ncaptures;

	luaL_checkstack(L, LIMIT_HOOK_CAPTURES + 4, "too many captures");
	for (size_t i = 1; i <= n; i++)
		push_capture(L, subject, m, i);
	return (int)n;
}

/* Where argument 3 says that the search begins; false: behind the end. */
static bool begin_of(lua_State *L, struct str subject, size_t *from)
{
	lua_Integer at = luaL_optinteger(L, 3, 1);
	lua_Integer n = (lua_Integer)subject.n;

	if (at < 0)
		at = at < -n ? 1 : n + at + 1;
	if (at == 0)
		at = 1;
	*from = (size_t)(at - 1);
	return at <= n + 1;
}

static int find_plain(lua_State *L, struct str subject, struct str part,
		      size_t from)
{
	size_t at = from + str_find_str(str_from(subject, from), part);

	hook_charge(L, subject.n / 8);
	if (part.n > 0 && at >= subject.n) {
		lua_pushnil(L);
		return 1;
	}
	if (part.n == 0)
		at = from;
	lua_pushinteger(L, (lua_Integer)at + 1);
	lua_pushinteger(L, (lua_Integer)at + (lua_Integer)part.n);
	return 2;
}

static int find_or_match(lua_State *L, bool find)
{
	struct str subject = hook_check_str(L, 1);
	struct str pattern = hook_check_str(L, 2);
	struct hook_match m;
	size_t from;
	int n = 0;

	if (!begin_of(L, subject, &from)) {
		lua_pushnil(L);
		return 1;
	}
	if (find && lua_toboolean(L, 4))
		return find_plain(L, subject, pattern, from);
	if (!hook_pattern_find(L, subject, pattern, from, true, &m)) {
		lua_pushnil(L);
		return 1;
	}
	if (find) {
		lua_pushinteger(L, (lua_Integer)m.capture[0].at + 1);
		lua_pushinteger(L, (lua_Integer)m.capture[0].at +
					   m.capture[0].n);
		n = 2;
	}
	return n + push_captures(L, subject, &m, !find);
}

static int string_find(lua_State *L)
{
	return find_or_match(L, true);
}

static int string_match(lua_State *L)
{
	return find_or_match(L, false);
}

/* Upvalues: subject, pattern, where to go on, where the last match ended
 * (an empty one there is none). */
static int gmatch_next(lua_State *L)
{
	struct str subject, pattern;
	size_t from = (size_t)lua_tointeger(L, lua_upvalueindex(3));
	lua_Integer last = lua_tointeger(L, lua_upvalueindex(4));
	struct hook_match m;

	subject.p = lua_tolstring(L, lua_upvalueindex(1), &subject.n);
	pattern.p = lua_tolstring(L, lua_upvalueindex(2), &pattern.n);
	while (from <= subject.n &&
	       hook_pattern_find(L, subject, pattern, from, false, &m)) {
		size_t end = m.capture[0].at + (size_t)m.capture[0].n;

		from = end;
		if ((lua_Integer)end == last) {
			from++;
			continue;
		}
		lua_pushinteger(L, (lua_Integer)from);
		lua_replace(L, lua_upvalueindex(3));
		lua_pushinteger(L, (lua_Integer)end);
		lua_replace(L, lua_upvalueindex(4));
		return push_captures(L, subject, &m, true);
	}
	return 0;
}

static int string_gmatch(lua_State *L)
{
	struct str subject = hook_check_str(L, 1);
	size_t from;

	hook_check_str(L, 2);
	if (!begin_of(L, subject, &from))
		from = subject.n + 1;
	lua_settop(L, 2);
	lua_pushinteger(L, (lua_Integer)from);
	lua_pushinteger(L, -1);
	lua_pushcclosure(L, gmatch_next, 4);
	return 1;
}

/* The third argument of gsub as text: %0 to %9, %%. */
static void add_text(lua_State *L, luaL_Buffer *b, struct str subject,
		     const struct hook_match *m)
{
	struct str text;
	struct cursor c;

	text.p = lua_tolstring(L, 3, &text.n);
	hook_charge(L, text.n / 8 + 1);
	for (c = cursor_of(text); !cursor_done(&c);) {
		char octet = *c.p++;
		int what = cursor_peek(&c);

		if (octet != '%') {
			luaL_addchar(b, octet);
			continue;
		}
		c.p += what >= 0;
		if (what == '%')
			luaL_addchar(b, '%');
		else if (what == '0')
			luaL_addlstring(b, subject.p + m->capture[0].at,
					(size_t)m->capture[0].n);
		else if (what < 0 || !char_is_digit((char)what))
			hook_error(L, "\"%%\" in the replacement must be "
				   "before a digit or another");
		else {
			push_capture(L, subject, m, (size_t)(what - '0'));
			luaL_tolstring(L, -1, NULL);
			lua_remove(L, -2);
			luaL_addvalue(b);
		}
	}
}

/* As a table or a function: false and nil keep what was there. */
static void add_value(lua_State *L, luaL_Buffer *b, struct str subject,
		      const struct hook_match *m)
{
	if (lua_type(L, 3) == LUA_TTABLE) {
		push_capture(L, subject, m, 1);
		lua_gettable(L, 3);
	} else {
		lua_pushvalue(L, 3);
		lua_call(L, push_captures(L, subject, m, true), 1);
	}
	if (!lua_toboolean(L, -1)) {
		lua_pop(L, 1);
		hook_push_str(L, str_sub(subject, m->capture[0].at,
					 (size_t)m->capture[0].n));
	} else if (!lua_isstring(L, -1)) {
		hook_error(L, "a replacement is a %s, not text",
			   luaL_typename(L, -1));
	}
	luaL_addvalue(b);
}

static void add_replacement(lua_State *L, luaL_Buffer *b, struct str subject,
			    const struct hook_match *m)
{
	if (lua_isstring(L, 3))
		add_text(L, b, subject, m);
	else
		add_value(L, b, subject, m);
}

/* What stands between two matches. */
static void add_between(lua_State *L, luaL_Buffer *b, struct str subject,
			size_t from, size_t to)
{
	hook_charge(L, (to - from) / 16);
	luaL_addlstring(b, subject.p + from, to - from);
}

static int string_gsub(lua_State *L)
{
	struct str subject = hook_check_str(L, 1);
	struct str pattern = hook_check_str(L, 2);
	int type = lua_type(L, 3);
	lua_Integer most = luaL_optinteger(L, 4, LUA_MAXINTEGER), n = 0;
	size_t from = 0, kept = 0, last = SIZE_MAX;
	struct hook_match m;
	luaL_Buffer b;

	luaL_argexpected(L, type == LUA_TNUMBER || type == LUA_TSTRING ||
			 type == LUA_TTABLE || type == LUA_TFUNCTION, 3,
			 "string, function or table");
	luaL_buffinit(L, &b);
	while (n < most && from <= subject.n &&
	       hook_pattern_find(L, subject, pattern, from, true, &m)) {
		size_t end = m.capture[0].at + (size_t)m.capture[0].n;

		/* An empty match where the last one ended does not count. */
		if (end != last) {
			add_between(L, &b, subject, kept, m.capture[0].at);
			add_replacement(L, &b, subject, &m);
			from = kept = last = end;
			n++;
		} else {
			from = end + 1;
		}
		if (str_starts(pattern, STR("^")))
			break;
	}
	add_between(L, &b, subject, kept, subject.n);
	luaL_pushresult(&b);
	lua_pushinteger(L, n);
	return 2;
}

void hook_open_string(lua_State *L)
{
	hook_add(L, "find", string_find);
	hook_add(L, "match", string_match);
	hook_add(L, "gmatch", string_gmatch);
	hook_add(L, "gsub", string_gsub);
}
