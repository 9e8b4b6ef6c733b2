/* SPDX-License-Identifier: MIT */
/* Whether this process's memory, which holds tokens, may get into a core dump
 * or another process of the same user may look at it. */
#pragma once

/* Neither. At the start, once; programs that are started get the limit back by
 * inherited_restore. */
void core_dump_forbid(void);
