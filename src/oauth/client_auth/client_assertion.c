/* SPDX-License-Identifier: MIT */
/* Makes the assertion that a client authenticates with: a new one for each
 * request, so that none can be used twice. */
#include "oauth/client_auth/client_assertion.h"

#include "base/alloc.h"
#include "base/limits.h"
#include "oauth/client_auth/assertion.h"
#include "oauth/settings.h"

void *client_assertion_signer(struct key *key, const char *alg,
			      const char *kid, struct fault *f)
{
	struct assertion_signer *s = mem_new(struct assertion_signer);

	if (assertion_signer_init(s, key, alg, kid, f) == 0)
		return s;
	client_assertion_release(s);
	return NULL;
}

void client_assertion_release(void *state)
{
	if (state)
		assertion_signer_fini(state);
	mem_free(state);
}

int client_assertion_check(const struct config_section *s, const char **key,
			   struct fault *f)
{
	static const char alg[] = "client_assertion.header.alg";

	if (!config_given(s, alg))
		return 0;
	*key = alg;
	return fault_set(f, "%s: there is a key for it, "
			 "token_endpoint_auth_signing_alg", alg);
}

int client_assertion_add(const struct token_asking *a,
			 struct secret *assertion, struct token_request *r,
			 struct fault *f)
{
	const struct oauth_settings *o =
		config_block(a->section, &oauth_settings_table);

	token_request_client_id(r, o->client_id);
	token_request_param(r, "client_assertion_type",
			    STR("urn:ietf:params:oauth:client-assertion-type:"
				"jwt-bearer"));
	token_request_secret(r, "client_assertion", assertion);
	return token_request_check(r, f);
}

int client_assertion_apply(const struct token_asking *a,
			   struct token_request *r, struct fault *f)
{
	const struct oauth_settings *o =
		config_block(a->section, &oauth_settings_table);
	const struct client_auth_settings *set =
		config_block(a->section, &client_auth_settings_table);
	struct assertion says = {
		.issuer = o->client_id,
		.subject = o->client_id,
		.audience = set->assertion_audience,
		.now = a->now,
		.lifetime = LIMIT_CLIENT_ASSERTION_LIFE,
		.header = &set->header,
		.claims = &set->claims,
	};
	struct secret *made;
	int rc = -1;

	/* Whichever endpoint it goes to (RFC 7523 §3; RFC 7009 §2.1). */
	if (!says.audience)
		says.audience = a->issuer ? a->issuer : a->token_endpoint;
	if (!says.audience)
		says.audience = a->endpoint;
	made = assertion_make(a->auth_state, &says, f);
	if (made)
		rc = client_assertion_add(a, made, r, f);
	secret_unref(&made);
	return rc;
}
