/* SPDX-License-Identifier: MIT */
/* Whether this process's memory, which holds tokens, may get into a core dump
 * or another process of the same user may look at it. */
#pragma once

/* Neither. At the start, once. */
void core_dump_forbid(void);
/* In a child, before another program takes its place: that one has the limit
 * that this process was started with. */
void core_dump_restore(void);
