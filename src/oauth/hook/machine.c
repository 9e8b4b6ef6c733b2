/* SPDX-License-Identifier: MIT */
/* A thread's Lua and its bounds. A function that would not end, or would take
 * all memory, fails with the line that it was on; what it catches on the way
 * does not help it. Lua never sees an allocation refused before it has had the
 * chance to fail there. */
#include "base/alloc.h"
#include "base/limits.h"
#include "oauth/hook/int.h"

#include <string.h>
#include <time.h>

#include "crypto/random.h"

enum {
	MEMORY_HARD = 4 * LIMIT_HOOK_MEMORY, /* where Lua is refused memory */
};

LIMIT_SAID(HOOK_MEMORY, 8 * LIMIT_MIB);
LIMIT_SAID(HOOK_BLOCK, 2 * LIMIT_MIB);
LIMIT_SAID(HOOK_STEPS, 2000000);
LIMIT_SAID(HOOK_CPU, 150);
static const char out_of_memory[] = "it needs more than 8 MiB of memory";
static const char too_large[] = "it makes a value of more than 2 MiB";
static const char too_long[] =
	"it takes too long: more than 2000000 steps, or 150 ms of the "
	"processor";

/* --- bounds --- */

static void on_period(lua_State *L, lua_Debug *where);

static void look_every(struct hook_machine *m, int period)
{
	m->period = (unsigned)period;
	lua_sethook(m->L, on_period, LUA_MASKCOUNT, period);
}

/* Is called for each allocation, in the middle of whatever Lua does; hooks
 * may be set there, as they may in a signal's handler. */
static void look_soon(struct hook_machine *m, size_t n)
{
	m->too_large |= n > LIMIT_HOOK_BLOCK;
	if (!m->running || m->looks)
		return;
	if (n > LIMIT_HOOK_BLOCK || m->used > LIMIT_HOOK_MEMORY) {
		m->looks = true;
		look_every(m, 1);
	} else if (n >= LIMIT_HOOK_LARGE && !m->large) {
		m->large = true;
		look_every(m, LIMIT_HOOK_LOOK_LARGE);
	}
}

/* lua_Alloc. What is given back held tokens, perhaps. */
static void *allocate(void *arg, void *p, size_t old, size_t n)
{
	struct hook_machine *m = arg;
	void *q = NULL;

	if (!p)
		old = 0;
	if (n > old && n - old > MEMORY_HARD - m->used)
		return NULL;
	if (n > 0)
		q = mem_resize(NULL, n);
	if (p && q)
		memcpy(q, p, old < n ? old : n);
	if (p)
		mem_wipe(p, old);
	mem_free(p);
	m->used += n - old;
	if (n > old)
		look_soon(m, n);
	return q;
}

