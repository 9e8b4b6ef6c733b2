/* SPDX-License-Identifier: MIT */
/* Writes and reads the addresses of a service's login: where it begins, and
 * where it comes back to. */
#include "service/login_url.h"

#include <string.h>

#include "data/uri.h"
#include "oauth/login/authorization.h"
#include "oauth/server.h"

static const char *given(const struct service *s)
{
	const struct authorization_settings *o =
		config_block(s->section, &authorization_table);

	return o->redirect_uri;
}

int service_redirect_uri(const struct service *s, const char *external,
			 struct buf *out, struct fault *f)
{
	if (given(s)) {
		buf_add_z(out, given(s));
		return 0;
	}
	if (!external)
		return fault_set(f, "[service %s]: no browser can come back "
				 "to bearerd here; give external_url, or "
				 "redirect_uri", s->name);
	buf_addf(out, "%s/-/callback/%s", external, s->name);
	return 0;
}

/* What external has in front of our pages on the same host; empty where url
 * is elsewhere, or external has no path. */
static struct str prefix_of(struct str url, struct str path,
			    const char *external)
{
	struct str own = str_z(external);
	size_t before = (size_t)(path.p - url.p);

	if (own.n <= before || own.n > before + path.n ||
	    !str_starts(url, own))
		return STR("");
	return str_sub(path, 0, own.n - before);
}

bool service_own_callback(struct str url, const char *external,
			  struct own_callback *out)
{
	struct uri u;

	if (uri_parse(url, &u, NULL) < 0 || u.path.n == 0 ||
	    (!uri_is_http(&u) && !uri_is_https(&u)) || u.has_userinfo)
		return false;
	out->secure = uri_is_https(&u);
	out->prefix = prefix_of(url, u.path, external);
	out->page = str_from(u.path, out->prefix.n);
	out->base = str_sub(url, 0, (size_t)(out->page.p - url.p));
	return str_eq(out->page, STR("/-/callback")) ||
	       str_starts(out->page, STR("/-/callback/"));
}

const struct service *service_to_log_in_to(const struct service *s)
{
	for (s = s->session_of; !s->grant->person && s->subject;)
		s = s->subject->session_of;
	return s;
}

int service_login_url(const struct service *s, const char *external,
		      struct buf *out)
{
	struct own_callback own;

	if (service_own_callback(str_z(given(s)), external, &own))
		buf_add_str(out, own.base);
	else if (external)
		buf_add_z(out, external);
	else
		return -1;
	buf_addf(out, "/-/login/%s", s->name);
	return 0;
}

/* By the issuer where both name it: the endpoints may be found by it. */
static bool is_same_server(const struct service *a, const struct service *b)
{
	const char *one = a->oauth->issuer, *other = b->oauth->issuer;

	if (!one || !other) {
		one = endpoint_given(a->oauth, ENDPOINT_AUTHORIZATION);
		other = endpoint_given(b->oauth, ENDPOINT_AUTHORIZATION);
	}
	return one && other && !strcmp(one, other);
}

/* A service's own callback belongs to no other service. */
const struct service *service_mixed_up_with(const struct services *all,
					    const struct service *s,
					    const char *external)
{
	struct own_callback own;
	bool ours = service_own_callback(str_z(given(s)), external, &own);

	for (size_t i = 0; ours && i < all->n; i++) {
		const struct service *o = all->v[i];

		if (o != s && !o->route->session && o->grant &&
		    o->grant->response_type && given(o) &&
		    !strcmp(given(o), given(s)) && !is_same_server(o, s))
			return o;
	}
	return NULL;
}
