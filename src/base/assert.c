/* SPDX-License-Identifier: MIT */
/* Where a broken promise inside of the program ends. */
#include "base/assert.h"

#include <stdio.h>
#include <stdlib.h>

void assert_failed(const char *cond, const char *file, int line)
{
	(void)dprintf(2, "bearerd: %s:%d: assertion failed: %s\n", file, line,
		      cond);
	abort();
}
