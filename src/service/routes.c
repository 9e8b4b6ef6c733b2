/* SPDX-License-Identifier: MIT */
/* Chooses the service that a request is for, by the host that it names or by
 * its path on the proxy's own address, and what of its target goes on: the
 * exchange's route step. */
#include "service/routes.h"

#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/arena.h"
#include "base/buf.h"
#include "data/uri.h"
#include "http/path_reading.h"
#include "http/target.h"
#include "service/host.h"
#include "service/index.h"
#include "service/match.h"

struct routes {
	struct route_index index;
	/* The same routes by what servers may make of their prefixes: the
	 * readings of a path are looked up here. */
	struct route_index read;
	struct arena prefixes; /* of read */
	int external_port;     /* of external_url; -1: none */
};

/* Most prefixes are the same in every reading. */
static void add_readings(struct routes *r, const struct index_route *route)
{
	struct index_route n = *route;
	struct buf b = BUF_INIT(n.prefix.n + 2);
	bool plain = path_is_plain(n.prefix);

	if (plain)
		index_add(&r->read, &n);
	for (unsigned i = 0; !plain && i < PATH_READINGS; i++) {
		buf_reset(&b);
		path_reading(&b, route->prefix, i);
		if (b.n && b.p[b.n - 1] == '/')
			buf_cut(&b, b.n - 1);
		n.prefix = arena_str(&r->prefixes, buf_str(&b));
		index_add(&r->read, &n);
	}
	buf_fini(&b);
}

/* Adds it; returns what is there already instead. */
static const struct index_route *add_route(struct routes *r,
					   const struct index_route *n)
{
	const struct index_route *other = index_add(&r->index, n);

	if (!other)
		add_readings(r, n);
	return other;
}

/* Whether a later match is worth a word: it was written, and will never be
 * asked. One that is only implied gives way. */
static void report_same(const struct service *s, const struct route_match *m,
			const struct service *o,
			struct config_report *report)
{
	if (!config_given(s->section, "match"))
		return;
	config_report_item(report, s->section, "match", m->order,
			   "match: [service %s] has the same one", o->name);
}

static void add_matches(struct routes *r, const struct service *s,
			struct config_report *report)
{
	for (size_t i = 0; i < s->nmatches; i++) {
		const struct route_match *m = &s->matches[i];
		const struct index_route *other;
		struct index_route n = {
			.port = m->port,
			.prefix = str_z(m->prefix),
			.base = str_z(s->has_upstream ? s->base_path
						      : m->prefix),
			.service = s,
			.match = m,
		};

		if (s->has_upstream)
			n.origin = &s->upstream;
		else if (m->has_origin)
			n.origin = &m->origin;
		other = add_route(r, &n);
		if (other)
			report_same(s, m, other->service, report);
	}
}

/* Where a service is by path: without an upstream, at the one host that it
 * names. */
static const struct route_match *only_host(const struct service *s)
{
	return s->nmatches == 1 && s->matches[0].has_origin ? &s->matches[0]
							    : NULL;
}

static void add_path(struct routes *r, const struct service *s,
		     struct config_report *report)
{
	struct str path = str_z(s->path);
	struct index_route n = { .port = -1, .service = s };
	const struct route_match *only = only_host(s);
	const struct index_route *other;

	if (s->has_upstream) {
		n.origin = &s->upstream;
		n.base = str_z(s->base_path);
	} else if (s->upstream_template) {
		n.base = STR(""); /* the token will say */
	} else if (only) {
		n.origin = &only->origin;
		n.base = str_z(only->prefix);
	} else {
		if (config_given(s->section, "path") &&
		    !config_given(s->section, "upstream"))
			config_report_key(report, s->section, "path",
					  "path needs an upstream, or a match "
					  "that is one host");
		return;
	}
	n.prefix = str_sub(path, 0, path.n - 1);
	other = add_route(r, &n);
	if (other)
		config_report_key(report, s->section, "path",
				  "path: [service %s] has %s already",
				  other->service->name, s->path);
}

/* Services of one provider may have one between them: it tells them nothing
 * apart. */
static void add_stub(struct routes *r, const struct service *s,
		     struct config_report *report)
{
	const struct route_match *m = s->stub;
	const struct index_route *other;
	struct index_route n = { .service = s, .match = m, .stub = true };

	if (!m)
		return;
	n.port = m->port;
	n.prefix = str_z(m->prefix);
	n.base = STR("");
	other = add_route(r, &n);
	if (other && !other->stub)
		config_report_key(report, s->section, "token_endpoint_stub",
				  "token_endpoint_stub: [service %s] has the "
				  "token endpoint's host and path already",
				  other->service->name);
}

