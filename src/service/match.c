/* SPDX-License-Identifier: MIT */
/* Parses a `match` into what requests are compared with. */
#include "service/match.h"

#include "base/alloc.h"
#include "base/buf.h"
#include "base/limits.h"
#include "data/uri.h"
#include "http/target.h"
#include "service/host.h"

char *route_prefix(struct str path, struct fault *f)
{
	for (size_t i = 0; i < path.n; i++) {
		if (char_is_visible(path.p[i]) && path.p[i] != '?' &&
		    path.p[i] != '#')
			continue;
		fault_set(f, "the path holds a character that no path has, or "
			     "a query");
		return NULL;
	}
	if (target_climbs(path, STR(""))) {
		fault_set(f, "the path leads out of itself (\"..\")");
		return NULL;
	}
	while (path.n && path.p[path.n - 1] == '/')
		path.n--;
	return str_dup(path);
}

/* host: "a.example", or ".example" of a wildcard */
static int take_host(struct route_match *m, struct str name, bool wildcard,
		     struct fault *f)
{
	struct buf b = BUF_INIT(LIMIT_HOST + 1);
	struct address address;
	struct host h;

	if (host_read(&h, name))
		return fault_set(f, "the host is too long");
	if (wildcard && address_of_host(&address, &h))
		return fault_set(f, "there is nothing below an IP address");
	if (str_find(name, '*') < name.n)
		return fault_set(f, "\"*\" can stand in front of a name only: "
				    "*.example.com");
	if (wildcard)
		buf_add_char(&b, '.');
	buf_add(&b, h.z, h.n);
	m->host = buf_take(&b);
	m->wildcard = wildcard;
	return 0;
}

int route_match_parse(struct route_match *m, struct str text, struct fault *f)
{
	size_t slash = str_find(text, '/');
	struct str authority = str_sub(text, 0, slash), name;
	bool wildcard = str_starts(authority, STR("*.")), v6;

	*m = (struct route_match){ .port = -1 };
	if (str_find_str(text, STR("://")) < text.n)
		return fault_set(f, "must be HOST[:PORT][/PREFIX], without a "
				    "scheme");
	if (wildcard)
		authority = str_from(authority, 2);
	if (authority_parse(authority, &name, &m->port, &v6, f))
		return -1;
	m->prefix = route_prefix(str_from(text, slash), f);
	if (!m->prefix)
		return -1;
	if (!take_host(m, name, wildcard, f))
		return 0;
	route_match_fini(m);
	return -1;
}

int route_match_of_url(struct route_match *m, struct str url, struct fault *f)
{
	struct uri u;

	*m = (struct route_match){ .port = -1 };
	if (uri_parse(url, &u, f))
		return -1;
	m->port = u.port;
	m->prefix = route_prefix(u.path, f);
	if (!m->prefix)
		return -1;
	if (!take_host(m, u.host, false, f))
		return 0;
	route_match_fini(m);
	return -1;
}

void route_match_fini(struct route_match *m)
{
	mem_free(m->host);
	mem_free(m->prefix);
	if (m->has_origin)
		origin_fini(&m->origin);
	*m = (struct route_match){ .port = -1 };
}
