/* SPDX-License-Identifier: MIT */
/* Ends the process where an assertion on a programmer error has failed, with
 * the place as its last words. */
#include "base/assert.h"

#include <stdlib.h>

#include "base/last_words.h"

void assert_failed(const char *cond, const char *file, int line)
{
	last_words("bearerd: %s:%d: assertion failed: %s\n", file, line, cond);
	abort();
}
