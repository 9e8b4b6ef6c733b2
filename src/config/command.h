/* SPDX-License-Identifier: MIT */
/* Secrets that a program prints (KEY_command): which program, and what it
 * printed last. It is run elsewhere (authserver/secret_command.h); here any
 * thread may ask for what it printed. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "base/attr.h"
#include "base/fault.h"
#include "base/secret.h"
#include "base/str.h"
#include "config/table.h"

struct config_strict;

/* What it printed, and when it was begun. */
struct config_command_value {
	struct secret *secret; /* a reference of the caller's; NULL: it has
				  not printed any yet */
	int64_t life;          /* seconds from then; 0: not told */
	int64_t ran, ran_wall; /* clock_ms, clock_wall_ms */
};

/* "PATH ARG ..." by spaces; the path is absolute. key: the row's name,
 * borrowed, of a token that may come as a JSON object with its life where
 * is_token. NULL with a fault. */
ATTR_MUST_CHECK struct config_command *
config_command_new(const char *key, bool is_token, struct str line,
		   const struct config_strict *strict, struct fault *f);
void config_command_free(struct config_command **c);

/* The key that it is for: "client_secret". */
const char *config_command_key(const struct config_command *c);
/* Its path and words, ends with NULL; borrowed. */
char *const *config_command_argv(const struct config_command *c);
/* Whether it may be started now, as strict_modes has it. -1 with a fault. */
ATTR_MUST_CHECK int config_command_hold(const struct config_command *c,
					struct fault *f);

/* Whether it has to be run before what it printed may be used: it has not been
 * yet, the life of what it printed is over, or it was refused. now:
 * clock_ms. */
bool config_command_due(struct config_command *c, int64_t now);
/* What it printed last. */
struct config_command_value config_command_get(struct config_command *c);
/* Takes what it printed: its first line, or the object. ran, ran_wall: when it
 * was begun. -1 with a fault, which holds none of it, where that is no secret;
 * what it printed before stays then. */
ATTR_MUST_CHECK int config_command_take(struct config_command *c,
					struct str printed, int64_t ran,
					int64_t ran_wall, struct fault *f);
/* What it printed was refused, which may be its fault: it is due, but once a
 * minute at most (LIMIT_SECRET_COMMAND_AGAIN). True: it is. */
bool config_command_refused(struct config_command *c, int64_t now);
