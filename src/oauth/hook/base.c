/* SPDX-License-Identifier: MIT */
/* The part of Lua's own library that a hook may use: an allow-list, taken from
 * Lua's tables once, and with bounds where a function could run for long
 * without an instruction of Lua's. Each environment has tables of its own, so
 * that what one service puts into them no other sees. */
#include "base/limits.h"
#include "oauth/hook/int.h"

#include <string.h>

#include "crypto/random.h"

/* --- functions that differ from Lua's --- */

/* A bound that was hit is not to be caught. */
static int base_pcall(lua_State *L)
{
	struct hook_machine *m = hook_machine_of(L);
	int rc;

	luaL_checkany(L, 1);
	rc = lua_pcall(L, lua_gettop(L) - 1, LUA_MULTRET, 0);
	if (rc == LUA_ERRMEM && !m->stop)
		m->stop = "it needs too much memory";
	if (rc != LUA_OK && m->stop)
		return lua_error(L);
	if (rc != LUA_OK)
		m->line = 0;
	lua_pushboolean(L, rc == LUA_OK);
	lua_insert(L, 1);
	return lua_gettop(L);
}

static int raise(lua_State *L, int level)
{
	struct str words;

	if (lua_type(L, 1) != LUA_TSTRING)
		return lua_error(L);
	words.p = lua_tolstring(L, 1, &words.n);
	hook_note_literal(L, words, level);
	if (level > 0) {
		luaL_where(L, level);
		lua_pushvalue(L, 1);
		lua_concat(L, 2);
	}
	return lua_error(L);
}

static int base_error(lua_State *L)
{
	int level = (int)luaL_optinteger(L, 2, 1);

	lua_settop(L, 1);
	return raise(L, level);
}

static int base_assert(lua_State *L)
{
	luaL_checkany(L, 1);
	if (lua_toboolean(L, 1))
		return lua_gettop(L);
	lua_remove(L, 1);
	if (lua_gettop(L) == 0)
		return hook_error(L, "assertion failed");
	lua_settop(L, 1);
	return raise(L, 0);
}

/* Pushes the value at index as text. Lua's own words for a table or a function
 * hold its address, which tells how memory is laid out. */
static void push_text(lua_State *L, int index)
{
	int type = lua_type(L, index);
	bool has_text = type == LUA_TNIL || type == LUA_TBOOLEAN ||
			type == LUA_TNUMBER || type == LUA_TSTRING;

	if (!has_text &&
	    luaL_getmetafield(L, index, "__tostring") != LUA_TNIL) {
		lua_pop(L, 1);
		has_text = true;
	}
	if (has_text)
		luaL_tolstring(L, index, NULL);
	else
		lua_pushstring(L, lua_typename(L, type));
}

static int base_tostring(lua_State *L)
{
	luaL_checkany(L, 1);
	push_text(L, 1);
	return 1;
}

/* A finalizer would run in anybody's time, without bounds. */
static int base_setmetatable(lua_State *L)
{
	int type = lua_type(L, 2);

	luaL_checktype(L, 1, LUA_TTABLE);
	luaL_argexpected(L, type == LUA_TNIL || type == LUA_TTABLE, 2,
			 "nil or table");
	if (luaL_getmetafield(L, 1, "__metatable") != LUA_TNIL)
		return hook_error(L, "cannot change a protected metatable");
	if (type == LUA_TTABLE) {
		lua_pushliteral(L, "__gc");
		if (lua_rawget(L, 2) != LUA_TNIL)
			return hook_error(L, "__gc is not to be had");
		lua_pop(L, 1);
	}
	lua_settop(L, 2);
	lua_setmetatable(L, 1);
	return 1;
}

/* load(text, name, "t", env): text alone; in the caller's environment, which
 * is this function's upvalue, where none is given. */
