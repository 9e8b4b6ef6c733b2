/* SPDX-License-Identifier: MIT */
/* Takes the URL of an endpoint apart, once, before all requests to it. */
#include "upstream/endpoint.h"

#include "base/alloc.h"
#include "base/buf.h"
#include "base/limits.h"
#include "data/uri.h"

int endpoint_init(struct endpoint *e, const char *url,
		  struct transport *transport, struct fault *f)
{
	struct buf b = BUF_INIT(LIMIT_ENDPOINT);
	struct uri u;

	*e = (struct endpoint){ 0 };
	if (uri_parse(str_z(url), &u, f) < 0 ||
	    origin_init(&e->origin, str_z(url), transport, f) < 0)
		return -1;
	buf_add_str(&b, u.path.n ? u.path : STR("/"));
	if (u.has_query) {
		buf_add_char(&b, '?');
		buf_add_str(&b, u.query);
	}
	if (!buf_ok(&b)) {
		buf_fini(&b);
		endpoint_fini(e);
		return fault_set(f, "the URL is too long");
	}
	e->url = mem_strdup(url);
	e->target = buf_take(&b);
	return 0;
}

void endpoint_fini(struct endpoint *e)
{
	origin_fini(&e->origin);
	mem_free(e->url);
	mem_free(e->target);
	*e = (struct endpoint){ 0 };
}
