/* SPDX-License-Identifier: MIT */
/* Chooses which trailer fields of a chunked message the relay passes on. What
 * would change how the message is framed, routed, cached, or who may see it,
 * has no meaning there (RFC 9110 §6.5.1), and is dropped. */

#include "proxy/trailers.h"

#include <microhttpd.h>

#include "http/override.h"
#include "proxy/exchange.h"
#include "proxy/gateway.h"

static bool is_one_of(struct str name, const char *const *names)
{
	for (size_t i = 0; names[i]; i++)
		if (str_eq_nocase(name, str_z(names[i])))
			return true;
	return false;
}

static bool may_trail(struct str name)
{
	static const char *const never[] = {
		"Age", "Authorization", "Cache-Control", "Content-Encoding",
		"Content-Length", "Content-Range", "Content-Type", "Date",
		"Expires", "Host", "Location", "Proxy-Status", "Retry-After",
		"Set-Cookie", "Vary", "Via", "WWW-Authenticate", NULL,
	};

	return !is_one_of(name, never);
}

/* Of a request: nothing that says who asks, or what is asked for. */
static bool may_trail_request(const struct exchange *x, struct str name)
{
	static const char *const never[] = {
		"Cookie", "Cookie2", "Destination", "DPoP", "Expect",
		"Forwarded", "From", "Max-Forwards", "Origin", "Pragma",
		"Range", "Referer", NULL,
	};
	const char *slot = x->route.service->placement.name;

	return may_trail(name) && !is_one_of(name, never) &&
	       !override_is_one(name) &&
	       !str_starts_nocase(name, STR("If-")) &&
	       !str_starts_nocase(name, STR("X-Forwarded-")) &&
	       !(slot != NULL && str_eq_nocase(name, str_z(slot)));
}

/* RFC 9110 §10.1.4: who does not say that he takes trailers gets none. */
static bool client_takes(const struct exchange *x)
{
	for (size_t i = 0; i < x->request.fields.n; i++) {
		const struct field *f = &x->request.fields.v[i];
		struct str rest = f->value, coding;

		if (!str_eq_nocase(f->name, STR("TE")))
			continue;
		while (str_next_element(&rest, &coding))
			if (str_eq_nocase(coding, STR("trailers")))
				return !x->request.http10;
	}
	return false;
}

void trailers_answer(struct exchange *x, const struct fields *trailers)
{
	if (!client_takes(x))
		return;
	for (size_t i = 0; i < trailers->n; i++)
		if (may_trail(trailers->v[i].name))
			fields_add_copy(&x->upstream.trailers,
					trailers->v[i].name,
					trailers->v[i].value);
	fields_remove_hop_by_hop(&x->upstream.trailers);
	gateway_trailers(x, &x->upstream.trailers);
}

static enum MHD_Result on_trailer(void *cls, enum MHD_ValueKind kind,
				  const char *key, size_t key_size,
				  const char *value, size_t value_size)
{
	struct exchange *x = cls;
	struct str name = { key, key_size };
	struct str text = { value != NULL ? value : "", value_size };

	(void)kind;
	text = str_trim(text);
	/* libmicrohttpd takes more than the grammar allows. */
	if (str_is_token(name) && field_value_valid(text) &&
	    may_trail_request(x, name))
		fields_add(&x->request.trailers, name, text);
	return MHD_YES;
}

const struct fields *trailers_request(struct exchange *x)
{
	if (x->request.framing.body != FRAMING_CHUNKED)
		return NULL;
	fields_init(&x->request.trailers, &x->arena);
	MHD_get_connection_values_n(x->conn, MHD_FOOTER_KIND, on_trailer, x);
	fields_remove_hop_by_hop(&x->request.trailers);
	return &x->request.trailers;
}