static int base_load(lua_State *L)
{
	struct str text = hook_check_str(L, 1);
	bool has_env = !lua_isnone(L, 4);

	hook_check_argument(L, text.n <= LIMIT_HOOK_FILE, 1, "too long");
	hook_charge(L, 2 * text.n);
	if (luaL_loadbufferx(L, text.p, text.n, HOOK_SOURCE_LOAD, "t") !=
	    LUA_OK) {
		lua_pushnil(L);
		lua_insert(L, -2);
		return 2;
	}
	lua_pushvalue(L, has_env ? 4 : lua_upvalueindex(1));
	lua_setupvalue(L, -2, 1);
	return 1;
}

/* --- table --- */

/* A table without tricks, and of a size that is walked soon. Charges for
 * times its elements. */
static void check_table(lua_State *L, int arg, unsigned times)
{
	static const char *const tricks[] = { "__index", "__newindex",
					      "__len" };
	size_t n;

	luaL_checktype(L, arg, LUA_TTABLE);
	n = lua_rawlen(L, arg);
	for (size_t i = 0; i < sizeof(tricks) / sizeof(tricks[0]); i++)
		hook_check_argument(
			L, luaL_getmetafield(L, arg, tricks[i]) == LUA_TNIL,
			arg, "a table without metamethods is wanted");
	hook_check_argument(L, n <= LIMIT_HOOK_TABLE, arg,
			    "it has too many elements");
	hook_charge(L, times * n + 1);
}

/* Calls Lua's own function, the upvalue, with all arguments. */
static int call_own(lua_State *L)
{
	lua_pushvalue(L, lua_upvalueindex(1));
	lua_insert(L, 1);
	lua_call(L, lua_gettop(L) - 1, LUA_MULTRET);
	return lua_gettop(L);
}

static int table_any(lua_State *L)
{
	check_table(L, 1, 1);
	return call_own(L);
}

/* from to to, which may be far apart. */
static void check_range(lua_State *L, lua_Integer from, lua_Integer to)
{
	if (from <= to && (lua_Unsigned)to - (lua_Unsigned)from >=
				  LIMIT_HOOK_TABLE)
		hook_error(L, "the range is too long");
}

static int table_unpack(lua_State *L)
{
	lua_Integer from = luaL_optinteger(L, 2, 1);

	check_table(L, 1, 1);
	check_range(L, from, luaL_optinteger(L, 3,
					     (lua_Integer)lua_rawlen(L, 1)));
	return call_own(L);
}

static int table_move(lua_State *L)
{
	check_table(L, 1, 1);
	check_range(L, luaL_checkinteger(L, 2), luaL_checkinteger(L, 3));
	hook_charge(L, LIMIT_HOOK_TABLE / 16);
	if (!lua_isnoneornil(L, 5))
		check_table(L, 5, 1);
	return call_own(L);
}

/* Comparing long texts takes its time, too. */
static int less(lua_State *L)
{
	hook_charge(L, lua_rawlen(L, 1) / 16 + lua_rawlen(L, 2) / 16 + 1);
	lua_pushboolean(L, lua_compare(L, 1, 2, LUA_OPLT));
	return 1;
}

static int table_sort(lua_State *L)
{
	check_table(L, 1, 4);
	if (lua_isnoneornil(L, 2)) {
		lua_settop(L, 1);
		lua_pushcfunction(L, less);
	}
	return call_own(L);
}

/* --- string --- */

static int string_any(lua_State *L)
{
	hook_check_str(L, 1);
	return call_own(L);
}

static int string_rep(lua_State *L)
{
	struct str s = hook_check_str(L, 1);
	lua_Integer n = luaL_checkinteger(L, 2);
	size_t separator;

	luaL_optlstring(L, 3, "", &separator);
	if (n > 0 && (s.n + separator) > (size_t)LIMIT_HOOK_TEXT / (size_t)n)
		return hook_error(L, "the result is longer than %d octets",
				  (int)LIMIT_HOOK_TEXT);
	if (n > 0)
		hook_charge(L, (s.n + separator) * (size_t)n / 16);
	/* Lua goes round for each, however short. */
	hook_check_argument(L, n <= LIMIT_HOOK_TEXT, 2, "too many");
	return call_own(L);
}

