/* SPDX-License-Identifier: MIT */
/* Rewrites the upstream's addresses in an answer's fields for clients that come
 * by path: they see the upstream's /base/x as /NAME/x on bearerd's own
 * address. */

#include "proxy/rewrite.h"

#include "base/limits.h"
#include "data/uri.h"
#include "proxy/client.h"
#include "proxy/exchange.h"
#include "proxy/worker.h"

/* Appends the path as the client knows it: the service's path in place of the
 * base. */
static void rewrite_path(const struct exchange *x, struct str path,
			 struct buf *out)
{
	struct str prefix = str_z(x->route.service->path);
	struct str rest = str_from(path, x->route.found.base.n);

	prefix.n -= prefix.n > 0; /* its final slash */
	buf_add_str(out, prefix);
	if (rest.n == 0 || rest.p[0] != '/')
		buf_add_char(out, '/');
	buf_add_str(out, rest);
}

static const struct origin *rewrite_origin(const struct exchange *x)
{
	return x->route.found.origin != NULL ? x->route.found.origin
					     : &x->route.named;
}

/* Whether u is where this exchange's upstream is; or on its host by the other
 * scheme, as servers say that know nothing of the TLS in front of them. */
static bool rewrite_is_upstream(const struct exchange *x, const struct uri *u)
{
	const struct origin *o = rewrite_origin(x);
	bool https = str_eq_nocase(str_z(o->scheme), STR("https"));

	if (!host_eq(u->host, str_z(o->host)) ||
	    (!uri_is_http(u) && !uri_is_https(u)))
		return false;
	return uri_port(u) == o->port ||
	       (u->port < 0 && o->port == (https ? 443 : 80));
}

/* What stands behind the authority of an http URL; perhaps nothing. */
static struct str rewrite_after_authority(struct str url)
{
	size_t at = str_find_str(url, STR("//"));

	at = at < url.n ? at + 2 : url.n;
	while (at < url.n && url.p[at] != '/' && url.p[at] != '?' &&
	       url.p[at] != '#')
		at++;
	return str_from(url, at);
}

/* A reference into the upstream, as the client is to follow it. False where it
 * is to stay: relative to the request's own path, or elsewhere. */
static bool rewrite_reference(const struct exchange *x, struct str value,
			      struct buf *out)
{
	struct str path = value, rest;
	struct uri u;
	size_t end = 0;

	if (value.n == 0 || str_starts(value, STR("//")))
		return false;
	if (value.p[0] != '/') {
		path = rewrite_after_authority(value);
		/* What stands behind the host need be no URI's. */
		if (uri_parse(str_sub(value, 0, value.n - path.n), &u,
			      NULL) != 0 ||
		    !rewrite_is_upstream(x, &u))
			return false;
	}
	while (end < path.n && path.p[end] != '?' && path.p[end] != '#')
		end++;
	rest = str_from(path, end);
	path.n = end;
	if (target_has_prefix(path, x->route.found.base)) {
		rewrite_path(x, path, out);
		buf_add_str(out, rest);
		return true;
	}
	/* Outside of the base no path here leads there: say where it is. */
	if (value.p[0] != '/')
		return false;
	buf_add_z(out, rewrite_origin(x)->url);
	buf_add_str(out, value);
	return true;
}

static void rewrite_location(struct exchange *x, struct field *f)
{
	ATTR_CLEANUP(buf_fini) struct buf b = BUF_INIT(LIMIT_REWRITE);

	if (rewrite_reference(x, f->value, &b) && buf_ok(&b))
		f->value = arena_str(&x->arena, buf_str(&b));
}

/* Whether a link leads from one part of a listing to another (RFC 8288 §3.3,
 * §3.4): other kinds may be names rather than places. */
static bool rewrite_is_step(struct str parameters)
{
	static const char *const steps[] = { "next", "prev", "first", "last",
					     "self" };
	struct str rel = STR(""), word;

	while (parameters.n > 0 && rel.n == 0) {
		struct str one = str_sub(parameters, 0,
					 str_find(parameters, ';'));
		size_t equals = str_find(one, '=');

		parameters = str_from(parameters, one.n + 1);
		if (str_eq_nocase(str_trim(str_sub(one, 0, equals)),
				  STR("rel")))
			rel = str_trim(str_from(one, equals + 1));
	}
	if (rel.n >= 2 && rel.p[0] == '"')
		rel = str_sub(rel, 1, rel.n - 2);
	while (str_next_word(&rel, &word) && word.n > 0) {
		for (size_t i = 0; i < sizeof(steps) / sizeof(steps[0]); i++) {
			if (str_eq_nocase(word, str_z(steps[i])))
				return true;
		}
	}
	return false;
}

