/* SPDX-License-Identifier: MIT */
/* Gives memory back to the system once a crowd of clients has left. */
#pragma once

#include <stdint.h>

#include "base/loop.h"
#include "proxy/server.h"

/* Embedded; zeroed is valid and at rest. */
struct memory_trim {
	struct loop *loop;
	struct server *server;
	struct loop_timer timer;
	uint64_t most; /* clients, since memory was last given back */
};

/* Looks every few seconds, on the thread of this loop, whether most of many
 * clients have left, and then gives their memory back. Loop and server
 * outlive it. */
void memory_trim_start(struct memory_trim *m, struct loop *loop,
		       struct server *server);
void memory_trim_stop(struct memory_trim *m);
