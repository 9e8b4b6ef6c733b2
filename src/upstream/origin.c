/* SPDX-License-Identifier: MIT */
/* Takes an origin out of an upstream's URL, when the configuration is loaded:
 * where requests go. */
#include <inttypes.h>

#include "base/alloc.h"
#include "base/buf.h"
#include "base/limits.h"
#include "data/uri.h"
#include "http/target.h"
#include "upstream/known.h"
#include "upstream/transfer.h"

enum { ORIGIN_URL_MAX = LIMIT_HOST + 32 };

static int origin_check(const struct uri *uri, struct fault *f)
{
	if (!uri_is_http(uri) && !uri_is_https(uri))
		return fault_set(f,
				 "\"%.*s\" is not a scheme of an upstream: "
				 "it must be http or https",
				 STR_ARGS(uri->scheme));
	if (uri->has_userinfo)
		return fault_set(f, "an upstream's URL must not hold a "
				 "user's name");
	return 0;
}

/* "host" or "[host]", ":port" where it says something. */
static char *authority(const struct origin *o, bool with_port)
{
	struct buf b = BUF_INIT(ORIGIN_URL_MAX);

	buf_addf(&b, o->is_ipv6 ? "[%s]" : "%s", o->host);
	if (with_port)
		buf_addf(&b, ":%" PRIu16, o->port);
	return buf_take(&b);
}

static char *url(const struct origin *o)
{
	struct buf b = BUF_INIT(ORIGIN_URL_MAX);

	buf_addf(&b, o->is_ipv6 ? "%s://[%s]:%" PRIu16 : "%s://%s:%" PRIu16,
		 o->scheme, o->host, o->port);
	return buf_take(&b);
}

int origin_init(struct origin *o, struct str text, struct transport *transport,
		struct fault *f)
{
	struct buf host = BUF_INIT(LIMIT_HOST);
	struct uri uri;
	bool https;

	*o = (struct origin){ 0 };
	if (uri_parse(text, &uri, f) < 0 || origin_check(&uri, f) < 0)
		return -1;
	host_normalize(&host, uri.host);
	if (!buf_ok(&host) || buf_str(&host).n == 0) {
		buf_fini(&host);
		return fault_set(f, "the host's name is empty or too long");
	}
	https = uri_is_https(&uri);
	o->scheme = mem_strdup(https ? "https" : "http");
	o->host = buf_take(&host);
	o->port = (uint16_t)uri_port(&uri);
	o->is_ipv6 = uri.is_ipv6;
	o->is_https = https;
	o->transport = transport;
	o->authority = authority(o, o->port != (https ? 443 : 80));
	o->url = url(o);
	o->hash = known_hash(o->url);
	return 0;
}

void origin_fini(struct origin *o)
{
	mem_free(o->scheme);
	mem_free(o->host);
	mem_free(o->authority);
	mem_free(o->url);
	*o = (struct origin){ 0 };
}

void origin_write_uri(const struct origin *o, struct str target,
		      struct buf *out)
{
	buf_addf(out, "%s://%s", o->scheme, o->authority);
	if (!str_eq(target, STR("*")))
		buf_add_str(out, target);
}
