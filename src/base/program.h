/* SPDX-License-Identifier: MIT */
/* Programs that the daemon starts, without a shell, and whose end is a call on
 * the loop. They get three descriptors (nothing to read, and two pipes), no
 * signal that is blocked or ignored here, the limits and the mode of new files
 * that this process was given (inherited.h), and a session of their own, so
 * that one that would ask a person finds no terminal, and fails at once. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/attr.h"
#include "base/fault.h"
#include "base/loop.h"
#include "base/str.h"

struct program;

/* All of it borrowed for the time of the start. */
struct program_spec {
	char *const *argv; /* its path first, absolute; ends with NULL */
	char *const *env;  /* ends with NULL; environment_for_programs */
	int64_t timeout;   /* ms; then it is killed, with its group */
	size_t max_output; /* octets of its standard output; more end it */
};

struct program_end {
	int status;     /* its exit status; -1: a signal ended it */
	int signal;     /* which; 0: none */
	bool timed_out, too_long; /* it was killed here for that */
	struct str out; /* what it wrote to standard output; wiped afterwards */
	struct str err; /* the beginning of what it wrote to standard error */
};

/* Called once, from the loop; the program is gone when it returns. */
typedef void program_done_fn(void *arg, const struct program_end *e);

/* NULL with a fault where it cannot be started. */
ATTR_MUST_CHECK struct program *program_start(struct loop *loop,
					      const struct program_spec *s,
					      program_done_fn *done, void *arg,
					      struct fault *f);
/* Kills it, without done; nulls the pointer. NULL is fine. */
void program_cancel(struct program **p);
/* How it ended, in words ("ended with status 1"), where that is not with
 * status 0; else NULL, and out is whole. The text is text's. */
const char *program_trouble(const struct program_end *e, struct fault *text);
