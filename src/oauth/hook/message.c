/* SPDX-License-Identifier: MIT */
/* Writes a request or a response as the table that a hook gets, and reads back
 * what the hook has made of it. Whatever a hook leaves there that no message
 * can carry is an error of the hook's. */
#include "base/limits.h"
#include "config/live_secret.h"
#include "oauth/hook/int.h"

#include <string.h>

#include "oauth/settings.h"

static const char fields_key; /* the registry's: metatable of headers */

/* --- header fields: names without case --- */

/* Pushes the name as it is in the table, and true; or nothing. */
static bool push_same_name(lua_State *L, int table, struct str name)
{
	for (lua_pushnil(L); lua_next(L, table); lua_pop(L, 1)) {
		struct str other;

		hook_charge(L, 1);
		if (lua_type(L, -2) != LUA_TSTRING)
			continue;
		other.p = lua_tolstring(L, -2, &other.n);
		if (str_eq_nocase(other, name)) {
			lua_pop(L, 1);
			return true;
		}
	}
	return false;
}

/* Only for names that are not there as they are written. */
static int fields_index(lua_State *L)
{
	struct str name;

	lua_settop(L, 2);
	if (lua_type(L, 2) != LUA_TSTRING)
		return 0;
	name.p = lua_tolstring(L, 2, &name.n);
	if (!push_same_name(L, 1, name))
		return 0;
	lua_rawget(L, 1);
	return 1;
}

static int fields_newindex(lua_State *L)
{
	struct str name;

	lua_settop(L, 3);
	name = hook_check_str(L, 2);
	if (push_same_name(L, 1, name))
		lua_replace(L, 2);
	lua_settop(L, 3);
	lua_rawset(L, 1);
	return 0;
}

void hook_open_message(lua_State *L)
{
	lua_newtable(L);
	hook_add(L, "__index", fields_index);
	hook_add(L, "__newindex", fields_newindex);
	lua_pushboolean(L, false);
	lua_setfield(L, -2, "__metatable");
	lua_rawsetp(L, LUA_REGISTRYINDEX, &fields_key);
}

bool hook_field_is_ours(struct str name)
{
	static const char *const ours[] = {
		"Host", "Content-Length", "Transfer-Encoding", "Connection",
		"Keep-Alive", "Upgrade", "TE", "Trailer", "Expect", "Via",
		"Proxy-Connection", "Proxy-Authorization",
		"Proxy-Authenticate", "HTTP2-Settings",
	};

	for (size_t i = 0; i < sizeof(ours) / sizeof(ours[0]); i++) {
		if (str_eq_nocase(name, str_z(ours[i])))
			return true;
	}
	return false;
}

/* --- to the table --- */

/* Into the table at the top. */
static void set_str(lua_State *L, const char *name, struct str s)
{
	hook_push_str(L, s);
	lua_setfield(L, -2, name);
}

static void set_z(lua_State *L, const char *name, const char *z)
{
	if (z)
		set_str(L, name, str_z(z));
}

static void push_fields(lua_State *L, const struct fields *fs)
{
	lua_createtable(L, 0, (int)fs->n);
	for (size_t i = 0; i < fs->n; i++) {
		int table = lua_gettop(L);

		hook_push_str(L, fs->v[i].name);
		if (fields_count(fs, fs->v[i].name) > 1 &&
		    push_same_name(L, table, fs->v[i].name))
			lua_replace(L, -2);
		hook_push_str(L, fs->v[i].value);
		hook_add_value(L, table);
	}
	lua_rawgetp(L, LUA_REGISTRYINDEX, &fields_key);
	lua_setmetatable(L, -2);
}

static void push_params(lua_State *L, const struct hook_message *m)
{
	lua_createtable(L, 0, (int)m->nparams);
	for (size_t i = 0; i < m->nparams; i++) {
		hook_push_str(L, m->params[i].name);
		hook_push_str(L, m->params[i].value);
		hook_add_value(L, -3);
	}
}

/* All members of the token response; kept taken apart as long as the token is
 * the same. */
static void push_token(lua_State *L, struct hook_env *env, struct token *t)
{
	if (env->token != t) {
		json_free(&env->members);
		token_unref(&env->token);
		env->token = token_ref(t);
		if (t->members)
			env->members = json_parse(secret_expose(t->members),
						  NULL);
	}
	if (json_is(env->members, JSON_OBJECT))
		hook_push_json(L, env->members);
	else
		lua_newtable(L);
	set_str(L, "access_token", secret_expose(t->access_token));
	set_z(L, "token_type", t->token_type);
}

static void set_client(lua_State *L, struct hook_env *env,
		       const struct config_section *s)
{
	const struct oauth_settings *o = config_block(s, &oauth_settings_table);

	set_z(L, "client_id", o->client_id);
	set_z(L, "username", o->username);
	/* Kept by env, for Lua may leave this function by an error. */
	secret_unref(&env->client_secret);
	env->client_secret = config_live_current(&o->client_secret);
	if (env->client_secret)
		set_str(L, "client_secret",
			secret_expose(env->client_secret));
}

