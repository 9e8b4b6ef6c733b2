/* SPDX-License-Identifier: MIT */
/* Connects to the first of several addresses that answers (RFC 8305). Between
 * the look-up of a name and libcurl, which gives each address of a family half
 * of the time that is left, so that one that keeps silent costs the whole of
 * connect_timeout.
 *
 * The families take turns (§4). The next address is tried once the one before
 * it has failed, or has kept silent for LIMIT_DIAL_DELAY (§5); those before it
 * may still answer, and the first that does is taken. */
#include "upstream/dial.h"

#include <arpa/inet.h>
#include <errno.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/alloc.h"
#include "base/limits.h"
#include "base/loop.h"
#include "base/str.h"
#include "upstream/sockets.h"
#include "upstream/transport.h"

struct dial_attempt {
	struct dial *dial;
	struct loop_io io;
	int fd;    /* -1: not begun, or failed */
	size_t at; /* which address */
	union {
		struct sockaddr any;
		struct sockaddr_in v4;
		struct sockaddr_in6 v6;
	} to;
};

struct dial {
	struct sockets *sockets;
	const struct transport *transport;
	dial_done_fn *done;
	void *arg;
	struct loop_timer timer; /* when the next one begins */
	struct loop_task soon;
	struct dial_result result;
	size_t n, next, pending;
	struct dial_attempt v[LIMIT_RESOLVER_ADDRESSES];
};

/* ---- the addresses ---- */

/* "192.0.2.1", "[2001:db8::1]". */
static bool address_parse(struct dial_attempt *a, struct str s, uint16_t port)
{
	char text[INET6_ADDRSTRLEN];
	bool v6 = s.n > 2 && s.p[0] == '[';

	if (v6)
		s = str_sub(s, 1, s.n - 2);
	if (s.n == 0 || s.n >= sizeof(text))
		return false;
	memcpy(text, s.p, s.n);
	text[s.n] = '\0';
	if (v6) {
		a->to.v6.sin6_family = AF_INET6;
		a->to.v6.sin6_port = htons(port);
		return inet_pton(AF_INET6, text, &a->to.v6.sin6_addr) == 1;
	}
	a->to.v4.sin_family = AF_INET;
	a->to.v4.sin_port = htons(port);
	return inet_pton(AF_INET, text, &a->to.v4.sin_addr) == 1;
}

/* The first keeps its place, and so does each within its family. */
static void addresses_alternate(struct dial *d)
{
	for (size_t i = 1; i < d->n; i++) {
		sa_family_t last = d->v[i - 1].to.any.sa_family;
		size_t j = i;

		while (j < d->n && d->v[j].to.any.sa_family == last)
			j++;
		if (j == d->n)
			return;
		for (struct dial_attempt other = d->v[j]; j >= i; j--)
			d->v[j] = j > i ? d->v[j - 1] : other;
	}
}

static void addresses_parse(struct dial *d, struct str text, uint16_t port)
{
	for (size_t at = 0; text.n > 0 && d->n < LIMIT_RESOLVER_ADDRESSES;
	     at++) {
		size_t comma = str_find(text, ',');
		struct dial_attempt *a = &d->v[d->n];

		a->at = at;
		if (address_parse(a, str_sub(text, 0, comma), port))
			d->n++;
		text = str_from(text, comma + 1);
	}
	addresses_alternate(d);
	for (size_t i = 0; i < d->n; i++) {
		d->v[i].dial = d;
		d->v[i].fd = -1;
	}
}

/* ---- attempts ---- */

static void attempt_end(struct dial_attempt *a)
{
	if (a->fd < 0)
		return;
	loop_io_del(&a->io);
	close(a->fd);
	a->fd = -1;
}

static void dial_free(struct dial *d)
{
	for (size_t i = 0; i < d->n; i++)
		attempt_end(&d->v[i]);
	loop_timer_clear(d->sockets->loop, &d->timer);
	loop_task_cancel(&d->soon);
	mem_free(d);
}

static void dial_end(struct dial *d)
{
	struct dial_result result = d->result;
	dial_done_fn *done = d->done;
	void *arg = d->arg;

	dial_free(d);
	done(arg, &result);
}

static void dial_won(struct dial_attempt *a)
{
	struct dial *d = a->dial;

	loop_io_del(&a->io);
	d->result.fd = a->fd;
	d->result.at = a->at;
	d->result.starved = false;
	a->fd = -1;
	dial_end(d);
}

static void dial_go_on(struct dial *d);

static void on_events(void *arg, uint32_t events ATTR_UNUSED)
{
	struct dial_attempt *a = arg;
	struct dial *d = a->dial;
	socklen_t n = sizeof(d->result.error);

	if (getsockopt(a->fd, SOL_SOCKET, SO_ERROR, &d->result.error, &n) < 0)
		d->result.error = errno;
	if (d->result.error == 0) {
		dial_won(a);
		return;
	}
	attempt_end(a);
	d->pending--;
	dial_go_on(d);
}

/* Whether it is under way. What libcurl closed without a word may have had
 * the same number: that is forgotten. */
static bool attempt_begin(struct dial *d, struct dial_attempt *a)
{
	bool v6 = a->to.any.sa_family == AF_INET6;
	struct fault f;

	a->fd = socket(a->to.any.sa_family,
		       SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (a->fd < 0) {
		d->result.error = errno;
		d->result.starved = errno == EMFILE || errno == ENFILE;
		return false;
	}
	sockets_release(d->sockets, a->fd);
	if ((connect(a->fd, &a->to.any,
		     v6 ? sizeof(a->to.v6) : sizeof(a->to.v4)) < 0 &&
	     errno != EINPROGRESS) ||
	    loop_io_add(d->sockets->loop, &a->io, a->fd, EPOLLOUT, on_events,
			a, &f) < 0) {
		d->result.error = errno;
		attempt_end(a);
		return false;
	}
	return true;
}

static bool is_allowed(const struct dial *d, const struct dial_attempt *a)
{
	const struct transport *t = d->transport;

	return !t->allows || t->allows(t->allows_arg, &a->to.any);
}

/* Begins the next attempt that can be; the end where none is under way. */
static void dial_go_on(struct dial *d)
{
	while (d->next < d->n) {
		struct dial_attempt *a = &d->v[d->next++];

		if (!is_allowed(d, a))
			continue;
		d->result.prohibited = false;
		if (!attempt_begin(d, a))
			continue;
		d->pending++;
		if (d->next < d->n)
			loop_timer_set(d->sockets->loop, &d->timer,
				       LIMIT_DIAL_DELAY);
		return;
	}
	loop_timer_clear(d->sockets->loop, &d->timer);
	if (d->pending == 0)
		dial_end(d);
}

static void on_begin(void *arg)
{
	dial_go_on(arg);
}

/* ---- the interface ---- */

struct dial *dial_start(struct sockets *s, const struct transport *transport,
			const char *addresses, uint16_t port,
			dial_done_fn *done, void *arg)
{
	struct dial *d = mem_new(struct dial);

	d->sockets = s;
	d->transport = transport;
	d->done = done;
	d->arg = arg;
	d->result.fd = -1;
	d->result.prohibited = true;
	loop_timer_init(&d->timer, on_begin, d);
	loop_task_init(&d->soon, on_begin, d);
	addresses_parse(d, str_z(addresses), port);
	loop_task_add(s->loop, &d->soon);
	return d;
}

void dial_pass(struct dial *d, void *arg)
{
	d->arg = arg;
}

void dial_cancel(struct dial **dial)
{
	struct dial *d = *dial;

	*dial = NULL;
	if (d)
		dial_free(d);
}