/* Behind "%": Lua's own words about a wrong one would hold a part of it. */
static int check_conversion(lua_State *L, struct cursor *c)
{
	static const char flags[] = "-+ #0", letters[] = "aAcdeEfgGioqsuxX%";
	int octet;

	while ((octet = cursor_peek(c)) > 0 && strchr(flags, octet))
		c->p++;
	for (int digits = 0; digits < 2 && cursor_peek(c) >= 0 &&
	     char_is_digit((char)cursor_peek(c)); digits++)
		c->p++;
	if (cursor_skip(c, '.')) {
		for (int digits = 0; digits < 2 && cursor_peek(c) >= 0 &&
		     char_is_digit((char)cursor_peek(c)); digits++)
			c->p++;
	}
	octet = cursor_peek(c);
	if (octet <= 0 || !strchr(letters, octet))
		return hook_error(L, "the format has a conversion that is "
				  "none");
	c->p++;
	return octet;
}

/* An argument and its conversion's letter. */
static void check_formatted(lua_State *L, int letter, int arg)
{
	hook_charge(L, 100);
	if (lua_type(L, arg) == LUA_TSTRING) {
		hook_charge(L, hook_check_str(L, arg).n / 2);
	} else if (letter == 's' && !lua_isnone(L, arg)) {
		push_text(L, arg);
		lua_replace(L, arg);
	}
}

static int string_format(lua_State *L)
{
	struct cursor c = cursor_of(hook_check_str(L, 1));

	for (int arg = 2; !cursor_done(&c);) {
		int letter = *c.p++ == '%' ? check_conversion(L, &c) : '%';

		if (letter != '%')
			check_formatted(L, letter, arg++);
	}
	return call_own(L);
}

/* --- the tables --- */

struct hook_row {
	const char *name;
	lua_CFunction instead; /* NULL: Lua's own; else it is the upvalue */
};

static const struct hook_row base_rows[] = {
	{ "getmetatable", NULL }, { "ipairs", NULL },	{ "next", NULL },
	{ "pairs", NULL },	  { "rawequal", NULL }, { "rawget", NULL },
	{ "rawlen", NULL },	  { "rawset", NULL },	{ "select", NULL },
	{ "tonumber", NULL },	  { "type", NULL },	{ "_VERSION", NULL },
	{ NULL, NULL },
};

static const struct hook_row string_rows[] = {
	{ "byte", string_any },
	{ "char", NULL },
	{ "format", string_format },
	{ "len", NULL },
	{ "lower", string_any },
	{ "pack", string_any },
	{ "packsize", string_any },
	{ "rep", string_rep },
	{ "reverse", string_any },
	{ "sub", NULL },
	{ "unpack", string_any },
	{ "upper", string_any },
	{ NULL, NULL },
};

static const struct hook_row table_rows[] = {
	{ "concat", table_any },    { "insert", table_any },
	{ "move", table_move },	    { "pack", NULL },
	{ "remove", table_any },    { "sort", table_sort },
	{ "unpack", table_unpack }, { NULL, NULL },
};

static const struct hook_row math_rows[] = {
	{ "abs", NULL },   { "ceil", NULL },	   { "exp", NULL },
	{ "floor", NULL }, { "fmod", NULL },	   { "huge", NULL },
	{ "log", NULL },   { "max", NULL },	   { "maxinteger", NULL },
	{ "min", NULL },   { "mininteger", NULL }, { "modf", NULL },
	{ "pi", NULL },	   { "random", NULL },	   { "sqrt", NULL },
	{ "sin", NULL },   { "cos", NULL },	   { "tan", NULL },
	{ "asin", NULL },  { "acos", NULL },	   { "atan", NULL },
	{ "deg", NULL },   { "rad", NULL },	   { "tointeger", NULL },
	{ "type", NULL },  { "ult", NULL },	   { NULL, NULL },
};

static const struct hook_row utf8_rows[] = {
	{ "char", NULL },
	{ "charpattern", NULL },
	{ "codepoint", string_any },
	{ "codes", string_any },
	{ "len", string_any },
	{ "offset", string_any },
	{ NULL, NULL },
};

static const struct {
	const char *name;
	lua_CFunction open;
	const struct hook_row *rows;
} libraries[] = {
	{ "_G", luaopen_base, base_rows },
	{ "string", luaopen_string, string_rows },
	{ "table", luaopen_table, table_rows },
	{ "math", luaopen_math, math_rows },
	{ "utf8", luaopen_utf8, utf8_rows },
};

