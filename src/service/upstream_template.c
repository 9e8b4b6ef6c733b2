/* SPDX-License-Identifier: MIT */
/* Expands and checks an upstream that a token chooses. What the template takes
 * comes from a server's reply, so the host that comes out must be one that the
 * configuration names. */
#include "service/upstream_template.h"

#include "base/alloc.h"
#include "base/limits.h"
#include "data/uri.h"
#include "oauth/placement/value.h"
#include "service/match.h"
#include "service/service.h"

struct upstream_template {
	struct value *value;
	struct config_list hosts; /* borrowed */
};

bool upstream_is_template(struct str text)
{
	return str_find(text, '{') < text.n;
}

/* "*." and more than one label behind it, or no wildcard. */
static int check_host(struct str host, struct fault *f)
{
	bool wild = str_starts(host, STR("*."));
	struct str rest = str_from(host, wild ? 2 : 0);

	if (rest.n == 0 || str_find(rest, '*') < rest.n ||
	    str_find(rest, '/') < rest.n)
		return fault_set(f, "upstream_hosts are hosts; a wildcard "
				 "stands for whole labels in front, as in "
				 "*.example.com");
	if (wild && str_find(rest, '.') == rest.n)
		return fault_set(f, "upstream_hosts: *.%.*s would let nearly "
				 "every host through", STR_ARGS(rest));
	return 0;
}

int upstream_hosts_check(const struct config_list *hosts, struct fault *f)
{
	if (hosts->n == 0)
		return fault_set(f, "upstream_hosts is missing: it says which "
				 "hosts the token may choose, such as "
				 "*.example.com");
	for (size_t i = 0; i < hosts->n; i++) {
		if (check_host(str_z(hosts->v[i]), f) < 0)
			return -1;
	}
	return 0;
}

static int check_value(const struct value *v, const struct service *s,
		       struct fault *f)
{
	if (v->of_secret)
		return fault_set(f, "upstream can hold no secret");
	if (v->of_request)
		return fault_set(f, "upstream is the same for all requests of "
				 "a token: no {now}, no {uuid}");
	return value_check(v, s->session_section, true, f);
}

struct upstream_template *upstream_template_new(const struct service *s,
						const char **key,
						struct fault *f)
{
	const struct config_list *hosts = &s->route->upstream_hosts;
	struct upstream_template *u = mem_new(struct upstream_template);

	u->hosts = *hosts;
	*key = "upstream_hosts";
	if (upstream_hosts_check(hosts, f) == 0) {
		*key = "upstream";
		u->value = value_parse(str_z(s->route->upstream), f);
		if (u->value && check_value(u->value, s, f) == 0)
			return u;
	}
	upstream_template_free(&u);
	return NULL;
}

void upstream_template_free(struct upstream_template **it)
{
	struct upstream_template *u = *it;

	*it = NULL;
	if (!u)
		return;
	value_free(&u->value);
	mem_free(u);
}

/* A host alone is https. */
static int as_it_is(struct str value, struct buf *out, struct fault *f)
{
	if (value.n == 0)
		return fault_set(f, "it is empty");
	if (str_find_str(value, STR("://")) == value.n)
		buf_add_z(out, "https://");
	buf_add_str(out, value);
	return 0;
}

static bool host_fits(struct str host, struct str glob)
{
	if (str_ends(host, STR(".")))
		host.n--;
	if (!str_starts(glob, STR("*.")))
		return str_eq_nocase(host, glob);
	glob = str_from(glob, 1);
	return host.n > glob.n &&
	       str_eq_nocase(str_from(host, host.n - glob.n), glob);
}

bool upstream_hosts_fit(const struct config_list *hosts, struct str host)
{
	for (size_t i = 0; i < hosts->n; i++) {
		if (host_fits(host, str_z(hosts->v[i])))
			return true;
	}
	return false;
}

static int check_url(const struct upstream_template *u, const struct uri *uri,
		     struct fault *f)
{
	if (!uri_is_https(uri) &&
	    !(uri_is_http(uri) && uri_host_is_loopback(uri->host)))
		return fault_set(f, "it must be a host or an https URL");
	if (uri->has_userinfo || uri->has_query || uri->has_fragment)
		return fault_set(f, "it must have no user, query or fragment");
	if (!upstream_hosts_fit(&u->hosts, uri->host))
		return fault_set(f, "upstream_hosts does not let its host "
				 "through");
	return 0;
}

static int write_url(const struct upstream_template *u,
		     const struct service *s, struct str url,
		     struct origin *origin, char **base_path, struct fault *f)
{
	struct uri uri;

	if (uri_parse(url, &uri, f) < 0 || check_url(u, &uri, f) < 0)
		return -1;
	*base_path = route_prefix(uri.path, f);
	if (*base_path && origin_init(origin, url, s->transport, f) == 0) {
		origin->is_foreign = true;
		return 0;
	}
	mem_free(*base_path);
	*base_path = NULL;
	return -1;
}

int upstream_template_write(const struct upstream_template *u,
			    const struct service *s, struct token *t,
			    struct origin *origin, char **base_path,
			    struct fault *f)
{
	const struct value_source source = {
		.token = t,
		.section = s->session_section,
		.in_url = true,
	};
	struct buf url = BUF_INIT(LIMIT_UPSTREAM_URL);
	int rc = value_write(u->value, &source, as_it_is, &url, f);

	*origin = (struct origin){ 0 };
	*base_path = NULL;
	if (rc == 0)
		rc = write_url(u, s, buf_str(&url), origin, base_path, f);
	buf_fini(&url);
	return rc < 0 ? fault_prefix(f, "the upstream that the token chooses "
				     "cannot be used") : 0;
}
