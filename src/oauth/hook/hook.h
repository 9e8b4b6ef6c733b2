/* SPDX-License-Identifier: MIT */
/* Hooks: functions in Lua for what no key can say. A file is read once, with
 * the configuration; each thread runs it in a Lua of its own, within bounds of
 * time and memory. Only src/oauth/hook/ knows Lua. */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "base/arena.h"
#include "base/attr.h"
#include "base/buf.h"
#include "base/fault.h"
#include "base/limits.h"
#include "base/str.h"
#include "config/table.h"
#include "http/fields.h"
#include "oauth/request.h"
#include "oauth/token/token.h"

/* The functions that a file may define. */
enum hook_function {
	HOOK_ACCESS_TOKEN_REQUEST,
	HOOK_ACCESS_TOKEN_RESPONSE,
	HOOK_REFRESH_TOKEN_REQUEST,
	HOOK_REFRESH_TOKEN_RESPONSE,
	HOOK_PROTECTED_REQUEST,
	HOOK_CLIENT_AUTH,
	HOOK_FUNCTIONS,
};

/* "access_token_request", … */
const char *hook_function_name(enum hook_function function);

/* The key `hook`. */
struct hook_settings {
	char *path; /* NULL: none */
};

extern const struct config_table hook_settings_table;

/* A service's file; immutable, shared by all threads. */
struct hook;

/* A mistake in the file, with its line. */
typedef void hook_mistake_fn(void *arg, const struct fault *f);

/* Reads and tries the file. *out is NULL where the section names none. -1,
 * and NULL, where there is a mistake; all are told. */
ATTR_MUST_CHECK int hook_new(struct hook **out, const struct config_section *s,
			     hook_mistake_fn *mistake, void *arg);
void hook_free(struct hook **it);
/* Whether it defines the function. h may be NULL, and defines none. */
bool hook_has(const struct hook *h, enum hook_function function);

/* Octets of a body that a function can be shown. */
/* A thread's Lua: made at the first call, one state for all of the thread's
 * services, with an environment for each. */
struct hook_machine;

/* Without a state yet. Of one thread; freed by hook_machine_free, which wipes
 * what its hooks had; NULL is fine. */
ATTR_MALLOC struct hook_machine *hook_machine_new(void);
void hook_machine_free(struct hook_machine **it);

enum hook_has_body {
	HOOK_BODY_ABSENT,  /* there is none that the function could see, and it
			      may not make one */
	HOOK_BODY_NONE,    /* there is none yet; the function may make one */
	HOOK_BODY_TEXT,
};

/* What a function sees, and what it has made of it: the members that it
 * changes are replaced, in the arena. */
struct hook_message {
	struct arena *arena;
	const char *service;
	const struct config_section *section; /* of the session: whose client
						 it is */
	struct token *token;      /* NULL: there is none */
	int status;               /* 0: it is a request */
	struct str method, url;   /* of a request; empty: it has none */
	struct fields fields;     /* those that a function may change */
	struct token_param *params; /* where has_params */
	size_t nparams;
	bool has_params;
	enum hook_has_body has_body;
	struct str body;
};

/* Calls a function, which the hook has. -1 with a fault that says no more than
 * which one has failed: what went wrong, and on which line, has been logged.
 * The message may then be changed in part. */
ATTR_MUST_CHECK int hook_call(struct hook_machine *m, const struct hook *h,
			      enum hook_function function,
			      struct hook_message *message, struct fault *f);
/* Whether a hook neither sees nor may set a field: one that says how a message
 * is framed, or where it goes. */
bool hook_field_is_ours(struct str name);
/* Appends the library and the version that runs: "Lua/5.4.4". */
void hook_library(struct buf *out);
