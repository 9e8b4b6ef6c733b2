/* SPDX-License-Identifier: MIT */
/* The person's browser. */
#pragma once

#include <stdbool.h>

#include "base/attr.h"

/* Whether there is a screen for one, and somebody at a terminal to see it. */
bool browser_is_there(void);
/* Opens the address by $BROWSER, else by xdg-open, and does not wait. The
 * address stands among that program's arguments, where others on this machine
 * can read it: only one that is good once, and soon not at all, belongs here.
 * False where no program could be started. */
ATTR_MUST_CHECK bool browser_open(const char *address);
