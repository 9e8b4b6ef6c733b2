/* SPDX-License-Identifier: MIT */
/* Lines on their way to a descriptor that nobody may be reading: a bounded
 * queue, and a thread that alone waits for the reader. The descriptor is left
 * as it is (standard error is shared with others: no O_NONBLOCK). */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/attr.h"
#include "base/fault.h"

struct log_queue;

/* Called without locks held, on the queue's thread (tick), or by whoever puts
 * a line in (dropped); both may be NULL. */
struct log_queue_calls {
	/* Writes the line that tells of n lost lines, with its newline, into
	 * line, which has room for max octets; returns its length. Must not
	 * touch the queue. */
	size_t (*dropped)(char *line, size_t max, uint64_t n);
	/* About each second after log_queue_tick; false: no more. */
	bool (*tick)(void);
};

/* size: octets of lines that may wait. NULL with a fault where no thread can
 * be had. */
ATTR_MUST_CHECK struct log_queue *
log_queue_new(int fd, size_t size, const struct log_queue_calls *calls,
	      struct fault *f);
/* Waits until all is written, as long as the reader takes something within
 * each grace ms; frees. No thread may use the queue any more. Returns the
 * lines that were not written. */
uint64_t log_queue_free(struct log_queue **it, int64_t grace);
/* A whole line, its newline included; at most PIPE_BUF octets. Never waits
 * for the reader. False: it was dropped, for want of room. */
bool log_queue_put(struct log_queue *q, const char *line, size_t n);
/* Has calls->tick called. */
void log_queue_tick(struct log_queue *q);
/* Waits at most ms until all is written. For the last moment of a process
 * that aborts: gives up at once where the lock is held. */
void log_queue_flush(struct log_queue *q, int64_t ms);
/* Lines that were lost so far, for want of room or by errors of write(2). */
uint64_t log_queue_dropped(const struct log_queue *q);
