/* SPDX-License-Identifier: MIT */
/* Adds and checks what RFC 9110 wants of a gateway, between route and acquire,
 * and again before the answer goes out: Via and loops, Max-Forwards, CORS. */

#include "proxy/gateway.h"

#include <stdio.h>

#include "base/limits.h"
#include "data/form.h"
#include "data/uri.h"
#include "http/cache_control.h"
#include "http/override.h"
#include "http/url_secret.h"
#include "proxy/exchange.h"
#include "proxy/plain.h"
#include "proxy/rewrite.h"
#include "proxy/server.h"
#include "proxy/worker.h"

/* RFC 9110 §7.6.3: our own name in Via means that we forwarded it already. */
static bool gateway_is_loop(const struct exchange *x)
{
	struct str name = server_via(x->worker->server, 11);

	name = str_from(name, str_find(name, ' ') + 1);
	for (size_t i = 0; i < x->request.fields.n; i++) {
		const struct field *f = &x->request.fields.v[i];

		if (str_eq_nocase(f->name, STR("Via")) &&
		    str_find_str(f->value, name) < f->value.n)
			return true;
	}
	return false;
}

/* RFC 9110 §7.6.2: for OPTIONS and TRACE. True where the request has come to
 * its end; else it has one hop less. */
static bool gateway_hops_end(struct exchange *x)
{
	char digits[16];
	uint64_t hops;
	int n;

	if (!str_eq(x->request.method, STR("OPTIONS")) &&
	    !str_eq(x->request.method, STR("TRACE")))
		return false;
	for (size_t i = 0; i < x->request.fields.n; i++) {
		struct field *f = &x->request.fields.v[i];

		if (!str_eq_nocase(f->name, STR("Max-Forwards")) ||
		    !str_u64(f->value, LIMIT_HOPS, &hops))
			continue;
		if (hops == 0)
			return true;
		n = snprintf(digits, sizeof(digits), "%llu",
			     (unsigned long long)hops - 1);
		f->value = arena_str(&x->arena,
				     (struct str){ digits, (size_t)n });
	}
	return false;
}

struct str gateway_allowed_origin(const struct exchange *x)
{
	const struct config_list *allowed;
	const struct field *origin;

	if (!x->route.found.service)
		return STR("");
	allowed = &x->route.found.service->route->allow_origin;
	if (allowed->n == 0)
		return STR("");
	origin = fields_find(&x->request.fields, STR("Origin"));
	for (size_t i = 0; origin != NULL && i < allowed->n; i++) {
		if (str_eq_nocase(origin->value, str_z(allowed->v[i])))
			return origin->value;
	}
	return STR("");
}

/* The Fetch standard's preflight: answered for the upstream, which may know
 * nothing of it. */
static bool gateway_preflight(struct exchange *x)
{
	const struct field *method = fields_find(
		&x->request.fields, STR("Access-Control-Request-Method"));
	const struct field *names = fields_find(
		&x->request.fields, STR("Access-Control-Request-Headers"));
	struct str origin = gateway_allowed_origin(x);

	if (!str_eq(x->request.method, STR("OPTIONS")) || origin.n == 0 ||
	    !method || !str_is_token(method->value))
		return false;
	x->answer.reply.status = 204;
	reply_field(&x->answer.reply, "Access-Control-Allow-Origin", origin);
	reply_field(&x->answer.reply, "Access-Control-Allow-Methods",
		    method->value);
	if (names)
		reply_field(&x->answer.reply, "Access-Control-Allow-Headers",
			    names->value);
	reply_field(&x->answer.reply, "Access-Control-Max-Age", STR("600"));
	reply_field(&x->answer.reply, "Vary", STR("Origin"));
	x->request.keeps = BODY_DISCARDED;
	return true;
}

/* RFC 9110 §9.3.8: what came, but for what may be secret. */
static void gateway_echo(struct exchange *x)
{
	static const char *const kept[] = { "Host", "Via", "Max-Forwards",
					    "User-Agent" };
	struct buf *out = &x->answer.reply.body;

	buf_addf(out, "%.*s %.*s %s\r\n", STR_ARGS(x->request.method),
		 STR_ARGS(x->request.raw), x->request.version);
	for (size_t i = 0; i < x->request.fields.n; i++) {
		const struct field *f = &x->request.fields.v[i];

		for (size_t k = 0; k < sizeof(kept) / sizeof(kept[0]); k++) {
			if (str_eq_nocase(f->name, str_z(kept[k])))
				buf_addf(out, "%.*s: %.*s\r\n",
					 STR_ARGS(f->name),
					 STR_ARGS(f->value));
		}
	}
	buf_add_z(out, "\r\n");
	x->answer.reply.status = 200;
	reply_field(&x->answer.reply, "Content-Type", STR("message/http"));
	reply_field(&x->answer.reply, "Cache-Control", STR("no-store"));
}

