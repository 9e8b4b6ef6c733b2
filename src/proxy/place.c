/* SPDX-License-Identifier: MIT */
/* Makes the upstream's request of the client's: the place step, between the
 * token's arrival and the transfer. What the client sent stays as it is, for
 * the request may be made a second time with another token. */

#include "proxy/place.h"

#include <string.h>

#include "base/assert.h"
#include "proxy/exchange.h"
#include "proxy/gather.h"
#include "proxy/place_hook.h"
#include "proxy/plain.h"
#include "proxy/proof.h"
#include "proxy/rewrite.h"
#include "proxy/server.h"
#include "proxy/websocket.h"
#include "proxy/worker.h"

/* Not the client's: the carrier makes them. */
static bool place_is_ours(struct str name)
{
	return str_eq_nocase(name, STR("Host")) ||
	       str_eq_nocase(name, STR("Expect")) ||
	       str_eq_nocase(name, STR("Content-Length"));
}

/* Our own go in last, since Connection may name any field to be dropped. */
static void place_fields(struct exchange *x, const struct origin *origin)
{
	struct fields *fs = &x->upstream.fields;
	size_t kept = 1;

	fields_init(fs, &x->arena);
	fields_add(fs, STR("Host"), str_z(origin->authority));
	fields_add_end_to_end(fs, &x->request.fields);
	for (size_t i = kept; i < fs->n; i++) {
		struct field f = fs->v[i];

		if (place_is_ours(f.name))
			continue;
		if (x->route.found.by_path &&
		    str_eq_nocase(f.name, STR("Destination")))
			f.value = rewrite_destination(x, f.value);
		fs->v[kept++] = f;
	}
	fs->n = kept;
	fields_add(fs, STR("Via"),
		   server_via(x->worker->server,
			      strcmp(x->request.version, "HTTP/1.0") == 0
				      ? 10
				      : 11));
}

const struct origin *place_origin(const struct exchange *x)
{
	if (x->upstream.hooked.host)
		return &x->upstream.hooked;
	return x->route.named.host != NULL ? &x->route.named
					   : x->route.found.origin;
}

/* Where the service names no upstream, it is the host that the request named,
 * by https. */
static int place_make_origin(struct exchange *x, struct fault *f)
{
	struct str host = x->request.target.form == TARGET_ABSOLUTE
				  ? x->request.target.host
				  : x->request.host;
	int port = x->request.target.form == TARGET_ABSOLUTE
			   ? x->request.target.port
			   : x->request.host_port;
	bool is_ipv6 = str_find(host, ':') < host.n;
	ATTR_CLEANUP(buf_fini) struct buf url = BUF_INIT(1024);

	if (place_origin(x) != NULL)
		return 0;
	if (plain_has(x))
		return plain_origin(x, f);
	buf_addf(&url, is_ipv6 ? "https://[%.*s]" : "https://%.*s",
		 STR_ARGS(host));
	if (port > 0 && port != 80)
		buf_addf(&url, ":%d", port);
	if (!buf_ok(&url))
		return fault_set(f, "the host's name is too long");
	if (origin_init(&x->route.named, buf_str(&url),
			x->route.service->transport, f) < 0)
		return -1;
	x->route.named.is_foreign = true;
	return 0;
}

struct placement_request place_client_request(struct exchange *x)
{
	return (struct placement_request){
		.fields = &x->request.fields,
		.target = x->request.raw,
		.arena = &x->arena,
		.form = gather_form(x),
		.has_form = x->request.keeps == BODY_FORM,
	};
}

const char *const place_digests[] = { "Content-Digest", "Repr-Digest", "Digest",
				      "Content-MD5", NULL };

/* The form as it goes out; none is made of nothing. */
static void place_form(struct exchange *x, struct str form)
{
	struct str before = gather_form(x);

	if (form.n == 0 && before.n == 0)
		return;
	x->upstream.form = form;
	x->upstream.framing = (struct framing){ FRAMING_SIZED, form.n };
	if (before.n == 0) {
		fields_remove(&x->upstream.fields, STR("Content-Type"));
		fields_add(&x->upstream.fields, STR("Content-Type"),
			   STR("application/x-www-form-urlencoded"));
	}
	if (str_eq(form, before))
		return;
	for (size_t i = 0; place_digests[i]; i++)
		fields_remove(&x->upstream.fields, str_z(place_digests[i]));
}

/* The token, what the service's protected_request.* say, and the proof. */
static int place_credentials(struct exchange *x, struct placement_request *r,
			     struct fault *f)
{
	const struct protected_request *p =
		&x->route.service->protected_request;
	const struct protected_values *v = NULL;

	if (x->route.snapshot) {
		v = x->route.snapshot->use->placed.others;
		if (placement_apply(&x->route.snapshot->use->placed, r, f) < 0)
			return -1;
	}
	return p->n > 0 ? protected_request_apply(p, v, r, f) : 0;
}

/* An upstream that the token has chosen. */
static void place_choose(struct exchange *x)
{
	const struct token_use *use =
		x->route.snapshot != NULL ? x->route.snapshot->use : NULL;

	if (!use || !use->has_upstream)
		return;
	x->route.found.origin = &use->upstream;
	x->route.found.base = str_z(use->base_path);
}

/* What has to see the request as it would go out. */
static int place_last(struct exchange *x, struct fault *f)
{
	if (hook_has(x->route.service->hook, HOOK_PROTECTED_REQUEST) &&
	    place_hook(x, f) < 0)
		return -1;
	return x->route.snapshot != NULL && x->route.service->dpop
		       ? proof_place(x, f)
		       : 0;
}

static int place_refuse(struct exchange *x, const struct fault *f)
{
	exchange_problem(x, 502, "proxy_configuration_error", str_z(f->text),
			 "correct this service's configuration");
	return -1;
}

int place_upstream_request(struct exchange *x)
{
	struct placement_request r = place_client_request(x);
	struct buf target;
	size_t room;
	struct fault f;

	origin_fini(&x->upstream.hooked);
	place_choose(x);
	room = x->route.found.base.n + x->request.raw.n + 2;
	buf_init_in(&target, arena_alloc(&x->arena, room), room);
	if (place_make_origin(x, &f) < 0) {
		exchange_problem(x, 400, "http_request_error", str_z(f.text),
				 NULL);
		return -1;
	}
	place_fields(x, place_origin(x));
	route_write_target(&x->route.found, &x->request.target, &target);
	r.fields = &x->upstream.fields;
	ASSERT(buf_ok(&target));
	r.target = buf_str(&target);
	if (place_credentials(x, &r, &f) < 0)
		return place_refuse(x, &f);
	x->upstream.method = x->request.method;
	x->upstream.target = r.target;
	x->upstream.framing = x->request.framing;
	x->upstream.form = (struct str){ NULL, 0 };
	x->upstream.form_at = 0;
	if (x->request.keeps == BODY_FORM)
		place_form(x, r.form);
	if (place_last(x, &f) < 0)
		return place_refuse(x, &f);
	websocket_place(x);
	return 0;
}