struct routes *routes_new(const struct services *s,
			  struct config_report *report)
{
	struct routes *r = mem_new(struct routes);
	struct uri u;

	arena_init(&r->prefixes, NULL, 0);
	r->external_port =
		s->proxy->external_url &&
				!uri_parse(str_z(s->proxy->external_url), &u,
					   NULL)
			? uri_port(&u)
			: -1;
	for (size_t i = 0; i < s->n; i++) {
		add_matches(r, s->v[i], report);
		add_stub(r, s->v[i], report);
		add_path(r, s->v[i], report);
	}
	return r;
}

void routes_free(struct routes **r)
{
	struct routes *x = *r;

	*r = NULL;
	if (!x)
		return;
	route_index_fini(&x->index);
	route_index_fini(&x->read);
	arena_fini(&x->prefixes);
	mem_free(x);
}

static int compare_names(const void *a, const void *b)
{
	const char *const *name = b;

	return strcmp(a, *name);
}

static bool is_own(const struct services *s, const struct host *h,
		   const struct sockaddr *local)
{
	struct address a, b;

	if (str_eq_z((struct str){ h->z, h->n }, "localhost"))
		return true;
	if (s->nown_names && bsearch(h->z, s->own_names, s->nown_names,
				     sizeof(*s->own_names), compare_names))
		return true;
	for (size_t i = 0; i < s->nlistening; i++)
		if (!strcmp(h->z, s->listening[i].host.z))
			return true;
	if (!address_of_host(&a, h))
		return false;
	if (address_of_sockaddr(&b, local) && address_eq(&a, &b))
		return true;
	for (size_t i = 0; i < s->nlistening; i++)
		if (address_eq(&a, &s->listening[i].address))
			return true;
	return false;
}

/* Whether a target names a port of bearerd's own, or none: another one is
 * another program's on the same machine. */
static bool is_own_port(const struct services *s, const struct target *t,
			const struct sockaddr *local)
{
	if (t->port < 0 || t->port == s->routes->external_port ||
	    t->port == port_of_sockaddr(local))
		return true;
	for (size_t i = 0; i < s->nlistening; i++)
		if (t->port == s->listening[i].port)
			return true;
	return false;
}

bool route_host_is_own(const struct services *s, struct str host,
		       const struct sockaddr *local)
{
	struct host h;

	return !host_read(&h, host) && is_own(s, &h, local);
}

/* What a request names. */
struct route_named {
	struct host host;
	int port;
	bool any;     /* it names a host at all */
	bool proxied; /* by its target */
	bool own;     /* it is bearerd's own address */
};

static void read_named(struct route_named *n, const struct route_request *q)
{
	const struct target *t = q->target;
	struct str host = q->host;

	n->proxied = t->form == TARGET_ABSOLUTE || t->form == TARGET_AUTHORITY;
	n->any = n->proxied || q->has_host;
	n->port = q->host_port;
	if (n->proxied) {
		host = t->host;
		n->port = t->port;
	}
	if (n->port < 0)
		n->port = n->proxied && t->https ? 443 : 80;
	n->own = false;
	/* What is not a valid host belongs to no service. */
	if (host_read(&n->host, host))
		n->host.n = 0;
}

static bool fits(const struct index_route *r, const struct target *t)
{
	if (r && r->stub) {
		struct str path = t->path;

		while (str_ends(path, STR("/")))
			path.n--;
		return str_eq(path, r->prefix);
	}
	/* "*" is more than what is below a base. */
	return r && (t->form != TARGET_ASTERISK || !r->base.n);
}

/* One host's routes: with the port before those without. */
static const struct index_route *find_below(const struct route_index *x,
					    const struct index_host *h,
					    const struct route_named *n,
					    const struct target *t,
					    bool port_only)
{
	const struct index_route *r = index_find(x, h, n->port, t->path);

	if (fits(r, t))
		return r;
	if (port_only)
		return NULL;
	r = index_find(x, h, -1, t->path);
	return fits(r, t) ? r : NULL;
}

/* By host, the most exact one first. *claimed: some service has the host,
 * whether a route was found or not. */
static const struct index_route *find_by_host(const struct route_index *x,
					      const struct route_named *n,
					      const struct target *t,
					      bool port_only, bool *claimed)
{
	const struct index_route *r = NULL;
	const struct index_host *h;
	struct index_key k;

	*claimed = false;
	if (!n->host.n)
		return NULL;
	index_key_init(&k, (struct str){ n->host.z, n->host.n },
		       x->has_wildcard);
	h = index_host_exact(x, &k);
	if (h) {
		*claimed = true;
		r = find_below(x, h, n, t, port_only);
	}
	for (size_t i = k.ndots; !r && i-- > 0;) {
		h = index_host_below(x, &k, i);
		if (!h)
			continue;
		*claimed = true;
		r = find_below(x, h, n, t, port_only);
	}
	return r;
}

