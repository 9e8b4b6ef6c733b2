/* SPDX-License-Identifier: MIT */
/* Closes connections that have been idle for longest. libcurl does that only
 * when it opens another, and of each transport by itself. Only for the
 * carrier. */
#pragma once

#include "upstream/transfer_curl.h"

void reaper_init(struct upstream *u);
void reaper_fini(struct upstream *u);
/* A connection may have become idle: closes the oldest soon, where there are
 * too many to leave room for others. */
void reaper_look(struct upstream *u);
/* Closes those that have been idle for more than so many seconds. */
void reaper_run(struct upstream *u, int64_t seconds);
