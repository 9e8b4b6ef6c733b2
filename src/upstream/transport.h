/* SPDX-License-Identifier: MIT */
/* How an upstream is reached: whom to believe, what to show, which proxy and
 * which HTTP. It is what connections are pooled by: two services share them
 * only where all of it is the same. Immutable, shared by all threads. */
#pragma once

#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>
#include <sys/socket.h>

#include "base/attr.h"
#include "base/fault.h"
#include "base/secret.h"
#include "base/str.h"
#include "upstream/tls.h"

struct limit; /* upstream/limit.h */

enum transport_carrier {
	TRANSPORT_CARRIER_AUTO, /* ours where it can be */
	TRANSPORT_CARRIER_CURL,
};

enum transport_http {
	TRANSPORT_HTTP_1_1,
	TRANSPORT_HTTP_2,    /* by ALPN over TLS, else from the first octet */
	TRANSPORT_HTTP_AUTO, /* by ALPN over TLS, else HTTP/1.1 */
};

/* Whether a connection to this address may be made. Called on any worker's
 * thread for each address that is tried: the upstream's, or the proxy's where
 * there is one. */
typedef bool transport_allows_fn(const void *arg, const struct sockaddr *addr);

/* What a transport is made from; all borrowed, all may be absent. */
struct transport_settings {
	struct trust *trust;       /* needed by https origins */
	enum tls_profile profile;
	const char *certificate;   /* PEM file, the chain that is shown */
	const char *private_key;   /* PEM file; NULL: in certificate's */
	const struct secret *proxy; /* http, socks5 or socks5h URL */
	enum transport_http http;
	enum transport_carrier carrier;
	uint64_t max_connections;  /* of all workers; 0: unlimited. They are
				      counted by the requests that are on
				      them, token calls left out */
	transport_allows_fn *allows; /* NULL: all addresses */
	const void *allows_arg;    /* outlives all transfers */
};

/* Read by upstream/ only. */
struct transport {
	atomic_uint refs;
	struct trust *trust;
	enum tls_profile profile;
	char *certificate, *private_key;
	char *proxy;               /* scheme://host:port, no userinfo; NULL */
	char *proxy_host;          /* no brackets */
	uint16_t proxy_port;
	bool proxy_wants_address;  /* of the upstream, not its name */
	struct secret *proxy_user, *proxy_password; /* decoded, or NULL */
	enum transport_http http;
	enum transport_carrier carrier;
	struct limit *limit;       /* NULL: none */
	transport_allows_fn *allows;
	const void *allows_arg;
};

/* One reference. NULL with a fault (which holds no secret) where a file or
 * the proxy's URL is not good; *key is then the configuration's name for what
 * is wrong ("upstream_certificate", …; static). */
ATTR_MUST_CHECK struct transport *
transport_new(const struct transport_settings *s, const char **key,
	      struct fault *f);
/* NULL gives NULL. */
struct transport *transport_ref(struct transport *t);
void transport_unref(struct transport **t);

/* Whether a request to an origin is read by a proxy on its way, not carried
 * through a tunnel. */
bool transport_is_proxied(const struct transport *t, bool https);

/* Whether connections of one may serve the other. Only the same transport is
 * equal to one that has a rule for addresses. */
bool transport_equal(const struct transport *a, const struct transport *b);