/* What stands before the next comma that is in no quotes. */
static struct str rewrite_parameters(struct str text)
{
	bool quoted = false;
	size_t n = 0;

	for (; n < text.n && (quoted || text.p[n] != ','); n++) {
		if (text.p[n] == '"')
			quoted = !quoted;
		else if (quoted && text.p[n] == '\\' && n + 1 < text.n)
			n++;
	}
	return str_sub(text, 0, n);
}

/* RFC 8288 §3: "<reference>; rel=next, …" */
static void rewrite_links(struct exchange *x, struct field *f)
{
	ATTR_CLEANUP(buf_fini) struct buf b = BUF_INIT(LIMIT_REWRITE);
	struct str rest = f->value;

	while (rest.n > 0) {
		size_t open = str_find(rest, '<'), close;
		struct str reference, parameters;

		buf_add_str(&b, str_sub(rest, 0, open + 1));
		rest = str_from(rest, open + 1);
		close = str_find(rest, '>');
		reference = str_sub(rest, 0, close);
		rest = str_from(rest, close);
		parameters = rewrite_parameters(rest);
		if (!rewrite_is_step(str_from(parameters, 1)) ||
		    !rewrite_reference(x, reference, &b))
			buf_add_str(&b, reference);
		buf_add_str(&b, parameters);
		rest = str_from(rest, parameters.n);
	}
	if (buf_ok(&b))
		f->value = arena_str(&x->arena, buf_str(&b));
}

struct str rewrite_destination(struct exchange *x, struct str value)
{
	ATTR_CLEANUP(buf_fini) struct buf b = BUF_INIT(LIMIT_REWRITE);
	struct str path = value, rest;
	struct uri u;
	size_t end = 0;

	if (!str_starts(value, STR("/"))) {
		path = rewrite_after_authority(value);
		if (uri_parse(str_sub(value, 0, value.n - path.n), &u,
			      NULL) != 0 ||
		    !route_host_is_own(x->worker->services, u.host,
				       (const struct sockaddr *)
					       &x->client->local))
			return value;
	}
	while (end < path.n && path.p[end] != '?' && path.p[end] != '#')
		end++;
	rest = str_from(path, end);
	path.n = end;
	if (!target_has_prefix(path, x->route.found.prefix) ||
	    target_climbs(path, x->route.found.prefix))
		return value;
	buf_add_z(&b, rewrite_origin(x)->url);
	buf_add_str(&b, x->route.found.base);
	buf_add_str(&b, str_from(path, x->route.found.prefix.n));
	buf_add_str(&b, rest);
	return buf_ok(&b) ? arena_str(&x->arena, buf_str(&b)) : value;
}

/* One attribute of Set-Cookie (RFC 6265 §5.2), with its semicolon. */
static void rewrite_attribute(const struct exchange *x, struct str attribute,
			      struct buf *out)
{
	size_t equals = str_find(attribute, '=');
	struct str name = str_trim(str_sub(attribute, 0, equals));
	struct str value = str_trim(str_from(attribute, equals + 1));

	if (str_eq_nocase(name, STR("Domain")))
		return;
	buf_add_char(out, ';');
	if (!str_eq_nocase(name, STR("Path")) || value.n == 0 ||
	    value.p[0] != '/') {
		buf_add_str(out, attribute);
		return;
	}
	buf_add_z(out, " Path=");
	if (target_has_prefix(value, x->route.found.base))
		rewrite_path(x, value, out);
	else
		buf_add_z(out, x->route.service->path);
}

/* False where it would be too long: as it came it could be for the paths of
 * other services. */
static bool rewrite_cookie(struct exchange *x, struct field *f)
{
	ATTR_CLEANUP(buf_fini) struct buf b = BUF_INIT(LIMIT_REWRITE);
	struct str rest = f->value;
	size_t end = str_find(rest, ';');

	buf_add_str(&b, str_sub(rest, 0, end));
	while (end < rest.n) {
		rest = str_from(rest, end + 1);
		end = str_find(rest, ';');
		rewrite_attribute(x, str_sub(rest, 0, end), &b);
	}
	if (!buf_ok(&b))
		return false;
	f->value = arena_str(&x->arena, buf_str(&b));
	return true;
}

