/* SPDX-License-Identifier: MIT */
/* The program's threads: each has a name, which top -H and gdb show, and takes
 * no signals, which are the main thread's. */
#pragma once

#include <pthread.h>
#include <stddef.h>

#include "base/attr.h"

/* Runs run(arg) in a thread of its own. out: for pthread_join; NULL: nobody
 * waits for its end. stack in octets, 0 for the system's default. The name is
 * cut at 15 octets. 0, or the number of an error. */
ATTR_MUST_CHECK int thread_start(pthread_t *out, const char *name,
				 size_t stack, void *(*run)(void *arg),
				 void *arg);
