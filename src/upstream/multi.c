/* SPDX-License-Identifier: MIT */
/* On the request's way out: what libcurl wants to be told of its sockets and
 * of time comes from the loop here, and what has ended goes to the carrier.
 *
 * When libcurl stops looking at a socket it has become idle, most often for
 * a few microseconds; taking it off epoll and putting it back would be two
 * system calls a request. It stays registered until it is closed, or until
 * something happens on it that nobody waits for. */
#include "upstream/multi.h"

#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/alloc.h"
#include "base/assert.h"
#include "base/clock.h"

struct socket {
	struct loop_io io;
	struct sockets *sockets;
	struct multi *multi;
	bool ours;   /* opened by sockets_open */
	bool looked; /* libcurl wants to be told */
};

void sockets_init(struct sockets *s, struct loop *loop)
{
	*s = (struct sockets){ .loop = loop };
}

void sockets_fini(struct sockets *s)
{
	for (size_t i = 0; i < s->n; i++) {
		if (!s->v[i])
			continue;
		loop_io_del(&s->v[i]->io);
		mem_free(s->v[i]);
	}
	mem_free(s->v);
	*s = (struct sockets){ NULL, NULL, 0 };
}

static struct socket *socket_of(struct sockets *s, curl_socket_t fd)
{
	size_t at = (size_t)fd;

	ASSERT(fd >= 0);
	if (at >= s->n) {
		size_t n = at + at / 2 + 64;

		s->v = mem_resize(s->v, n * sizeof(*s->v));
		for (size_t i = s->n; i < n; i++)
			s->v[i] = NULL;
		s->n = n;
	}
	if (!s->v[at]) {
		s->v[at] = mem_new(struct socket);
		s->v[at]->sockets = s;
		s->v[at]->io.fd = fd;
	}
	return s->v[at];
}

int sockets_close(void *clientp, curl_socket_t fd)
{
	struct socket *s = socket_of(clientp, fd);
	int result = close(fd);

	loop_io_forget(&s->io);
	s->ours = s->looked = false;
	s->multi = NULL;
	return result;
}

/* Tells the carrier of all that has ended. What it does then may end more. */
static void multi_collect(struct multi *m)
{
	int left;

	for (;;) {
		CURLMsg *msg = curl_multi_info_read(m->curl, &left);

		if (!msg)
			return;
		if (msg->msg == CURLMSG_DONE)
			m->ended(msg->easy_handle, msg->data.result);
	}
}

static void multi_act(struct multi *m, curl_socket_t fd, int what)
{
	int running;

	(void)curl_multi_socket_action(m->curl, fd, what, &running);
	multi_collect(m);
}

/* What an idle connection of HTTP/2 is told is that it shall go (RFC 9113
 * §6.8), which libcurl would understand only after the next request has left
 * on it. An end it sees before. With no transfer there, this one is idle for
 * sure. */
static void close_told(const struct socket *s)
{
	char dropped[4096];
	ssize_t n = 1;

	if (!s->ours || !s->multi || !s->multi->multiplexes ||
	    s->multi->added > 0)
		return;
	shutdown(s->io.fd, SHUT_RDWR);
	for (int i = 0; i < 16 && n > 0; i++)
		n = recv(s->io.fd, dropped, sizeof(dropped), MSG_DONTWAIT);
}

static void socket_ready(void *arg, uint32_t events)
{
	struct socket *s = arg;
	int what = 0;

	if (!s->looked) {
		close_told(s);
		loop_io_del(&s->io);
		return;
	}
	if (events & (EPOLLIN | EPOLLHUP | EPOLLRDHUP))
		what |= CURL_CSELECT_IN;
	if (events & EPOLLOUT)
		what |= CURL_CSELECT_OUT;
	if (events & EPOLLERR)
		what |= CURL_CSELECT_ERR;
	multi_act(s->multi, s->io.fd, what);
}

static void socket_watch(struct socket *s, uint32_t events)
{
	if (!s->io.loop) {
		struct fault f;

		/* The kernel has no memory for it: libcurl's timeouts end
		 * what waits for this socket. */
		if (loop_io_add(s->sockets->loop, &s->io, s->io.fd, events,
				socket_ready, s, &f) < 0)
			return;
	} else if (s->io.events != events) {
		loop_io_set(&s->io, events);
	}
}

/* A socket that never came to be connected is closed by libcurl without
 * sockets_close: its struct is stale until its number comes again. */