/* Methods have a case, but not every upstream knows. */
static bool gateway_is_trace(struct exchange *x)
{
	if (!str_eq_nocase(x->request.method, STR("TRACE")) || plain_has(x))
		return false;
	exchange_problem(x, 405, NULL, STR("TRACE would show the token"),
			 NULL);
	reply_field(&x->answer.reply, "Allow",
		    STR("GET, HEAD, POST, PUT, PATCH, DELETE, OPTIONS"));
	return true;
}

/* As far as the head tells; chunks are counted as they come. */
static bool gateway_is_large(struct exchange *x)
{
	uint64_t max = x->route.service->route->max_body;

	if (max == 0 || x->request.framing.body != FRAMING_SIZED ||
	    x->request.framing.length <= max)
		return false;
	exchange_problem(x, 413, "http_request_error",
			 STR("the request's body is larger than this service's "
			     "max_body"), NULL);
	return true;
}

/* What of the request the service's allow and deny refuse, as an own answer's
 * detail; NULL: nothing. Where it names other methods they have to let these
 * through too. */
static const char *gateway_refusal(struct exchange *x)
{
	struct str path =
		str_from(x->request.target.path, x->route.found.prefix.n);
	struct str methods[LIMIT_OVERRIDES + 1] = { x->request.method };
	size_t n = override_methods(&x->request.fields,
				    str_from(x->request.target.query, 1),
				    &x->arena, methods + 1);

	if (n > LIMIT_OVERRIDES)
		return "the request names too many methods";
	for (size_t i = 0; i <= n; i++) {
		switch (access_check(x->route.service->access, methods[i],
				     path)) {
		case ACCESS_DENIED:
			return i == 0 ? "a deny of this service refuses this "
					"method and path" :
					"a deny of this service refuses the "
					"method that the request names beside "
					"its own";
		case ACCESS_NOT_ALLOWED:
			return i == 0 ? "no allow of this service fits this "
					"method and path" :
					"no allow of this service fits the "
					"method that the request names beside "
					"its own";
		case ACCESS_GRANTED:
			break;
		}
	}
	return NULL;
}

/* Whether COPY or MOVE (RFC 4918 §9.8) may write where it says: a place that
 * is this service's as the client or as the upstream writes it. */
static bool gateway_may_write_to(const struct exchange *x, struct str place)
{
	const struct str prefixes[] = { x->route.found.prefix,
					x->route.found.base };
	struct str path = place;
	struct uri u;

	if (uri_parse(place, &u, NULL) == 0)
		path = u.path;
	path = str_sub(path, 0, str_find(path, '?'));
	for (size_t i = 0; i < 2; i++) {
		if (str_starts(path, STR("/")) &&
		    target_has_prefix(path, prefixes[i]) &&
		    access_check(x->route.service->access, x->request.method,
				 str_from(path, prefixes[i].n)) !=
			    ACCESS_GRANTED)
			return false;
	}
	return true;
}

/* The service's allow and deny. A field that gives another URL would be asked
 * for nothing: it is for those who have no such rules. */
static bool gateway_is_denied(struct exchange *x)
{
	ATTR_CLEANUP(buf_fini) struct buf b = BUF_INIT(256);
	const char *detail;
	struct str field;

	if (!x->route.service->access)
		return false;
	detail = gateway_refusal(x);
	for (size_t i = 0; !detail && i < x->request.fields.n; i++) {
		if (str_eq_nocase(x->request.fields.v[i].name,
				  STR("Destination")) &&
		    !gateway_may_write_to(x, x->request.fields.v[i].value))
			detail = "this service's allow and deny refuse this "
				 "method at its Destination";
	}
	field = override_url(&x->request.fields);
	if (!detail && field.n > 0) {
		buf_addf(&b, "%.*s gives another URL than the one that this "
			     "service's allow and deny look at",
			 STR_ARGS(field));
		detail = buf_z(&b);
	}
	if (!detail)
		return false;
	exchange_problem(x, 403, "http_request_denied", str_z(detail),
			 "change the service's allow and deny if it is to be "
			 "let through");
	return true;
}

