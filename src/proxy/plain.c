/* SPDX-License-Identifier: MIT */
/* Routes a request of no service as a plain forward proxy does: a service
 * without a session, whose upstream is the host that the request names, on
 * connections of its own. */

#include "proxy/plain.h"

#include "base/alloc.h"
#include "base/assert.h"
#include "http/address.h"
#include "proxy/exchange.h"
#include "proxy/server.h"
#include "proxy/worker.h"

struct plain {
	struct service service;
	struct transport *transport;
	const struct proxy_settings *settings;
};

/* As the keys' defaults are. */
static const struct route_settings plain_route = {
	.connect_timeout = 10 * 1000,
	.response_timeout = 60 * 1000,
	.idle_timeout = 60 * 1000,
	.tunnel_idle_timeout = 60 * 60 * 1000,
};

static const struct token_settings plain_tokens = {
	.replay = REPLAY_NEVER,
	.existing_credential = EXISTING_KEEP,
};

/* Asked for the address that is about to be connected to, so that no second
 * look-up gets around it. */
static bool plain_allows(const void *arg, const struct sockaddr *addr)
{
	const struct plain *p = arg;

	return address_is_public(addr) ||
	       config_cidrs_match(&p->settings->forward_to, addr);
}

struct plain *plain_new(const struct proxy_settings *s)
{
	struct plain *p = mem_new(struct plain);
	const struct transport_settings t = {
		.allows = plain_allows,
		.allows_arg = p,
	};
	const char *key;
	struct fault f;

	p->settings = s;
	p->transport = transport_new(&t, &key, &f);
	ASSERT(p->transport != NULL);
	p->service = (struct service){
		.name = "-",
		.route = &plain_route,
		.tokens = &plain_tokens,
		.grant = &grant_none,
		.transport = p->transport,
	};
	p->service.placement.placement = &placement_none;
	return p;
}

void plain_free(struct plain **p)
{
	if (!*p)
		return;
	transport_unref(&(*p)->transport);
	mem_free(*p);
	*p = NULL;
}

bool plain_takes(const struct exchange *x)
{
	return x->worker->services->proxy->unmatched == UNMATCHED_FORWARD &&
	       x->request.target.form == TARGET_ABSOLUTE &&
	       !x->request.target.https && !x->route.found.claimed;
}

const struct service *plain_service(const struct exchange *x)
{
	return &server_plain(x->worker->server)->service;
}

bool plain_has(const struct exchange *x)
{
	return x->route.service == plain_service(x);
}

int plain_origin(struct exchange *x, struct fault *f)
{
	ATTR_CLEANUP(buf_fini) struct buf url = BUF_INIT(1024);

	/* RFC 9112 §3.2.4 */
	x->route.found.asterisk = str_eq(x->request.method, STR("OPTIONS")) &&
				  x->request.target.path.n == 0 &&
				  x->request.target.query.n == 0;
	buf_addf(&url,
		 x->request.target.is_ipv6 ? "http://[%.*s]" : "http://%.*s",
		 STR_ARGS(x->request.target.host));
	if (x->request.target.port > 0)
		buf_addf(&url, ":%d", x->request.target.port);
	if (!buf_ok(&url))
		return fault_set(f, "the host's name is too long");
	if (origin_init(&x->route.named, buf_str(&url),
			x->route.service->transport, f) < 0)
		return -1;
	x->route.named.is_foreign = true;
	return 0;
}
