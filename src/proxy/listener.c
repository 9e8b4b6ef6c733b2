/* SPDX-License-Identifier: MIT */
/* Where connections come in: each worker has a listening socket of its own
 * for each address, and accepts by itself. */

#include "proxy/listener.h"

#include <errno.h>
#include <netdb.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <string.h>
#include <sys/epoll.h>
#include <unistd.h>

#include "base/alloc.h"
#include "base/buf.h"
#include "base/log.h"
#include "data/uri.h"
#include "proxy/front.h"
#include "proxy/worker.h"

enum {
	LISTENER_BACKLOG = 1024,
	LISTENER_BATCH = 64, /* connections a turn, so that others get theirs */
	LISTENER_REST = 100, /* ms, when there are no descriptors left */
};

static int listen_parse(struct str text, char **host, int *port,
			struct fault *f)
{
	struct str h;
	bool is_ipv6;
	uint64_t zero;
	size_t colon = text.n;

	/* Port 0, which an authority cannot have, picks a free one. */
	while (colon > 0 && text.p[colon - 1] != ':')
		colon--;
	if (colon > 1 && str_u64(str_from(text, colon), 0, &zero)) {
		if (authority_parse(str_sub(text, 0, colon - 1), &h, port,
				    &is_ipv6, f) != 0 || *port >= 0)
			return fault_set(f, "listen = %.*s: give HOST:PORT or "
					    "[ADDR]:PORT", STR_ARGS(text));
		*port = 0;
	} else if (authority_parse(text, &h, port, &is_ipv6, f) != 0 ||
		   *port < 0) {
		return fault_set(f, "listen = %.*s: give HOST:PORT or "
				    "[ADDR]:PORT", STR_ARGS(text));
	}
	*host = str_dup(h);
	return 0;
}

int listen_address_init(struct listen_address *a, struct str text,
			struct fault *f)
{
	const struct addrinfo hints = { .ai_socktype = SOCK_STREAM,
					.ai_flags = AI_PASSIVE };
	struct addrinfo *found = NULL;
	char *host = NULL, service[8];
	int port, err;

	*a = (struct listen_address){ 0 };
	if (listen_parse(text, &host, &port, f) != 0)
		return -1;
	snprintf(service, sizeof(service), "%u", (unsigned)port & 0xffffU);
	err = getaddrinfo(host, service, &hints, &found);
	if (err != 0) {
		fault_set(f, "listen = %.*s: %s", STR_ARGS(text),
			  gai_strerror(err));
		mem_free(host);
		return -1;
	}
	memcpy(&a->addr, found->ai_addr, found->ai_addrlen);
	a->len = found->ai_addrlen;
	freeaddrinfo(found);
	mem_free(host);
	return 0;
}

void listen_address_fini(struct listen_address *a)
{
	mem_free(a->text);
	a->text = NULL;
}

static void listen_address_name(struct listen_address *a)
{
	char host[NI_MAXHOST] = "?", port[NI_MAXSERV] = "?";
	ATTR_CLEANUP(buf_fini) struct buf b = BUF_INIT(NI_MAXHOST + NI_MAXSERV);

	getnameinfo((struct sockaddr *)&a->addr, a->len, host, sizeof(host),
		    port, sizeof(port), NI_NUMERICHOST | NI_NUMERICSERV);
	buf_addf(&b, a->addr.ss_family == AF_INET6 ? "[%s]:%s" : "%s:%s", host,
		 port);
	mem_free(a->text);
	a->text = buf_take(&b);
}

static int listen_set(int fd, int level, int option, int value)
{
	return setsockopt(fd, level, option, &value, sizeof(value));
}

