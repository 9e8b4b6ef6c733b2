/* SPDX-License-Identifier: MIT */
/* Between a person's browser and a service: where a login begins, and where
 * it comes back to. */
#include "service/login_url.h"

#include "data/uri.h"
#include "oauth/authorization.h"

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

/* Appends scheme and authority of a redirect_uri that is a page of ours. */
static bool add_own_origin(const char *url, struct buf *out)
{
	struct uri u;

	if (!url || uri_parse(str_z(url), &u, NULL) < 0 ||
	    (!uri_is_http(&u) && !uri_is_https(&u)) || u.has_userinfo ||
	    !str_starts(u.path, STR("/-/callback")))
		return false;
	buf_addf(out, u.is_ipv6 ? "%.*s://[%.*s]" : "%.*s://%.*s",
		 STR_ARGS(u.scheme), STR_ARGS(u.host));
	if (u.port >= 0)
		buf_addf(out, ":%d", u.port);
	return true;
}

int service_login_url(const struct service *s, const char *external,
		      struct buf *out)
{
	if (!add_own_origin(given(s), out)) {
		if (!external)
			return -1;
		buf_add_z(out, external);
	}
	buf_addf(out, "/-/login/%s", s->name);
	return 0;
}
