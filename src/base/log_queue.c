/* SPDX-License-Identifier: MIT */
/* The log's way out: threads copy their lines into a ring of octets, one
 * thread of the queue's own writes them. A log that nobody reads stops that
 * thread and nothing else. */
#include "base/log_queue.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <poll.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "base/alloc.h"
#include "base/limits.h"
#include "base/thread.h"

/* What is written at once: lines of several processes never mix in a pipe. */
enum { CHUNK = PIPE_BUF };

struct log_queue {
	pthread_mutex_t lock;
	pthread_cond_t come, gone; /* lines came in; lines went out */
	struct log_queue_calls calls;
	int fd;
	int direct; /* the same pipe or terminal, opened anew so that
		       O_NONBLOCK is ours alone; -1: it is
		       neither */
	bool is_socket;
	char *ring;
	size_t size, head, n;
	uint64_t held;    /* lines that the thread has taken */
	uint64_t written; /* chunks that went out: is there progress? */
	uint64_t untold;  /* lines dropped, no line says so yet */
	uint64_t failed;  /* lines that write(2) refused since the last put */
	_Atomic uint64_t dropped;
	_Atomic bool abandoned; /* the owner waits no more */
	bool dropping; /* until half of the ring is free */
	bool ticks;
	bool over, ended;
	_Atomic int refs; /* the owner's and the thread's */
};

static void unref(struct log_queue *q)
{
	if (atomic_fetch_sub(&q->refs, 1) != 1)
		return;
	if (q->direct >= 0)
		close(q->direct);
	pthread_cond_destroy(&q->come);
	pthread_cond_destroy(&q->gone);
	pthread_mutex_destroy(&q->lock);
	mem_free(q->ring);
	mem_free(q);
}

static void ring_put(struct log_queue *q, const char *p, size_t n)
{
	size_t at = (q->head + q->n) % q->size;
	size_t first = n < q->size - at ? n : q->size - at;

	memcpy(q->ring + at, p, first);
	memcpy(q->ring, p + first, n - first);
	q->n += n;
}

/* Whole lines, as many as fit a chunk. */
static size_t ring_take(struct log_queue *q, char *out)
{
	size_t n = q->n < CHUNK ? q->n : CHUNK;
	size_t first = n < q->size - q->head ? n : q->size - q->head;

	memcpy(out, q->ring + q->head, first);
	memcpy(out + first, q->ring, n - first);
	while (n < q->n && out[n - 1] != '\n')
		n--;
	q->head = (q->head + n) % q->size;
	q->n -= n;
	return n;
}

/* The line that says how many were lost, where there are any. */
static size_t notice(struct log_queue *q, char *line)
{
	uint64_t n = q->untold;

	q->dropping = false;
	q->untold = 0;
	return n && q->calls.dropped ? q->calls.dropped(line, CHUNK, n) : 0;
}

static void lose(struct log_queue *q, uint64_t lines)
{
	q->untold += lines;
	atomic_fetch_add_explicit(&q->dropped, lines, memory_order_relaxed);
}

/* Lines are taken again once half of the ring is free, so that a slow reader
 * gets stretches of whole lines and not every second one. */
static bool admits(struct log_queue *q, size_t n)
{
	char line[CHUNK];
	size_t m;

	if (q->dropping && q->n > q->size / 2)
		return false;
	m = notice(q, line);
	if (m <= q->size - q->n)
		ring_put(q, line, m);
	q->dropping = n > q->size - q->n;
	return !q->dropping;
}

/* Past the thread, where nothing waits for it and nobody has to be waited for:
 * so a line is there before what its caller does next. Returns the octets that
 * went out. */
static size_t write_now(struct log_queue *q, const char *p, size_t n)
{
	ssize_t r = -1;

	if (q->n || q->held || q->untold)
		return 0;
	if (q->is_socket)
		r = send(q->fd, p, n, MSG_DONTWAIT | MSG_NOSIGNAL);
	else if (q->direct >= 0)
		r = write(q->direct, p, n);
	return r > 0 ? (size_t)r : 0;
}

