/* SPDX-License-Identifier: MIT */
/* Checks a configuration as a whole: reports what could never work, what would
 * leave a token or the proxy open, and what would have no effect. */
#include "service/check.h"

#include <inttypes.h>
#include <sched.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/alloc.h"
#include "base/buf.h"
#include "base/limits.h"
#include "data/uri.h"
#include "oauth/client_auth/settings.h"
#include "service/compiling.h"
#include "service/endpoints.h"
#include "service/host.h"
#include "service/login_url.h"
#include "service/match.h"
#include "service/routes.h"
#include "service/sharing.h"
#include "service/upstream_template.h"
#include "store/store.h"

static const struct config_section *proxy(const struct compiling *c)
{
	return config_only(c->services->config, "proxy");
}

/* Keeps those that are right. */
static void check_listen(struct compiling *c)
{
	struct services *s = c->services;
	const struct config_list *listen = &s->proxy->listen;

	s->listening = mem_array(listen->n, sizeof(*s->listening));
	for (size_t i = 0; i < listen->n; i++) {
		struct listen_spec *l = &s->listening[s->nlistening];
		struct fault f;

		if (listen_spec_parse(l, str_z(listen->v[i]), &f) < 0) {
			config_report_item(c->report, proxy(c), "listen", i,
					   "listen: %s", f.text);
			continue;
		}
		s->nlistening++;
		if (!l->loopback && !config_given(proxy(c), "allow_from"))
			config_report_item(c->report, proxy(c), "listen", i,
					   "listen: an address beyond "
					   "loopback would let everybody use "
					   "the tokens; say with allow_from "
					   "who may connect");
	}
}

/* As many as there are CPUs for this process. */
static size_t cpus(void)
{
	cpu_set_t set;
	int n = 0;

	CPU_ZERO(&set);
	if (!sched_getaffinity(0, sizeof(set), &set))
		n = CPU_COUNT(&set);
	if (n < 1)
		return 1;
	return n < LIMIT_WORKERS ? (size_t)n : LIMIT_WORKERS;
}

static void check_workers(struct compiling *c)
{
	struct str text = str_z(c->services->proxy->workers);
	uint64_t n = 0;

	if (str_eq_z(text, "auto")) {
		c->services->workers = cpus();
		return;
	}
	if (!str_u64(text, LIMIT_WORKERS, &n) || n == 0)
		config_report_key(c->report, proxy(c), "workers",
				  "workers must be auto, or 1 to %d",
				  LIMIT_WORKERS);
	c->services->workers = (size_t)n;
}

static void check_store(struct compiling *c)
{
	const struct proxy_settings *p = c->services->proxy;
	struct fault f;

	if (p->store && store_spec_check(secret_expose(p->store), &f))
		config_report_key(c->report, proxy(c), "store", "store: %s",
				  f.text);
}

/* Adds a name in the form in which they are compared. */
static void own_name(struct compiling *c, struct str name, const char *key)
{
	struct services *s = c->services;
	struct host h;

	if (host_read(&h, name)) {
		config_report_key(c->report, proxy(c), key,
				  "%s: no host has such a name", key);
		return;
	}
	s->own_names = mem_resize(s->own_names, (s->nown_names + 1) *
						sizeof(*s->own_names));
	s->own_names[s->nown_names++] = mem_strdup(h.z);
}

static int by_text(const void *a, const void *b)
{
	const char *const *x = a, *const *y = b;

	return strcmp(*x, *y);
}

static void check_own_names(struct compiling *c)
{
	const struct proxy_settings *p = c->services->proxy;
	struct uri u;

	for (size_t i = 0; i < p->own_names.n; i++) {
		struct str name, text = str_z(p->own_names.v[i]);
		int port;
		bool v6;

		if (authority_parse(text, &name, &port, &v6, NULL) ||
		    str_find(name, '*') < name.n ||
		    name.n + (v6 ? 2 : 0) != text.n)
			config_report_key(c->report, proxy(c), "own_names",
					  "own_names: \"%.80s\" is not a host; "
					  "names have no port and no wildcard",
					  p->own_names.v[i]);
		else
			own_name(c, name, "own_names");
	}
	if (p->external_url && !uri_parse(str_z(p->external_url), &u, NULL)) {
		/* The path stands in cookies, where a ";" would end it. */
		if (u.has_userinfo || u.has_query ||
		    str_find(u.path, ';') < u.path.n)
			config_report_key(c->report, proxy(c), "external_url",
					  "external_url must hold no user, no "
					  "query and no \";\"");
		own_name(c, u.host, "external_url");
	}
	if (c->services->nown_names)
		qsort(c->services->own_names, c->services->nown_names,
		      sizeof(*c->services->own_names), by_text);
}

