/* SPDX-License-Identifier: MIT */
/* Lines of any length from a terminal: its own editing of a line ends at 4,095
 * octets and drops what is behind them, a newline excepted. While one is read,
 * the terminal hands over each octet as it comes; erasing and showing them is
 * done here. */
#pragma once

#include <stdbool.h>

#include "base/attr.h"
#include "base/buf.h"
#include "base/str.h"

/* From now on standard input, where it is a terminal, is read octet by octet;
 * signals that end or stop the process leave it as it was. */
void terminal_open(void);
/* It is as it was. Fine where it was not opened. */
void terminal_close(void);
/* What was read, behind what a line has so far: shown, and erased where that
 * was typed. False: its end was typed in. Where it was not opened, all of it
 * is added. */
ATTR_MUST_CHECK bool terminal_take(struct str octets, struct buf *line);