curl_socket_t sockets_open(struct sockets *s, const struct curl_sockaddr *addr)
{
	int fd = socket(addr->family, addr->socktype | SOCK_CLOEXEC,
			addr->protocol);
	struct socket *socket;
	bool stale;

	if (fd < 0)
		return CURL_SOCKET_BAD;
	socket = socket_of(s, fd);
	socket->ours = true;
	stale = socket->io.loop != NULL;
	loop_io_forget(&socket->io);
	/* libcurl takes it for the one that it has just closed, and will not
	 * ask again for the same events. */
	if (stale && socket->looked)
		socket_watch(socket, socket->io.events);
	return fd;
}

/* libcurl's own pipe, or a socket that is not connected yet: these are closed
 * without a word. */
static void socket_drop(struct socket *s)
{
	loop_io_del(&s->io);
	s->ours = false;
}

static int multi_socket(CURL *easy, curl_socket_t fd, int what,
			void *arg, void *unused ATTR_UNUSED)
{
	struct multi *m = arg;
	struct socket *s = socket_of(m->sockets, fd);

	s->multi = m;
	s->looked = what != CURL_POLL_REMOVE;
	if (what == CURL_POLL_IN)
		socket_watch(s, EPOLLIN);
	else if (what == CURL_POLL_OUT)
		socket_watch(s, EPOLLOUT);
	else if (what == CURL_POLL_INOUT)
		socket_watch(s, EPOLLIN | EPOLLOUT);
	else if (!s->ours || s->io.events & EPOLLOUT)
		socket_drop(s);
	if (!(what & CURL_POLL_IN))
		m->unread(easy, fd);
	return 0;
}

static void multi_soon(void *arg)
{
	multi_act(arg, CURL_SOCKET_TIMEOUT, 0);
}

/* Not counted from the turn's begin: a call that comes too early is lost. */
static int multi_timer(CURLM *curl ATTR_UNUSED, long ms, void *arg)
{
	struct multi *m = arg;

	if (ms == 0) {
		loop_task_add(m->loop, &m->soon);
		return 0;
	}
	loop_task_cancel(&m->soon);
	if (ms > 0)
		loop_timer_set_at(m->loop, &m->timer, clock_ms() + ms);
	else
		loop_timer_clear(m->loop, &m->timer);
	return 0;
}

/* libcurl does not ask again for a time that it has asked for, though it was
 * called a little before. */
static void multi_timeout(void *arg)
{
	struct multi *m = arg;
	long ms = -1;

	multi_act(m, CURL_SOCKET_TIMEOUT, 0);
	if (m->timer.set || m->soon.queued)
		return;
	if (curl_multi_timeout(m->curl, &ms) == CURLM_OK && ms >= 0)
		multi_timer(m->curl, ms, m);
}

/* In use and idle together; over it libcurl closes idle ones at each end of
 * a transfer. */
enum { MULTI_CONNECTIONS = 20000 };

void multi_init(struct multi *m, struct sockets *s, multi_ended_fn *ended,
		multi_unread_fn *unread)
{
	m->loop = s->loop;
	m->sockets = s;
	m->ended = ended;
	m->unread = unread;
	loop_timer_init(&m->timer, multi_timeout, m);
	loop_task_init(&m->soon, multi_soon, m);
	m->curl = curl_multi_init();
	ASSERT(m->curl);
	curl_multi_setopt(m->curl, CURLMOPT_SOCKETFUNCTION, multi_socket);
	curl_multi_setopt(m->curl, CURLMOPT_SOCKETDATA, m);
	curl_multi_setopt(m->curl, CURLMOPT_TIMERFUNCTION, multi_timer);
	curl_multi_setopt(m->curl, CURLMOPT_TIMERDATA, m);
	curl_multi_setopt(m->curl, CURLMOPT_PIPELINING, (long)CURLPIPE_NOTHING);
	curl_multi_setopt(m->curl, CURLMOPT_MAXCONNECTS,
			  (long)MULTI_CONNECTIONS);
}

void multi_multiplex(struct multi *m)
{
	m->multiplexes = true;
	curl_multi_setopt(m->curl, CURLMOPT_PIPELINING,
			  (long)CURLPIPE_MULTIPLEX);
}

void multi_fini(struct multi *m)
{
	curl_multi_cleanup(m->curl);
	m->curl = NULL;
	loop_timer_clear(m->loop, &m->timer);
	loop_task_cancel(&m->soon);
}
