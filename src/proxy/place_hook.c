/* SPDX-License-Identifier: MIT */
/* Calls protected_request of a hook file, the last to change what goes to the
 * upstream. After a refusal it is asked again, with the new token. */

#include "proxy/place_hook.h"

#include "base/limits.h"
#include "data/uri.h"
#include "proxy/exchange.h"
#include "proxy/place.h"
#include "proxy/worker.h"
#include "service/upstream_template.h"

static enum hook_has_body place_hook_body(const struct exchange *x,
					  struct str *body)
{
	uint64_t max = x->route.service->tokens->replay_body;

	*body = STR("");
	if (x->upstream.form.p)
		*body = x->upstream.form;
	else if (x->request.keeps == BODY_FOR_HOOK)
		*body = spool_str(&x->request.body);
	else if (x->upstream.framing.body == FRAMING_CHUNKED ||
		 (x->upstream.framing.body == FRAMING_SIZED &&
		  x->upstream.framing.length > 0))
		return HOOK_BODY_ABSENT;
	if (body->n > max || body->n > LIMIT_HOOK_BODY)
		return HOOK_BODY_ABSENT;
	return body->n > 0 ? HOOK_BODY_TEXT : HOOK_BODY_NONE;
}

static struct str place_hook_url(struct exchange *x)
{
	const struct origin *o = place_origin(x);
	struct buf url = BUF_INIT(1024 + x->upstream.target.n);
	struct str s;

	buf_addf(&url, "%s://%s", o->scheme, o->authority);
	buf_add_str(&url, x->upstream.target);
	s = arena_str(&x->arena, buf_str(&url));
	buf_fini(&url);
	return s;
}

/* Another host: one that the configuration names. */
static int place_hook_origin(struct exchange *x, const struct uri *u,
			     struct str url, struct fault *f)
{
	if (!uri_is_https(u) &&
	    !(uri_is_http(u) && uri_host_is_loopback(u->host)))
		return fault_set(f, "it must be an https URL");
	if (!upstream_hosts_fit(&x->route.service->route->upstream_hosts,
				u->host))
		return fault_set(f, "upstream_hosts does not let its host "
				 "through");
	url = str_sub(url, 0, (size_t)(u->path.p - url.p));
	if (origin_init(&x->upstream.hooked, url, x->route.service->transport,
			f) < 0)
		return -1;
	x->upstream.hooked.is_foreign = true;
	return 0;
}

static bool place_is_there(const struct origin *o, const struct uri *u)
{
	return str_eq_nocase(u->scheme, str_z(o->scheme)) &&
	       str_eq_nocase(u->host, str_z(o->host)) &&
	       uri_port(u) == o->port;
}

static int place_hook_take_url(struct exchange *x, struct str url,
			       struct fault *f)
{
	struct uri u;

	if (uri_parse(url, &u, f) < 0)
		return -1;
	if (u.has_userinfo || u.has_fragment || u.path.n == 0)
		return fault_set(f, "it must have a path, and no user and "
				 "fragment");
	if (!place_is_there(place_origin(x), &u) &&
	    place_hook_origin(x, &u, url, f) < 0)
		return -1;
	x->upstream.target = str_from(url, (size_t)(u.path.p - url.p));
	return 0;
}

/* Whether the answer has a body, and whether it is one at all, is settled by
 * the method that the client knows of. */
static int place_hook_take_method(struct exchange *x, struct str method,
				  struct fault *f)
{
	static const char *const never[] = { "HEAD", "CONNECT", "TRACE" };
	bool is_head = str_eq(x->request.method, STR("HEAD"));

	if (str_eq(method, x->request.method))
		return 0;
	for (size_t i = 0; i < sizeof(never) / sizeof(never[0]); i++) {
		if (is_head || str_eq_z(method, never[i]))
			return fault_set(f, "its method cannot be changed %s",
					 is_head ? "from HEAD" :
						   "to HEAD, CONNECT or TRACE");
	}
	x->upstream.method = method;
	return 0;
}

static bool place_same_field(const struct fields *a, const struct fields *b,
			     struct str name)
{
	const struct field *x = fields_find(a, name);
	const struct field *y = fields_find(b, name);

	return x != NULL && y != NULL && str_eq(x->value, y->value);
}

/* before: the fields as the hook got them. */
static void place_hook_take_body(struct exchange *x, struct str body,
				 const struct fields *before,
				 struct fields *after)
{
	bool none = body.n == 0 && x->upstream.framing.body == FRAMING_NONE;

	x->upstream.form = body;
	x->upstream.framing =
		(struct framing){ none ? FRAMING_NONE : FRAMING_SIZED, body.n };
	/* But for those that the hook has made itself. */
	for (size_t i = 0; place_digests[i]; i++) {
		struct str name = str_z(place_digests[i]);

		if (place_same_field(before, after, name))
			fields_remove(after, name);
	}
}

/* Host is that of the origin, which may be another now. */
static void place_hook_take_fields(struct exchange *x,
				   const struct fields *changed)
{
	struct fields out;

	fields_init(&out, &x->arena);
	fields_add(&out, STR("Host"), str_z(place_origin(x)->authority));
	for (size_t i = 0; i < changed->n; i++)
		fields_add(&out, changed->v[i].name, changed->v[i].value);
	for (size_t i = 1; i < x->upstream.fields.n; i++) {
		if (hook_field_is_ours(x->upstream.fields.v[i].name))
			fields_add(&out, x->upstream.fields.v[i].name,
				   x->upstream.fields.v[i].value);
	}
	x->upstream.fields = out;
}

static int place_hook_take(struct exchange *x, const struct hook_message *m,
			   struct str url, struct fault *f)
{
	if (place_hook_take_method(x, m->method, f) < 0)
		return -1;
	if (!str_eq(m->url, url) && place_hook_take_url(x, m->url, f) < 0)
		return fault_prefix(f, "its url");
	return 0;
}

int place_hook(struct exchange *x, struct fault *f)
{
	const struct service *s = x->route.service;
	struct hook_message m = {
		.arena = &x->arena,
		.service = s->name,
		.section = s->session_section,
		.token = x->route.snapshot != NULL ? x->route.snapshot->token
						   : NULL,
		.method = x->request.method,
		.url = place_hook_url(x),
	};
	struct str url = m.url, body;
	struct fields before;

	m.has_body = place_hook_body(x, &body);
	m.body = body;
	fields_init(&m.fields, &x->arena);
	for (size_t i = 0; i < x->upstream.fields.n; i++) {
		if (!hook_field_is_ours(x->upstream.fields.v[i].name))
			fields_add(&m.fields, x->upstream.fields.v[i].name,
				   x->upstream.fields.v[i].value);
	}
	before = m.fields;
	if (hook_call(x->worker->hooks, s->hook, HOOK_PROTECTED_REQUEST, &m,
		      f) < 0)
		return -1;
	if (place_hook_take(x, &m, url, f) < 0)
		return fault_prefix(f, "the hook protected_request");
	if (m.has_body != HOOK_BODY_ABSENT && !str_eq(m.body, body))
		place_hook_take_body(x, m.body, &before, &m.fields);
	place_hook_take_fields(x, &m.fields);
	return 0;
}
