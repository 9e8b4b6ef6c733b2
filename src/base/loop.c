/* SPDX-License-Identifier: MIT */
/* The event loop that each thread runs: everything that happens in the program
 * is a callback from here. */
#include "base/loop.h"

#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <stddef.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/signalfd.h>
#include <unistd.h>

#include "base/alloc.h"
#include "base/assert.h"
#include "base/clock.h"
#include "base/limits.h"

enum {
	EVENT_BLOCK = 128, /* events taken from the kernel at once */
	HEAP_FIRST = 64,
};

/* In a timer's slot: the rest is an index in due, not in the heap. */
#define SLOT_DUE ((size_t)1 << (sizeof(size_t) * 8 - 1))

/* Signals that one loop_signals_add asked for. */
struct signals {
	struct signals *next;
	struct loop_io io;
	int fd;
	loop_signal_fn *fn;
	void *arg;
};

struct loop {
	int epoll;
	bool stop, turning;
	int64_t now;
	_Atomic int64_t last_turn;
	int64_t resumed; /* when it last found that it had stood still */
	int64_t replayed; /* while timers fire late: the time now; else 0 */

	struct epoll_event events[EVENT_BLOCK];
	int event, n_events; /* the one under way; how many there are */

	struct loop_timer **heap;  /* binary, the least key first */
	struct loop_timer **due;   /* this turn's; NULL: cleared meanwhile */
	size_t n_heap, n_due, cap; /* cap: of both */

	struct list tasks, hooks;
	struct signals *signals;
};

/* ---- descriptors ---- */

static int epoll_op(struct loop_io *io, int op)
{
	struct epoll_event e = { .events = io->events, .data = { .ptr = io } };

	return epoll_ctl(io->loop->epoll, op, io->fd, &e);
}

int loop_io_add(struct loop *loop, struct loop_io *io, int fd, uint32_t events,
		loop_io_fn *fn, void *arg, struct fault *f)
{
	*io = (struct loop_io){ fd, events, fn, arg, loop };
	if (epoll_op(io, EPOLL_CTL_ADD) == 0)
		return 0;
	io->loop = NULL;
	return fault_errno(f, errno, "cannot watch descriptor %d", fd);
}

/* Asking for the same again is not taken to the kernel, unless that arms it
 * anew. An exclusive watch cannot be modified, only made again. */
void loop_io_set(struct loop_io *io, uint32_t events)
{
	uint32_t before = io->events;
	int r;

	ASSERT(io->loop);
	if (events == before && !(events & (EPOLLET | EPOLLONESHOT)))
		return;
	io->events = events;
	if ((before | events) & EPOLLEXCLUSIVE) {
		(void)epoll_op(io, EPOLL_CTL_DEL);
		r = epoll_op(io, EPOLL_CTL_ADD);
	} else {
		r = epoll_op(io, EPOLL_CTL_MOD);
	}
	ASSERT(r == 0);
}

void loop_io_del(struct loop_io *io)
{
	if (!io->loop)
		return;
	(void)epoll_op(io, EPOLL_CTL_DEL);
	loop_io_forget(io);
}

/* What the kernel has said of it already is taken back too. */
void loop_io_forget(struct loop_io *io)
{
	struct loop *loop = io->loop;

	if (!loop)
		return;
	io->loop = NULL;
	for (int i = loop->event + 1; i < loop->n_events; i++)
		if (loop->events[i].data.ptr == io)
			loop->events[i].data.ptr = NULL;
}

/* Only events that are still asked for: a callback before may have lost
 * interest on behalf of this one. */
static void dispatch(struct loop *loop)
{
	for (loop->event = 0; loop->event < loop->n_events; loop->event++) {
		struct epoll_event *e = &loop->events[loop->event];
		struct loop_io *io = e->data.ptr;
		uint32_t what;

		if (!io)
			continue;
		what = e->events & (io->events | EPOLLERR | EPOLLHUP);
		if (what)
			io->fn(io->arg, what);
	}
	loop->event = loop->n_events = 0;
}

/* ---- timers ---- */

static void heap_put(struct loop *loop, size_t i, struct loop_timer *t)
{
	loop->heap[i] = t;
	t->slot = i + 1;
}

