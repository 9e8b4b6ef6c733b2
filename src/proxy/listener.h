/* SPDX-License-Identifier: MIT */
/* Sockets that listen, and the way of a new connection to the front. */
#pragma once

#include <stdbool.h>

#include "base/attr.h"
#include "base/fault.h"
#include "base/list.h"
#include "base/loop.h"

struct worker;

struct listener {
	struct list node;   /* worker->listeners */
	struct worker *worker;
	struct loop_io io;
	int fd;
	bool opened;
	bool starved;           /* there were none left, which was said */
	struct loop_timer rest; /* until descriptors are free again */
};

/* Takes a listening socket over, for this worker. */
ATTR_MALLOC struct listener *listener_new(struct worker *w, int fd);
/* Accepts from now on. */
ATTR_MUST_CHECK int listener_open(struct listener *l, struct fault *f);
/* Takes what the kernel had queued, then closes the socket. */
void listener_close(struct listener *l);
void listener_free(struct listener **l);
