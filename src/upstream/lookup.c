/* SPDX-License-Identifier: MIT */
/* Before libcurl opens a connection: the addresses of the names on its way.
 * What goes out on a connection that is there needs none, so nothing is looked
 * up ahead: libcurl says when it is about to, and is stopped; it begins
 * again once the resolver has told. No octet has left by then. */
#include "upstream/lookup.h"

#include <arpa/inet.h>
#include <string.h>

#include "base/assert.h"
#include "base/limits.h"
#include "upstream/transport.h"
#include "upstream/upstream.h"

enum { ENTRY_MAX = 4096 };

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

void lookup_bind(struct lookup *l)
{
	CURLcode code = curl_easy_setopt(
		l->easy, CURLOPT_RESOLVER_START_FUNCTION, on_resolve);

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

static void on_addresses(void *arg, const char *addresses)
{
	struct lookup *l = arg;
	struct wanted w;

	l->wait = NULL;
	(void)name_at(l, l->at++, &w);
	if (!addresses) {
		l->none(l->arg, w.none);
		return;
	}
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
	l->needed = false;
	l->at = 0;
	l->told = NULL;
	if (++l->tries > LIMIT_RESOLVER_TRIES)
		l->none(l->arg, CURLE_COULDNT_RESOLVE_HOST);
	else
		next(l);
}

void lookup_end(struct lookup *l)
{
	resolver_cancel(&l->wait);
}
