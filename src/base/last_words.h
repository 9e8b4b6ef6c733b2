/* SPDX-License-Identifier: MIT */
/* What a process says before it ends by abort(3): that there is no memory
 * left, or that an assertion has failed. Below the log, which needs memory
 * itself. */
#pragma once

#include <stddef.h>

#include "base/attr.h"
#include "base/limits.h"

/* Words that end with a newline, cut at LIMIT_LOG_VALUE octets. No memory is
 * allocated. They go to standard error, or to whom last_words_by names. */
ATTR_PRINTF(1, 2) void last_words(const char *fmt, ...);
/* The log writes them from now on, behind the lines that wait. May be called
 * again, from any thread. */
void last_words_by(void (*write_words)(const char *words, size_t n));
