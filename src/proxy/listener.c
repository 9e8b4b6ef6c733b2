/* SPDX-License-Identifier: MIT */
/* Accepts connections: each worker has a listening socket of its own for each
 * address, and accepts by itself. */

#include "proxy/listener.h"

#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/epoll.h>
#include <unistd.h>

#include "base/alloc.h"
#include "base/limits.h"
#include "base/log.h"
#include "proxy/client.h"
#include "proxy/front.h"
#include "proxy/linger.h"
#include "proxy/server.h"
#include "proxy/worker.h"

struct listener *listener_new(struct worker *w, int fd)
{
	struct listener *l = mem_new(struct listener);

	l->worker = w;
	l->fd = fd;
	list_push(&w->listeners, &l->node);
	return l;
}

/* Whether allow_from has the client's address; without it, only this machine
 * may connect. */
static bool listener_allows(const struct worker *w, const struct sockaddr *sa)
{
	static struct config_cidr loopback[] = {
		{ AF_INET, { 127 }, 8 },
		{ AF_INET6, { [15] = 1 }, 128 },
	};
	static const struct config_cidrs local = { loopback, 2 };
	const struct config_cidrs *from = &w->services->proxy->allow_from;

	/* The socket's mode says who may connect to it. */
	if (sa->sa_family == AF_UNIX)
		return true;
	return config_cidrs_match(from->n > 0 ? from : &local, sa);
}

static bool listener_must_rest(int err)
{
	return err == EMFILE || err == ENFILE || err == ENOBUFS ||
	       err == ENOMEM;
}

/* Until there may be descriptors again. Said once, not ten times a second. */
static void listener_rest(struct listener *l)
{
	if (!l->starved)
		log_warning(EV("no_descriptors"),
			    KV("advice", "raise the limit of open files "
					 "(ulimit -n, LimitNOFILE), or lower "
					 "max_connections"));
	l->starved = true;
	loop_io_del(&l->io);
	loop_timer_set(l->worker->loop, &l->rest, LIMIT_ACCEPT_REST);
}

/* Beyond max_connections: it is told so, whatever it was about to ask. */
static void listener_turn_away(struct listener *l, int fd)
{
	client_refuse(fd, 503, "connection_limit_reached",
		      STR("too many clients are connected"),
		      "raise max_connections, or try again in a moment");
	linger(l->worker, fd);
}

/* One connection off the queue; false when there is none (now). */
static bool listener_accept(struct listener *l)
{
	struct sockaddr_storage addr = { .ss_family = AF_UNSPEC };
	socklen_t len = sizeof(addr);
	const int one = 1;
	int fd = accept4(l->fd, (struct sockaddr *)&addr, &len,
			 SOCK_NONBLOCK | SOCK_CLOEXEC);

	if (fd < 0 && listener_must_rest(errno)) {
		listener_rest(l);
		return false;
	}
	if (fd < 0)
		return errno == ECONNABORTED || errno == EINTR;
	l->starved = false;
	if (!listener_allows(l->worker, (struct sockaddr *)&addr)) {
		log_debug(EV("not_allowed"), KV("by", "allow_from"));
		close(fd);
		return true;
	}
	if (addr.ss_family != AF_UNIX)
		setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof(one));
	if (!server_client_comes(l->worker->server)) {
		listener_turn_away(l, fd);
		return true;
	}
	front_add(l->worker->front, fd, (struct sockaddr *)&addr, len);
	return true;
}

static void listener_on_io(void *arg, uint32_t events)
{
	struct listener *l = arg;

	(void)events;
	for (int i = 0; i < LIMIT_ACCEPTS && listener_accept(l); i++)
		continue;
}

/* Of those that share one socket, one wakes. */
static int listener_watch(struct listener *l, struct fault *f)
{
	return loop_io_add(l->worker->loop, &l->io, l->fd,
			   EPOLLIN | EPOLLEXCLUSIVE, listener_on_io, l, f);
}

static void listener_on_rest(void *arg)
{
	struct listener *l = arg;
	struct fault f;

	if (listener_watch(l, &f) < 0)
		loop_timer_set(l->worker->loop, &l->rest, LIMIT_ACCEPT_REST);
}

int listener_open(struct listener *l, struct fault *f)
{
	loop_timer_init(&l->rest, listener_on_rest, l);
	l->opened = true;
	return listener_watch(l, f);
}

void listener_close(struct listener *l)
{
	if (l->fd < 0)
		return;
	if (l->opened) {
		while (listener_accept(l))
			continue;
		loop_timer_clear(l->worker->loop, &l->rest);
		loop_io_del(&l->io);
	}
	close(l->fd);
	l->fd = -1;
}

void listener_free(struct listener **l)
{
	listener_close(*l);
	list_remove(&(*l)->node);
	mem_free(*l);
	*l = NULL;
}
