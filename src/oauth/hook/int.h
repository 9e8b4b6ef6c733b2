/* SPDX-License-Identifier: MIT */
/* What the files of the hooks share: Lua's state and its bounds; not for
 * others. */
#pragma once

#include <lauxlib.h>
#include <lua.h>
#include <lualib.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/limits.h"
#include "data/json.h"
#include "oauth/hook/hook.h"

/* What Lua knows a hook's file by, and a text that it loads. */
#define HOOK_SOURCE      "=hook"
#define HOOK_SOURCE_LOAD "=load"

struct hook {
	uint64_t serial;     /* no other has it: addresses come again */
	char *path;
	struct buf text;     /* secret: it may hold keys */
	unsigned functions;  /* a bit for each that it defines */
};

/* A service's environment in a thread's state. */
struct hook_env {
	uint64_t serial;
	int ref;                /* in the registry */
	struct token *token;    /* a reference; the one that was seen last, */
	struct json *members;   /* and what it has */
	struct secret *client_secret; /* that the last call was given */
};

struct hook_machine {
	lua_State *L;           /* NULL: not made yet */
	size_t used;            /* octets */
	struct hook_env *envs;
	size_t nenvs;

	/* Of the call that is under way. */
	bool running;
	bool looks;             /* its memory is to be looked at */
	bool large;             /* it has large texts */
	bool too_large;         /* and one that is too large */
	unsigned steps, period; /* done; and until the next look */
	int64_t began;          /* thread's CPU time, ms */
	const char *stop;       /* the bound that it has run into: it cannot go
				   on whatever it catches; or NULL */
	const struct hook *hook;
	struct buf own;         /* words of an error that may be told */
	int own_line;           /* and where it was raised */
	int line;               /* where it went wrong; 0: not known */
	int begins;             /* the line of its function */
	struct buf out, name;   /* of the library function that runs; secret */
	struct json *json;      /* the same */
};

static inline struct hook_machine *hook_machine_of(lua_State *L)
{
	return *(struct hook_machine **)lua_getextraspace(L);
}

/* --- words.c --- */

/* Raises an error of these words, which may be told: no part of them is the
 * hook's. Returns never, as lua_error does. */
ATTR_PRINTF(2, 3) int hook_error(lua_State *L, const char *fmt, ...);
/* An argument that is not good: an error of these words, a constant. */
void hook_check_argument(lua_State *L, bool good, int arg, const char *words);
/* The file could not be compiled: Lua's words are at the top. */
int hook_syntax_error(lua_State *L);
/* A hook raises these words: they may be told if they are a literal there.
 * level: whose line it is, as for error(). */
void hook_note_literal(lua_State *L, struct str words, int level);
/* The line of the innermost function of the file, from this level on; 0 where
 * there is none. */
int hook_file_line(lua_State *L, int level);
/* Whether a line of the file has this name in its code. */
bool hook_line_has(const struct hook *h, int line, struct str name);
/* After hook_run has failed: where, and words that may be shown. */
void hook_tell(struct hook_machine *m, int rc, int *line, char *out,
	       size_t size);

/* --- machine.c --- */

/* Counts n steps; an error where those are too many. */
void hook_charge(lua_State *L, size_t n);
/* Runs fn(L) for a hook, with arg as its light userdata, within the bounds.
 * LUA_OK, or Lua's status with the error at the top. */
ATTR_MUST_CHECK int hook_run(struct hook_machine *m, const struct hook *h,
			     lua_CFunction fn, void *arg);
/* After hook_run and a look at the error. */
void hook_rest(struct hook_machine *m);
/* Within: pushes the hook's environment, which is made where there is none. */
struct hook_env *hook_env_push(lua_State *L, const struct hook *h);
/* The library function's buffer, emptied. */
struct buf *hook_out(lua_State *L);
/* Pushes what is in it; an error where that is too long. */
int hook_push_out(lua_State *L);
/* An argument's octets. */
struct str hook_check_str(lua_State *L, int arg);
void hook_push_str(lua_State *L, struct str s);
/* Text, or a number, which becomes text in its place; false for anything
 * else. */
bool hook_to_str(lua_State *L, int index, struct str *out);

/* --- the library --- */

/* Pushes a new table of all that a hook may use. */
void hook_push_base(lua_State *L);
/* Once a state: what strings' methods are, metatables. */
void hook_open(lua_State *L);
/* Adds string.* (the table at the top) but what it takes from Lua's own. */
void hook_open_string(lua_State *L);
/* Adds what hooks need beside Lua's own to the environment at the top. */
void hook_open_library(lua_State *L);
void hook_open_json(lua_State *L);
/* Adds fn under a name to the table at the top. */
void hook_add(lua_State *L, const char *name, lua_CFunction fn);

/* Pushes a JSON value. */
void hook_push_json(lua_State *L, const struct json *j);
/* Appends the value at index as JSON text. */
void hook_write_json(lua_State *L, int index, struct buf *out);

/* Pushes an array of the names in the table at index, in order, and returns how
 * many. An error where one is no text. */
size_t hook_push_names(lua_State *L, int index);

/* Puts name and value, the two at the top, into the table at index; a name
 * that is there gets an array of its values. */
void hook_add_value(lua_State *L, int index);

/* --- pattern.c --- */

/* A match: [0] is the whole. at is from the subject's beginning; n is -1 for a
 * position, and at then the position. */
struct hook_match {
	size_t ncaptures; /* without the whole */
	struct {
		size_t at;
		ptrdiff_t n;
	} capture[LIMIT_HOOK_CAPTURES + 1];
};

/* Looks for the first match from octet `from` on. An error where the pattern
 * is not valid. anchors: whether a "^" in front is an anchor. */
bool hook_pattern_find(lua_State *L, struct str subject, struct str pattern,
		       size_t from, bool anchors, struct hook_match *out);

/* --- message.c --- */

/* Once a state. */
void hook_open_message(lua_State *L);
/* Pushes the message as a table; reads it back from the one at index. */
void hook_push_message(lua_State *L, struct hook_env *env,
		       const struct hook_message *m);
void hook_read_message(lua_State *L, int index, struct hook_message *m);
