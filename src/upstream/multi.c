/* SPDX-License-Identifier: MIT */
/* Runs a libcurl multi on the loop: what it wants to be told of its sockets and
 * of time comes from here, and what has ended goes to the carrier. */
#include "upstream/multi.h"

#include <sys/epoll.h>

#include "base/assert.h"
#include "base/clock.h"
#include "base/limits.h"

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

void multi_socket_ready(struct multi *m, curl_socket_t fd, uint32_t events)
{
	int what = 0;

	if (events & (EPOLLIN | EPOLLHUP | EPOLLRDHUP))
		what |= CURL_CSELECT_IN;
	if (events & EPOLLOUT)
		what |= CURL_CSELECT_OUT;
	if (events & EPOLLERR)
		what |= CURL_CSELECT_ERR;
	multi_act(m, fd, what);
}

static int multi_socket(CURL *easy, curl_socket_t fd, int what,
			void *arg, void *unused ATTR_UNUSED)
{
	struct multi *m = arg;
	struct socket *s = sockets_get(m->sockets, fd);

	s->multi = m;
	s->looked = what != CURL_POLL_REMOVE;
	if (what == CURL_POLL_IN)
		socket_watch(s, EPOLLIN);
	else if (what == CURL_POLL_OUT)
		socket_watch(s, EPOLLOUT);
	else if (what == CURL_POLL_INOUT)
		socket_watch(s, EPOLLIN | EPOLLOUT);
	else
		socket_rest(s);
	if (!(what & CURL_POLL_IN))
		m->unread(easy, fd);
	return 0;
}

static void multi_soon(void *arg)
{
	multi_act(arg, CURL_SOCKET_TIMEOUT, 0);
}

/* Not counted from where the turn began: a call that comes too early is
 * lost. */
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
			  (long)LIMIT_CURL_CONNECTIONS);
}

void multi_multiplex(struct multi *m)
{
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