/* Whose a request is: a service's, or that of bearerd's own pages. */
struct owner {
	const struct index_route *route; /* NULL: no service's */
	bool page;
	bool claimed; /* no route fits, but some service has the host */
};

static struct owner find_owner(const struct route_index *x,
			       const struct route_named *n,
			       const struct target *t)
{
	struct owner o = { .route = NULL };

	o.route = find_by_host(x, n, t, n->own, &o.claimed);
	if (o.route || !n->own || t->form == TARGET_ASTERISK ||
	    t->form == TARGET_AUTHORITY)
		return o;
	o.page = target_has_prefix(t->path, STR("/-"));
	if (!o.page)
		o.route = index_find(x, NULL, -1, t->path);
	return o;
}

/* Whether it makes no difference which of two routes a request takes. */
static bool is_same(const struct index_route *a, const struct index_route *b)
{
	if (!a || !b || a->stub != b->stub)
		return a == b;
	return a->service == b->service ||
	       (a->service->session_of == b->service->session_of &&
		access_is_same(a->service->access, b->service->access));
}

static size_t prefix_length(const struct owner *o)
{
	return o->page ? STR("/-").n : o->route->prefix.n;
}

/* Whether the target is another service's in a reading that a server may have
 * of it. Readings that belong to no service do not count. One that only servers
 * have who decode twice counts where it leads to a longer prefix: a target
 * cannot climb out of its own prefix in that way, for that is decided on the
 * path decoded once. */
static bool is_ambiguous(const struct routes *r, const struct route_named *n,
			 const struct target *t, const struct owner *owner)
{
	struct buf b = BUF_INIT(t->path.n + 2);
	struct target read = *t;
	bool differs = false;

	for (unsigned i = 0; !differs && i < PATH_READINGS; i++) {
		struct owner o;

		buf_reset(&b);
		path_reading(&b, t->path, i);
		read.path = buf_str(&b);
		o = find_owner(&r->read, n, &read);
		if ((!o.route && !o.page) ||
		    (i >= PATH_FORMS &&
		     prefix_length(&o) <= prefix_length(owner)))
			continue;
		differs = o.page != owner->page ||
			  !is_same(o.route, owner->route);
	}
	buf_fini(&b);
	return differs;
}

static void take(const struct index_route *r, const struct route_request *q,
		 struct route *out)
{
	const struct target *t = q->target;

	*out = (struct route){
		.service = r->service,
		.origin = r->origin,
		.prefix = r->prefix,
		.base = r->base,
		.by_path = !r->match,
		.stub = r->stub,
	};
	out->asterisk = t->form == TARGET_ASTERISK ||
			(t->form == TARGET_ABSOLUTE && q->options &&
			 !t->path.n && !t->query.n && !r->base.n);
}

enum route_result route_find(const struct services *s,
			     const struct route_request *q, struct route *out)
{
	const struct target *t = q->target;
	bool plain = path_is_plain(t->path);
	struct owner owner;
	struct route_named n;

	*out = (struct route){ .service = NULL };
	read_named(&n, q);
	n.own = !n.any || (n.host.n && is_own(s, &n.host, q->local) &&
			   (!n.proxied || is_own_port(s, t, q->local)));
	owner = find_owner(&s->routes->index, &n, t);
	if (owner.route)
		take(owner.route, q, out);
	if (owner.route && !plain && target_climbs(t->path, out->prefix))
		return ROUTE_CLIMBS;
	if ((owner.route || owner.page) && !plain &&
	    is_ambiguous(s->routes, &n, t, &owner))
		return ROUTE_AMBIGUOUS;
	if (owner.route)
		return ROUTE_SERVICE;
	if (owner.page)
		return ROUTE_OWN_PAGE;
	if (n.own)
		return ROUTE_NO_PATH;
	out->claimed = owner.claimed;
	return n.proxied || owner.claimed ? ROUTE_UNMATCHED :
					    ROUTE_MISDIRECTED;
}

void route_write_target(const struct route *r, const struct target *t,
			struct buf *out)
{
	struct str rest = str_from(t->path, r->prefix.n);

	if (r->asterisk) {
		buf_add_char(out, '*');
		return;
	}
	buf_add_str(out, r->base);
	buf_add_str(out, rest);
	if (!r->base.n && !rest.n)
		buf_add_char(out, '/');
	buf_add_str(out, t->query);
}
