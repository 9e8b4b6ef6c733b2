/* SPDX-License-Identifier: MIT */
/* Keys of what a client authenticates with, beside its secret. Which method
 * needs what is said in its own file. */
#include "oauth/client_auth/settings.h"

#define ROW(member) offsetof(struct client_auth_settings, member)

/* clang-format off */
static const struct config_key keys[] = {
	{ "token_endpoint_auth_signing_alg", &config_text, ROW(signing_alg),
	  0, NULL, NULL,
	  "What the client's assertions are signed with: HS256 (the default "
	  "of client_secret_jwt), HS384 or HS512; with private_key_jwt RS256, "
	  "RS384, RS512, PS256, PS384, PS512, ES256, ES384, ES512 or EdDSA. "
	  "There the default is RS256 for an RSA key, and for others the one "
	  "that they fit." },
	{ "client_private_key", &config_path, ROW(private_key),
	  CONFIG_OWN | CONFIG_PRIVATE, NULL, NULL,
	  "A file with the client's private key, as PEM or (with "
	  "private_key_jwt) as a JWK. With tls_client_auth and "
	  "self_signed_tls_client_auth it is the key of client_certificate, "
	  "and not needed where that file holds it too." },
	{ "client_key_id", &config_text, ROW(key_id), CONFIG_OWN, NULL, NULL,
	  "The name (kid) under which the server knows client_private_key. "
	  "The default is that of the JWK, where it has one." },
	{ "client_certificate", &config_path, ROW(certificate),
	  CONFIG_OWN | CONFIG_PRIVATE, NULL, NULL,
	  "A PEM file of the certificate, and its chain, that is shown at the "
	  "token endpoint with tls_client_auth and "
	  "self_signed_tls_client_auth." },
	{ "client_assertion", &config_live_token, ROW(assertion),
	  CONFIG_SECRET, NULL, NULL,
	  "With private_key_jwt, an assertion that somebody else makes, in "
	  "place of client_private_key: the token of a workload's identity, "
	  "say. Its file is read again for each request." },
	{ "client_assertion_audience", &config_text, ROW(assertion_audience),
	  0, NULL, NULL,
	  "Whom assertions are made for. The default is the issuer where that "
	  "is known, else the token endpoint's URL." },
	{ "client_assertion.header.*", &config_list, ROW(header), 0, NULL,
	  NULL,
	  "A member of the header of the client's assertions, in place of one "
	  "of that name, such as x5t#S256, by which Microsoft Entra ID finds "
	  "the certificate. The value is as that of assertion.header.*." },
	{ "client_assertion.claim.*", &config_list, ROW(claims), 0, NULL,
	  NULL,
	  "The same for a claim of the client's assertions." },
};
/* clang-format on */

const struct config_table client_auth_settings_table = {
	.section = "service",
	.title = "Session: client authentication",
	.keys = keys,
	.nkeys = sizeof(keys) / sizeof(keys[0]),
	.size = sizeof(struct client_auth_settings),
};
