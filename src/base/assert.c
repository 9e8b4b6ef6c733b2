/* SPDX-License-Identifier: MIT */
/* Where a broken promise inside of the program ends. */
#include "base/assert.h"

#include <stdlib.h>

#include "base/last_words.h"

void assert_failed(const char *cond, const char *file, int line)
{
	last_words("bearerd: %s:%d: assertion failed: %s\n", file, line, cond);
	abort();
}