enum { LIBRARIES = sizeof(libraries) / sizeof(libraries[0]) };

/* The registry's key of what is copied for each environment. */
static const char allowed_key;

/* From the library at the top, which is popped, into the table below it. */
static void take_rows(lua_State *L, const struct hook_row *rows)
{
	for (; rows->name; rows++) {
		lua_getfield(L, -1, rows->name);
		if (rows->instead)
			lua_pushcclosure(L, rows->instead, 1);
		lua_setfield(L, -3, rows->name);
	}
	lua_pop(L, 1);
}

/* Lua seeds its random numbers with an address, which could be computed from
 * them. math is at the top. */
static void seed_math(lua_State *L)
{
	lua_Integer seed[2];

	random_fill(seed, sizeof(seed));
	lua_getfield(L, -1, "randomseed");
	lua_pushinteger(L, seed[0]);
	lua_pushinteger(L, seed[1]);
	lua_call(L, 2, 0);
}

/* Lua's own tables stay nowhere: not in its registry, either. */
static void open_library(lua_State *L, size_t i)
{
	lua_newtable(L);
	lua_pushcfunction(L, libraries[i].open);
	lua_pushstring(L, libraries[i].name);
	lua_call(L, 1, 1);
	if (libraries[i].open == luaopen_math)
		seed_math(L);
	take_rows(L, libraries[i].rows);
	if (libraries[i].open == luaopen_string)
		hook_open_string(L);
}

/* ("x"):upper() finds its function here, whatever is done to string. */
static void open_methods(lua_State *L)
{
	lua_pushliteral(L, "");
	lua_getmetatable(L, -1);
	lua_rawgetp(L, LUA_REGISTRYINDEX, &allowed_key);
	lua_getfield(L, -1, "string");
	lua_setfield(L, -3, "__index");
	lua_pop(L, 1);
	lua_pushboolean(L, false);
	lua_setfield(L, -2, "__metatable");
	lua_pop(L, 2);
}

void hook_open(lua_State *L)
{
	lua_newtable(L);
	for (size_t i = 0; i < LIBRARIES; i++) {
		open_library(L, i);
		lua_setfield(L, -2, libraries[i].name);
	}
	lua_rawsetp(L, LUA_REGISTRYINDEX, &allowed_key);
	lua_newtable(L);
	lua_rawseti(L, LUA_REGISTRYINDEX, LUA_RIDX_GLOBALS);
	open_methods(L);
}

/* Copies all of the table at the top, which is popped, into the one below. */
static void copy(lua_State *L)
{
	lua_pushnil(L);
	while (lua_next(L, -2)) {
		lua_pushvalue(L, -2);
		lua_insert(L, -2);
		lua_rawset(L, -5);
	}
	lua_pop(L, 1);
}

static void add_base(lua_State *L)
{
	hook_add(L, "assert", base_assert);
	hook_add(L, "error", base_error);
	hook_add(L, "pcall", base_pcall);
	hook_add(L, "setmetatable", base_setmetatable);
	hook_add(L, "tostring", base_tostring);
	lua_pushvalue(L, -1);
	lua_pushcclosure(L, base_load, 1);
	lua_setfield(L, -2, "load");
	lua_pushvalue(L, -1);
	lua_setfield(L, -2, "_G");
}

void hook_push_base(lua_State *L)
{
	luaL_checkstack(L, 16, NULL);
	lua_rawgetp(L, LUA_REGISTRYINDEX, &allowed_key);
	lua_newtable(L);
	for (size_t i = 0; i < LIBRARIES; i++) {
		bool is_base = libraries[i].open == luaopen_base;

		lua_getfield(L, -2, libraries[i].name);
		if (!is_base) {
			lua_newtable(L);
			lua_insert(L, -2);
		}
		copy(L);
		if (!is_base)
			lua_setfield(L, -2, libraries[i].name);
	}
	lua_remove(L, -2);
	add_base(L);
	hook_open_library(L);
}
