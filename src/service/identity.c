/* SPDX-License-Identifier: MIT */
/* Computes the names under which a session's token and its server's metadata
 * are stored. A token's is made of what it belongs to: grant, server, client,
 * user, and what is asked for unless a person or a given refresh token decides
 * that. Once any of that is changed in the configuration, it is another
 * session, and what was stored for the old one is not found any more. */
#include "service/identity.h"

#include <inttypes.h>

#include "base/buf.h"
#include "base/limits.h"
#include "crypto/digest.h"
#include "data/uri.h"
#include "service/endpoints.h"
#include "service/service.h"

/* "name length:value", so that no value can look like another's end. */
static void add(struct buf *b, const char *name, struct str value)
{
	buf_addf(b, "%s %zu:", name, value.n);
	buf_add_str(b, value);
	buf_add_char(b, '\n');
}

/* What is added later goes in with an empty value, which leaves the text as
 * it is; the first line changes when the form does. */
static void add_if(struct buf *b, const char *name, const char *value)
{
	if (value)
		add(b, name, str_z(value));
}

static void add_request(struct buf *b, const struct oauth_settings *o)
{
	add_if(b, "scope", o->scope);
	add_if(b, "audience", o->audience);
	for (size_t i = 0; i < o->resource.n; i++)
		add(b, "resource", str_z(o->resource.v[i]));
}

static void add_digest(struct buf *out, const struct buf *b)
{
	unsigned char digest[DIGEST_SHA256_SIZE];

	digest_sha256(buf_str(b), digest);
	for (size_t i = 0; i < sizeof(digest); i++)
		buf_addf(out, "%02x", digest[i]);
}

/* Where a refresh token came from elsewhere it must not be lost because
 * another scope is wanted: what is asked for with it is told apart by
 * service_request_digest alone. */
char *service_identity(const struct service *s)
{
	ATTR_CLEANUP(buf_fini) struct buf b = BUF_INIT(LIMIT_CONFIG_FILE);
	const struct grant *g = s->grant;
	struct buf out = BUF_INIT(256);

	buf_add_z(&b, "bearerd session 2\n");
	add(&b, "grant", str_z(g->name));
	add_if(&b, "issuer", s->oauth->issuer);
	add_if(&b, "token_endpoint", service_token_endpoint(s));
	add_if(&b, "client_id", s->oauth->client_id);
	if (g->user)
		add_if(&b, "user", g->user(s->section, s->grant_state));
	/* People consent to what they are asked for then. */
	if (!g->seed && !g->person)
		add_request(&b, s->oauth);
	buf_addf(&out, "%s:", s->name);
	add_digest(&out, &b);
	return buf_take(&out);
}

char *service_request_digest(const struct service *s)
{
	ATTR_CLEANUP(buf_fini) struct buf b = BUF_INIT(LIMIT_CONFIG_FILE);
	struct buf out = BUF_INIT(256);

	add_request(&b, s->oauth);
	add_if(&b, "dpop", s->dpop ? "yes" : NULL);
	add_digest(&out, &b);
	return buf_take(&out);
}

/* No service is to believe what came by a way that it would not have gone
 * itself: other CAs, another proxy (whose user is a secret, and stays out). */
char *service_metadata_id(const struct service *s)
{
	ATTR_CLEANUP(buf_fini) struct buf b = BUF_INIT(LIMIT_CONFIG_FILE);
	struct str proxy = secret_expose(s->route->upstream_proxy);
	bool openid = oauth_scope_holds(s->oauth, STR("openid"));
	struct buf out = BUF_INIT(256);
	struct uri u;

	if (!s->oauth->issuer)
		return NULL;
	buf_add_z(&b, "bearerd metadata 1\n");
	add(&b, "issuer", str_z(s->oauth->issuer));
	add(&b, "openid", openid ? STR("yes") : STR("no"));
	add_if(&b, "metadata_url", s->oauth->metadata_url);
	add_if(&b, "upstream_ca", s->route->upstream_ca);
	if (s->route->tls_profile != TLS_PROFILE_MEDIUM)
		buf_addf(&b, "tls_profile %d\n", s->route->tls_profile);
	if (proxy.n > 0 && uri_parse(proxy, &u, NULL) == 0) {
		add(&b, "proxy", u.host);
		buf_addf(&b, "%d\n", uri_port(&u));
	}
	buf_add_z(&out, "issuer:");
	add_digest(&out, &b);
	return buf_take(&out);
}