static void set_request(lua_State *L, const struct hook_message *m)
{
	set_str(L, "method", m->method);
	set_str(L, "url", m->url);
	if (!m->has_params)
		return;
	push_params(L, m);
	lua_setfield(L, -2, "params");
}

void hook_push_message(lua_State *L, struct hook_env *env,
		       const struct hook_message *m)
{
	luaL_checkstack(L, 16, NULL);
	lua_createtable(L, 0, 12);
	if (m->status == 0) {
		set_request(L, m);
	} else {
		lua_pushinteger(L, m->status);
		lua_setfield(L, -2, "status");
	}
	push_fields(L, &m->fields);
	lua_setfield(L, -2, "headers");
	if (m->has_body != HOOK_BODY_ABSENT)
		set_str(L, "body", m->body);
	if (m->token) {
		push_token(L, env, m->token);
		lua_setfield(L, -2, "token");
	}
	if (m->section)
		set_client(L, env, m->section);
	set_z(L, "service", m->service);
}

/* --- and back --- */

static struct str keep(lua_State *L, const struct hook_message *m,
		       const char *what)
{
	struct str s;

	if (!hook_to_str(L, -1, &s))
		hook_error(L, "%s is a %s, not text", what,
			   luaL_typename(L, -1));
	return arena_str(m->arena, s);
}

static void read_str(lua_State *L, int index, const char *name,
		     const struct hook_message *m, struct str *out)
{
	struct str s;

	lua_pushstring(L, name);
	lua_rawget(L, index);
	if (!hook_to_str(L, -1, &s))
		hook_error(L, "%s is a %s, not text", name,
			   luaL_typename(L, -1));
	if (!str_eq(s, *out))
		*out = arena_str(m->arena, s);
	lua_pop(L, 1);
}

static void add_field(lua_State *L, struct fields *to, struct str name,
		      const struct hook_message *m)
{
	struct str value = str_trim(keep(L, m, "a header field"));

	if (!field_value_valid(value))
		hook_error(L, "a header field has a value that none can have");
	fields_add(to, name, value);
}

/* The value at the top, one or several, from the nth on; it is popped. */
static void add_field_values(lua_State *L, struct fields *to, struct str name,
			     size_t nth, bool last,
			     const struct hook_message *m)
{
	size_t n = lua_istable(L, -1) ? lua_rawlen(L, -1) : 1;

	if (!lua_istable(L, -1) && nth == 1) {
		add_field(L, to, name, m);
	} else if (lua_istable(L, -1)) {
		for (; nth <= n; nth++) {
			lua_rawgeti(L, -1, (lua_Integer)nth);
			add_field(L, to, name, m);
			lua_pop(L, 1);
			if (!last)
				break;
		}
	}
	lua_pop(L, 1);
}

/* How many of that name stand before field i; and whether none is behind. */
static size_t field_rank(const struct fields *fs, size_t i, bool *last)
{
	size_t n = 1;

	*last = true;
	for (size_t j = 0; j < fs->n; j++) {
		if (j == i || !str_eq_nocase(fs->v[j].name, fs->v[i].name))
			continue;
		n += j < i;
		*last &= j < i;
	}
	return n;
}

/* Those that were there keep their places. */
static void read_old_fields(lua_State *L, int index,
			    const struct hook_message *m, struct fields *to)
{
	for (size_t i = 0; i < m->fields.n; i++) {
		struct str name = m->fields.v[i].name;
		size_t rank;
		bool last;

		rank = field_rank(&m->fields, i, &last);
		hook_push_str(L, name);
		lua_rawget(L, index);
		if (lua_isnil(L, -1) && push_same_name(L, index, name)) {
			lua_rawget(L, index);
			lua_remove(L, -2);
		}
		if (lua_isnil(L, -1))
			lua_pop(L, 1);
		else
			add_field_values(L, to, name, rank, last, m);
	}
}

static void read_new_fields(lua_State *L, int index,
			    const struct hook_message *m, struct fields *to)
{
	size_t n = hook_push_names(L, index);

	for (size_t i = 1; i <= n; i++) {
		struct str name;

		lua_rawgeti(L, -1, (lua_Integer)i);
		name.p = lua_tolstring(L, -1, &name.n);
		if (fields_find(&m->fields, name)) {
			lua_pop(L, 1);
			continue;
		}
		if (!str_is_token(name) || hook_field_is_ours(name))
			hook_error(L, "a header field has a name that a hook "
				   "cannot set");
		if (fields_find(to, name))
			hook_error(L, "a header field is there twice, under "
				   "names that differ in case alone");
		name = arena_str(m->arena, name);
		lua_rawget(L, index);
		add_field_values(L, to, name, 1, true, m);
	}
	lua_pop(L, 1);
}

