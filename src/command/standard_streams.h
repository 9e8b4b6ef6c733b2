/* SPDX-License-Identifier: MIT */
/* Standard input, output and error, from the first to the last line of
 * main. */
#pragma once

#include "base/attr.h"

/* Puts something in the place of those that the process was started without,
 * so that none of its files and connections gets their numbers, and a log line
 * goes to a client. Output that was closed cannot be written to. */
void standard_streams_open(void);
/* Writes out what waits to be printed. Returns the exit status: status, or
 * COMMAND_FAILED where that is COMMAND_DONE and something that was printed did
 * not arrive, which is told on standard error. */
ATTR_MUST_CHECK int standard_streams_close(int status);