static void check_limits(struct compiling *c)
{
	const struct proxy_settings *p = c->services->proxy;

	if (p->max_connections < 1 || p->max_connections > LIMIT_CONNECTIONS)
		config_report_key(c->report, proxy(c), "max_connections",
				  "max_connections must be 1 to %d",
				  LIMIT_CONNECTIONS);
	if (p->max_header_size < LIMIT_HEADER_SIZE_LEAST ||
	    p->max_header_size > LIMIT_HEADER_SIZE)
		config_report_key(c->report, proxy(c), "max_header_size",
				  "max_header_size must be 1K to 1M");
	if (p->header_timeout <= 0)
		config_report_key(c->report, proxy(c), "header_timeout",
				  "header_timeout must be more than 0");
	if (p->keepalive_timeout <= 0)
		config_report_key(c->report, proxy(c), "keepalive_timeout",
				  "keepalive_timeout must be more than 0");
}

static void check_forward(struct compiling *c)
{
	const struct proxy_settings *p = c->services->proxy;

	if (p->unmatched == UNMATCHED_FORWARD ||
	    !config_given(proxy(c), "forward_to"))
		return;
	config_report_key(c->report, proxy(c), "forward_to",
			  "forward_to says what unmatched = forward may reach; "
			  "with unmatched = deny nothing is forwarded");
}

static void check_provider_dirs(struct compiling *c)
{
	const struct config_list *dirs = &c->services->proxy->provider_dir;

	for (size_t i = 0; i < dirs->n; i++) {
		struct stat st;

		if (!stat(dirs->v[i], &st) && S_ISDIR(st.st_mode))
			continue;
		config_report_item(c->report, proxy(c), "provider_dir", i,
				   "provider_dir: there is no such directory");
	}
}

void check_proxy(struct compiling *c)
{
	check_limits(c);
	check_forward(c);
	check_provider_dirs(c);
	check_listen(c);
	check_workers(c);
	check_store(c);
	check_own_names(c);
}

static void not_zero(struct compiling *c, const struct service *s,
		     const char *key, int64_t value)
{
	if (value <= 0)
		config_report_key(c->report, s->section, key,
				  "%s must be more than 0", key);
}

/* An origin as browsers write it: scheme, host, and a port where it is not
 * the scheme's own. */
static void check_origins(struct compiling *c, const struct service *s)
{
	const struct config_list *origins = &s->route->allow_origin;

	for (size_t i = 0; i < origins->n; i++) {
		struct uri u;

		if (uri_parse(str_z(origins->v[i]), &u, NULL) == 0 &&
		    u.path.n == 0 && !u.has_query && !u.has_fragment &&
		    !u.has_userinfo)
			continue;
		config_report_item(c->report, s->section, "allow_origin", i,
				   "allow_origin: give scheme and host, such "
				   "as https://app.example.com");
	}
}

static void check_route_values(struct compiling *c, const struct service *s)
{
	const struct route_settings *r = s->route;

	if (!r->max_body && config_given(s->section, "max_body"))
		config_report_key(c->report, s->section, "max_body",
				  "max_body must be more than 0; without it "
				  "there is no limit");
	if (r->max_upstream_connections > LIMIT_CONNECTIONS)
		config_report_key(c->report, s->section,
				  "max_upstream_connections",
				  "max_upstream_connections must be 0 (no "
				  "limit) to %d", LIMIT_CONNECTIONS);
	if (r->upstream_private_key &&
	    !config_given(s->section, "upstream_certificate"))
		config_report_key(c->report, s->section,
				  "upstream_private_key",
				  "upstream_private_key needs "
				  "upstream_certificate, the certificate that "
				  "it is the key of");
	if (r->upstream_certificate && r->upstream &&
	    !upstream_is_template(str_z(r->upstream)) &&
	    !str_starts_nocase(str_z(r->upstream), STR("https:")))
		config_report_key(c->report, s->section,
				  "upstream_certificate",
				  "upstream_certificate is shown on TLS alone: "
				  "upstream must be https");
}

