/* SPDX-License-Identifier: MIT */
/* Assertions on programmer errors; always compiled in, never on input. */
#pragma once

#include "base/attr.h"

#define ASSERT(cond) \
	((cond) ? (void)0 : assert_failed(#cond, __FILE__, __LINE__))

/* Writes the condition and its place to standard error and aborts. */
ATTR_NORETURN void assert_failed(const char *cond, const char *file, int line);
