/* SPDX-License-Identifier: MIT */
/* Chooses who carries a transfer, and hands each call on to that carrier. */
#include "upstream/transfer.h"

#include "base/assert.h"
#include "http/connection_auth.h"
#include "upstream/carrier.h"
#include "upstream/curl_transport.h"
#include "upstream/pool.h"

/* Whose connections a request needs: its client's, once the client has shown
 * what authenticates them. */
static struct own_connections *own_of(struct upstream *u,
				      const struct transfer_request *r)
{
	if (!r->own)
		return NULL;
	if (!*r->own && connection_auth_asked(r->fields))
		*r->own = own_connections_new(u);
	return *r->own;
}

/* HTTP/2 and requests that a proxy on the way reads are libcurl's. What may
 * change the protocol is ours: libcurl has no way to go on behind a 101, and
 * its connection goes through such a proxy by CONNECT (RFC 6455 §4.1). */
static const struct carrier *carrier_of(const struct transfer_request *r,
					const struct own_connections *own)
{
	const struct transport *t = r->origin->transport;
	bool https = r->origin->is_https;

	if (r->upgrade)
		return &carrier_http1;
	if (t->carrier == TRANSPORT_CARRIER_CURL ||
	    transport_is_proxied(t, https) ||
	    curl_transport_is_http2(t, https, r->fresh || own))
		return &carrier_curl;
	return &carrier_http1;
}

struct transfer *transfer_start(struct upstream *u,
				const struct transfer_request *r,
				const struct transfer_events *events,
				void *arg)
{
	struct own_connections *own = own_of(u, r);

	/* Nothing goes to an https origin that nobody vouches for. */
	ASSERT(r->origin->transport);
	ASSERT(r->origin->transport->trust || !r->origin->is_https);
	return carrier_of(r, own)->start(pool_get(u, r->origin, own), r,
					 events, arg);
}

void transfer_resume_read(struct transfer *t)
{
	t->carrier->resume_read(t);
}

void transfer_resume_write(struct transfer *t)
{
	t->carrier->resume_write(t);
}

void transfer_go_on(struct transfer *t)
{
	t->carrier->go_on(t);
}

int transfer_version(const struct transfer *t)
{
	return t->version;
}

void transfer_cancel(struct transfer **transfer)
{
	struct transfer *t = *transfer;

	*transfer = NULL;
	if (t)
		t->carrier->cancel(t);
}