static void read_fields(lua_State *L, int index, struct hook_message *m)
{
	struct fields to;

	lua_pushliteral(L, "headers");
	if (lua_rawget(L, index) != LUA_TTABLE)
		hook_error(L, "headers is a %s, not a table",
			   luaL_typename(L, -1));
	fields_init(&to, m->arena);
	read_old_fields(L, lua_gettop(L), m, &to);
	read_new_fields(L, lua_gettop(L), m, &to);
	lua_pop(L, 1);
	m->fields = to;
}

struct params {
	const struct hook_message *m;
	struct token_param *v;
	size_t n, cap, size;
};

static void add_param(lua_State *L, struct params *to, struct str name)
{
	struct str value = keep(L, to->m, "a parameter");
	struct token_param *v;

	to->size += name.n + value.n;
	if (to->size > LIMIT_TOKEN_REQUEST)
		hook_error(L, "the parameters are too long");
	if (to->n == to->cap) {
		to->cap = to->cap ? 2 * to->cap : 16;
		v = arena_alloc(to->m->arena, to->cap * sizeof(*v));
		if (to->n)
			memcpy(v, to->v, to->n * sizeof(*v));
		to->v = v;
	}
	to->v[to->n++] = (struct token_param){ name, value };
}

/* The value at the top, one or several; it is popped. */
static void add_param_values(lua_State *L, struct params *to, struct str name)
{
	size_t n = lua_istable(L, -1) ? lua_rawlen(L, -1) : 0;

	if (!lua_istable(L, -1))
		add_param(L, to, name);
	for (size_t i = 1; i <= n; i++) {
		lua_rawgeti(L, -1, (lua_Integer)i);
		add_param(L, to, name);
		lua_pop(L, 1);
	}
	lua_pop(L, 1);
}

static bool param_is_known(const struct token_param *v, size_t n,
			   struct str name)
{
	for (size_t i = 0; i < n; i++) {
		if (str_eq(v[i].name, name))
			return true;
	}
	return false;
}

/* Those that were there go first, all of a name where its first was. */
static void read_params(lua_State *L, int index, struct hook_message *m)
{
	struct params to = { .m = m };
	size_t n;

	lua_pushliteral(L, "params");
	if (lua_rawget(L, index) != LUA_TTABLE)
		hook_error(L, "params is a %s, not a table",
			   luaL_typename(L, -1));
	index = lua_gettop(L);
	for (size_t i = 0; i < m->nparams; i++) {
		if (param_is_known(m->params, i, m->params[i].name))
			continue;
		hook_push_str(L, m->params[i].name);
		if (lua_rawget(L, index) == LUA_TNIL)
			lua_pop(L, 1);
		else
			add_param_values(L, &to, m->params[i].name);
	}
	n = hook_push_names(L, index);
	for (size_t i = 1; i <= n; i++) {
		struct str name;

		lua_rawgeti(L, -1, (lua_Integer)i);
		name.p = lua_tolstring(L, -1, &name.n);
		if (param_is_known(m->params, m->nparams, name)) {
			lua_pop(L, 1);
			continue;
		}
		name = arena_str(m->arena, name);
		lua_rawget(L, index);
		add_param_values(L, &to, name);
	}
	lua_pop(L, 2);
	m->params = to.v;
	m->nparams = to.n;
}

/* A table is written as JSON. */
static void read_body(lua_State *L, int index, struct hook_message *m)
{
	lua_pushliteral(L, "body");
	if (lua_rawget(L, index) == LUA_TNIL) {
		if (m->has_body == HOOK_BODY_TEXT)
			m->has_body = HOOK_BODY_NONE;
		m->body = STR("");
		lua_pop(L, 1);
		return;
	}
	if (m->has_body == HOOK_BODY_ABSENT)
		hook_error(L, "the body has not been read, so that it cannot "
			   "be replaced: see replay_body");
	if (lua_istable(L, -1)) {
		hook_write_json(L, -1, hook_out(L));
		hook_push_out(L);
		lua_replace(L, -2);
	}
	lua_setfield(L, index, "body");
	read_str(L, index, "body", m, &m->body);
	m->has_body = m->body.n > 0 ? HOOK_BODY_TEXT : HOOK_BODY_NONE;
}

static void read_status(lua_State *L, int index, struct hook_message *m)
{
	lua_Integer status;
	int is;

	lua_pushliteral(L, "status");
	lua_rawget(L, index);
	status = lua_tointegerx(L, -1, &is);
	if (!is || status < 100 || status > 599)
		hook_error(L, "status must be a number from 100 to 599");
	m->status = (int)status;
	lua_pop(L, 1);
}

void hook_read_message(lua_State *L, int index, struct hook_message *m)
{
	index = lua_absindex(L, index);
	if (m->status != 0) {
		read_status(L, index, m);
	} else {
		read_str(L, index, "method", m, &m->method);
		read_str(L, index, "url", m, &m->url);
		if (!str_is_token(m->method))
			hook_error(L, "method must be a token, such as GET");
		if (m->has_params)
			read_params(L, index, m);
	}
	read_fields(L, index, m);
	read_body(L, index, m);
}
