/* SPDX-License-Identifier: MIT */
/* Compiles one [service NAME] into what requests and token calls use: every URL
 * taken apart, every row looked up. */
#include "service/compile.h"

#include <string.h>

#include "base/alloc.h"
#include "base/buf.h"
#include "data/uri.h"
#include "oauth/client_auth/settings.h"
#include "service/check.h"
#include "service/endpoints.h"
#include "service/identity.h"
#include "service/match.h"
#include "service/upstream_template.h"

/* Reports the fault for a key of the service. */
static void report(struct compiling *c, const struct service *s,
		   const char *key, const struct fault *f)
{
	config_report_key(c->report, s->section, key, "%s", f->text);
}

struct mistake_arg {
	struct compiling *c;
	const struct service *s;
};

static void report_hook(void *arg, const struct fault *f)
{
	const struct mistake_arg *m = arg;

	config_report_key(m->c->report, m->s->section, "hook", "%s", f->text);
}

static void compile_hook(struct compiling *c, struct service *s)
{
	struct mistake_arg arg = { c, s };

	/* What is wrong has been reported. */
	if (hook_new(&s->hook, s->section, report_hook, &arg) < 0)
		s->hook = NULL;
}

struct trust *compiling_trust(struct compiling *c, const char *path,
			      const struct config_section *s, const char *key)
{
	struct compiled_trust *t;
	struct fault f;

	for (size_t i = 0; i < c->ntrusts; i++) {
		const char *other = c->trusts[i].path;

		if (path && other ? !strcmp(path, other) : path == other)
			return c->trusts[i].trust;
	}
	c->trusts = mem_resize(c->trusts,
			       (c->ntrusts + 1) * sizeof(*c->trusts));
	t = &c->trusts[c->ntrusts++];
	t->path = path;
	t->trust = trust_load(path, &f);
	if (!t->trust)
		config_report_key(c->report, s, key, "%s: %s", key, f.text);
	return t->trust;
}

static bool is_https(const char *url)
{
	return url && str_starts_nocase(str_z(url), STR("https:"));
}

/* What the configuration says of an endpoint of this kind, or NULL. */
static const char *endpoint_url(const struct service *s,
				enum endpoint_kind kind)
{
	return kind == ENDPOINT_TOKEN ? service_token_endpoint(s)
				      : endpoint_given(s->oauth, kind);
}

static bool needs_trust(const struct service *s)
{
	/* An http issuer's endpoints may be https, and a hook may choose a
	 * host that is. */
	if (s->oauth->issuer || (s->hook && s->route->upstream_hosts.n > 0))
		return true;
	for (int kind = 0; kind < ENDPOINT_KINDS; kind++) {
		if (kind != ENDPOINT_AUTHORIZATION &&
		    is_https(endpoint_url(s, kind)))
			return true;
	}
	return !s->route->upstream || is_https(s->route->upstream) ||
	       upstream_is_template(str_z(s->route->upstream));
}

/* One that is there already, where it is the same and nobody counts its
 * connections; NULL where it is reported. certificate: the key that it is
 * from. */
static struct transport *transport_of(struct compiling *c,
				      const struct service *s,
				      const struct transport_settings *set,
				      const char *certificate)
{
	struct transport *t;
	const char *key;
	struct fault f;

	t = transport_new(set, &key, &f);
	if (!t && strcmp(key, "upstream_certificate") == 0)
		key = certificate;
	if (!t)
		config_report_key(c->report, s->section, key, "%s: %s", key,
				  f.text);
	if (!t || set->max_connections)
		return t;
	for (size_t i = 0; i < c->ntransports; i++) {
		if (!transport_equal(t, c->transports[i]))
			continue;
		transport_unref(&t);
		return transport_ref(c->transports[i]);
	}
	c->transports = mem_resize(c->transports, (c->ntransports + 1) *
						  sizeof(*c->transports));
	c->transports[c->ntransports++] = transport_ref(t);
	return t;
}

/* The token endpoint's: with the certificate that is the client's proof, and
 * never that which is for the upstream. */
static void compile_token_transport(struct compiling *c, struct service *s)
{
	const struct client_auth_settings *o =
		config_block(s->section, &client_auth_settings_table);
	struct transport_settings set = {
		.proxy = s->route->upstream_proxy,
		.trust = s->trust,
		.profile = (enum tls_profile)s->route->tls_profile,
	};

	set.carrier = (enum transport_carrier)s->route->carrier;
	if (s->auth && s->auth->shows_certificate && o->certificate) {
		set.certificate = o->certificate;
		set.private_key = o->private_key;
	}
	s->token_transport = transport_of(c, s, &set, "client_certificate");
}