/* Finds t's place from the free index i upwards. */
static void heap_up(struct loop *loop, size_t i, struct loop_timer *t)
{
	while (i > 0) {
		size_t parent = (i - 1) / 2;

		if (loop->heap[parent]->key <= t->key)
			break;
		heap_put(loop, i, loop->heap[parent]);
		i = parent;
	}
	heap_put(loop, i, t);
}

/* The same downwards. */
static void heap_down(struct loop *loop, size_t i, struct loop_timer *t)
{
	for (;;) {
		size_t child = 2 * i + 1;

		if (child >= loop->n_heap)
			break;
		if (child + 1 < loop->n_heap &&
		    loop->heap[child + 1]->key < loop->heap[child]->key)
			child++;
		if (loop->heap[child]->key >= t->key)
			break;
		heap_put(loop, i, loop->heap[child]);
		i = child;
	}
	heap_put(loop, i, t);
}

static void heap_remove(struct loop *loop, struct loop_timer *t)
{
	size_t i = t->slot - 1;
	struct loop_timer *last = loop->heap[--loop->n_heap];

	t->slot = 0;
	if (last == t)
		return;
	if (i > 0 && loop->heap[(i - 1) / 2]->key > last->key)
		heap_up(loop, i, last);
	else
		heap_down(loop, i, last);
}

static void heap_add(struct loop *loop, struct loop_timer *t)
{
	if (loop->n_heap + loop->n_due == loop->cap) {
		size_t cap = loop->cap ? loop->cap * 2 : HEAP_FIRST;

		ASSERT(cap < SIZE_MAX / sizeof(t) / 2);
		loop->heap = mem_resize(loop->heap, cap * sizeof(t));
		loop->due = mem_resize(loop->due, cap * sizeof(t));
		loop->cap = cap;
	}
	heap_up(loop, loop->n_heap++, t);
}

void loop_timer_init(struct loop_timer *t, loop_fn *fn, void *arg)
{
	*t = (struct loop_timer){ .fn = fn, .arg = arg };
}

/* What a timer begins that fires late has all of its time from now on; what is
 * to follow it at once keeps its place before the others that are late. */
void loop_timer_set(struct loop *loop, struct loop_timer *t, int64_t ms)
{
	bool follows = !loop->replayed || ms <= LIMIT_LOOP_LATE;
	int64_t due;

	if (__builtin_add_overflow(follows ? loop->now : loop->replayed, ms,
				   &due))
		due = ms < 0 ? INT64_MIN : INT64_MAX;
	loop_timer_set_at(loop, t, due);
}

void loop_timer_set_at(struct loop *loop, struct loop_timer *t, int64_t due)
{
	if (t->slot & SLOT_DUE)
		loop_timer_clear(loop, t);
	t->due = due;
	t->set = true;
	if (t->slot && due >= t->key)
		return; /* later: seen when the heap comes to it */
	t->key = due;
	if (t->slot)
		heap_up(loop, t->slot - 1, t);
	else
		heap_add(loop, t);
}

void loop_timer_clear(struct loop *loop, struct loop_timer *t)
{
	if (t->slot & SLOT_DUE) {
		loop->due[t->slot & ~SLOT_DUE] = NULL;
		t->slot = 0;
	} else if (t->slot) {
		heap_remove(loop, t);
	}
	t->set = false;
}

/* Takes all that are due off the heap; those that were set to later in the
 * meantime go back. */
static void timers_collect(struct loop *loop)
{
	while (loop->n_heap && loop->heap[0]->key <= loop->now) {
		struct loop_timer *t = loop->heap[0];

		if (t->due > t->key) {
			t->key = t->due;
			heap_down(loop, 0, t);
			continue;
		}
		heap_remove(loop, t);
		t->slot = SLOT_DUE | loop->n_due;
		loop->due[loop->n_due++] = t;
	}
}

/* Collected first, so that one that a callback sets to 0 ms fires in the next
 * turn and does not keep the descriptors waiting. */
static void timers_fire(struct loop *loop)
{
	timers_collect(loop);
	for (size_t i = 0; i < loop->n_due; i++) {
		struct loop_timer *t = loop->due[i];

		if (!t)
			continue;
		t->slot = 0;
		t->set = false;
		t->fn(t->arg);
	}
	loop->n_due = 0;
}

/* ---- tasks and hooks ---- */

void loop_task_init(struct loop_task *t, loop_fn *fn, void *arg)
{
	*t = (struct loop_task){ .fn = fn, .arg = arg };
	list_init(&t->node);
}

