/* SPDX-License-Identifier: MIT */
/* Reads a connection to its end for a while once it has been answered and shut
 * for writing. */

#include "proxy/linger.h"

#include <errno.h>
#include <stdbool.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/alloc.h"
#include "base/limits.h"
#include "proxy/spare.h"
#include "proxy/worker.h"

enum {
	LINGER_BLOCK = 16 * 1024,
};

struct lingering {
	struct list node;
	struct worker *worker;
	struct loop_io io;
	struct loop_timer timer;
	int64_t until;
	int fd;
};

static void linger_close(struct lingering *l)
{
	loop_io_del(&l->io);
	loop_timer_clear(l->worker->loop, &l->timer);
	list_remove(&l->node);
	l->worker->nlingering--;
	/* libmicrohttpd may have the socket too. */
	shutdown(l->fd, SHUT_RDWR);
	close(l->fd);
	spare_give();
	mem_free(l);
}

static void linger_on_time(void *arg)
{
	linger_close(arg);
}

/* Until nothing has come for a while, or it takes too long. */
static void linger_wait(struct lingering *l)
{
	int64_t due = loop_now(l->worker->loop) + LIMIT_LINGER_SILENCE;

	loop_timer_set_at(l->worker->loop, &l->timer,
			  due < l->until ? due : l->until);
}

static void linger_on_io(void *arg, uint32_t events)
{
	struct lingering *l = arg;
	char block[LINGER_BLOCK];
	ssize_t n = 1;

	(void)events;
	for (int i = 0; i < LIMIT_LINGER_READS && n > 0; i++)
		n = recv(l->fd, block, sizeof(block), MSG_DONTWAIT);
	if (n == 0 || (n < 0 && errno != EAGAIN && errno != EINTR))
		linger_close(l);
	else
		linger_wait(l);
}

void linger(struct worker *w, int fd)
{
	struct lingering *l;
	struct fault f;

	shutdown(fd, SHUT_WR);
	if (w->nlingering >= LIMIT_LINGERING || !spare_take_half()) {
		close(fd);
		return;
	}
	l = mem_new(struct lingering);
	l->worker = w;
	l->fd = fd;
	list_push(&w->lingering, &l->node);
	w->nlingering++;
	loop_timer_init(&l->timer, linger_on_time, l);
	l->until = loop_now(w->loop) + LIMIT_LINGER_TIME;
	linger_wait(l);
	if (loop_io_add(w->loop, &l->io, fd, EPOLLIN, linger_on_io, l,
			&f) < 0)
		linger_close(l);
}

void linger_end(struct worker *w)
{
	list_each_safe(it, &w->lingering)
		linger_close(list_entry(it, struct lingering, node));
}