/* How the service's upstream and its token endpoint are reached; CAs are read
 * only where something has TLS. */
static void compile_transports(struct compiling *c, struct service *s)
{
	const struct route_settings *r = s->route;
	struct transport_settings set = { .proxy = r->upstream_proxy };

	if (needs_trust(s))
		s->trust = trust_ref(compiling_trust(
			c, r->upstream_ca, s->section, "upstream_ca"));
	compile_token_transport(c, s);
	set.trust = s->trust;
	set.profile = (enum tls_profile)r->tls_profile;
	set.certificate = r->upstream_certificate;
	set.private_key = r->upstream_private_key;
	set.http = (enum transport_http)r->http_version;
	set.carrier = (enum transport_carrier)r->carrier;
	set.max_connections = r->max_upstream_connections;
	/* A key alone has been reported. */
	if (!set.certificate)
		set.private_key = NULL;
	s->transport = transport_of(c, s, &set, "upstream_certificate");
}

static void compile_upstream_template(struct compiling *c, struct service *s)
{
	const char *key;
	struct fault f;

	s->upstream_template = upstream_template_new(s, &key, &f);
	if (!s->upstream_template)
		report(c, s, key, &f);
	if (s->tokens->existing_credential == EXISTING_KEEP)
		config_report_key(c->report, s->section,
				  "existing_credential",
				  "existing_credential = keep leaves requests "
				  "without a token, and the token chooses the "
				  "upstream");
}

static void compile_upstream(struct compiling *c, struct service *s)
{
	struct str url = str_z(s->route->upstream);
	struct fault f;
	struct uri u;

	if (!s->route->upstream)
		return;
	if (upstream_is_template(url)) {
		compile_upstream_template(c, s);
		return;
	}
	if (config_given(s->section, "upstream_hosts") && !s->hook)
		config_report_key(c->report, s->section, "upstream_hosts",
				  "upstream_hosts is for an upstream that "
				  "holds {token.FIELD}, or a hook");
	if (uri_parse(url, &u, &f) ||
	    (!uri_is_https(&u) && !uri_is_http(&u))) {
		config_report_key(c->report, s->section, "upstream",
				  "upstream must be a URL such as "
				  "https://host.example/path");
		return;
	}
	if (u.has_fragment) {
		config_report_key(c->report, s->section, "upstream",
				  "upstream must hold no fragment (\"#\")");
		return;
	}
	if (u.has_userinfo || u.has_query) {
		config_report_key(c->report, s->section, "upstream",
				  "upstream must hold %s",
				  u.has_query ? "no query (\"?\")"
					      : "no user and password");
		return;
	}
	s->base_path = route_prefix(u.path, &f);
	if (s->base_path && !origin_init(&s->upstream, url, s->transport, &f))
		s->has_upstream = true;
	else
		config_report_key(c->report, s->section, "upstream",
				  "upstream: %s", f.text);
}

/* Where a match leads that no upstream takes: to its own host. */
static void compile_match_origin(struct compiling *c, struct service *s,
				 struct route_match *m)
{
	struct buf url = BUF_INIT(512);
	struct fault f;

	if (m->wildcard)
		return;
	buf_addf(&url, strchr(m->host, ':') ? "https://[%s]" : "https://%s",
		 m->host);
	if (m->port > 0)
		buf_addf(&url, ":%d", m->port);
	if (origin_init(&m->origin, buf_str(&url), s->transport, &f))
		report(c, s, "match", &f);
	else
		m->has_origin = true;
	buf_fini(&url);
}

/* Match i of those that were written, or the one that upstream implies. */
static void add_match(struct compiling *c, struct service *s, size_t i)
{
	const struct config_list *match = &s->route->match;
	const char *text = i < match->n ? match->v[i] : NULL;
	struct route_match *m = &s->matches[s->nmatches];
	struct fault f;
	int rc;

	if (text)
		rc = route_match_parse(m, str_z(text), &f);
	else
		rc = route_match_of_url(m, str_z(s->route->upstream), &f);
	if (rc) {
		config_report_item(c->report, s->section,
				   text ? "match" : "upstream", i, "match: %s",
				   f.text);
		return;
	}
	m->service = s;
	m->order = i;
	s->nmatches++;
	if (!s->route->upstream)
		compile_match_origin(c, s, m);
}

