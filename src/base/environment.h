/* SPDX-License-Identifier: MIT */
/* The variables of the environment: which of them this process and its
 * libraries see. Some libraries obey variables that hand out session keys
 * (SSLKEYLOGFILE), lead names elsewhere (HOSTALIASES) or weaken TLS, and
 * whoever starts a daemon has often inherited them from somewhere. */
#pragma once

#include "base/attr.h"

/* Takes out of envp, the array that main is given, all variables but those on
 * a list that the daemon needs. What is taken out stays in memory behind the
 * array's new end. Called once at most, before anything has read the
 * environment, also before the libraries' constructors; so it calls nothing. */
void environment_hide(char **envp);
/* The value of a variable as it was at the start, hidden or not; NULL where
 * it is not set. Borrowed. */
const char *environment_get(const char *name);
/* The environment for a program that the daemon starts: as it was at the
 * start, without the variables that no program should obey on a daemon's
 * behalf. An array that ends with NULL: mem_free, its strings are borrowed. */
ATTR_MUST_CHECK char **environment_for_programs(void);
/* The same for a program that is to learn no secret, which any variable may
 * hold: folders, who runs it, language, and where the desktop is; then the
 * given ones ("NAME=value", ends with NULL, borrowed). */
ATTR_MUST_CHECK char **environment_without_secrets(char *const *more);
