/* SPDX-License-Identifier: MIT */
/* Watches the sockets that libcurl has opened.
 *
 * When libcurl stops looking at a socket it has become idle, most often for
 * a few microseconds; taking it off epoll and putting it back would be two
 * system calls a request. It stays registered until it is closed. What comes
 * in on a connection that carries no request was not asked for (RFC 9112
 * §9.2): an upstream that gives up waiting, an answer too many. It must not be
 * taken for the next request's, so the connection ends there.
 *
 * Which connection a request takes is libcurl's to choose, and it names it by
 * its two addresses only; that a socket is known by these is learnt when the
 * first request leaves on it. */
#include "upstream/sockets.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdatomic.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/alloc.h"
#include "base/assert.h"
#include "base/limits.h"
#include "upstream/multi.h"

static atomic_size_t idle_each = LIMIT_IDLE_ALL;

void sockets_set_idle(uint64_t all, size_t threads)
{
	uint64_t each = all / threads;

	atomic_store(&idle_each, each > 0 ? each : 1);
}

void sockets_init(struct sockets *s, struct loop *loop)
{
	*s = (struct sockets){ .loop = loop };
	s->idle_max = atomic_load(&idle_each);
	list_init(&s->opened);
	list_init(&s->idle);
	for (size_t i = 0; i < SOCKET_BUCKETS; i++)
		list_init(&s->buckets[i]);
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
	s->v = NULL;
	s->n = 0;
}

static struct socket *socket_new(struct sockets *sockets, curl_socket_t fd)
{
	struct socket *s = mem_new(struct socket);

	s->sockets = sockets;
	s->io.fd = fd;
	list_init(&s->node);
	list_init(&s->users);
	list_init(&s->resting);
	return s;
}

struct socket *sockets_get(struct sockets *s, curl_socket_t fd)
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
	if (!s->v[at])
		s->v[at] = socket_new(s, fd);
	return s->v[at];
}

static unsigned origin_of(const struct socket *s)
{
	uint32_t h = 2166136261u ^ (unsigned)s->ends.remote_port; /* FNV-1a */

	for (const char *p = s->ends.remote; *p; p++)
		h = (h ^ (unsigned char)*p) * 16777619u;
	return h % SOCKET_ORIGINS;
}

static void rest_end(struct socket *s)
{
	if (list_empty(&s->resting))
		return;
	list_remove(&s->resting);
	s->sockets->n_idle--;
	s->sockets->of_origin[origin_of(s)]--;
}

static void rest_begin(struct socket *s)
{
	s->since = loop_now(s->sockets->loop);
	list_push(&s->sockets->idle, &s->resting);
	s->sockets->n_idle++;
	s->sockets->of_origin[origin_of(s)]++;
}

/* Its number is free, or another's. */
static void socket_forget(struct socket *s)
{
	rest_end(s);
	loop_io_forget(&s->io);
	list_remove(&s->node);
	list_each_safe(it, &s->users)
		list_remove(it);
	s->opener = NULL;
	s->known = s->ended = false;
}

int sockets_close(void *clientp, curl_socket_t fd)
{
	struct socket *s = sockets_get(clientp, fd);
	int result = close(fd);

	socket_forget(s);
	s->looked = false;
	s->multi = NULL;
	return result;
}

void sockets_release(struct sockets *sockets, curl_socket_t fd)
{
	struct socket *s = sockets_get(sockets, fd);

	loop_io_del(&s->io);
	socket_forget(s);
	s->looked = false;
	s->multi = NULL;
}

/* An idle connection keeps its place in what counts connections on the way
 * (NAT), and one whose peer is gone without a word ends. */
static void keep_alive(int fd)
{
	static const struct {
		int level, option, value;
	} options[] = {
		{ SOL_SOCKET, SO_KEEPALIVE, 1 },
		{ IPPROTO_TCP, TCP_KEEPIDLE, LIMIT_KEEPALIVE_IDLE },
		{ IPPROTO_TCP, TCP_KEEPINTVL, LIMIT_KEEPALIVE_IDLE / 3 },
		{ IPPROTO_TCP, TCP_KEEPCNT, LIMIT_KEEPALIVE_PROBES },
	};

	for (size_t i = 0; i < sizeof(options) / sizeof(options[0]); i++)
		(void)setsockopt(fd, options[i].level, options[i].option,
				 &options[i].value, sizeof(int));
}

/* A socket that never came to be connected is closed by libcurl without
 * sockets_close: its struct is stale until its number comes again. */
curl_socket_t sockets_adopt(struct sockets *sockets, curl_socket_t fd,
			    const void *opener)
{
	struct socket *s = sockets_get(sockets, fd);
	bool stale = s->io.loop != NULL;

	keep_alive(fd);
	socket_forget(s);
	s->opener = opener;
	list_push_front(&sockets->opened, &s->node);
	/* libcurl takes it for the one that it has just closed, and will not
	 * ask again for the same events. */
	if (stale && s->looked)
		socket_watch(s, s->io.events);
	return fd;
}

curl_socket_t sockets_open(struct sockets *sockets,
			   const struct curl_sockaddr *addr, const void *opener)
{
	int fd = socket(addr->family, addr->socktype | SOCK_CLOEXEC,
			addr->protocol);

	return fd < 0 ? CURL_SOCKET_BAD : sockets_adopt(sockets, fd, opener);
}

/* ---- by its ends ---- */

