/* SPDX-License-Identifier: MIT */
/* The table of a session's keys, with what the manual says of them. Which of
 * them a grant or a method needs is said in its own file. */
#include "oauth/settings.h"

#include "base/limits.h"

#define ROW(member) offsetof(struct oauth_settings, member)

LIMIT_SAID(FORM, LIMIT_MIB);

/* clang-format off */
static const struct config_key keys[] = {
	{ "grant_type", &config_text, ROW(grant_type), 0, NULL, NULL,
	  "How tokens are got: authorization_code (a person logs in), "
	  "device_code (a person logs in with another device), implicit (a "
	  "person logs in, as servers did that know no better), "
	  "client_credentials, password (of username), jwt-bearer (an "
	  "assertion), token-exchange (of another token), refresh_token (got "
	  "elsewhere), signed-jwt (an assertion is the token itself, and no "
	  "server is asked), static (the access_token of this file) or none; "
	  "the long names of those that have one (urn:ietf:params:oauth:...) "
	  "too. "
	  "Where it is absent it is inferred, by the first of these that is "
	  "there: access_token means static; service_account_file or "
	  "assertion_issuer mean jwt-bearer; refresh_token means "
	  "refresh_token; username and password mean password; "
	  "authorization_endpoint means authorization_code; client_id means "
	  "client_credentials; else none. Whatever the grant, a refresh token "
	  "that the server gives is used." },
	{ "issuer", &config_url, ROW(issuer), 0, NULL, NULL,
	  "The authorization server's identifier, a URL, as it writes it "
	  "itself. With it the endpoints need not be given: they are read "
	  "from the server's metadata (RFC 8414, OpenID Connect Discovery) "
	  "when they are first needed; those given here win. The metadata is "
	  "looked for at /.well-known/oauth-authorization-server, between "
	  "host and path, and at /.well-known/openid-configuration, behind "
	  "the path; with openid in scope the other way round. Its issuer "
	  "must be the same to the last character. It is kept, in the store "
	  "too, and renewed in the background after an hour; one older than a "
	  "day is asked for before it is used, and used all the same while "
	  "the server does not answer. issuer must be https, but for loopback "
	  "addresses, and so must all that an https one names; redirects are "
	  "not followed." },
	{ "metadata_url", &config_url, ROW(metadata_url), 0, NULL, NULL,
	  "Where the server's metadata lies, for a server that has it "
	  "elsewhere than its issuer says; no other address is asked. The "
	  "issuer in it must be the same all the same. It must be https, but "
	  "for loopback addresses; redirects are not followed." },
	{ "token_endpoint", &config_url, ROW(token_endpoint), 0, NULL, NULL,
	  "The URL where tokens are asked for (RFC 6749 section 3.2). It "
	  "must be https, but for loopback addresses; redirects are not "
	  "followed." },
	{ "refresh_endpoint", &config_url, ROW(refresh_endpoint), 0, NULL,
	  NULL,
	  "The URL where tokens are refreshed, for servers that have another "
	  "one for it. The default is token_endpoint." },
	{ "authorization_endpoint", &config_url, ROW(authorization_endpoint),
	  0, NULL, NULL,
	  "The URL where people log in and consent (RFC 6749 section 3.1); a "
	  "query that it has is kept." },
	{ "device_authorization_endpoint", &config_url,
	  ROW(device_authorization_endpoint), 0, NULL, NULL,
	  "The URL where a code for another device's browser is asked for "
	  "(RFC 8628)." },
	{ "revocation_endpoint", &config_url, ROW(revocation_endpoint), 0,
	  NULL, NULL,
	  "The URL where bearerd logout revokes tokens (RFC 7009). Without "
	  "it they are only forgotten here." },
	{ "introspection_endpoint", &config_url, ROW(introspection_endpoint),
	  0, NULL, NULL,
	  "The URL where bearerd status -v asks the server what it knows of "
	  "a token (RFC 7662)." },
	{ "pushed_authorization_request_endpoint", &config_url,
	  ROW(pushed_authorization_request_endpoint), 0, NULL, NULL,
	  "The URL where the parameters of a login are sent first, with the "
	  "client's authentication (RFC 9126): the browser then carries a "
	  "reference to them instead. Where it is not given here, the one "
	  "that the server's metadata names is used if the metadata demands "
	  "it, and else none." },
	{ "jwks_uri", &config_url, ROW(jwks_uri), 0, NULL, NULL,
	  "The URL of the keys that the server signs an id_token with (RFC "
	  "7517). Without it, the server's metadata names it. It must be "
	  "https, but for loopback addresses; redirects are not followed. The "
	  "keys are fetched when they are needed, and again after an hour, or "
	  "where a token names another key, that once a minute at most; where "
	  "they cannot be had, those from before are used." },
	{ "token_endpoint_stub", &config_bool, ROW(token_endpoint_stub), 0,
	  "no", NULL,
	  "For programs that insist on asking for a token themselves: with "
	  "yes, requests for the token endpoint's host and path are answered "
	  "here, with a placeholder that is no token. Wherever a program "
	  "shows that to this service, the real one is put in its place, "
	  "whatever existing_credential says." },
	{ "client_id", &config_text, ROW(client_id), 0, NULL, NULL,
	  "The name under which the authorization server knows this client." },
	{ "client_secret", &config_live_secret, ROW(client_secret),
	  CONFIG_SECRET, NULL, NULL,
	  "The client's password at the authorization server. Its file is "
	  "read again for each request, so that it can be exchanged while "
	  "this runs." },
	{ "token_endpoint_auth_method", &config_text,
	  ROW(token_endpoint_auth_method), 0, NULL, NULL,
	  "How the client shows at the token endpoint who it is: "
	  "client_secret_basic (the default where there is a client_secret); "
	  "client_secret_post; client_secret_jwt, which signs with the "
	  "secret; private_key_jwt, which signs with client_private_key, or "
	  "sends client_assertion; tls_client_auth or "
	  "self_signed_tls_client_auth, which show client_certificate (RFC "
	  "8705); none (the default where there is no client_secret), which "
	  "sends the client_id alone; or hook, which leaves it to the "
	  "function client_auth of the hook file." },
	{ "client_secret_basic_encoding", &config_word,
	  ROW(client_secret_basic_encoding), 0, "form", "form raw",
	  "How client_secret_basic writes client_id and client_secret: form "
	  "encodes them first, as RFC 6749 section 2.3.1 says; raw is for "
	  "the many servers that never decode them." },
	{ "scope", &config_text, ROW(scope), 0, NULL, NULL,
	  "The scope to ask for, its values separated by spaces." },
	{ "scope_separator", &config_text, ROW(scope_separator), 0, NULL,
	  NULL,
	  "What stands between the values of scope where it is sent, for "
	  "servers that want a comma there. The default is a space." },
	{ "audience", &config_text, ROW(audience), 0, NULL, NULL,
	  "The audience to ask for, where the server knows this parameter." },
	{ "resource", &config_list, ROW(resource), CONFIG_REPEAT, NULL, NULL,
	  "A resource that the token is for (RFC 8707)." },
	{ "username", &config_text, ROW(username), 0, NULL, NULL,
	  "The user that grant_type = password asks for, and what {username} "
	  "stands for in templates." },
	{ "dpop", &config_bool, ROW(dpop), 0, "no", NULL,
	  "Whether tokens are bound to a key that only this proxy has (DPoP, "
	  "RFC 9449), so that nobody else can use them. The session makes the "
	  "key (P-256) and keeps it in the store; each login makes a new one. "
	  "Every token request and every forwarded request carries a proof of "
	  "it, made for that one request; a DPoP field of the client's own "
	  "is taken out. The nonces that servers ask for are put in: a "
	  "request that was refused for want of one (use_dpop_nonce) is sent "
	  "once more, where replay and replay_body let it be, and DPoP-Nonce "
	  "fields are not passed on. A server that does not know DPoP gives a "
	  "Bearer token: that is used as one, and a warning is logged. A "
	  "refresh_token that was got elsewhere must not be bound to another "
	  "key. The token must be placed in a header field." },
	{ "token_placement", &config_text, ROW(token_placement), CONFIG_ROUTE,
	  "header", NULL,
	  "Where the token goes in a forwarded request: header, query, body, "
	  "cookie, or none, which leaves the request as the client sent it. "
	  "body is a parameter of an application/x-www-form-urlencoded form, "
	  "which is read whole before it is sent on: one of more than 1 MiB "
	  "is answered 413, a body of another media type 415. A POST, PUT or "
	  "PATCH without a body gets a form; with other methods that have no "
	  "body the parameter goes to the query." },
	{ "token_name", &config_text, ROW(token_name), CONFIG_ROUTE, NULL, NULL,
	  "The name of the header field, parameter or cookie that holds the "
	  "token. Authorization is the default of header, access_token that "
	  "of the others." },
	{ "token_format", &config_text, ROW(token_format), CONFIG_ROUTE, NULL,
	  NULL,
	  "What is put there, a template of {access_token}, {token_type}, "
	  "{id_token}, {token.FIELD} (any member of the token response, "
	  "dotted), {client_id}, {client_secret}, {username}, {now} (seconds "
	  "since 1970), {uuid} (a new random one for each request) and "
	  "{base64:...}, which may hold others; {{ and }} are braces. The "
	  "default is \"Bearer {access_token}\" in Authorization (\"DPoP "
	  "{access_token}\" where the token is bound to a key: see dpop) and "
	  "\"{access_token}\" elsewhere." },
};
/* clang-format on */

const struct config_table oauth_settings_table = {
	.section = "service",
	.title = "Session",
	.keys = keys,
	.nkeys = sizeof(keys) / sizeof(keys[0]),
	.size = sizeof(struct oauth_settings),
};

void oauth_scope_write(const struct oauth_settings *o, struct buf *out)
{
	struct str rest = str_z(o->scope), word;

	if (!o->scope_separator) {
		buf_add_str(out, rest);
		return;
	}
	while (str_next_word(&rest, &word)) {
		if (out->n > 0)
			buf_add_z(out, o->scope_separator);
		buf_add_str(out, word);
	}
}

bool oauth_scope_holds(const struct oauth_settings *o, struct str value)
{
	struct str rest = str_z(o->scope), word;

	while (str_next_word(&rest, &word))
		if (str_eq(word, value))
			return true;
	return false;
}