static int64_t cpu_now(void)
{
	struct timespec t;

	clock_gettime(CLOCK_THREAD_CPUTIME_ID, &t);
	return t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

static void look_at_memory(struct hook_machine *m)
{
	if (m->too_large)
		m->stop = too_large;
	else if (m->used > LIMIT_HOOK_MEMORY)
		lua_gc(m->L, LUA_GCCOLLECT);
	if (!m->stop && m->used > LIMIT_HOOK_MEMORY)
		m->stop = out_of_memory;
	m->looks = false;
}

static void look_at_time(struct hook_machine *m)
{
	if (!m->stop && (m->steps > LIMIT_HOOK_STEPS ||
			 cpu_now() - m->began > LIMIT_HOOK_CPU))
		m->stop = too_long;
}

ATTR_NORETURN static void stop(lua_State *L, const char *why)
{
	struct hook_machine *m = hook_machine_of(L);

	m->stop = why;
	look_every(m, 1);
	lua_pushstring(L, why);
	lua_error(L);
	__builtin_unreachable();
}

/* From the first bound on, each instruction is an error. */
static void on_period(lua_State *L, lua_Debug *where ATTR_UNUSED)
{
	struct hook_machine *m = hook_machine_of(L);

	m->steps += m->period;
	if (m->looks)
		look_at_memory(m);
	look_at_time(m);
	if (!m->stop) {
		look_every(m, m->large ? LIMIT_HOOK_LOOK_LARGE :
					 LIMIT_HOOK_LOOK);
		return;
	}
	if (m->line == 0)
		m->line = hook_file_line(L, 0);
	stop(L, m->stop);
}

void hook_charge(lua_State *L, size_t n)
{
	struct hook_machine *m = hook_machine_of(L);
	unsigned before = m->steps;

	m->steps += n < LIMIT_HOOK_STEPS ? (unsigned)n : LIMIT_HOOK_STEPS;
	if (before / LIMIT_HOOK_CHARGES != m->steps / LIMIT_HOOK_CHARGES)
		look_at_time(m);
	if (m->stop)
		stop(L, m->stop);
}

/* --- running --- */

/* Where an error is. */
static int on_error(lua_State *L)
{
	struct hook_machine *m = hook_machine_of(L);

	if (m->line == 0)
		m->line = hook_file_line(L, 0);
	return 1;
}

static int on_panic(lua_State *L ATTR_UNUSED)
{
	return 0; /* it would be a defect, and Lua ends the process */
}

static int machine_open(struct hook_machine *m)
{
	m->L = lua_newstate(allocate, m);
	if (!m->L)
		return LUA_ERRMEM;
	*(struct hook_machine **)lua_getextraspace(m->L) = m;
	lua_atpanic(m->L, on_panic);
	return LUA_OK;
}

/* A collection goes through tables with weak keys again for each key that it
 * finds alive: 60,000 of them take it seconds, in which nothing of ours is
 * called. Lua cannot be told to do without: so the one text "__mode" that it
 * compares names with becomes one that nobody can guess. */
static void close_weak_tables(lua_State *L)
{
	union {
		const char *in;
		char *out;
	} name;

	name.in = lua_pushliteral(L, "__mode");
	random_fill(name.out, strlen("__mode"));
	lua_pop(L, 1);
}

/* With all of its environments. */
static void machine_close(struct hook_machine *m)
{
	for (size_t i = 0; i < m->nenvs; i++) {
		token_unref(&m->envs[i].token);
		json_free(&m->envs[i].members);
		secret_unref(&m->envs[i].client_secret);
	}
	mem_free(m->envs);
	m->envs = NULL;
	m->nenvs = 0;
	if (m->L)
		lua_close(m->L);
	m->L = NULL;
}

static int open_state(lua_State *L)
{
	close_weak_tables(L);
	hook_open(L);
	hook_open_message(L);
	return 0;
}

static int call(struct hook_machine *m, lua_CFunction fn, void *arg)
{
	lua_State *L = m->L;

	lua_settop(L, 0);
	lua_pushcfunction(L, on_error);
	lua_pushcfunction(L, fn);
	lua_pushlightuserdata(L, arg);
	return lua_pcall(L, 1, 0, 1);
}

int hook_run(struct hook_machine *m, const struct hook *h, lua_CFunction fn,
	     void *arg)
{
	int rc = LUA_OK;

	m->hook = h;
	m->stop = NULL;
	m->looks = m->large = m->too_large = false;
	m->steps = 0;
	m->line = m->begins = m->own_line = 0;
	buf_reset(&m->own);
	m->began = cpu_now();
	if (!m->L) {
		rc = machine_open(m);
		if (rc == LUA_OK)
			rc = call(m, open_state, NULL);
	}
	if (rc != LUA_OK)
		return rc;
	look_every(m, LIMIT_HOOK_LOOK);
	m->running = true;
	rc = call(m, fn, arg);
	m->running = false;
	return rc;
}

/* What a service keeps may not be at the cost of the others: a state that is
 * half full is given up. */
void hook_rest(struct hook_machine *m)
{
	m->running = false;
	buf_fini(&m->out);
	buf_fini(&m->name);
	json_free(&m->json);
	if (!m->L)
		return;
	lua_sethook(m->L, NULL, 0, 0);
	lua_settop(m->L, 0);
	if (m->used > LIMIT_HOOK_MEMORY / 2)
		lua_gc(m->L, LUA_GCCOLLECT);
	if (m->used > LIMIT_HOOK_MEMORY / 2)
		machine_close(m);
}

struct hook_machine *hook_machine_new(void)
{
	struct hook_machine *m = mem_new(struct hook_machine);

	buf_init_secret(&m->out, LIMIT_HOOK_TEXT);
	buf_init_secret(&m->name, LIMIT_HOOK_TEXT);
	buf_init(&m->own, LIMIT_HOOK_WORDS);
	return m;
}

void hook_machine_free(struct hook_machine **it)
{
	struct hook_machine *m = *it;

	*it = NULL;
	if (!m)
		return;
	machine_close(m);
	buf_fini(&m->out);
	buf_fini(&m->name);
	buf_fini(&m->own);
	json_free(&m->json);
	mem_free(m);
}

/* --- environments --- */

static struct hook_env *env_add(struct hook_machine *m, const struct hook *h,
				int ref)
{
	struct hook_env *e;

	m->envs = mem_resize(m->envs, (m->nenvs + 1) * sizeof(*m->envs));
	e = &m->envs[m->nenvs++];
	*e = (struct hook_env){ .serial = h->serial, .ref = ref };
	return e;
}

/* The file is run once in its environment, which defines its functions. */
static struct hook_env *env_make(lua_State *L, const struct hook *h)
{
	hook_push_base(L);
	switch (luaL_loadbufferx(L, buf_z(&h->text), h->text.n, HOOK_SOURCE,
				 "t")) {
	case LUA_OK:
		break;
	case LUA_ERRSYNTAX:
		hook_syntax_error(L);
		break;
	default:
		lua_error(L);
	}
	lua_pushvalue(L, -2);
	lua_setupvalue(L, -2, 1);
	lua_call(L, 0, 0);
	lua_pushvalue(L, -1);
	return env_add(hook_machine_of(L), h,
		       luaL_ref(L, LUA_REGISTRYINDEX));
}

struct hook_env *hook_env_push(lua_State *L, const struct hook *h)
{
	struct hook_machine *m = hook_machine_of(L);

	for (size_t i = 0; i < m->nenvs; i++) {
		if (m->envs[i].serial != h->serial)
			continue;
		lua_rawgeti(L, LUA_REGISTRYINDEX, m->envs[i].ref);
		return &m->envs[i];
	}
	return env_make(L, h);
}

/* --- for library functions --- */

struct buf *hook_out(lua_State *L)
{
	struct buf *out = &hook_machine_of(L)->out;

	buf_reset(out);
	return out;
}

int hook_push_out(lua_State *L)
{
	struct buf *out = &hook_machine_of(L)->out;

	if (!buf_ok(out))
		return hook_error(L, "the result is longer than %d octets",
				  (int)LIMIT_HOOK_TEXT);
	hook_charge(L, out->n / 16);
	hook_push_str(L, buf_str(out));
	return 1;
}

struct str hook_check_str(lua_State *L, int arg)
{
	struct str s;

	s.p = luaL_checklstring(L, arg, &s.n);
	hook_charge(L, s.n / 16 + 1);
	return s;
}

void hook_push_str(lua_State *L, struct str s)
{
	lua_pushlstring(L, s.n ? s.p : "", s.n);
}

bool hook_to_str(lua_State *L, int index, struct str *out)
{
	*out = (struct str){ NULL, 0 };
	if (lua_type(L, index) != LUA_TSTRING &&
	    lua_type(L, index) != LUA_TNUMBER)
		return false;
	out->p = lua_tolstring(L, index, &out->n);
	return true;
}

void hook_add(lua_State *L, const char *name, lua_CFunction fn)
{
	lua_pushcfunction(L, fn);
	lua_setfield(L, -2, name);
}

/* Lua says it among other words: "Lua 5.4.4". */
void hook_library(struct buf *out)
{
	struct str ident = str_z(lua_ident);
	size_t at = str_find_str(ident, STR("Lua 5"));
	struct cursor c = cursor_of(str_from(ident, at + strlen("Lua ")));

	buf_add_z(out, "Lua/");
	buf_add_str(out, cursor_until(&c, ' '));
}
