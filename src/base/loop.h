/* SPDX-License-Identifier: MIT */
/* The event loop: one a thread. Descriptors (epoll), timers, tasks that run
 * when the current callbacks are through, and hooks before it sleeps. All
 * functions but loop_last_turn are for the loop's own thread. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "base/attr.h"
#include "base/fault.h"
#include "base/list.h"

struct loop;

/* events is what epoll said. The callback may remove and free its own and
 * other descriptors' structs: no callback is called for a removed one, also
 * within the same turn. */
typedef void loop_io_fn(void *arg, uint32_t events);
typedef void loop_fn(void *arg);

/* A watched descriptor; embedded in its owner. fd is not closed. */
struct loop_io {
	int fd;
	uint32_t events;
	loop_io_fn *fn;
	void *arg;
	struct loop *loop; /* NULL: not watched */
};

/* A timer that fires once; embedded, zeroed is valid and unset. Setting it
 * again, earlier or later, is cheap: re-arming to a later time only changes
 * due. */
struct loop_timer {
	int64_t due;    /* ms, clock_ms */
	int64_t key;    /* where the heap has it; the loop's */
	size_t slot;    /* 1 + index in the heap; 0: not in it */
	bool set;
	loop_fn *fn;
	void *arg;
};

/* Something to do once the callbacks under way have returned; embedded.
 * Zeroed is valid. Adding it twice runs it once. */
struct loop_task {
	struct list node;
	bool queued;
	loop_fn *fn;
	void *arg;
};

/* Runs each turn before the loop sleeps; returns the most milliseconds that
 * the loop may sleep, -1 for any number. Embedded. */
typedef int loop_hook_fn(void *arg);
struct loop_hook {
	struct list node;
	loop_hook_fn *fn;
	void *arg;
};

/* NULL with a fault when epoll cannot be had. */
ATTR_MUST_CHECK struct loop *loop_new(struct fault *f);
void loop_free(struct loop **loop);
/* Turns until loop_stop. A turn lasts at most 4 s, so that a loop that stands
 * still can be told from an idle one. */
void loop_run(struct loop *loop);
/* loop_run returns when the turn is over. */
void loop_stop(struct loop *loop);
/* One turn, waiting at most ms (-1: as loop_run would). For tests and for
 * draining. */
void loop_turn(struct loop *loop, int ms);
/* The time at which this turn's events came in, ms (clock_ms). */
int64_t loop_now(const struct loop *loop);
/* When it last went on after it had stood still for more than 5 s, as other
 * threads may have as well; INT64_MIN: never. */
int64_t loop_resumed(const struct loop *loop);
/* clock_ms of the last turn's beginning; may be read by any thread. */
int64_t loop_last_turn(const struct loop *loop);

/* Fills *io in and watches; -1 with a fault (EPERM for plain files, say). */
ATTR_MUST_CHECK int loop_io_add(struct loop *loop, struct loop_io *io, int fd,
				uint32_t events, loop_io_fn *fn, void *arg,
				struct fault *f);
void loop_io_set(struct loop_io *io, uint32_t events);
/* Stops watching; fine on one that is not watched. Before close(2). */
void loop_io_del(struct loop_io *io);
/* As loop_io_del for a descriptor that is closed already: forgets without
 * asking the kernel. */
void loop_io_forget(struct loop_io *io);

/* Not set; fn is called once each time that it fires. */
void loop_timer_init(struct loop_timer *t, loop_fn *fn, void *arg);
/* Fires ms from now (loop_now; 0: the next turn). */
void loop_timer_set(struct loop *loop, struct loop_timer *t, int64_t ms);
/* The same at a time, clock_ms. Either sets one anew that is set. */
void loop_timer_set_at(struct loop *loop, struct loop_timer *t, int64_t due);
/* Fine on one that is not set. */
void loop_timer_clear(struct loop *loop, struct loop_timer *t);

/* Not queued. */
void loop_task_init(struct loop_task *t, loop_fn *fn, void *arg);
void loop_task_add(struct loop *loop, struct loop_task *t);
/* Fine on one that is not queued, or is being run. */
void loop_task_cancel(struct loop_task *t);

/* From the next turn on, after those that are there. h is the caller's, until
 * loop_hook_del, which is fine on a zeroed one. */
void loop_hook_add(struct loop *loop, struct loop_hook *h, loop_hook_fn *fn,
		   void *arg);
void loop_hook_del(struct loop_hook *h);

/* Signals arrive as calls on this loop (signalfd); they must be blocked in
 * every thread (loop_signals_block in main before any thread starts). */
typedef void loop_signal_fn(void *arg, int signo);
void loop_signals_block(const int *signos, size_t n);
ATTR_MUST_CHECK int loop_signals_add(struct loop *loop, const int *signos,
				     size_t n, loop_signal_fn *fn, void *arg,
				     struct fault *f);
