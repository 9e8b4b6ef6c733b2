/* SPDX-License-Identifier: MIT */
/* Names an authorization server's endpoints, and checks whether what is secret
 * may go to an address. */
#include "oauth/server.h"

#include "data/uri.h"

#define MEMBER(member) offsetof(struct oauth_settings, member)

static const struct {
	const char *key;
	size_t offset;
} endpoints[ENDPOINT_KINDS] = {
	[ENDPOINT_AUTHORIZATION] = { "authorization_endpoint",
				     MEMBER(authorization_endpoint) },
	[ENDPOINT_TOKEN] = { "token_endpoint", MEMBER(token_endpoint) },
	[ENDPOINT_REFRESH] = { "refresh_endpoint", MEMBER(refresh_endpoint) },
	[ENDPOINT_DEVICE_AUTHORIZATION] = {
		"device_authorization_endpoint",
		MEMBER(device_authorization_endpoint) },
	[ENDPOINT_REVOCATION] = { "revocation_endpoint",
				  MEMBER(revocation_endpoint) },
	[ENDPOINT_INTROSPECTION] = { "introspection_endpoint",
				     MEMBER(introspection_endpoint) },
	[ENDPOINT_PUSHED_AUTHORIZATION] = {
		"pushed_authorization_request_endpoint",
		MEMBER(pushed_authorization_request_endpoint) },
	[ENDPOINT_JWKS] = { "jwks_uri", MEMBER(jwks_uri) },
};

const char *endpoint_key(enum endpoint_kind kind)
{
	return endpoints[kind].key;
}

const char *endpoint_given(const struct oauth_settings *o,
			   enum endpoint_kind kind)
{
	const char *block = (const char *)o;
	const void *member = block + endpoints[kind].offset;

	return *(char *const *)member;
}

bool endpoint_is_findable(const struct oauth_settings *o,
			  enum endpoint_kind kind)
{
	return o->issuer || endpoint_given(o, kind);
}

int endpoint_check(const char *name, const char *url, struct fault *f)
{
	struct uri u;

	if (uri_parse(str_z(url), &u, f) < 0)
		return fault_prefix(f, "%s", name);
	if (!uri_is_https(&u) &&
	    !(uri_is_http(&u) && uri_host_is_loopback(u.host)))
		return fault_set(f, "%s must be an https URL (only a loopback "
				 "address may be http)", name);
	if (u.has_userinfo)
		return fault_set(f, "%s must not hold a user or password: "
				 "client_id and client_secret are keys of "
				 "their own", name);
	return 0;
}

int issuer_check(const char *issuer, struct fault *f)
{
	struct uri u;

	if (endpoint_check("issuer", issuer, f) < 0)
		return -1;
	if (uri_parse(str_z(issuer), &u, f) < 0)
		return fault_prefix(f, "issuer");
	if (!uri_is_https(&u) && !uri_is_http(&u))
		return fault_set(f, "issuer must be an https URL");
	if (u.has_query || u.has_fragment)
		return fault_set(f, "issuer must have no query (\"?\") and no "
				 "fragment (\"#\")");
	return 0;
}