static bool ends_equal(const struct socket_ends *a, const struct socket_ends *b)
{
	return a->local_port == b->local_port &&
	       a->remote_port == b->remote_port &&
	       strcmp(a->local, b->local) == 0 &&
	       strcmp(a->remote, b->remote) == 0;
}

/* Asked of the kernel: the local end is nobody else's of this upstream. */
static bool is_local_end(int fd, const struct socket_ends *ends)
{
	union {
		struct sockaddr any;
		struct sockaddr_in v4;
		struct sockaddr_in6 v6;
	} a = { .v6 = { 0 } };
	socklen_t n = sizeof(a);
	char text[SOCKET_ADDRESS];
	bool v6;

	if (getsockname(fd, &a.any, &n) < 0)
		return false;
	v6 = a.any.sa_family == AF_INET6;
	if (ntohs(v6 ? a.v6.sin6_port : a.v4.sin_port) != ends->local_port)
		return false;
	return inet_ntop(a.any.sa_family,
			 v6 ? (void *)&a.v6.sin6_addr : (void *)&a.v4.sin_addr,
			 text, sizeof(text)) &&
	       strcmp(text, ends->local) == 0;
}

/* The opener's own first: others are asked only where a connection was made
 * for one request and taken by another. */
static struct socket *find_opened(struct sockets *sockets,
				  const struct socket_ends *ends,
				  const void *opener)
{
	for (int own = 1; own >= 0; own--) {
		list_each(it, &sockets->opened) {
			struct socket *s =
				list_entry(it, struct socket, node);

			if ((s->opener == opener) == (own == 1) &&
			    is_local_end(s->io.fd, ends))
				return s;
		}
	}
	return NULL;
}

struct socket *sockets_find(struct sockets *sockets,
			    const struct socket_ends *ends, const void *opener,
			    bool *kept)
{
	struct list *bucket = &sockets->buckets[(unsigned)ends->local_port %
						SOCKET_BUCKETS];
	struct socket *s;

	*kept = false;
	list_each(it, bucket) {
		s = list_entry(it, struct socket, node);
		*kept = ends_equal(&s->ends, ends);
		if (*kept)
			return s;
	}
	s = find_opened(sockets, ends, opener);
	if (!s)
		return NULL;
	s->ends = *ends;
	s->known = true;
	s->opener = NULL;
	list_remove(&s->node);
	list_push(bucket, &s->node);
	return s;
}

/* ---- watched, used, idle ---- */

void socket_use(struct socket *s, struct list *user)
{
	list_remove(user);
	list_push(&s->users, user);
	rest_end(s);
}

void socket_leave(struct list *user)
{
	struct list *rest = user->next;
	bool last = rest != user && rest == user->prev;

	list_remove(user);
	if (last)
		rest_begin(list_entry(rest, struct socket, users));
}

bool socket_may_rest(const struct socket *s)
{
	const struct sockets *all = s->sockets;

	return all->n_idle + all->n_others < all->idle_max &&
	       all->of_origin[origin_of(s)] < LIMIT_IDLE_ORIGIN;
}

/* A quarter is kept free for those that come. */
static size_t kept(const struct sockets *s)
{
	return s->idle_max - s->idle_max / 4;
}

bool sockets_are_crowded(const struct sockets *s)
{
	return s->n_idle + s->n_others > kept(s);
}

int64_t sockets_crowded(const struct sockets *s)
{
	size_t n = s->n_idle;

	if (!sockets_are_crowded(s))
		return INT64_MAX;
	list_each(it, &s->idle)
		if (--n == kept(s))
			return list_entry(it, struct socket, resting)->since;
	return INT64_MAX;
}

void socket_end(struct socket *s)
{
	char dropped[4096];
	ssize_t n = 1;

	s->ended = true;
	loop_io_del(&s->io);
	shutdown(s->io.fd, SHUT_RDWR);
	for (int i = 0; i < LIMIT_UNASKED_READS && n > 0; i++)
		n = recv(s->io.fd, dropped, sizeof(dropped), MSG_DONTWAIT);
}

void socket_give_up(struct socket *s)
{
	s->ended = true;
	shutdown(s->io.fd, SHUT_RDWR);
}

bool socket_has_news(const struct socket *s)
{
	char octet;

	return s->ended ||
	       recv(s->io.fd, &octet, 1, MSG_PEEK | MSG_DONTWAIT) >= 0 ||
	       (errno != EAGAIN && errno != EWOULDBLOCK);
}

/* Where libcurl does not look the socket is idle, or those on it are paused:
 * these ask again when they go on. */
static void on_event(void *arg, uint32_t events)
{
	struct socket *s = arg;

	if (s->looked)
		multi_socket_ready(s->multi, s->io.fd, events);
	else if (s->known && list_empty(&s->users))
		socket_end(s);
	else
		loop_io_del(&s->io);
}

void socket_watch(struct socket *s, uint32_t events)
{
	if (!s->io.loop) {
		struct fault f;

		/* The kernel has no memory for it: libcurl's timeouts end
		 * what waits for this socket. */
		if (loop_io_add(s->sockets->loop, &s->io, s->io.fd, events,
				on_event, s, &f) < 0)
			return;
	} else if (s->io.events != events) {
		loop_io_set(&s->io, events);
	}
}

/* libcurl's own pipe, and a socket that is not connected yet, are closed
 * without a word. */
void socket_rest(struct socket *s)
{
	if (s->known && !s->ended)
		socket_watch(s, EPOLLIN);
	else
		loop_io_del(&s->io);
}