bool log_queue_put(struct log_queue *q, const char *line, size_t n)
{
	size_t done;
	bool fits;

	pthread_mutex_lock(&q->lock);
	q->untold += q->failed;
	q->failed = 0;
	done = write_now(q, line, n);
	fits = done == n || admits(q, n - done);
	if (fits)
		ring_put(q, line + done, n - done);
	else
		lose(q, 1);
	pthread_cond_signal(&q->come);
	pthread_mutex_unlock(&q->lock);
	return fits;
}

void log_queue_tick(struct log_queue *q)
{
	pthread_mutex_lock(&q->lock);
	q->ticks = true;
	pthread_cond_signal(&q->come);
	pthread_mutex_unlock(&q->lock);
}

static struct timespec from_now(int64_t ms)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	t.tv_sec += (time_t)(ms / 1000);
	t.tv_nsec += (long)(ms % 1000) * 1000000;
	if (t.tv_nsec >= 1000000000) {
		t.tv_nsec -= 1000000000;
		t.tv_sec++;
	}
	return t;
}

static bool is_past(const struct timespec *t)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return now.tv_sec > t->tv_sec ||
	       (now.tv_sec == t->tv_sec && now.tv_nsec >= t->tv_nsec);
}

/* Sleeps until there is something to do; the chunk's octets, 0 where there is
 * nothing to write now. The lock is held. */
static size_t wait_chunk(struct log_queue *q, char *chunk,
			 const struct timespec *tick)
{
	while (q->n == 0 && !q->untold && !q->over) {
		if (!q->ticks)
			pthread_cond_wait(&q->come, &q->lock);
		else if (pthread_cond_timedwait(&q->come, &q->lock, tick) ==
			 ETIMEDOUT)
			return 0;
	}
	return q->n ? ring_take(q, chunk) : notice(q, chunk);
}

static uint64_t lines_in(const char *p, size_t n)
{
	uint64_t lines = 0;

	for (size_t i = 0; i < n; i++)
		lines += p[i] == '\n';
	return lines;
}

/* Waits for the reader here and nowhere else: in poll where the descriptor
 * has it, in write where another writer was faster. Returns the lines that no
 * one will get, for the descriptor is broken. */
static uint64_t write_chunk(struct log_queue *q, const char *p, size_t n)
{
	struct pollfd out = { .fd = q->fd, .events = POLLOUT };

	while (n > 0 && !atomic_load(&q->abandoned)) {
		ssize_t r;

		if (poll(&out, 1, LIMIT_LOG_END) == 0)
			continue;
		r = write(q->fd, p, n);
		if (r >= 0) {
			p += r;
			n -= (size_t)r;
		} else if (errno == EAGAIN) {
			/* O_NONBLOCK by another */
			poll(NULL, 0, LIMIT_LOG_PAUSE);
		} else if (errno != EINTR) {
			break;
		}
	}
	return lines_in(p, n);
}

static void tick(struct log_queue *q, struct timespec *next)
{
	bool more;

	if (!q->ticks || !is_past(next))
		return;
	pthread_mutex_unlock(&q->lock);
	more = q->calls.tick && q->calls.tick();
	pthread_mutex_lock(&q->lock);
	if (!more)
		q->ticks = false;
	*next = from_now(LIMIT_LOG_PERIOD);
}