static void compile_matches(struct compiling *c, struct service *s)
{
	const struct config_list *match = &s->route->match;

	s->matches = mem_array(match->n + 1, sizeof(*s->matches));
	for (size_t i = 0; i < match->n; i++)
		add_match(c, s, i);
	if (!config_given(s->section, "match") && s->has_upstream)
		add_match(c, s, match->n);
	if (!config_given(s->section, "match") &&
	    !config_given(s->section, "upstream"))
		config_report_key(c->report, s->section, "upstream",
				  "[service %s] needs an upstream, or a match",
				  s->name);
}

static void compile_stub(struct compiling *c, struct service *s)
{
	static const char key[] = "token_endpoint_stub";
	const char *url = service_token_endpoint(s);
	struct fault f;

	if (!s->oauth->token_endpoint_stub || s->route->session)
		return;
	if (!url) {
		config_report_key(c->report, s->section, key,
				  "%s needs token_endpoint: programs are "
				  "answered in its place", key);
		return;
	}
	s->stub = mem_new(struct route_match);
	if (route_match_of_url(s->stub, str_z(url), &f) == 0) {
		s->stub->service = s;
		return;
	}
	config_report_key(c->report, s->section, key, "%s: %s", key, f.text);
	mem_free(s->stub);
	s->stub = NULL;
}

static void compile_path(struct compiling *c, struct service *s)
{
	struct str path = str_z(s->route->path);
	struct buf b = BUF_INIT(64);
	char *prefix;
	struct fault f;

	if (!path.n) {
		buf_addf(&b, "/%s/", s->name);
		s->path = buf_take(&b);
		return;
	}
	s->path = mem_strdup(s->route->path);
	prefix = route_prefix(path, &f);
	if (!prefix)
		config_report_key(c->report, s->section, "path", "path: %s",
				  f.text);
	else if (!str_starts(path, STR("/")) || !str_ends(path, STR("/")))
		config_report_key(c->report, s->section, "path",
				  "path must begin and end with \"/\"");
	else if (str_starts(path, STR("/-/")))
		config_report_key(c->report, s->section, "path",
				  "path cannot be below /-/, where the "
				  "proxy's own pages are");
	mem_free(prefix);
}

/* Of a token that is given once and for all a server can be asked, too. */
static bool asks_a_server(const struct service *s)
{
	return s->grant && (s->grant->uses_client || s->grant->fixed);
}

static void compile_endpoints(struct compiling *c, struct service *s)
{
	struct fault f;

	if (!asks_a_server(s))
		return;
	for (int kind = 0; kind < ENDPOINT_KINDS; kind++) {
		const char *url = endpoint_url(s, kind);
		const char *key = endpoint_key(kind);

		if (url && endpoint_init(&s->endpoints->v[kind], url,
					 s->token_transport, &f) < 0)
			config_report_key(c->report, s->section, key, "%s: %s",
					  key, f.text);
	}
	if (!s->oauth->issuer)
		return;
	s->endpoints->issuer = mem_strdup(s->oauth->issuer);
	s->metadata_id = service_metadata_id(s);
}

static void compile_grant(struct compiling *c, struct service *s)
{
	const char *key = "grant_type";
	struct fault f;

	s->grant = grant_of(s->session_section, &f);
	s->dpop = s->oauth->dpop && s->grant && s->grant->request;
	if (s->route->session)
		return; /* it is checked where the session is */
	if (!s->grant ||
	    (s->grant->check && s->grant->check(s->section, &key, &f)) ||
	    (s->grant->prepare && s->grant->prepare(s->section,
						    &s->grant_state, &key,
						    &f))) {
		report(c, s, key, &f);
		return;
	}
	s->identity = service_identity(s);
	s->request_digest = service_request_digest(s);
}

/* Where the grant's settings are wrong, that has been said. */
static void compile_id_token(struct compiling *c, struct service *s)
{
	const char *key;
	struct fault f;

	if (s->identity && id_token_check(s->section, s->grant, &key, &f) < 0)
		report(c, s, key, &f);
}

