/* SPDX-License-Identifier: MIT */
/* What went wrong, in words that a user can act on. A function that can fail
 * returns 0, or -1 with the fault filled in. */
#pragma once

#include <stdarg.h>

#include "base/attr.h"
#include "base/limits.h"

enum { FAULT_TEXT_MAX = LIMIT_FAULT_TEXT };

struct fault {
	char text[FAULT_TEXT_MAX];
};

/* Fills in the text (cut at the maximum, never in a secret's favour: callers
 * pass none) and returns -1, so that a caller can "return fault_set(…)".
 * f may be NULL. */
ATTR_PRINTF(2, 3) int fault_set(struct fault *f, const char *fmt, ...);
ATTR_PRINTF(2, 0) int fault_setv(struct fault *f, const char *fmt, va_list ap);
/* Puts "where: " in front of the text; returns -1. */
ATTR_PRINTF(2, 3) int fault_prefix(struct fault *f, const char *fmt, ...);
/* As fault_set, with ": " and strerror(err) behind it. */
ATTR_PRINTF(3, 4)
int fault_errno(struct fault *f, int err, const char *fmt, ...);