static void *run(void *arg)
{
	struct log_queue *q = arg;
	struct timespec next = from_now(LIMIT_LOG_PERIOD);
	char chunk[CHUNK];
	uint64_t lost;
	size_t n;

	pthread_mutex_lock(&q->lock);
	while (!atomic_load(&q->abandoned) &&
	       (!q->over || q->n || q->untold)) {
		n = wait_chunk(q, chunk, &next);
		q->held = lines_in(chunk, n);
		pthread_mutex_unlock(&q->lock);
		lost = write_chunk(q, chunk, n);
		pthread_mutex_lock(&q->lock);
		q->failed += lost;
		atomic_fetch_add_explicit(&q->dropped, lost,
					  memory_order_relaxed);
		q->held = 0;
		q->written++;
		pthread_cond_broadcast(&q->gone);
		tick(q, &next);
	}
	q->ended = true;
	pthread_cond_broadcast(&q->gone);
	pthread_mutex_unlock(&q->lock);
	unref(q);
	return NULL;
}

static void find_direct(struct log_queue *q)
{
	char path[40];
	struct stat st;

	q->direct = -1;
	if (fstat(q->fd, &st) != 0)
		return;
	q->is_socket = S_ISSOCK(st.st_mode);
	if (!S_ISFIFO(st.st_mode) && !isatty(q->fd))
		return;
	(void)snprintf(path, sizeof(path), "/proc/self/fd/%d", q->fd);
	q->direct = open(path,
			 O_WRONLY | O_NONBLOCK | O_CLOEXEC | O_NOCTTY);
}

static void init_waits(struct log_queue *q)
{
	pthread_condattr_t monotonic;

	pthread_mutex_init(&q->lock, NULL);
	pthread_condattr_init(&monotonic);
	pthread_condattr_setclock(&monotonic, CLOCK_MONOTONIC);
	pthread_cond_init(&q->come, &monotonic);
	pthread_cond_init(&q->gone, &monotonic);
	pthread_condattr_destroy(&monotonic);
}

struct log_queue *log_queue_new(int fd, size_t size,
				const struct log_queue_calls *calls,
				struct fault *f)
{
	struct log_queue *q = mem_new(struct log_queue);
	int err;

	init_waits(q);
	q->calls = *calls;
	q->fd = fd;
	find_direct(q);
	q->size = size;
	q->ring = mem_alloc(size);
	atomic_init(&q->refs, 2);
	/* Detached: one that hangs in write(2) is left behind at the end. */
	err = thread_start(NULL, "log", 0, run, q);
	if (!err)
		return q;
	atomic_store(&q->refs, 1);
	unref(q);
	fault_errno(f, err, "no thread for the log");
	return NULL;
}

/* Until the thread has ended, or nothing has moved for so long. */
static void wait_end(struct log_queue *q, int64_t grace)
{
	while (!q->ended) {
		struct timespec until = from_now(grace);
		uint64_t before = q->written;

		while (!q->ended && q->written == before)
			if (pthread_cond_timedwait(&q->gone, &q->lock,
						   &until) == ETIMEDOUT)
				return;
	}
}

uint64_t log_queue_free(struct log_queue **it, int64_t grace)
{
	struct log_queue *q = *it;
	uint64_t left;

	if (!q)
		return 0;
	*it = NULL;
	pthread_mutex_lock(&q->lock);
	q->over = true;
	pthread_cond_signal(&q->come);
	wait_end(q, grace);
	atomic_store(&q->abandoned, true);
	left = atomic_load_explicit(&q->dropped, memory_order_relaxed);
	left += q->held;
	for (size_t i = 0; i < q->n; i++)
		left += q->ring[(q->head + i) % q->size] == '\n';
	pthread_mutex_unlock(&q->lock);
	unref(q);
	return left;
}

void log_queue_flush(struct log_queue *q, int64_t ms)
{
	struct timespec until = from_now(ms);

	if (pthread_mutex_trylock(&q->lock) != 0)
		return;
	while (q->n || q->held)
		if (pthread_cond_timedwait(&q->gone, &q->lock, &until) ==
		    ETIMEDOUT)
			break;
	pthread_mutex_unlock(&q->lock);
}

uint64_t log_queue_dropped(const struct log_queue *q)
{
	return atomic_load_explicit(&q->dropped, memory_order_relaxed);
}
