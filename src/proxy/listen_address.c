/* SPDX-License-Identifier: MIT */
/* Finds and opens the sockets that the workers will accept from, before they
 * start. */

#include "proxy/listen_address.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netdb.h>
#include <netinet/in.h>
#include <string.h>
#include <sys/un.h>
#include <unistd.h>

#include "base/alloc.h"
#include "base/buf.h"
#include "base/limits.h"
#include "data/uri.h"

static int listen_set(int fd, int level, int option, int value)
{
	return setsockopt(fd, level, option, &value, sizeof(value));
}

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
				    &is_ipv6, f) < 0 || *port >= 0)
			return fault_set(f, "listen = %.*s: give HOST:PORT or "
					    "[ADDR]:PORT", STR_ARGS(text));
		*port = 0;
	} else if (authority_parse(text, &h, port, &is_ipv6, f) < 0 ||
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

static struct listen_address *listen_add(struct listen_addresses *to)
{
	struct listen_address *a;

	to->v = mem_resize(to->v, (to->n + 1) * sizeof(*to->v));
	a = &to->v[to->n++];
	*a = (struct listen_address){ .shared = LOCAL_SOCKET_INIT };
	return a;
}

static void listen_add_address(struct listen_addresses *to, size_t first,
			       const struct sockaddr *addr, socklen_t len)
{
	struct listen_address *a;

	for (size_t i = first; i < to->n; i++)
		if (to->v[i].len == len && !memcmp(&to->v[i].addr, addr, len))
			return;
	a = listen_add(to);
	memcpy(&a->addr, addr, len);
	a->len = len;
}

/* RFC 6761 section 6.3: both families, whatever a resolver says. */
static void listen_add_localhost(struct listen_addresses *to, size_t first)
{
	const struct sockaddr_in v4 = {
		.sin_family = AF_INET,
		.sin_addr.s_addr = htonl(INADDR_LOOPBACK),
	};
	const struct sockaddr_in6 v6 = {
		.sin6_family = AF_INET6,
		.sin6_addr = IN6ADDR_LOOPBACK_INIT,
	};

	listen_add_address(to, first, (const struct sockaddr *)&v4,
			   sizeof(v4));
	listen_add_address(to, first, (const struct sockaddr *)&v6,
			   sizeof(v6));
}

/* All addresses that the host has. */
static int listen_resolve(struct listen_addresses *to, size_t first,
			  const char *host, struct fault *f)
{
	const struct addrinfo hints = { .ai_socktype = SOCK_STREAM,
					.ai_flags = AI_PASSIVE };
	struct addrinfo *found = NULL;
	struct in6_addr octets;
	int err;

	if (uri_host_is_loopback(str_z(host)) &&
	    inet_pton(AF_INET, host, &octets) != 1 &&
	    inet_pton(AF_INET6, host, &octets) != 1) {
		listen_add_localhost(to, first);
		return 0;
	}
	err = getaddrinfo(host, NULL, &hints, &found);
	if (err != 0)
		return fault_set(f, "%s", gai_strerror(err));
	for (const struct addrinfo *i = found; i; i = i->ai_next)
		listen_add_address(to, first, i->ai_addr, i->ai_addrlen);
	freeaddrinfo(found);
	return 0;
}

static void listen_set_port(struct listen_address *a, int port)
{
	struct sockaddr_in *in = (struct sockaddr_in *)&a->addr;

	in->sin_port = htons((uint16_t)port); /* at the same place for IPv6 */
}

/* Whether this port of the address is free; fills in one for port 0. Returns
 * a bound socket, or -1 with errno. */
static int listen_try(struct listen_address *a)
{
	int fd = socket(a->addr.ss_family, SOCK_STREAM | SOCK_CLOEXEC, 0);
	int err;

	if (fd < 0)
		return -1;
	if ((a->addr.ss_family == AF_INET6 &&
	     listen_set(fd, IPPROTO_IPV6, IPV6_V6ONLY, 1) != 0) ||
	    bind(fd, (struct sockaddr *)&a->addr, a->len) != 0 ||
	    getsockname(fd, (struct sockaddr *)&a->addr, &a->len) != 0) {
		err = errno;
		close(fd);
		errno = err;
		return -1;
	}
	return fd;
}

/* Takes out those that this machine does not have (it may have no IPv6),
 * unless it has none of them. */
static void listen_drop_missing(struct listen_addresses *to, size_t first)
{
	for (size_t i = to->n; i > first && to->n - first > 1; i--) {
		struct listen_address any = to->v[i - 1];
		int fd = listen_try(&any);

		if (fd < 0 && (errno == EADDRNOTAVAIL ||
			       errno == EAFNOSUPPORT)) {
			to->n--;
			memmove(&to->v[i - 1], &to->v[i],
				(to->n - (i - 1)) * sizeof(*to->v));
		}
		if (fd >= 0)
			close(fd);
	}
}

/* One port that is free at all of them. */
static bool listen_try_port(struct listen_addresses *to, size_t first)
{
	int fds[LIMIT_LISTEN_ADDRESSES];
	size_t n = 0;
	bool all = true;

	listen_set_port(&to->v[first], 0);
	for (size_t i = first; all && i < to->n; i++) {
		if (i > first)
			listen_set_port(&to->v[i],
					listen_address_port(&to->v[first]));
		fds[n] = listen_try(&to->v[i]);
		all = fds[n] >= 0;
		n += all;
	}
	while (n > 0)
		close(fds[--n]);
	return all;
}

static int listen_find_port(struct listen_addresses *to, size_t first,
			    struct fault *f)
{
	for (int tries = 0; tries < LIMIT_LISTEN_TRIES; tries++)
		if (listen_try_port(to, first))
			return 0;
	return fault_set(f, "no port is free at all of its addresses");
}

/* Of one host, which stand from first on. */
static int listen_find_host(struct listen_addresses *to, size_t first,
			    const char *host, int port, struct fault *f)
{
	if (listen_resolve(to, first, host, f) < 0)
		return -1;
	if (to->n - first > LIMIT_LISTEN_ADDRESSES)
		return fault_set(f, "the name has more than %d addresses",
				 LIMIT_LISTEN_ADDRESSES);
	listen_drop_missing(to, first);
	for (size_t i = first; i < to->n; i++)
		listen_set_port(&to->v[i], port);
	if (port == 0 && to->n - first > 1)
		return listen_find_port(to, first, f);
	return 0;
}

int listen_addresses_find(struct listen_addresses *to, struct str text,
			  struct fault *f)
{
	size_t first = to->n;
	char *host = NULL;
	int port, rc;

	if (str_starts(text, STR("unix:")))
		return listen_address_path(listen_add(to), str_from(text, 5),
					   f);
	if (listen_parse(text, &host, &port, f) < 0)
		return -1;
	rc = listen_find_host(to, first, host, port, f);
	mem_free(host);
	return rc == 0 ? 0 :
			 fault_prefix(f, "listen = %.*s", STR_ARGS(text));
}

void listen_addresses_fini(struct listen_addresses *to)
{
	for (size_t i = 0; i < to->n; i++)
		listen_address_fini(&to->v[i]);
	mem_free(to->v);
	*to = (struct listen_addresses){ NULL, 0 };
}

int listen_address_port(const struct listen_address *a)
{
	const struct sockaddr_in *in = (const struct sockaddr_in *)&a->addr;

	return ntohs(in->sin_port); /* at the same place for IPv6 */
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
	    listen(fd, LIMIT_BACKLOG) != 0)
		return -1;
	if (first && listen_set(fd, SOL_SOCKET, SO_REUSEPORT, 1) != 0)
		return -1;
	a->len = sizeof(a->addr);
	return getsockname(fd, (struct sockaddr *)&a->addr, &a->len);
}

static int listen_take_path(struct listen_address *a, struct fault *f)
{
	ATTR_CLEANUP(buf_fini) struct buf text = BUF_INIT(256);
	const char *path = ((const struct sockaddr_un *)&a->addr)->sun_path;

	if (local_socket_listen(&a->shared, path, "unix:", "listen",
				LIMIT_BACKLOG, f) < 0)
		return -1;
	buf_addf(&text, "unix:%s", path);
	a->text = buf_take(&text);
	return 0;
}

static int listen_share(struct listen_address *a, bool first, struct fault *f)
{
	int fd;

	if (first && listen_take_path(a, f) < 0)
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