static void compile_client_auth(struct compiling *c, struct service *s)
{
	const char *key = "token_endpoint_auth_method";
	struct fault f;

	if (s->route->session)
		return;
	s->auth = client_auth_of(s->section, &f);
	/* An unknown name is a mistake also where nobody is asked. */
	if (!s->auth) {
		report(c, s, key, &f);
		return;
	}
	if (!asks_a_server(s)) {
		s->auth = NULL;
		return;
	}
	/* Without a client_id the grant has said so, or does without. */
	if (!s->oauth->client_id) {
		s->auth = NULL;
		return;
	}
	if ((s->auth->check && s->auth->check(s->section, &key, &f)) ||
	    (s->auth->prepare &&
	     s->auth->prepare(s->section, &s->auth_state, &key, &f)))
		report(c, s, key, &f);
}

static void compile_placement(struct compiling *c, struct service *s)
{
	const char *key = "token_placement";
	struct fault f;

	if (placement_spec_init(&s->placement, s->section, s->session_section,
				&key, &f))
		report(c, s, key, &f);
}

static void report_mistake(void *arg, const char *key, size_t i,
			   const struct fault *f)
{
	const struct mistake_arg *m = arg;

	config_report_item(m->c->report, m->s->section, key, i, "%s", f->text);
}

static void compile_protected_request(struct compiling *c, struct service *s)
{
	struct mistake_arg arg = { c, s };
	bool has_token = !s->grant || grant_has_tokens(s->grant);

	/* What is wrong has been reported. */
	if (protected_request_init(&s->protected_request, s->section,
				   s->session_section, &s->placement,
				   has_token, report_mistake, &arg) < 0)
		protected_request_fini(&s->protected_request);
}

/* Of a session that is another's it is that one's. */
static void compile_compliance(struct compiling *c, struct service *s)
{
	struct mistake_arg arg = { c, s };

	if (!s->grant || s->route->session)
		return;
	/* What is wrong has been reported. */
	if (compliance_new(&s->compliance, s->section, s->grant,
			   report_mistake, &arg) < 0)
		s->compliance = NULL;
}

/* The section of the keys of its session: its own, or another's. That there
 * is one is checked when all services are there. */
static const struct config_section *session_section(const struct compiling *c,
						    const struct service *s)
{
	const struct config *config = c->services->config;
	size_t n = s->route->session ? config_count_of(config, "service") : 0;

	for (size_t i = 0; i < n; i++) {
		const struct config_section *other =
			config_nth(config, "service", i);

		if (!strcmp(config_section_name(other), s->route->session))
			return other;
	}
	return s->section;
}

struct service *service_compile(struct compiling *c,
				const struct config_section *section)
{
	struct service *s = mem_new(struct service);

	s->section = section;
	s->name = config_section_name(section);
	s->route = config_block(section, &route_settings_table);
	s->tokens = config_block(section, &token_settings_table);
	s->session_of = s;
	s->warns_as_given = config_given(s->section, "login_warning");
	s->session_section = session_section(c, s);
	s->oauth = config_block(s->session_section, &oauth_settings_table);
	s->endpoints = endpoints_new();
	check_values(c, s);
	compile_grant(c, s);
	compile_client_auth(c, s);
	compile_id_token(c, s);
	compile_hook(c, s);
	compile_transports(c, s);
	/* Where the grant's settings are wrong, that has been said. */
	if (s->identity)
		compile_endpoints(c, s);
	compile_upstream(c, s);
	compile_matches(c, s);
	compile_stub(c, s);
	compile_path(c, s);
	s->access = access_new(section, &s->route->allow, &s->route->deny,
			       c->report);
	compile_placement(c, s);
	compile_protected_request(c, s);
	compile_compliance(c, s);
	check_service(c, s);
	return s;
}

void service_free(struct service *s)
{
	origin_fini(&s->upstream);
	endpoints_unref(&s->endpoints);
	if (s->grant && s->grant->release)
		s->grant->release(s->grant_state);
	if (s->auth && s->auth->release)
		s->auth->release(s->auth_state);
	hook_free(&s->hook);
	compliance_free(&s->compliance);
	protected_request_fini(&s->protected_request);
	placement_spec_fini(&s->placement);
	for (size_t i = 0; i < s->nmatches; i++)
		route_match_fini(&s->matches[i]);
	transport_unref(&s->transport);
	transport_unref(&s->token_transport);
	trust_unref(&s->trust);
	access_free(&s->access);
	mem_free(s->matches);
	if (s->stub)
		route_match_fini(s->stub);
	mem_free(s->stub);
	mem_free(s->base_path);
	mem_free(s->path);
	upstream_template_free(&s->upstream_template);
	mem_free(s->identity);
	mem_free(s->metadata_id);
	mem_free(s->request_digest);
	mem_free(s);
}