static void check_refresh_if(struct compiling *c, const struct service *s)
{
	for (size_t i = 0; i < s->tokens->refresh_if.n; i++) {
		struct str test = str_z(s->tokens->refresh_if.v[i]);

		if (str_find(test, '=') == 0 || str_find(test, '=') == test.n)
			config_report_item(c->report, s->section, "refresh_if",
					   i, "refresh_if must be NAME=VALUE, "
					   "such as error=token_expired");
	}
}

void check_values(struct compiling *c, const struct service *s)
{
	check_refresh_if(c, s);
	check_origins(c, s);
	check_route_values(c, s);
	not_zero(c, s, "connect_timeout", s->route->connect_timeout);
	not_zero(c, s, "response_timeout", s->route->response_timeout);
	not_zero(c, s, "idle_timeout", s->route->idle_timeout);
	not_zero(c, s, "tunnel_idle_timeout",
		 s->route->tunnel_idle_timeout);
	not_zero(c, s, "token_timeout", s->tokens->token_timeout);
	if (s->tokens->max_waiting < 1 ||
	    s->tokens->max_waiting > LIMIT_WAITING)
		config_report_key(c->report, s->section, "max_waiting",
				  "max_waiting must be 1 to %d",
				  LIMIT_WAITING);
	if (s->tokens->replay_body > LIMIT_REPLAY_BODY)
		config_report_key(c->report, s->section, "replay_body",
				  "replay_body can be 64M at the most: it is "
				  "kept in memory for each request");
}

/* Whether upstream_proxy is another machine. */
static bool has_remote_proxy(const struct service *s)
{
	const struct secret *proxy = s->route->upstream_proxy;
	struct uri u;

	return proxy && !uri_parse(secret_expose(proxy), &u, NULL) &&
	       !uri_host_is_loopback(u.host);
}

/* Whether requests get a credential of this service's. */
static bool has_credential(const struct service *s)
{
	if (s->protected_request.of_secret)
		return true;
	return s->grant && grant_has_tokens(s->grant) &&
	       s->placement.placement && s->placement.placement->default_name;
}

/* Whether what goes there is plain text on some network: http to another
 * machine, or, whatever machine it is for, to a proxy that is another. */
static bool is_plain(const struct service *s, const struct origin *o)
{
	return o->scheme && strcmp(o->scheme, "http") == 0 &&
	       (!uri_host_is_loopback(str_z(o->host)) ||
		has_remote_proxy(s));
}

/* An endpoint that is http is on loopback: the grants see to that. People's
 * browsers go to the authorization endpoint by themselves. Of the endpoints
 * that are found by the issuer none is http unless it is. */
static void check_plain_endpoints(struct compiling *c, const struct service *s)
{
	if (s->metadata_id && has_remote_proxy(s) &&
	    str_starts_nocase(str_z(s->oauth->issuer), STR("http:")))
		config_report_key(c->report, s->section, "issuer",
				  "issuer: what is asked there would go over "
				  "http to upstream_proxy; use https");
	for (int kind = 0; kind < ENDPOINT_KINDS; kind++) {
		const char *key = endpoint_key(kind);

		if (kind != ENDPOINT_AUTHORIZATION &&
		    is_plain(s, &s->endpoints->v[kind].origin))
			config_report_key(c->report, s->section, key,
					  "%s: what is sent there would go "
					  "over http to upstream_proxy; use "
					  "https", key);
	}
}

