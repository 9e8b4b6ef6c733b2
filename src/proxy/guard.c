/* SPDX-License-Identifier: MIT */
/* Refuses heads that can be read in two ways and that libmicrohttpd lets
 * through, and requests that a foreign web page sends without its reader's
 * knowledge: the first look at a request. */

#include "proxy/guard.h"

#include <microhttpd.h>
#include <string.h>
#include <sys/socket.h>

#include "data/uri.h"
#include "page/pages.h"
#include "proxy/client.h"
#include "proxy/exchange.h"
#include "proxy/front.h"
#include "proxy/gateway.h"
#include "proxy/plain.h"
#include "proxy/server.h"
#include "proxy/worker.h"
#include "service/host.h"

/* Whether next is where a line begins after a piece that ends at end: CR LF
 * or a bare LF, both overwritten with NUL, lie between. */
static bool guard_adjoins(const char *end, const char *next)
{
	if (next == end + 1)
		return end[0] == '\0';
	return next == end + 2 && end[0] == '\0' && end[1] == '\0';
}

/* Whether nothing but the ends of the last field's line and of the head's lie
 * behind the last field. */
static bool guard_ends(const struct exchange *x)
{
	const struct str *last =
		&x->request.fields.v[x->request.fields.n - 1].value;
	const union MHD_ConnectionInfo *info = MHD_get_connection_info(
		x->conn, MHD_CONNECTION_INFO_REQUEST_HEADER_SIZE);
	size_t at = (size_t)(last->p + last->n - x->request.method.p);

	if (!info || info->header_size < at + 2 ||
	    info->header_size > at + 4)
		return false;
	for (; at < info->header_size; at++) {
		if (x->request.method.p[at] != '\0')
			return false;
	}
	return true;
}

static int guard_fields(const struct exchange *x, struct fault *f)
{
	const struct field *v = x->request.fields.v;
	size_t n = x->request.fields.n;

	for (size_t i = 0; i < n; i++) {
		const char *end = v[i].value.p + v[i].value.n;
		bool good = i + 1 < n ? guard_adjoins(end, v[i + 1].name.p) :
					guard_ends(x);

		if (!good)
			return fault_set(f, "a field is folded over lines, or "
					    "holds NUL");
		/* With a space behind it libmicrohttpd does not know the
		 * coding: it would never see the body's end. */
		if (str_eq_nocase(v[i].name, STR("Transfer-Encoding")) &&
		    str_trim(v[i].value).n != v[i].value.n)
			return fault_set(f, "Transfer-Encoding has a space "
					    "behind its value");
	}
	return 0;
}

int guard_head(const struct exchange *x, struct fault *f)
{
	/* Later versions are strict by themselves, and trim values. */
	if (strncmp(MHD_get_version(), "0.", 2) != 0)
		return 0;
	if (x->request.uri != x->request.method.p + x->request.method.n + 1)
		return fault_set(f, "the request line has more than one space "
				    "before its target");
	if (x->request.version != x->request.uri + x->request.raw.n + 1)
		return fault_set(f, "the request-target holds NUL");
	return guard_fields(x, f);
}

/* Whether a page of this origin is bearerd's own: an own name with the port
 * that the connection came to, or the external URL. */
static bool guard_own_origin(const struct exchange *x, struct str origin)
{
	const struct services *services = x->worker->services;
	const struct sockaddr *local =
		(const struct sockaddr *)&x->client->local;
	struct uri u, external;

	if (uri_parse(origin, &u, NULL) != 0 || u.path.n != 0)
		return false;
	if (uri_is_http(&u) && uri_port(&u) == port_of_sockaddr(local) &&
	    route_host_is_own(services, u.host, local))
		return true;
	if (!services->proxy->external_url ||
	    uri_parse(str_z(services->proxy->external_url), &external,
		      NULL) != 0)
		return false;
	return str_eq_nocase(u.scheme, external.scheme) &&
	       host_eq(u.host, external.host) &&
	       uri_port(&u) == uri_port(&external);
}

/* A person following a link to one of bearerd's own pages. */
static bool guard_is_navigation(const struct exchange *x)
{
	const struct field *mode =
		fields_find(&x->request.fields, STR("Sec-Fetch-Mode"));
	const struct field *dest =
		fields_find(&x->request.fields, STR("Sec-Fetch-Dest"));

	return str_eq(x->request.method, STR("GET")) && mode != NULL &&
	       str_eq(mode->value, STR("navigate")) && dest != NULL &&
	       str_eq(dest->value, STR("document"));
}

bool guard_is_large(struct exchange *x)
{
	size_t max = (size_t)x->worker->services->proxy->max_header_size;
	const union MHD_ConnectionInfo *info = MHD_get_connection_info(
		x->conn, MHD_CONNECTION_INFO_REQUEST_HEADER_SIZE);

	if (x->request.method.n + x->request.raw.n > max)
		exchange_problem(x, 414, "http_request_error",
				 STR("the request-target is too long"),
				 "raise max_header_size");
	else if (info && info->header_size > max)
		exchange_problem(x, 431, "http_request_error",
				 STR("the request's head is too large"),
				 "raise max_header_size");
	return x->answer.reply.status != 0;
}

bool guard_is_foreign(const struct exchange *x, enum route_result r)
{
	bool has_origin = false;

	if ((r == ROUTE_UNMATCHED && plain_takes(x)) ||
	    (r == ROUTE_OWN_PAGE && page_is_callback(x->request.target.path)))
		return false;
	for (size_t i = 0; i < x->request.fields.n; i++) {
		const struct field *f = &x->request.fields.v[i];

		if (!str_eq_nocase(f->name, STR("Origin")))
			continue;
		has_origin = true;
		if (!guard_own_origin(x, f->value) &&
		    (f->value.n == 0 ||
		     !str_eq(f->value, gateway_allowed_origin(x))))
			return true;
	}
	if (has_origin)
		return false;
	for (size_t i = 0; i < x->request.fields.n; i++) {
		const struct field *f = &x->request.fields.v[i];

		if (!str_eq_nocase(f->name, STR("Sec-Fetch-Site")))
			continue;
		if (str_eq(f->value, STR("same-origin")) ||
		    str_eq(f->value, STR("none")))
			continue;
		return !(r == ROUTE_OWN_PAGE && guard_is_navigation(x));
	}
	return false;
}