/* All services share one origin by path: what would speak for the whole of it
 * goes. */
#define NAME(literal) { "" literal, sizeof(literal) - 1 }

/* clang-format off */
static const struct str rewrite_origin_wide[] = {
	NAME("Accept-CH"), /* hints that the browser sends it */
	NAME("Accept-CH-Lifetime"),
	NAME("Activate-Storage-Access"), /* its cookies within other sites */
	NAME("Alt-Svc"), /* where it is reached */
	NAME("Alternate-Protocol"),
	NAME("Attribution-Reporting-Register-Source"), /* its measurements */
	NAME("Attribution-Reporting-Register-Trigger"),
	NAME("Clear-Site-Data"), /* all that it has stored */
	NAME("Critical-CH"),
	NAME("Expect-CT"), /* its certificates */
	NAME("NEL"), /* who is told of its errors */
	NAME("Origin-Agent-Cluster"), /* its processes */
	NAME("Origin-Trial"), /* what is tried with it */
	NAME("Public-Key-Pins"),
	NAME("Public-Key-Pins-Report-Only"),
	NAME("Report-To"),
	NAME("Reporting-Endpoints"),
	NAME("Sec-Session-Registration"), /* its cookies' renewal */
	NAME("Sec-Session-Challenge"),
	NAME("Service-Worker-Allowed"), /* scripts in front of all of it */
	NAME("Set-Login"), /* whether people are logged in */
	NAME("Shared-Storage-Write"),
	NAME("Speculation-Rules"), /* what of it is loaded unasked */
	NAME("Strict-Transport-Security"),
	NAME("Use-As-Dictionary"), /* how its other answers are unpacked */
};
/* clang-format on */

static bool rewrite_is_origin_wide(struct str name)
{
	const size_t n = sizeof(rewrite_origin_wide) /
			 sizeof(rewrite_origin_wide[0]);

	for (size_t i = 0; i < n; i++) {
		if (str_eq_nocase(name, rewrite_origin_wide[i]))
			return true;
	}
	return false;
}

/* Whether a browser may show the answer as a page. Where it does not say what
 * it asks for, as none does by plain http beyond loopback, whatever it asks
 * for may be. */
static bool rewrite_is_document(const struct exchange *x)
{
	static const char *const documents[] = {
		"document", "iframe", "frame", "embed", "object", "fencedframe",
	};
	const struct field *f =
		fields_find(&x->request.fields, STR("Sec-Fetch-Dest"));

	if (!f || fields_count(&x->request.fields, f->name) > 1)
		return true;
	for (size_t i = 0; i < sizeof(documents) / sizeof(*documents); i++) {
		if (str_eq_z(f->value, documents[i]))
			return true;
	}
	return f->value.n == 0;
}

void rewrite_isolate(const struct exchange *x, struct fields *answer)
{
	const struct str nosniff = STR("X-Content-Type-Options");

	fields_remove(answer, nosniff);
	fields_add(answer, nosniff, STR("nosniff"));
	if (rewrite_is_document(x))
		fields_add(answer, STR("Content-Security-Policy"),
			   STR("sandbox"));
	/* What was loaded as an image is not to be shown as a page. */
	fields_add(answer, STR("Vary"), STR("Sec-Fetch-Dest"));
}

void rewrite_places(struct exchange *x, struct fields *answer)
{
	size_t kept = 0;

	for (size_t i = 0; i < answer->n; i++) {
		struct field *f = &answer->v[i];

		if (rewrite_is_origin_wide(f->name) ||
		    (str_eq_nocase(f->name, STR("Set-Cookie")) &&
		     !rewrite_cookie(x, f)))
			continue;
		if (str_eq_nocase(f->name, STR("Location")) ||
		    str_eq_nocase(f->name, STR("Content-Location")))
			rewrite_location(x, f);
		else if (str_eq_nocase(f->name, STR("Link")))
			rewrite_links(x, f);
		answer->v[kept++] = *f;
	}
	answer->n = kept;
}

void rewrite_response(struct exchange *x, struct fields *answer)
{
	rewrite_places(x, answer);
	rewrite_isolate(x, answer);
}
