/* SPDX-License-Identifier: MIT */
/* Finds a request's route in a time that does not grow with the number of
 * services: one look at the hosts, then one at each end of a segment of the
 * path, up to the longest prefix that this host has. */
#include "service/index.h"

#include "base/alloc.h"
#include "service/match.h"

/* FNV-1a. Only the configuration puts anything in, so nobody can make chains
 * long. */
static const uint64_t BASIS = 0xcbf29ce484222325, PRIME = 0x100000001b3;

static uint64_t hash_octet(uint64_t h, char c)
{
	return (h ^ (unsigned char)c) * PRIME;
}

/* What the hashes of a host's prefixes begin with. */
static uint64_t hash_start(const struct index_host *host, int port)
{
	uint64_t h = host ? host->hash + host->wildcard : BASIS;

	return (h ^ (uint64_t)(port + 2)) * PRIME;
}

void index_key_init(struct index_key *k, struct str host, bool suffixes)
{
	uint64_t h = BASIS;

	k->host = host;
	k->ndots = 0;
	for (size_t i = host.n; i-- > 0;) {
		h = hash_octet(h, host.p[i]);
		if (!suffixes || host.p[i] != '.' || i == 0 ||
		    k->ndots == sizeof(k->dots))
			continue;
		k->dots[k->ndots] = (unsigned char)i;
		k->hashes[k->ndots++] = h;
	}
	k->hash = h;
}

/* The next slot of this hash, from *at on; NULL at the end of the chain. */
static void *table_next(const struct index_table *t, uint64_t hash,
			size_t *at)
{
	while (t->n) {
		void *slot = t->slots[*at & t->mask];

		*at += 1;
		if (!slot)
			break;
		if (*(const uint64_t *)slot == hash)
			return slot;
	}
	return NULL;
}

static size_t table_begin(uint64_t hash)
{
	return (size_t)(hash ^ hash >> 32);
}

static void table_put(struct index_table *t, void *item)
{
	size_t at = table_begin(*(const uint64_t *)item);

	while (t->slots[at & t->mask])
		at++;
	t->slots[at & t->mask] = item;
	t->n++;
}

/* Half of the slots stay empty. */
static void table_add(struct index_table *t, void *item)
{
	struct index_table old = *t;

	if (!t->slots || t->n * 2 > t->mask) {
		t->mask = t->slots ? t->mask * 2 + 1 : 63;
		t->slots = mem_array(t->mask + 1, sizeof(*t->slots));
		t->n = 0;
		for (size_t i = 0; old.slots && i <= old.mask; i++)
			if (old.slots[i])
				table_put(t, old.slots[i]);
		mem_free(old.slots);
	}
	table_put(t, item);
}

static const struct index_host *find_host(const struct route_index *x,
					  struct str host, uint64_t hash,
					  bool wildcard)
{
	size_t at = table_begin(hash);
	const struct index_host *h;

	while ((h = table_next(&x->hosts, hash, &at)) != NULL)
		if (h->wildcard == wildcard && str_eq(h->host, host))
			return h;
	return NULL;
}

const struct index_host *index_host_exact(const struct route_index *x,
					  const struct index_key *k)
{
	return find_host(x, k->host, k->hash, false);
}

const struct index_host *index_host_below(const struct route_index *x,
					  const struct index_key *k, size_t i)
{
	return find_host(x, str_from(k->host, k->dots[i]), k->hashes[i], true);
}

static const struct index_route *
find_route(const struct route_index *x, const struct index_host *host,
	   int port, struct str prefix, uint64_t hash)
{
	size_t at = table_begin(hash);
	const struct index_route *r;

	while ((r = table_next(&x->routes, hash, &at)) != NULL)
		if (r->host == host && r->port == port &&
		    str_eq(r->prefix, prefix))
			return r;
	return NULL;
}

const struct index_route *index_find(const struct route_index *x,
				     const struct index_host *host, int port,
				     struct str path)
{
	size_t longest = host ? host->longest : x->longest_path;
	uint64_t h = hash_start(host, port);
	const struct index_route *found = NULL, *r;

	for (size_t i = 0; i <= path.n && i <= longest; i++) {
		if (i == path.n || path.p[i] == '/') {
			r = find_route(x, host, port, str_sub(path, 0, i), h);
			if (r)
				found = r;
		}
		if (i < path.n)
			h = hash_octet(h, path.p[i]);
	}
	return found;
}

/* The host of a match, added where it is new. */
static struct index_host *host_of(struct route_index *x,
				  const struct route_match *m)
{
	struct index_key k;
	const struct index_host *found;
	struct index_host *h;
	size_t at;

	index_key_init(&k, str_z(m->host), false);
	found = find_host(x, k.host, k.hash, m->wildcard);
	at = table_begin(k.hash);
	while (found && (h = table_next(&x->hosts, k.hash, &at)) != NULL)
		if (h == found)
			return h;
	h = mem_new(struct index_host);
	*h = (struct index_host){ k.hash, k.host, m->wildcard, 0 };
	x->has_wildcard |= m->wildcard;
	table_add(&x->hosts, h);
	return h;
}

const struct index_route *index_add(struct route_index *x,
				    const struct index_route *r)
{
	struct index_host *host = r->match ? host_of(x, r->match) : NULL;
	size_t *longest = host ? &host->longest : &x->longest_path;
	uint64_t h = hash_start(host, r->port);
	const struct index_route *found;
	struct index_route *copy;

	for (size_t i = 0; i < r->prefix.n; i++)
		h = hash_octet(h, r->prefix.p[i]);
	found = find_route(x, host, r->port, r->prefix, h);
	if (found)
		return found;
	copy = mem_new(struct index_route);
	*copy = *r;
	copy->hash = h;
	copy->host = host;
	if (r->prefix.n > *longest)
		*longest = r->prefix.n;
	table_add(&x->routes, copy);
	return NULL;
}

static void table_fini(struct index_table *t)
{
	for (size_t i = 0; t->slots && i <= t->mask; i++)
		mem_free(t->slots[i]);
	mem_free(t->slots);
}

void route_index_fini(struct route_index *x)
{
	table_fini(&x->hosts);
	table_fini(&x->routes);
	*x = (struct route_index){ 0 };
}
