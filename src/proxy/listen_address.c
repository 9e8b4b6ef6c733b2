/* SPDX-License-Identifier: MIT */
/* Before the workers start: the sockets that they will accept from. */

#include "proxy/listen_address.h"

#include <errno.h>
#include <fcntl.h>
#include <netdb.h>
#include <netinet/in.h>
#include <stdio.h>
#include <string.h>
#include <sys/un.h>
#include <unistd.h>

#include "base/alloc.h"
#include "base/buf.h"
#include "data/uri.h"

enum { LISTEN_BACKLOG = 1024 };

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

static int listen_address_path(struct listen_address *a, struct str path,
			       struct fault *f)
{
	if (local_socket_address((struct sockaddr_un *)&a->addr, path, f) < 0)
		return fault_prefix(f, "listen = unix:%.*s", STR_ARGS(path));
	a->len = sizeof(struct sockaddr_un);
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

	*a = (struct listen_address){ .shared = LOCAL_SOCKET_INIT };
	if (str_starts(text, STR("unix:")))
		return listen_address_path(a, str_from(text, 5), f);
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

static const char *listen_path(const struct listen_address *a)
{
	return ((const struct sockaddr_un *)&a->addr)->sun_path;
}

bool listen_address_is_reachable(const struct listen_address *a)
{
	const struct sockaddr_in6 *v6 = (const struct sockaddr_in6 *)&a->addr;
	const struct sockaddr_in *v4 = (const struct sockaddr_in *)&a->addr;

	if (a->addr.ss_family == AF_INET)
		return v4->sin_addr.s_addr != htonl(INADDR_ANY);
	return a->addr.ss_family == AF_INET6 &&
	       !IN6_IS_ADDR_UNSPECIFIED(&v6->sin6_addr);
}

void listen_address_fini(struct listen_address *a)
{
	local_socket_fini(&a->shared);
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

/* The first one of an address joins no others, and has the port for itself
 * until it listens: of two daemons that start at the same time one is
 * refused. */
static int listen_take(struct listen_address *a, int fd, bool first)
{
	if (listen_set(fd, SOL_SOCKET, SO_REUSEADDR, 1) != 0)
		return -1;
	if (a->addr.ss_family == AF_INET6 &&
	    listen_set(fd, IPPROTO_IPV6, IPV6_V6ONLY, 1) != 0)
		return -1;
	if (!first && listen_set(fd, SOL_SOCKET, SO_REUSEPORT, 1) != 0)
		return -1;
	if (bind(fd, (struct sockaddr *)&a->addr, a->len) != 0 ||
	    listen(fd, LISTEN_BACKLOG) != 0)
		return -1;
	if (first && listen_set(fd, SOL_SOCKET, SO_REUSEPORT, 1) != 0)
		return -1;
	a->len = sizeof(a->addr);
	return getsockname(fd, (struct sockaddr *)&a->addr, &a->len);
}

static int listen_take_path(struct listen_address *a, struct fault *f)
{
	ATTR_CLEANUP(buf_fini) struct buf text = BUF_INIT(256);
	const char *path = listen_path(a);

	if (local_socket_listen(&a->shared, path, "unix:", "listen",
				LISTEN_BACKLOG, f) != 0)
		return -1;
	buf_addf(&text, "unix:%s", path);
	a->text = buf_take(&text);
	return 0;
}

static int listen_share(struct listen_address *a, bool first, struct fault *f)
{
	int fd;

	if (first && listen_take_path(a, f) != 0)
		return -1;
	fd = fcntl(a->shared.fd, F_DUPFD_CLOEXEC, 0);
	if (fd < 0)
		return fault_errno(f, errno, "cannot share a socket");
	return fd;
}

int listen_address_open(struct listen_address *a, bool first, struct fault *f)
{
	int err, fd;

	if (a->addr.ss_family == AF_UNIX)
		return listen_share(a, first, f);
	fd = socket(a->addr.ss_family,
		    SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	if (fd < 0)
		return fault_errno(f, errno, "cannot make a socket");
	if (listen_take(a, fd, first) == 0) {
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
