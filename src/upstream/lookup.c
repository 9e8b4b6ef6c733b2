/* SPDX-License-Identifier: MIT */
/* Looks up the names on a connection's way before libcurl opens it. What goes
 * out on a connection that is there needs none, so nothing is looked up ahead:
 * libcurl says when it is about to, and is stopped; it begins again once the
 * resolver has told. No octet has left by then.
 *
 * Where the host to connect to has several addresses, the first of them that
 * answers is connected to here (upstream/dial.c), and libcurl is handed the
 * socket when it opens one. */
#include "upstream/lookup.h"

#include <arpa/inet.h>
#include <string.h>
#include <unistd.h>

#include "base/assert.h"
#include "base/limits.h"
#include "upstream/curl_fault.h"
#include "upstream/transport.h"
#include "upstream/upstream.h"

/* "+HOST:PORT:ADDRESSES" */
enum { ENTRY_MAX = LIMIT_HOST + 8 + LIMIT_RESOLVER_ADDRESSES * 50 };

struct wanted {
	const char *host;
	uint16_t port;
	bool foreign;
	CURLcode none; /* what it is that it has no address */
};

/* The at'th name that libcurl connects to, or looks up for a proxy. */
static bool name_at(const struct lookup *l, size_t at, struct wanted *out)
{
	const struct transport *via = l->origin->transport;

	if (via->proxy && at == 0) {
		*out = (struct wanted){ via->proxy_host, via->proxy_port, false,
					CURLE_COULDNT_RESOLVE_PROXY };
		return true;
	}
	*out = (struct wanted){ l->origin->host, l->origin->port,
				l->origin->is_foreign,
				CURLE_COULDNT_RESOLVE_HOST };
	return via->proxy ? at == 1 && via->proxy_wants_address : at == 0;
}

/* An address, or a name that libcurl itself makes loopback of (RFC 6761
 * §6.3). */
static bool needs_nobody(const char *host)
{
	struct str s = str_z(host);
	struct in_addr v4;

	return inet_pton(AF_INET, host, &v4) == 1 || str_find(s, ':') < s.n ||
	       str_eq(s, STR("localhost")) || str_ends(s, STR(".localhost"));
}

/* libcurl is about to look a name up (or to see that it is an address).
 * Where it needs two names, one address of IPv6 cannot be told from the other
 * name: then libcurl goes on by itself once it has been told. */
static int on_resolve(void *resolver ATTR_UNUSED, void *reserved ATTR_UNUSED,
		      void *arg)
{
	struct lookup *l = arg;
	struct wanted first, second;
	bool two;

	(void)name_at(l, 0, &first);
	two = name_at(l, 1, &second);
	if (needs_nobody(first.host) && (!two || needs_nobody(second.host)))
		return 0;
	if (two && l->tries > 0 &&
	    (needs_nobody(first.host) || needs_nobody(second.host)))
		return 0;
	l->needed = true;
	return 1;
}

/* libcurl has a new socket. */
static int on_opened(void *arg, curl_socket_t fd,
		     curlsocktype purpose ATTR_UNUSED)
{
	const struct lookup *l = arg;

	return fd == l->given ? CURL_SOCKOPT_ALREADY_CONNECTED
			      : CURL_SOCKOPT_OK;
}

void lookup_bind(struct lookup *l)
{
	CURLcode code = curl_easy_setopt(
		l->easy, CURLOPT_RESOLVER_START_FUNCTION, on_resolve);

	list_init(&l->node);
	list_init(&l->joined);
	l->dialed.fd = l->given = -1;
	curl_easy_setopt(l->easy, CURLOPT_SOCKOPTFUNCTION, on_opened);
	curl_easy_setopt(l->easy, CURLOPT_SOCKOPTDATA, l);

	ASSERT(code == CURLE_OK);
	curl_easy_setopt(l->easy, CURLOPT_RESOLVER_START_DATA, l);
	/* Of what it was told: until the connection is begun. */
	curl_easy_setopt(l->easy, CURLOPT_DNS_CACHE_TIMEOUT,
			 (long)LIMIT_RESOLVER_TOLD);
}

/* "+": libcurl forgets it in time. */
static void tell(struct lookup *l, const struct wanted *w,
		 const char *addresses)
{
	struct curl_slist *node = arena_alloc(l->arena, sizeof(*node));
	struct buf text = BUF_INIT(ENTRY_MAX);

	buf_addf(&text, "+%s:%u:%s", w->host, (unsigned)w->port, addresses);
	node->data = arena_alloc(l->arena, text.n + 1);
	memcpy(node->data, buf_z(&text), text.n + 1);
	node->next = l->told;
	l->told = node;
	buf_fini(&text);
}

static void next(struct lookup *l);

static void lookup_none(struct lookup *l, CURLcode code)
{
	l->busy = false;
	l->none(l->arg, code);
}

/* ---- several addresses ---- */

/* The one that answered comes first: should libcurl need another connection,
 * it has the others too. */
static void told_in_order(struct lookup *l, struct buf *out)
{
	struct str rest = str_z(l->addresses);
	struct str address;

	for (size_t i = 0; i <= l->dialed.at; i++)
		(void)str_next_element(&rest, &address);
	buf_add_str(out, address);
	rest = str_z(l->addresses);
	for (size_t i = 0; str_next_element(&rest, &address); i++) {
		if (i == l->dialed.at)
			continue;
		buf_add_char(out, ',');
		buf_add_str(out, address);
	}
}

