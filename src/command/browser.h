/* SPDX-License-Identifier: MIT */
/* Opens the person's browser, where there is one. */
#pragma once

#include <stdbool.h>

#include "base/attr.h"

/* Whether there is a screen for one, and somebody at a terminal to see it. */
bool browser_is_there(void);
/* Whether it is an http or https address, and nothing that a program could take
 * for an option, a file or a command. */
bool browser_may_open(const char *address);
/* Opens such an address by $BROWSER, else by xdg-open, and does not wait. It
 * stands among that program's arguments, where others on this machine can read
 * it: what nobody may know is led to (command/handover.h). False where no
 * program could be started, or the address may not be opened. */
ATTR_MUST_CHECK bool browser_open(const char *address);
