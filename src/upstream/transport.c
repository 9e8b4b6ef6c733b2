/* SPDX-License-Identifier: MIT */
/* Checks how an upstream is to be reached, and takes it apart, when the
 * configuration is loaded, so that nothing of it can fail with a request. */
#include "upstream/transport.h"

#include <string.h>

#include "base/alloc.h"
#include "base/buf.h"
#include "base/limits.h"
#include "data/uri.h"
#include "upstream/limit.h"

enum {
	PROXY_URL_MAX = LIMIT_HOST + 32,
};

/* ---- the proxy's URL ---- */

/* clang-format off */
static const struct {
	const char *scheme;
	int port;           /* where the URL has none */
} proxies[] = {
	{ "http", 80 },
	{ "socks5", 1080 },
	{ "socks5h", 1080 },
};
/* clang-format on */

static int hex(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	c |= 0x20;
	return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

/* One half of the userinfo; NULL where it is too long, or could not be what a
 * field or RFC 1929 can hold. */
static struct secret *userinfo_decode(struct str s)
{
	struct buf b = BUF_INIT_SECRET(LIMIT_PROXY_CREDENTIAL);
	struct secret *out = NULL;
	bool ok = true;

	for (size_t i = 0; i < s.n && ok; i++) {
		int c = (unsigned char)s.p[i];

		if (c == '%') {
			ok = s.n - i > 2 && hex(s.p[i + 1]) >= 0 &&
			     hex(s.p[i + 2]) >= 0;
			if (!ok)
				break;
			c = hex(s.p[i + 1]) * 16 + hex(s.p[i + 2]);
			i += 2;
		}
		ok = c >= 0x20 && c != 0x7f;
		buf_add_char(&b, (char)c);
	}
	if (ok && buf_ok(&b))
		out = secret_take(&b);
	buf_fini(&b);
	return out;
}

static int proxy_credentials(struct transport *t, struct str userinfo,
			     struct fault *f)
{
	size_t colon = str_find(userinfo, ':');
	struct str user = str_sub(userinfo, 0, colon);

	t->proxy_user = userinfo_decode(user);
	t->proxy_password = userinfo_decode(str_from(userinfo, colon + 1));
	if (user.n == 0 || !t->proxy_user || !t->proxy_password)
		return fault_set(f, "the proxy's user and password must be "
				 "percent-encoded, of at most %d octets each",
				 LIMIT_PROXY_CREDENTIAL);
	/* RFC 7617 §2: the first colon ends the name. */
	if (str_find(secret_expose(t->proxy_user), ':') <
	    secret_expose(t->proxy_user).n)
		return fault_set(f, "the proxy's user cannot hold a colon");
	return 0;
}

static int proxy_port(const struct uri *uri, struct fault *f)
{
	for (size_t i = 0; i < sizeof(proxies) / sizeof(proxies[0]); i++)
		if (str_eq_nocase(uri->scheme, str_z(proxies[i].scheme)))
			return uri->port > 0 ? uri->port : proxies[i].port;
	/* TLS within TLS stands still: libcurl does not see what is left in
	 * the outer session. */
	return fault_set(f, "a proxy's scheme is http, socks5 or socks5h%s",
			 uri_is_https(uri) ? "; https upstreams are encrypted "
					     "through these too" : "");
}

static int proxy_parse(struct transport *t, const struct secret *url,
		       struct fault *f)
{
	struct buf b = BUF_INIT(PROXY_URL_MAX);
	struct uri uri;
	struct fault hidden; /* might hold what stood in the URL */
	int port;

	if (uri_parse(secret_expose(url), &uri, &hidden) < 0)
		return fault_set(f, "the proxy's URL is not valid: "
				 "http://USER:PASSWORD@HOST:PORT is");
	port = proxy_port(&uri, f);
	if (port < 0)
		return -1;
	if (uri.has_query || uri.has_fragment ||
	    (uri.path.n > 0 && !str_eq(uri.path, STR("/"))))
		return fault_set(f, "the proxy's URL must end with its host "
				 "and port");
	if (uri.has_userinfo && proxy_credentials(t, uri.userinfo, f) < 0)
		return -1;
	for (size_t i = 0; i < uri.scheme.n; i++)
		buf_add_char(&b, (char)(uri.scheme.p[i] | 0x20));
	/* The digit of "socks5" has that bit set too. */
	buf_addf(&b, uri.is_ipv6 ? "://[%.*s]:%d" : "://%.*s:%d",
		 STR_ARGS(uri.host), port);
	if (!buf_ok(&b)) {
		buf_fini(&b);
		return fault_set(f, "the proxy's host is too long");
	}
	t->proxy = buf_take(&b);
	t->proxy_host = str_dup(uri.host);
	t->proxy_port = (uint16_t)port;
	t->proxy_wants_address = str_eq_nocase(uri.scheme, STR("socks5"));
	return 0;
}

/* ---- the transport ---- */

static int certificate_take(struct transport *t,
			    const struct transport_settings *s,
			    struct fault *f)
{
	if (!s->certificate && !s->private_key)
		return 0;
	if (!s->certificate)
		return fault_set(f, "a private key needs its certificate");
	t->certificate = mem_strdup(s->certificate);
	t->private_key = mem_strdup(s->private_key ? s->private_key
						   : s->certificate);
	return tls_certificate_check(t->certificate, t->private_key, f);
}

struct transport *transport_new(const struct transport_settings *s,
				const char **key, struct fault *f)
{
	struct transport *t = mem_new(struct transport);

	atomic_init(&t->refs, 1);
	t->trust = trust_ref(s->trust);
	t->profile = s->profile;
	t->http = s->http;
	t->carrier = s->carrier;
	if (s->max_connections > 0)
		t->limit = limit_new(s->max_connections);
	t->allows = s->allows;
	t->allows_arg = s->allows_arg;
	*key = "upstream_certificate";
	if (certificate_take(t, s, f) == 0) {
		*key = "upstream_proxy";
		if (!s->proxy || proxy_parse(t, s->proxy, f) == 0)
			return t;
	}
	transport_unref(&t);
	return NULL;
}

struct transport *transport_ref(struct transport *t)
{
	if (t)
		atomic_fetch_add(&t->refs, 1);
	return t;
}

void transport_unref(struct transport **transport)
{
	struct transport *t = *transport;

	*transport = NULL;
	if (!t || atomic_fetch_sub(&t->refs, 1) != 1)
		return;
	trust_unref(&t->trust);
	limit_unref(&t->limit);
	mem_free(t->certificate);
	mem_free(t->private_key);
	mem_free(t->proxy);
	mem_free(t->proxy_host);
	secret_unref(&t->proxy_user);
	secret_unref(&t->proxy_password);
	mem_free(t);
}

bool transport_is_proxied(const struct transport *t, bool https)
{
	return t->proxy && !https && strncmp(t->proxy, "http:", 5) == 0;
}

static bool text_equal(const char *a, const char *b)
{
	return a && b ? strcmp(a, b) == 0 : a == b;
}

bool transport_equal(const struct transport *a, const struct transport *b)
{
	if (a == b)
		return true;
	return !a->allows && !b->allows && a->trust == b->trust &&
	       a->profile == b->profile && a->http == b->http &&
	       a->carrier == b->carrier &&
	       text_equal(a->certificate, b->certificate) &&
	       text_equal(a->private_key, b->private_key) &&
	       text_equal(a->proxy, b->proxy) &&
	       secret_eq(a->proxy_user, b->proxy_user) &&
	       secret_eq(a->proxy_password, b->proxy_password);
}