static void lookup_dialed(struct lookup *l, const struct dial_result *result)
{
	struct buf text = BUF_INIT(ENTRY_MAX);
	struct wanted w;

	l->dial = NULL;
	list_remove(&l->node);
	l->dialed = *result;
	if (result->error || result->prohibited || result->starved) {
		lookup_none(l, CURLE_COULDNT_CONNECT);
		return;
	}
	(void)name_at(l, l->at++, &w);
	told_in_order(l, &text);
	tell(l, &w, buf_z(&text));
	buf_fini(&text);
	next(l);
}

/* Those that joined have the address that answered, and no socket. */
static void on_dialed(void *arg, const struct dial_result *result)
{
	struct lookup *l = arg;
	struct dial_result others = *result;
	struct list joined;

	list_init(&joined);
	list_splice(&joined, &l->joined);
	others.fd = -1;
	lookup_dialed(l, result);
	while (!list_empty(&joined))
		lookup_dialed(list_entry(list_shift(&joined), struct lookup,
					 node), &others);
}

static bool dials_the_same(const struct lookup *a, const struct lookup *b)
{
	return a->origin->transport == b->origin->transport &&
	       (a->origin->transport->proxy ||
		strcmp(a->origin->url, b->origin->url) == 0) &&
	       strcmp(a->addresses, b->addresses) == 0;
}

static void lookup_dial(struct lookup *l, uint16_t port)
{
	struct upstream *u = l->upstream;

	if (l->shares) {
		list_each(it, &u->dials) {
			struct lookup *first =
				list_entry(it, struct lookup, node);

			if (!dials_the_same(l, first))
				continue;
			list_push(&first->joined, &l->node);
			return;
		}
		list_push(&u->dials, &l->node);
	}
	l->dial = dial_start(&u->sockets, l->origin->transport, l->addresses,
			     port, on_dialed, l);
}

/* Whoever joined it first has it from here on. */
static void lookup_leave_dial(struct lookup *l)
{
	struct list *first = list_shift(&l->joined);
	struct lookup *heir;

	list_remove(&l->node);
	if (first) {
		heir = list_entry(first, struct lookup, node);
		list_splice(&heir->joined, &l->joined);
		list_push(&l->upstream->dials, &heir->node);
		heir->dial = l->dial;
		dial_pass(heir->dial, heir);
		l->dial = NULL;
	}
	dial_cancel(&l->dial);
	mem_free(l->addresses);
	l->addresses = NULL;
	if (l->dialed.fd >= 0)
		close(l->dialed.fd);
	l->dialed = (struct dial_result){ .fd = -1 };
}

curl_socket_t lookup_socket(struct lookup *l, const struct curl_sockaddr *addr)
{
	union {
		struct sockaddr any;
		struct sockaddr_in6 v6;
	} to;
	socklen_t n = sizeof(to);

	if (l->dialed.fd < 0 ||
	    getpeername(l->dialed.fd, &to.any, &n) < 0 || n != addr->addrlen ||
	    memcmp(&to, &addr->addr, n) != 0)
		return CURL_SOCKET_BAD;
	l->given = l->dialed.fd;
	l->dialed.fd = -1;
	return l->given;
}

/* ---- one name after the other ---- */

static void on_addresses(void *arg, const char *addresses)
{
	struct lookup *l = arg;
	struct wanted w;

	l->wait = NULL;
	(void)name_at(l, l->at, &w);
	if (!addresses) {
		lookup_none(l, w.none);
		return;
	}
	l->found = true;
	if (l->at == 0 && strchr(addresses, ',')) {
		l->addresses = mem_strdup(addresses);
		lookup_dial(l, w.port);
		return;
	}
	l->at++;
	tell(l, &w, addresses);
	next(l);
}

/* Asks for the next name; once there is none, libcurl is told. */
static void next(struct lookup *l)
{
	struct buf text = BUF_INIT(ENTRY_MAX);
	enum resolver_found found;
	struct wanted w;

	while (name_at(l, l->at, &w) && needs_nobody(w.host))
		l->at++;
	if (!name_at(l, l->at, &w)) {
		curl_easy_setopt(l->easy, CURLOPT_RESOLVE, l->told);
		l->busy = false;
		l->known(l->arg);
		return;
	}
	found = resolver_ask(l->upstream->resolver, w.host, w.foreign,
			     &text, l->upstream->box, on_addresses, l,
			     &l->wait);
	if (found != RESOLVER_WAITS)
		on_addresses(l, found == RESOLVER_FOUND ? buf_z(&text) : NULL);
	buf_fini(&text);
}

void lookup_start(struct lookup *l)
{
	lookup_leave_dial(l);
	l->needed = l->found = false;
	l->busy = true;
	l->at = 0;
	l->told = NULL;
	if (++l->tries > LIMIT_RESOLVER_TRIES)
		lookup_none(l, CURLE_COULDNT_RESOLVE_HOST);
	else
		next(l);
}

void lookup_end(struct lookup *l)
{
	resolver_cancel(&l->wait);
	lookup_leave_dial(l);
	l->busy = false;
}

void lookup_progress(const struct lookup *l, struct curl_progress *p)
{
	curl_easy_getinfo(l->easy, CURLINFO_HTTP_CONNECTCODE, &p->connect);
	curl_easy_getinfo(l->easy, CURLINFO_PROXY_ERROR, &p->socks);
	curl_easy_getinfo(l->easy, CURLINFO_OS_ERRNO, &p->os_errno);
	if (l->dialed.error)
		p->os_errno = l->dialed.error;
	p->prohibited |= l->dialed.prohibited;
	p->starved |= l->dialed.starved;
}
