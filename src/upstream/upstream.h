/* SPDX-License-Identifier: MIT */
/* A thread's way to all upstreams: what its transfers share. Only for the
 * carriers. */
#pragma once

#include <stdbool.h>

#include "base/list.h"
#include "base/loop.h"
#include "base/mailbox.h"
#include "upstream/connection.h"
#include "upstream/known.h"
#include "upstream/multi.h"
#include "upstream/resolver.h"

enum { UPSTREAM_BLOCK = 64 << 10 }; /* octets read or written at once */

struct upstream {
	struct loop *loop;
	struct mailbox *box; /* of limits and look-ups */
	struct resolver *resolver;
	struct sockets sockets;
	struct list dials;   /* lookups whose connection others may share */
	bool plain_http2_once; /* one request a connection is all that
				  libcurl can do of HTTP/2 without TLS */
	struct list pools;
	struct list owned;     /* own_connections, each with its pools */
	struct loop_task ended; /* frees those of clients that are gone */
	struct loop_timer tidy; /* frees pools that nobody uses any more */
	struct loop_timer reaper; /* closes the oldest idle connections */
	struct connections connections; /* of HTTP/1.1, idle */
	struct known_origins known;
	char *in, *out;        /* a block each, for the time of a call */
};
