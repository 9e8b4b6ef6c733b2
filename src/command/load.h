/* SPDX-License-Identifier: MIT */
/* What run and check have in common: the configuration, or all that is wrong
 * with it on standard error. */
#pragma once

#include "base/attr.h"
#include "command/command.h"
#include "service/service.h"

/* NULL where something is wrong; it has been said then. */
ATTR_MUST_CHECK struct services *load_services(const struct command_line *line);
/* Complains about words that the command does not know; -1 then. */
ATTR_MUST_CHECK int load_no_words(const char *command,
				  const struct command_line *line);
