/* SPDX-License-Identifier: MIT */
/* json.encode and json.decode for hooks: between JSON and Lua's values. null is
 * json.null, for nil in a table is nothing; an array keeps being one, also an
 * empty one, by its metatable. */
#include "base/limits.h"
#include "oauth/hook/int.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const char array_key; /* the registry's key of arrays' metatable */

static void mark_array(lua_State *L)
{
	lua_rawgetp(L, LUA_REGISTRYINDEX, &array_key);
	lua_setmetatable(L, -2);
}

static bool is_array(lua_State *L, int index)
{
	bool is = false;

	if (lua_getmetatable(L, index)) {
		lua_rawgetp(L, LUA_REGISTRYINDEX, &array_key);
		is = lua_rawequal(L, -1, -2);
		lua_pop(L, 2);
	}
	return is || lua_rawlen(L, index) > 0;
}

/* --- from JSON --- */

static void push_number(lua_State *L, const struct json *j)
{
	char text[64];
	struct str s = json_text(j);
	int64_t n;

	if (json_int(j, &n)) {
		lua_pushinteger(L, n);
		return;
	}
	s = str_sub(s, 0, sizeof(text) - 1);
	memcpy(text, s.p, s.n);
	text[s.n] = '\0';
	lua_pushnumber(L, strtod(text, NULL));
}

static void push_array(lua_State *L, const struct json *j)
{
	lua_createtable(L, (int)json_count(j), 0);
	for (size_t i = 0; i < json_count(j); i++) {
		hook_push_json(L, json_at(j, i));
		lua_rawseti(L, -2, (lua_Integer)i + 1);
	}
	mark_array(L);
}

static void push_object(lua_State *L, const struct json *j)
{
	lua_createtable(L, 0, (int)json_count(j));
	for (size_t i = 0; i < json_count(j); i++) {
		hook_push_str(L, json_name(j, i));
		hook_push_json(L, json_at(j, i));
		lua_rawset(L, -3);
	}
}

void hook_push_json(lua_State *L, const struct json *j)
{
	luaL_checkstack(L, 4, NULL);
	switch (json_type(j)) {
	case JSON_NULL:
		lua_pushlightuserdata(L, NULL);
		break;
	case JSON_BOOL:
		lua_pushboolean(L, json_bool(j));
		break;
	case JSON_NUMBER:
		push_number(L, j);
		break;
	case JSON_STRING:
		hook_push_str(L, json_text(j));
		break;
	case JSON_ARRAY:
		push_array(L, j);
		break;
	case JSON_OBJECT:
		push_object(L, j);
		break;
	}
}

/* nil and words where the text is not JSON; the words hold nothing of it. */
static int json_decode(lua_State *L)
{
	struct str text = hook_check_str(L, 1);
	struct json **j = &hook_machine_of(L)->json;

	hook_charge(L, text.n);
	json_free(j);
	*j = json_parse(text, NULL);
	if (!*j) {
		lua_pushnil(L);
		lua_pushliteral(L, "it is not JSON");
		return 2;
	}
	hook_push_json(L, *j);
	json_free(j);
	return 1;
}

/* --- to JSON --- */

struct hook_json_writing {
	lua_State *L;
	struct json_out o;
	int depth, values;
};

static void write_value(struct hook_json_writing *w, int index);

/* 17 digits are always enough, 15 mostly. */
static void write_number(struct hook_json_writing *w, double n)
{
	char text[40];
	struct json *j;

	if (!isfinite(n))
		hook_error(w->L, "JSON has no number that is infinite or none");
	snprintf(text, sizeof(text), "%.15g", n);
	if (strtod(text, NULL) != n)
		snprintf(text, sizeof(text), "%.17g", n);
	hook_charge(w->L, 100);
	j = json_parse(str_z(text), NULL);
	json_out_value(&w->o, j);
	json_free(&j);
}

static void write_array(struct hook_json_writing *w, int index)
{
	size_t n = lua_rawlen(w->L, index);

	json_out_array(&w->o);
	for (size_t i = 1; i <= n; i++) {
		lua_rawgeti(w->L, index, (lua_Integer)i);
		write_value(w, lua_gettop(w->L));
		lua_pop(w->L, 1);
	}
	json_out_array_end(&w->o);
}

/* By Shell's method; the names are in the table at the top. */
static void sort(lua_State *L, size_t n, size_t gap)
{
	int index = lua_gettop(L);

	for (size_t i = gap + 1; i <= n; i++) {
		size_t at = i;

		lua_rawgeti(L, index, (lua_Integer)i);
		for (; at > gap; at -= gap) {
			hook_charge(L, 1);
			lua_rawgeti(L, index, (lua_Integer)(at - gap));
			if (!lua_compare(L, -2, -1, LUA_OPLT)) {
				lua_pop(L, 1);
				break;
			}
			lua_rawseti(L, index, (lua_Integer)at);
		}
		lua_rawseti(L, index, (lua_Integer)at);
	}
}