static void check_plain(struct compiling *c, const struct service *s)
{
	if (!s->has_upstream || !has_credential(s) ||
	    s->route->allow_plain_upstream || !is_plain(s, &s->upstream))
		return;
	config_report_key(c->report, s->section, "upstream",
			  "upstream: the token would go over http for all on "
			  "the way to read; use https, or "
			  "allow_plain_upstream = yes");
}

/* Whether an earlier row has this table too. */
static bool is_shared(size_t row)
{
	for (size_t i = 0; i < row; i++)
		if (grants[i]->table == grants[row]->table)
			return true;
	return false;
}

/* A profile is for several grants. */
static void check_grant_key(struct compiling *c, const struct service *s,
			    const struct grant *of,
			    const struct config_key *row)
{
	const char *key;
	size_t at = 0;

	while ((key = config_own_next(s->section, row, &at)))
		config_report_key(c->report, s->section, key,
				  "%s is for grant_type = %s, not for %s", key,
				  of->name, s->grant->name);
}

/* A grant's own keys where another grant is used. */
static void check_grant_keys(struct compiling *c, const struct service *s)
{
	for (size_t i = 0; s->grant && grants[i]; i++) {
		const struct config_table *t = grants[i]->table;

		if (!t || t == s->grant->table || is_shared(i))
			continue;
		for (size_t j = 0; j < t->nkeys; j++)
			check_grant_key(c, s, grants[i], &t->keys[j]);
	}
}

/* A key that the method has no use for, and those that would. name: as the
 * methods speak of it. */
static void report_auth_key(struct compiling *c, const struct service *s,
			    struct str name, const char *key)
{
	struct buf methods = BUF_INIT(FAULT_TEXT_MAX);

	for (size_t i = 0; client_auths[i]; i++)
		if (client_auth_uses(client_auths[i], name))
			buf_addf(&methods, "%s%s", methods.n ? ", " : "",
				 client_auths[i]->name);
	config_report_key(c->report, s->section, key,
			  "%s is not used with token_endpoint_auth_method = "
			  "%s; it is with %s", key, s->auth->name,
			  buf_z(&methods));
	buf_fini(&methods);
}

/* Those of the section's own keys that have this name, or a row of it. */
static void report_auth_keys(struct compiling *c, const struct service *s,
			     struct str name)
{
	const struct config_table *t = &client_auth_settings_table;
	char *z = str_dup(name);
	const char *key;

	if (config_own(s->section, z))
		report_auth_key(c, s, name, z);
	for (size_t i = 0; str_ends(name, STR(".*")) && i < t->nkeys; i++) {
		size_t at = 0;

		while (str_eq_z(name, t->keys[i].name) &&
		       (key = config_own_next(s->section, &t->keys[i], &at)))
			report_auth_key(c, s, name, key);
	}
	mem_free(z);
}

/* Whether an earlier method has spoken of the key. */
static bool is_spoken_of(size_t method, struct str key)
{
	for (size_t i = 0; i < method; i++)
		if (client_auth_uses(client_auths[i], key))
			return true;
	return false;
}

static void check_auth_keys(struct compiling *c, const struct service *s)
{
	for (size_t i = 0; s->auth && client_auths[i]; i++) {
		struct str rest = str_z(client_auths[i]->keys), key;

		while (str_next_word(&rest, &key)) {
			if (!is_spoken_of(i, key) &&
			    !client_auth_uses(s->auth, key))
				report_auth_keys(c, s, key);
		}
	}
}

static void check_template(struct compiling *c, const struct service *s)
{
	if (s->upstream_template && s->grant && !grant_has_tokens(s->grant))
		config_report_key(c->report, s->section, "upstream",
				  "upstream: {token.FIELD} needs a token, and "
				  "grant_type = %s has none", s->grant->name);
}

