/* SPDX-License-Identifier: MIT */
/* The key reference of bearerd.ini(5), and the bounds of bearerd(8), from the
 * tables. */
#pragma once

#include "base/buf.h"

/* Appends it as mdoc(7): a subsection a table, an item a key. */
void service_manual_write(struct buf *out);
/* Appends the bounds: those that keys set, then the others. */
void service_manual_limits(struct buf *out);
