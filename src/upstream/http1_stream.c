/* SPDX-License-Identifier: MIT */
/* A connection that has changed its protocol (RFC 9110 §7.8): behind the 101
 * its octets pass both ways as they come, and each direction ends by itself.
 * From the 101 until its new owner has it nothing is read or asked for. */
#include <string.h>
#include <sys/epoll.h>

#include "base/assert.h"
#include "base/limits.h"
#include "upstream/http1.h"
#include "upstream/pool.h"

/* Octets behind the 101 wait with what else is kept for the owner. */
void http1_stream_begin(struct http1 *t, struct str rest)
{
	t->answered = t->streams = true;
	t->read_paused = t->write_paused = true;
	t->body_done = false;
	buf_add_str(&t->in, rest);
	t->in_data = rest.n;
	t->transfer.version = 11;
	t->events.head(t->arg, t->parser.status, &t->parser.fields);
}

/* False where the connection takes no more. */
static bool stream_shut(struct http1 *t)
{
	int sent = connection_shut(t->connection);

	t->blocked = sent == CONNECTION_AGAIN;
	t->shut = sent == 0;
	return sent != CONNECTION_BROKEN;
}

/* Asks for octets and writes them. False where the connection takes no
 * more. */
static bool stream_take(struct http1 *t)
{
	char *block = t->pool->upstream->out;
	ssize_t n = t->events.source(t->arg, block, HTTP1_BLOCK);

	if (n > 0)
		return http1_put(t, block, (size_t)n);
	if (n == TRANSFER_ABORT)
		return false;
	t->write_paused = n == TRANSFER_PAUSE;
	t->body_done = !t->write_paused;
	return true;
}

/* What was lost on the way is told once all has been read: the upstream may
 * have said why. */
static void stream_write(struct http1 *t)
{
	bool good = true;

	if (t->write_over || t->shut)
		return;
	if (t->out.n > 0)
		good = http1_put_rest(t);
	for (int i = 0; i < LIMIT_READS && good && !t->blocked &&
			!t->write_paused && !t->body_done; i++)
		good = stream_take(t);
	/* A quiet stream holds no memory for octets. */
	if (t->out.n == 0)
		buf_fini(&t->out);
	if (good && t->body_done && t->out.n == 0)
		good = stream_shut(t);
	if (good)
		return;
	t->write_over = true;
	t->blocked = false;
	buf_reset(&t->out);
}

/* Octets for the owner; what he has no room for is kept. */
static void stream_tell(struct http1 *t, const char *p, size_t n)
{
	if (t->events.body(t->arg, p, n) || n == 0)
		return;
	t->read_paused = true;
	t->in_data = n;
	buf_add(&t->in, p, n);
}

/* False where the connection is broken. */
static bool stream_read(struct http1 *t)
{
	char *block = t->pool->upstream->in;

	for (int i = 0; i < LIMIT_READS && !t->read_paused && !t->read_ended;
	     i++) {
		ssize_t n = connection_read(t->connection, block, HTTP1_BLOCK);

		if (n == CONNECTION_AGAIN)
			break;
		if (n < 0)
			return false;
		t->read_ended = n == 0;
		stream_tell(t, block, (size_t)n);
	}
	return true;
}

/* What was kept, where there is room for it again. */
static void stream_read_on(struct http1 *t)
{
	struct buf kept = t->in;

	t->read_paused = false;
	buf_init_secret(&t->in, HTTP1_BLOCK);
	if (kept.n > 0)
		stream_tell(t, kept.p, kept.n);
	buf_fini(&kept);
}

/* Where it has ended, it is gone; else it waits for what comes next. */
static void stream_settle(struct http1 *t, bool good)
{
	uint32_t events = t->read_paused || t->read_ended ? 0 : EPOLLIN;

	if (!good || (t->read_ended && t->write_over)) {
		http1_fail(t, 502, "connection_terminated",
			   "the connection was closed before all was sent");
		return;
	}
	if (t->read_ended && t->shut) {
		connection_close(&t->connection);
		http1_end(t, NULL);
		return;
	}
	if (t->blocked)
		events |= EPOLLOUT;
	connection_watch(t->connection, events);
	if ((events & EPOLLIN && connection_pending(t->connection)) ||
	    (!t->blocked && !t->write_paused && !t->write_over && !t->shut))
		loop_task_add(t->pool->upstream->loop, &t->soon);
}

void http1_stream_ready(struct http1 *t, uint32_t events)
{
	bool good = true;

	if (events & EPOLLOUT)
		stream_write(t);
	if (events & (EPOLLIN | EPOLLHUP | EPOLLERR | EPOLLRDHUP))
		good = stream_read(t);
	stream_settle(t, good);
}

void http1_stream_soon(struct http1 *t, bool read, bool write)
{
	if (!t->owned)
		return;
	if (write)
		t->write_paused = false;
	if (read && t->read_paused)
		stream_read_on(t);
	if (!t->blocked && !t->write_paused)
		stream_write(t);
	stream_settle(t, stream_read(t));
}

void transfer_upgraded(struct transfer *transfer,
		       const struct transfer_events *events, void *arg)
{
	struct http1 *t = list_entry(transfer, struct http1, transfer);

	ASSERT(transfer->carrier == &carrier_http1 && t->streams && !t->owned);
	t->owned = true;
	t->events = *events;
	t->arg = arg;
	t->wants_read = t->wants_write = true;
	loop_task_add(t->pool->upstream->loop, &t->soon);
}
