/* SPDX-License-Identifier: MIT */
/* Writes hosts in the one form in which they are compared, when the
 * configuration is loaded and for each request; and parses the addresses to
 * listen on. */
#include "service/host.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>

#include "base/limits.h"
#include "data/uri.h"

int host_read(struct host *h, struct str text)
{
	struct in6_addr v6;

	if (text.n && text.p[text.n - 1] == '.')
		text.n--;
	h->n = 0;
	h->z[0] = '\0';
	if (!text.n || text.n > LIMIT_HOST)
		return -1;
	for (size_t i = 0; i < text.n; i++)
		h->z[i] = char_lower(text.p[i]);
	h->n = text.n;
	h->z[h->n] = '\0';
	/* Names have no colons. */
	if (str_find(text, ':') < text.n && inet_pton(AF_INET6, h->z, &v6)) {
		inet_ntop(AF_INET6, &v6, h->z, sizeof(h->z));
		h->n = strlen(h->z);
	}
	return 0;
}

/* RFC 4291 §2.5.5.2 */
static void unmap(struct address *a)
{
	static const unsigned char mapped[12] = {
		0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff
	};

	if (a->family != AF_INET6 ||
	    memcmp(a->octets, mapped, sizeof(mapped)) != 0)
		return;
	a->family = AF_INET;
	memmove(a->octets, a->octets + 12, 4);
	memset(a->octets + 4, 0, 12);
}

bool address_of_host(struct address *a, const struct host *h)
{
	memset(a, 0, sizeof(*a));
	if (inet_pton(AF_INET, h->z, a->octets) == 1)
		a->family = AF_INET;
	else if (inet_pton(AF_INET6, h->z, a->octets) == 1)
		a->family = AF_INET6;
	unmap(a);
	return a->family != AF_UNSPEC;
}

bool address_of_sockaddr(struct address *a, const struct sockaddr *sa)
{
	memset(a, 0, sizeof(*a));
	if (!sa)
		return false;
	if (sa->sa_family == AF_INET)
		memcpy(a->octets, (const char *)sa +
		       offsetof(struct sockaddr_in, sin_addr), 4);
	else if (sa->sa_family == AF_INET6)
		memcpy(a->octets, (const char *)sa +
		       offsetof(struct sockaddr_in6, sin6_addr), 16);
	else
		return false;
	a->family = sa->sa_family;
	unmap(a);
	return true;
}

int port_of_sockaddr(const struct sockaddr *sa)
{
	in_port_t port;

	if (!sa || (sa->sa_family != AF_INET && sa->sa_family != AF_INET6))
		return -1;
	/* At the same place for both. */
	memcpy(&port, (const char *)sa + offsetof(struct sockaddr_in, sin_port),
	       sizeof(port));
	return ntohs(port);
}

bool address_eq(const struct address *a, const struct address *b)
{
	return a->family != AF_UNSPEC && a->family == b->family &&
	       !memcmp(a->octets, b->octets, sizeof(a->octets));
}

static int split(struct str text, struct str *host, struct str *port)
{
	size_t n = text.n;

	while (n && text.p[n - 1] != ':')
		n--;
	if (n < 2)
		return -1;
	*host = str_sub(text, 0, n - 1);
	*port = str_from(text, n);
	return 0;
}

/* unix(7): the path and its NUL have a place of this size. */
static int check_socket(struct listen_spec *l, struct str path,
			struct fault *f)
{
	const struct sockaddr_un *un = NULL;

	if (!path.n)
		return fault_set(f, "unix: needs a path behind it");
	if (path.n >= sizeof(un->sun_path))
		return fault_set(f, "the path of a Unix socket can be %zu "
				    "octets long at the most",
				 sizeof(un->sun_path) - 1);
	l->loopback = true;
	return 0;
}

int listen_spec_parse(struct listen_spec *l, struct str text, struct fault *f)
{
	static const unsigned char none_at_all[sizeof(l->address.octets)];
	const struct str socket = STR("unix:");
	struct str host, port, name;
	uint64_t number;
	bool v6;
	int none;

	memset(l, 0, sizeof(*l));
	l->text = text;
	if (str_starts(text, socket))
		return check_socket(l, str_from(text, socket.n), f);
	if (str_eq_z(text, "systemd"))
		return fault_set(f, "systemd is not available in this "
				    "version: use HOST:PORT or unix:PATH");
	if (split(text, &host, &port) || !str_u64(port, 65535, &number))
		return fault_set(f, "must be HOST:PORT, [ADDRESS]:PORT or "
				    "unix:PATH, such as 127.0.0.1:8119");
	/* A colon left in it is an IPv6 address without its brackets. */
	if (authority_parse(host, &name, &none, &v6, f))
		return -1;
	if ((str_find(host, ':') < host.n && !v6) || host_read(&l->host, name))
		return fault_set(f, "an IPv6 address needs brackets, such as "
				    "[::1]:8119");
	if (str_eq_z(name, "*"))
		return fault_set(f, "\"*\" is not an address: write 0.0.0.0 or "
				    "[::], and allow_from");
	l->port = (int)number;
	l->loopback = uri_host_is_loopback(name);
	l->reachable = true;
	if (address_of_host(&l->address, &l->host)) {
		l->reachable = memcmp(l->address.octets, none_at_all,
				      sizeof(none_at_all)) != 0;
		l->loopback = l->address.family == AF_INET
				      ? l->address.octets[0] == 127
				      : l->loopback;
	}
	return 0;
}
