/* SPDX-License-Identifier: MIT */
/* A service's hooks: reads and tries the file when the configuration is loaded,
 * and calls its functions where their phase is. What goes wrong in one is told
 * in the log alone, with its line (words.c). */
#include "oauth/hook/hook.h"

#include <stdatomic.h>
#include <string.h>

#include "base/alloc.h"
#include "base/limits.h"
#include "base/log.h"
#include "base/text_file.h"
#include "config/nearest.h"
#include "oauth/hook/int.h"
#include "oauth/token/reply.h"

#define ROW(member) offsetof(struct hook_settings, member)

/* clang-format off */
static const struct config_key keys[] = {
	{ "hook", &config_path, ROW(path), CONFIG_GUARDED, NULL, NULL,
	  "A file in Lua with functions that change requests and responses "
	  "where no key can: access_token_request, access_token_response, "
	  "refresh_token_request, refresh_token_response, protected_request "
	  "and client_auth (with token_endpoint_auth_method = hook). See "
	  "bearerd-hooks(7)." },
};
/* clang-format on */

const struct config_table hook_settings_table = {
	.section = "service",
	.title = "Hooks",
	.keys = keys,
	.nkeys = sizeof(keys) / sizeof(keys[0]),
	.size = sizeof(struct hook_settings),
	.flags = CONFIG_ROUTE,
};

static const char *const names[] = {
	[HOOK_ACCESS_TOKEN_REQUEST] = "access_token_request",
	[HOOK_ACCESS_TOKEN_RESPONSE] = "access_token_response",
	[HOOK_REFRESH_TOKEN_REQUEST] = "refresh_token_request",
	[HOOK_REFRESH_TOKEN_RESPONSE] = "refresh_token_response",
	[HOOK_PROTECTED_REQUEST] = "protected_request",
	[HOOK_CLIENT_AUTH] = "client_auth",
};

const char *hook_function_name(enum hook_function function)
{
	return names[function];
}

bool hook_has(const struct hook *h, enum hook_function function)
{
	return h && (h->functions >> function & 1);
}

/* --- loading --- */

struct trying {
	const struct hook *hook;
	hook_mistake_fn *mistake;
	void *arg;
	unsigned functions;
	int mistakes;
};

static void tell(struct trying *t, int line, const char *words,
		 const char *name)
{
	struct fault f;

	if (line > 0)
		fault_set(&f, "hook: %s:%d: %s%s", t->hook->path, line, name,
			  words);
	else
		fault_set(&f, "hook: %s: %s%s", t->hook->path, name, words);
	t->mistake(t->arg, &f);
	t->mistakes++;
}

static int function_of(const char *name)
{
	for (int i = 0; i < HOOK_FUNCTIONS; i++) {
		if (strcmp(names[i], name) == 0)
			return i;
	}
	return -1;
}

/* A function's first line, where it is the file's own. */
static int line_of_function(lua_State *L, int index)
{
	lua_Debug where;

	lua_pushvalue(L, index);
	lua_getinfo(L, ">S", &where);
	return strcmp(where.source, HOOK_SOURCE) == 0 ? where.linedefined : 0;
}

/* A global function that is none of the names; the name is told where it
 * stands in the file. */
static void tell_stranger(struct trying *t, int line, const char *name)
{
	const char *nearest = config_nearest(name, names, HOOK_FUNCTIONS);
	ATTR_CLEANUP(buf_fini) struct buf words = BUF_INIT(256);

	if (!hook_line_has(t->hook, line, str_z(name))) {
		name = "a global function";
		nearest = NULL;
	}
	buf_addf(&words,
		 nearest ? " is not a hook; did you mean %s?"
			 : " is not a hook; a function of your own must "
			   "be local",
		 nearest);
	tell(t, line, buf_z(&words), name);
}