static int listen_bind(struct listen_address *a, int fd, bool first)
{
	if (listen_set(fd, SOL_SOCKET, SO_REUSEADDR, 1) != 0)
		return -1;
	if (a->addr.ss_family == AF_INET6 &&
	    listen_set(fd, IPPROTO_IPV6, IPV6_V6ONLY, 1) != 0)
		return -1;
	if (!first && listen_set(fd, SOL_SOCKET, SO_REUSEPORT, 1) != 0)
		return -1;
	if (bind(fd, (struct sockaddr *)&a->addr, a->len) != 0)
		return -1;
	if (first && listen_set(fd, SOL_SOCKET, SO_REUSEPORT, 1) != 0)
		return -1;
	a->len = sizeof(a->addr);
	return getsockname(fd, (struct sockaddr *)&a->addr, &a->len);
}

int listen_address_bind(struct listen_address *a, bool first, struct fault *f)
{
	int err, fd = socket(a->addr.ss_family,
			     SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);

	if (fd < 0)
		return fault_errno(f, errno, "cannot make a socket");
	if (listen_bind(a, fd, first) == 0) {
		listen_address_name(a);
		return fd;
	}
	err = errno;
	close(fd);
	listen_address_name(a);
	if (err == EADDRINUSE)
		return fault_set(f, "%s is in use: another bearerd runs there, "
				    "or another program; stop it, or give "
				    "another address in listen", a->text);
	return fault_errno(f, err, "cannot listen on %s", a->text);
}

struct listener *listener_new(struct worker *w, int fd)
{
	struct listener *l = mem_new(struct listener);

	l->worker = w;
	l->fd = fd;
	list_push(&w->listeners, &l->node);
	return l;
}

/* Whom allow_from lets in; without it, this machine. */
static bool listener_allows(const struct worker *w, const struct sockaddr *sa)
{
	static struct config_cidr loopback[] = {
		{ AF_INET, { 127 }, 8 },
		{ AF_INET6, { [15] = 1 }, 128 },
	};
	static const struct config_cidrs local = { loopback, 2 };
	const struct config_cidrs *from = &w->services->proxy->allow_from;

	return config_cidrs_match(from->n > 0 ? from : &local, sa);
}

static bool listener_must_rest(int err)
{
	return err == EMFILE || err == ENFILE || err == ENOBUFS ||
	       err == ENOMEM;
}

/* One connection off the queue; false when there is none (now). */
static bool listener_accept(struct listener *l)
{
	struct sockaddr_storage addr;
	socklen_t len = sizeof(addr);
	int fd = accept4(l->fd, (struct sockaddr *)&addr, &len,
			 SOCK_NONBLOCK | SOCK_CLOEXEC);

	if (fd < 0 && listener_must_rest(errno)) {
		log_warning(EV("no_descriptors"),
			    KV("advice", "raise the limit (LimitNOFILE)"));
		loop_io_set(&l->io, 0);
		loop_timer_set(l->worker->loop, &l->rest, LISTENER_REST);
		return false;
	}
	if (fd < 0)
		return errno == ECONNABORTED || errno == EINTR;
	if (!listener_allows(l->worker, (struct sockaddr *)&addr)) {
		log_debug(EV("not_allowed"), KV("by", "allow_from"));
		close(fd);
		return true;
	}
	listen_set(fd, IPPROTO_TCP, TCP_NODELAY, 1);
	front_add(l->worker->front, fd, (struct sockaddr *)&addr, len);
	return true;
}

static void listener_on_io(void *arg, uint32_t events)
{
	struct listener *l = arg;

	(void)events;
	for (int i = 0; i < LISTENER_BATCH && listener_accept(l); i++)
		continue;
}

static void listener_on_rest(void *arg)
{
	struct listener *l = arg;

	loop_io_set(&l->io, EPOLLIN);
}

int listener_open(struct listener *l, struct fault *f)
{
	if (listen(l->fd, LISTENER_BACKLOG) != 0)
		return fault_errno(f, errno, "listen");
	loop_timer_init(&l->rest, listener_on_rest, l);
	return loop_io_add(l->worker->loop, &l->io, l->fd, EPOLLIN,
			   listener_on_io, l, f);
}

void listener_close(struct listener *l)
{
	if (l->fd < 0)
		return;
	if (l->io.loop != NULL) {
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