void loop_task_add(struct loop *loop, struct loop_task *t)
{
	if (t->queued)
		return;
	t->queued = true;
	list_push(&loop->tasks, &t->node);
}

void loop_task_cancel(struct loop_task *t)
{
	if (!t->queued)
		return;
	t->queued = false;
	list_remove(&t->node);
}

/* One that a task adds waits for the next turn, which then does not sleep. */
static void tasks_run(struct loop *loop)
{
	struct list batch = LIST_INIT(batch), *node;

	list_splice(&batch, &loop->tasks);
	while ((node = list_shift(&batch))) {
		struct loop_task *t = list_entry(node, struct loop_task, node);

		t->queued = false;
		t->fn(t->arg);
	}
}

void loop_hook_add(struct loop *loop, struct loop_hook *h, loop_hook_fn *fn,
		   void *arg)
{
	h->fn = fn;
	h->arg = arg;
	list_push(&loop->hooks, &h->node);
}

void loop_hook_del(struct loop_hook *h)
{
	if (h->node.next)
		list_remove(&h->node);
}

/* The shorter of two waits, where -1 has no end. */
static int shorter(int a, int b)
{
	if (a < 0)
		return b;
	return b < 0 || a < b ? a : b;
}

/* A hook may remove itself and others: none is held on to over a call. */
static int hooks_run(struct loop *loop)
{
	struct list todo = LIST_INIT(todo), *node;
	int ms = -1;

	list_splice(&todo, &loop->hooks);
	while ((node = list_shift(&todo))) {
		struct loop_hook *h = list_entry(node, struct loop_hook, node);

		list_push(&loop->hooks, node);
		ms = shorter(ms, h->fn(h->arg));
	}
	return ms;
}

/* ---- signals ---- */

static void set_of(sigset_t *set, const int *signos, size_t n)
{
	(void)sigemptyset(set);
	for (size_t i = 0; i < n; i++)
		(void)sigaddset(set, signos[i]);
}

void loop_signals_block(const int *signos, size_t n)
{
	sigset_t set;

	set_of(&set, signos, n);
	(void)pthread_sigmask(SIG_BLOCK, &set, NULL);
}

static void signals_read(void *arg, uint32_t events)
{
	struct signals *s = arg;
	struct signalfd_siginfo info;

	(void)events;
	while (read(s->fd, &info, sizeof(info)) == (ssize_t)sizeof(info))
		s->fn(s->arg, (int)info.ssi_signo);
}

int loop_signals_add(struct loop *loop, const int *signos, size_t n,
		     loop_signal_fn *fn, void *arg, struct fault *f)
{
	struct signals *s;
	sigset_t set;
	int fd;

	set_of(&set, signos, n);
	fd = signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK);
	if (fd < 0)
		return fault_errno(f, errno, "signalfd");
	s = mem_new(struct signals);
	s->fd = fd;
	s->fn = fn;
	s->arg = arg;
	if (loop_io_add(loop, &s->io, fd, EPOLLIN, signals_read, s, f)) {
		(void)close(fd);
		mem_free(s);
		return -1;
	}
	s->next = loop->signals;
	loop->signals = s;
	return 0;
}

/* ---- the loop ---- */

struct loop *loop_new(struct fault *f)
{
	int epoll = epoll_create1(EPOLL_CLOEXEC);
	struct loop *loop;

	if (epoll < 0) {
		(void)fault_errno(f, errno, "epoll_create1");
		return NULL;
	}
	loop = mem_new(struct loop);
	loop->epoll = epoll;
	loop->now = clock_ms();
	loop->resumed = INT64_MIN;
	atomic_init(&loop->last_turn, loop->now);
	list_init(&loop->tasks);
	list_init(&loop->hooks);
	return loop;
}

void loop_free(struct loop **loop)
{
	struct loop *l = *loop;

	if (!l)
		return;
	*loop = NULL;
	ASSERT(!l->turning);
	while (l->signals) {
		struct signals *s = l->signals;

		l->signals = s->next;
		(void)close(s->fd);
		mem_free(s);
	}
	(void)close(l->epoll);
	mem_free(l->heap);
	mem_free(l->due);
	mem_free(l);
}

/* How long this turn may sleep, asked when nothing is under way. What the hooks
 * bring about is done first, and they are asked once more: else the turn would
 * look at the descriptors in vain. */