/* In order, so that what is made of a table is the same whenever the table
 * is. */
size_t hook_push_names(lua_State *L, int index)
{
	size_t n = 0;

	index = lua_absindex(L, index);
	lua_newtable(L);
	for (lua_pushnil(L); lua_next(L, index); lua_pop(L, 1)) {
		hook_charge(L, 1);
		if (lua_type(L, -2) != LUA_TSTRING)
			hook_error(L, "a name in a table is a %s, not text",
				   luaL_typename(L, -2));
		lua_pushvalue(L, -2);
		lua_rawseti(L, -4, (lua_Integer)++n);
	}
	for (size_t gap = n / 2; gap > 0; gap /= 2)
		sort(L, n, gap);
	return n;
}

static void write_object(struct hook_json_writing *w, int index)
{
	lua_State *L = w->L;
	size_t n = hook_push_names(L, index);
	int names = lua_gettop(L);

	json_out_object(&w->o);
	for (size_t i = 1; i <= n; i++) {
		struct str name;

		lua_rawgeti(L, names, (lua_Integer)i);
		name.p = lua_tolstring(L, -1, &name.n);
		json_out_key_str(&w->o, name);
		lua_rawget(L, index);
		write_value(w, lua_gettop(L));
		lua_pop(L, 1);
	}
	json_out_object_end(&w->o);
	lua_pop(L, 1);
}

static void write_table(struct hook_json_writing *w, int index)
{
	if (++w->depth > LIMIT_JSON_DEPTH)
		hook_error(w->L, "it is deeper than %d", (int)LIMIT_JSON_DEPTH);
	if (is_array(w->L, index))
		write_array(w, index);
	else
		write_object(w, index);
	w->depth--;
}

static void write_string(struct hook_json_writing *w, int index)
{
	struct str s;

	s.p = lua_tolstring(w->L, index, &s.n);
	hook_charge(w->L, s.n / 4);
	json_out_str(&w->o, s);
}

static void write_value(struct hook_json_writing *w, int index)
{
	lua_State *L = w->L;
	int type = lua_type(L, index);

	luaL_checkstack(L, 8, NULL);
	hook_charge(L, 1);
	if (++w->values > LIMIT_JSON_VALUES)
		hook_error(L, "it has more than %d values",
			   (int)LIMIT_JSON_VALUES);
	if (type == LUA_TTABLE)
		write_table(w, index);
	else if (type == LUA_TSTRING)
		write_string(w, index);
	else if (type == LUA_TBOOLEAN)
		json_out_bool(&w->o, lua_toboolean(L, index));
	else if (lua_isinteger(L, index))
		json_out_int(&w->o, lua_tointeger(L, index));
	else if (type == LUA_TNUMBER)
		write_number(w, lua_tonumber(L, index));
	else if (type == LUA_TLIGHTUSERDATA || type == LUA_TNIL)
		json_out_null(&w->o);
	else
		hook_error(L, "JSON has no %s", lua_typename(L, type));
}

void hook_write_json(lua_State *L, int index, struct buf *out)
{
	struct hook_json_writing w = { .L = L };

	json_out_init(&w.o, out);
	write_value(&w, lua_absindex(L, index));
}

static int json_encode(lua_State *L)
{
	luaL_checkany(L, 1);
	hook_write_json(L, 1, hook_out(L));
	return hook_push_out(L);
}

/* Marks a table as an array, for an empty one could be either. */
static int json_array(lua_State *L)
{
	if (lua_isnone(L, 1))
		lua_newtable(L);
	luaL_checktype(L, 1, LUA_TTABLE);
	lua_settop(L, 1);
	if (luaL_getmetafield(L, 1, "__metatable") != LUA_TNIL)
		lua_pop(L, 1);
	else
		mark_array(L);
	return 1;
}

void hook_open_json(lua_State *L)
{
	if (lua_rawgetp(L, LUA_REGISTRYINDEX, &array_key) == LUA_TNIL) {
		lua_newtable(L);
		lua_pushliteral(L, "array");
		lua_setfield(L, -2, "__metatable");
		lua_rawsetp(L, LUA_REGISTRYINDEX, &array_key);
	}
	lua_pop(L, 1); /* what rawgetp has pushed */
	lua_newtable(L);
	hook_add(L, "decode", json_decode);
	hook_add(L, "encode", json_encode);
	hook_add(L, "array", json_array);
	lua_pushlightuserdata(L, NULL);
	lua_setfield(L, -2, "null");
	lua_setfield(L, -2, "json");
}
