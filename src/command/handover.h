/* SPDX-License-Identifier: MIT */
/* Hands an address that nobody else may learn to a browser: among a program's
 * arguments every process of the machine could read it. */
#pragma once

#include <sys/types.h>

#include "base/attr.h"
#include "base/buf.h"
#include "base/fault.h"

/* Listens on loopback, in a child, which leads the first browser of the same
 * user (or root) that comes to that address, once. Adds the address that the
 * browser is to open, which says nothing. Gives the child's id, for
 * handover_end; -1 with a fault. */
ATTR_MUST_CHECK pid_t handover_start(const char *address, struct buf *url,
				     struct fault *f);
/* Nobody is led there any more; 0 is none. */
void handover_end(pid_t child);