/* Name and value of a global are the two at the top. */
static void look_at_global(lua_State *L, struct trying *t)
{
	const char *name = lua_type(L, -2) == LUA_TSTRING ?
				   lua_tostring(L, -2) : "";
	int function = function_of(name);

	if (function >= 0 && lua_isfunction(L, -1))
		t->functions |= 1u << function;
	else if (function >= 0)
		tell(t, 0, " must be a function", name);
	else if (lua_isfunction(L, -1) && !lua_iscfunction(L, -1))
		tell_stranger(t, line_of_function(L, -1), name);
}

static int look_at_globals(lua_State *L)
{
	struct trying *t = lua_touserdata(L, 1);

	hook_env_push(L, t->hook);
	for (lua_pushnil(L); lua_next(L, -2); lua_pop(L, 1))
		look_at_global(L, t);
	return 0;
}

/* Runs it once, as each thread will. */
static void try_out(struct hook *h, struct trying *t)
{
	struct hook_machine *m = hook_machine_new();
	int rc = hook_run(m, h, look_at_globals, t), line;
	char words[256];

	if (rc != LUA_OK) {
		hook_tell(m, rc, &line, words, sizeof(words));
		tell(t, line, words, "");
	} else if (t->functions == 0 && t->mistakes == 0) {
		tell(t, 0, "it defines no hook, such as protected_request",
		     "");
	}
	h->functions = t->functions;
	hook_rest(m);
	hook_machine_free(&m);
}

int hook_new(struct hook **out, const struct config_section *s,
	     hook_mistake_fn *mistake, void *arg)
{
	static _Atomic uint64_t serials;
	const struct hook_settings *set = config_block(s, &hook_settings_table);
	struct trying t = { .mistake = mistake, .arg = arg };
	struct hook *h;
	struct fault f;

	*out = NULL;
	if (!set->path)
		return 0;
	h = mem_new(struct hook);
	h->serial = atomic_fetch_add(&serials, 1) + 1;
	h->path = mem_strdup(set->path);
	buf_init_secret(&h->text, LIMIT_HOOK_FILE);
	t.hook = h;
	if (text_file_read(h->path, &h->text, NULL, &f) == 0) {
		try_out(h, &t);
	} else {
		fault_prefix(&f, "hook: %s", h->path);
		mistake(arg, &f);
		t.mistakes++;
	}
	if (t.mistakes)
		hook_free(&h);
	*out = h;
	return t.mistakes ? -1 : 0;
}

void hook_free(struct hook **it)
{
	struct hook *h = *it;

	*it = NULL;
	if (!h)
		return;
	buf_fini(&h->text);
	mem_free(h->path);
	mem_free(h);
}

/* --- calling --- */

struct calling {
	const struct hook *hook;
	enum hook_function function;
	struct hook_message *message;
};

static int call(lua_State *L)
{
	struct calling *c = lua_touserdata(L, 1);
	struct hook_env *env = hook_env_push(L, c->hook);

	lua_pushstring(L, names[c->function]);
	lua_rawget(L, -2);
	hook_machine_of(L)->begins = line_of_function(L, -1);
	hook_push_message(L, env, c->message);
	lua_pushvalue(L, -1);
	lua_insert(L, -3);
	lua_call(L, 1, 0);
	hook_read_message(L, -1, c->message);
	return 0;
}

int hook_call(struct hook_machine *m, const struct hook *h,
	      enum hook_function function, struct hook_message *message,
	      struct fault *f)
{
	struct calling c = { h, function, message };
	int rc = hook_run(m, h, call, &c), line;
	char words[256];

	if (rc != LUA_OK) {
		hook_tell(m, rc, &line, words, sizeof(words));
		log_warning(EV("hook_failed"), KV("service", message->service),
			    KV("function", names[function]),
			    KV("file", h->path), KV("line", line),
			    KV("reason", words));
	}
	hook_rest(m);
	if (rc == LUA_OK)
		return 0;
	return fault_set(f, "the hook %s has failed; the log says where",
			 names[function]);
}