static int sleep_ms(struct loop *loop, int most)
{
	bool idle = list_empty(&loop->tasks);
	int ms = hooks_run(loop);

	if (idle && !list_empty(&loop->tasks)) {
		tasks_run(loop);
		ms = hooks_run(loop);
	}
	ms = shorter(shorter(LIMIT_LOOP_SLEEP, most), ms);
	if (loop->stop || !list_empty(&loop->tasks))
		return 0;
	if (loop->n_heap) {
		int64_t key = loop->heap[0]->key;

		if (key <= loop->now)
			return 0;
		if (key < loop->now + ms)
			return (int)(key - loop->now);
	}
	return ms;
}

/* Takes events, waiting at most ms. Returns how many there are, -1 where the
 * wait was interrupted. */
static int wait_for_events(struct loop *loop, int ms)
{
	int n = epoll_wait(loop->epoll, loop->events, EVENT_BLOCK, ms);

	ASSERT(n >= 0 || errno == EINTR);
	loop->n_events = n > 0 ? n : 0;
	return n;
}

/* The thread stood still, as when its process is stopped (SIGSTOP) or its
 * machine sleeps: what came meanwhile came in time, though the clock says that
 * it is late. So all of it is taken before a timer fires. */
static void catch_up(struct loop *loop)
{
	for (int i = 0; i < LIMIT_LOOP_ROUNDS; i++) {
		dispatch(loop);
		tasks_run(loop);
		(void)hooks_run(loop);
		if (wait_for_events(loop, 0) == 0)
			break;
	}
	dispatch(loop);
	tasks_run(loop);
	(void)hooks_run(loop);
}

/* The timers that are over at the time now fire in their order, each at its
 * own time and with all that comes of it before the next: one that only begins
 * something is not followed at once by the one that bounds it. What comes of it
 * through descriptors comes now. */
static void timers_replay(struct loop *loop, int64_t now)
{
	int64_t at = INT64_MIN;

	loop->replayed = now;
	for (int i = 0; i < LIMIT_LOOP_TIMERS; i++) {
		if (loop->n_heap == 0 || loop->heap[0]->key > now)
			break;
		if (at < loop->heap[0]->key)
			at = loop->heap[0]->key;
		loop->now = at;
		timers_fire(loop);
		loop->now = now;
		catch_up(loop);
	}
	loop->replayed = 0;
}

static bool stood_still(struct loop *loop, int64_t since, int64_t now)
{
	if (now - since > LIMIT_LOOP_STILL)
		loop->resumed = now;
	return now - since > LIMIT_LOOP_LATE;
}

void loop_turn(struct loop *loop, int ms)
{
	int64_t now = clock_ms(), since = loop->now;
	bool late, interrupted;

	ASSERT(!loop->turning);
	loop->turning = true;
	late = stood_still(loop, since, now);
	loop->now = now;
	atomic_store_explicit(&loop->last_turn, now, memory_order_relaxed);
	/* The hooks would look at clocks of their own. */
	ms = late && now - since <= LIMIT_LOOP_STILL ? 0 : sleep_ms(loop, ms);
	interrupted = wait_for_events(loop, ms) < 0;
	if (!late)
		since = now + ms;
	now = clock_ms();
	late |= stood_still(loop, since, now);
	loop->now = now;
	if (late || interrupted)
		catch_up(loop);
	else
		dispatch(loop);
	/* After a longer one nothing is as it was. */
	if (late && now - since <= LIMIT_LOOP_STILL)
		timers_replay(loop, now);
	timers_fire(loop);
	tasks_run(loop);
	loop->turning = false;
}

void loop_run(struct loop *loop)
{
	while (!loop->stop)
		loop_turn(loop, -1);
	loop->stop = false;
}

void loop_stop(struct loop *loop)
{
	loop->stop = true;
}

int64_t loop_now(const struct loop *loop)
{
	return loop->now;
}

int64_t loop_resumed(const struct loop *loop)
{
	int64_t now = clock_ms();

	/* A pause in the middle of a turn is only known to the next one. */
	return now - loop->now > LIMIT_LOOP_STILL ? now : loop->resumed;
}

int64_t loop_last_turn(const struct loop *loop)
{
	return atomic_load_explicit(&loop->last_turn, memory_order_relaxed);
}