bool gateway_answers(struct exchange *x)
{
	if (gateway_is_trace(x))
		return true;
	if (gateway_is_loop(x)) {
		exchange_problem(x, 502, "proxy_loop_detected",
				 STR("the request has been here before"),
				 "the service's upstream leads back to "
				 "bearerd: correct it");
		return true;
	}
	if (gateway_hops_end(x)) {
		x->answer.reply.status = 204;
		x->request.keeps = BODY_DISCARDED;
		if (plain_has(x) && str_eq(x->request.method, STR("TRACE")))
			gateway_echo(x);
		return true;
	}
	return gateway_preflight(x) || gateway_is_denied(x) ||
	       gateway_is_large(x);
}

/* The parameters of the target that the token is in. */
static size_t gateway_token_names(struct exchange *x, struct str token,
				  struct str names[LIMIT_TOKEN_NAMES])
{
	ATTR_CLEANUP(buf_fini) struct buf name = BUF_INIT(LIMIT_ANSWER_HEAD);
	size_t mark = str_find(x->upstream.target, '?'), n = 0;
	struct str rest = str_from(x->upstream.target, mark + 1);

	while (rest.n > 0 && n < LIMIT_TOKEN_NAMES) {
		size_t end = str_find(rest, '&');
		struct str one = str_sub(rest, 0, end);
		size_t equals = str_find(one, '=');

		rest = str_from(rest, end + 1);
		if (equals > 0 &&
		    url_secret_is_in(str_from(one, equals + 1), token)) {
			buf_reset(&name);
			percent_decode(&name, str_sub(one, 0, equals));
			names[n++] = arena_str(&x->arena, buf_str(&name));
		}
	}
	return n;
}

/* Of each answer's fields: most are told by their length. */
static bool gateway_is_reference(struct str name)
{
	switch (name.n) {
	case 4:
		return str_eq_nocase(name, STR("Link"));
	case 7:
		return str_eq_nocase(name, STR("Refresh"));
	case 8:
		return str_eq_nocase(name, STR("Location"));
	case 16:
		return str_eq_nocase(name, STR("Content-Location"));
	default:
		return false;
	}
}

/* An upstream that leads on often repeats the query with which it was asked:
 * a token that was put there goes no further. */
static void gateway_hide_token(struct exchange *x, struct fields *fields)
{
	struct str names[LIMIT_TOKEN_NAMES], token;
	size_t n;

	if (!x->route.snapshot || !x->route.snapshot->token)
		return;
	token = secret_expose(x->route.snapshot->token->access_token);
	for (size_t i = 0; i < fields->n; i++) {
		ATTR_CLEANUP(buf_fini) struct buf b =
			BUF_INIT_SECRET(LIMIT_ANSWER_HEAD);
		struct field *f = &fields->v[i];

		if (!gateway_is_reference(f->name))
			continue;
		n = gateway_token_names(x, token, names);
		if (n == 0)
			return;
		url_secret_remove(&b, f->value,
				  token.n < LIMIT_TOKEN_LEAST ? STR("") :
								 token,
				  names, n);
		f->value = arena_str(&x->arena, buf_str(&b));
	}
}

void gateway_interim(struct exchange *x, struct fields *fields)
{
	fields_remove_hop_by_hop(fields);
	fields_remove(fields, STR("Content-Length"));
	fields_add(fields, STR("Via"),
		   server_via(x->worker->server,
			      transfer_version(x->upstream.transfer)));
	gateway_hide_token(x, fields);
	if (x->route.found.by_path)
		rewrite_response(x, fields);
}

void gateway_trailers(struct exchange *x, struct fields *trailers)
{
	gateway_hide_token(x, trailers);
	if (x->route.found.by_path)
		rewrite_places(x, trailers);
}

void gateway_response(struct exchange *x)
{
	struct fields *fields = &x->upstream.answer;
	struct str origin = gateway_allowed_origin(x);

	fields_add(fields, STR("Via"),
		   server_via(x->worker->server, x->upstream.version));
	/* What the token opened is not for a shared cache. */
	if (x->route.snapshot && !cache_control_says_who(fields))
		fields_add(fields, STR("Cache-Control"), STR("private"));
	gateway_hide_token(x, fields);
	if (x->route.found.by_path)
		rewrite_response(x, fields);
	if (origin.n > 0) {
		fields_remove(fields, STR("Access-Control-Allow-Origin"));
		fields_add_copy(fields, STR("Access-Control-Allow-Origin"),
				origin);
		fields_add(fields, STR("Vary"), STR("Origin"));
	}
}