/* Functions of the file that nobody would call. */
static void check_hook(struct compiling *c, const struct service *s)
{
	bool asks = !s->route->session && s->grant && s->grant->uses_client;
	bool is_client = s->auth == &client_auth_hook;
	struct fault f;

	for (int i = 0; i < HOOK_FUNCTIONS; i++) {
		const char *why = asks ? NULL : "the service asks for no token";

		if (s->route->session)
			why = "the session that it is for has its own keys";
		if (i == HOOK_PROTECTED_REQUEST)
			why = NULL;
		else if (i == HOOK_CLIENT_AUTH && asks && !is_client)
			why = "only token_endpoint_auth_method = hook calls it";
		if (hook_has(s->hook, i) && why)
			config_report_key(c->report, s->section, "hook",
					  "hook: %s has no use: %s",
					  hook_function_name(i), why);
	}
	if (s->hook && s->route->upstream_hosts.n > 0 &&
	    upstream_hosts_check(&s->route->upstream_hosts, &f) < 0)
		config_report_key(c->report, s->section, "upstream_hosts",
				  "%s", f.text);
	if (s->hook && is_client && !hook_has(s->hook, HOOK_CLIENT_AUTH))
		config_report_key(c->report, s->section, "hook",
				  "hook: token_endpoint_auth_method = hook "
				  "needs the function client_auth");
}

/* A profile's dpop is for several grants. */
static void check_dpop(struct compiling *c, const struct service *s)
{
	const char *key = "dpop";
	const struct placement *p = s->placement.placement;

	if (s->oauth->dpop && s->grant && !s->grant->request &&
	    config_own(s->section, key))
		config_report_key(c->report, s->section, key,
				  "dpop binds tokens that are asked for at a "
				  "token endpoint; grant_type = %s asks for "
				  "none", s->grant->name);
	if (s->dpop && p && p->default_name && p != &placement_header)
		config_report_key(c->report, s->section, key,
				  "dpop: a token that is bound to a key goes "
				  "into a header field (RFC 9449 section 7.1), "
				  "not token_placement = %s", p->name);
}

void check_service(struct compiling *c, const struct service *s)
{
	check_plain(c, s);
	check_template(c, s);
	check_hook(c, s);
	if (s->route->session) {
		check_shared_keys(c, s);
		return;
	}
	check_plain_endpoints(c, s);
	check_grant_keys(c, s);
	check_auth_keys(c, s);
	check_dpop(c, s);
}

/* Whether bearerd itself listens on this port. */
static bool is_own_port(const struct services *s, int port)
{
	for (size_t i = 0; i < s->nlistening; i++)
		if (s->listening[i].port == port && port > 0)
			return true;
	return false;
}

static void check_match(struct compiling *c, const struct service *s,
			const struct route_match *m)
{
	if (m->wildcard || !route_host_is_own(c->services, str_z(m->host),
					      NULL))
		return;
	if (m->port < 0)
		config_report_item(c->report, s->section, "match", m->order,
				   "match: %s is the proxy's own address, "
				   "where requests go by path; give its port",
				   m->host);
	else if (is_own_port(c->services, m->port))
		config_report_item(c->report, s->section, "match", m->order,
				   "match: %s:%d is the proxy itself",
				   m->host, m->port);
}

void check_matches(struct compiling *c)
{
	for (size_t i = 0; i < c->services->n; i++) {
		const struct service *s = c->services->v[i];

		if (!config_given(s->section, "match"))
			continue;
		for (size_t j = 0; j < s->nmatches; j++)
			check_match(c, s, &s->matches[j]);
	}
}

/* Whether nobody could be told where to log in. */
static bool is_lost(const struct service *s)
{
	struct buf url = BUF_INIT(LIMIT_CONFIG_VALUE);
	bool lost = s->grant && s->grant->person && !s->route->session &&
		    service_login_url(s, NULL, &url) < 0;

	buf_fini(&url);
	return lost;
}

void check_logins(struct compiling *c)
{
	const struct services *all = c->services;

	/* A browser opens the first address to listen on. */
	if (config_given(proxy(c), "external_url") || all->nlistening == 0 ||
	    all->listening[0].reachable)
		return;
	for (size_t i = 0; i < all->n; i++) {
		const struct service *s = all->v[i];

		if (!is_lost(s))
			continue;
		config_report_item(c->report, proxy(c), "listen", 0,
				   "external_url is missing: people log in to "
				   "[service %s], and no browser can open the "
				   "first address of listen", s->name);
		return;
	}
}
