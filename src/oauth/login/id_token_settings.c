/* SPDX-License-Identifier: MIT */
/* The keys of ID tokens, and whether what they say can be done. */
#include <string.h>

#include "crypto/jws.h"
#include "config/live_secret.h"
#include "oauth/login/authorization.h"
#include "oauth/login/id_token.h"
#include "oauth/settings.h"

#define ROW(member) offsetof(struct id_token_settings, member)

/* clang-format off */
static const struct config_key keys[] = {
	{ "id_token", &config_word, ROW(id_token), 0, NULL, "verify ignore",
	  "What is done with the id_token of OpenID Connect that comes with a "
	  "token. verify (the default where scope holds openid and a person "
	  "logs in) checks all that its standard asks for, and the same sub "
	  "and iss on refreshes; a login that brings none, or a bad one, is "
	  "refused, and the old session stays. It needs issuer. ignore (else "
	  "the default) looks at nothing." },
	{ "id_token_signed_response_alg", &config_text,
	  ROW(signed_response_alg), 0, NULL, NULL,
	  "The algorithm that the client is registered for: RS256, RS384, "
	  "RS512, PS256, PS384, PS512, ES256, ES384, ES512 or EdDSA; HS256, "
	  "HS384 or HS512 with client_secret. Without it, those with public "
	  "keys that the server's metadata names, or RS256 where it names "
	  "none." },
	{ "id_token_audience", &config_list, ROW(audience), CONFIG_REPEAT,
	  NULL, NULL,
	  "Another audience that the id_token may be for beside this client. "
	  "One that is for any other is refused (OpenID Connect Core section "
	  "3.1.3.7): who else it is for could use it too." },
	{ "require_claim.*", &config_list, ROW(require_claim), 0, NULL, NULL,
	  "A claim that the id_token must have, with this value: that of a "
	  "string, a number or a boolean, or of an element of a list; in "
	  "quotation marks, that of a string alone. NAME is a claim, or a "
	  "dotted path into one. A login of another account is refused. It can "
	  "be given for several claims, and all must fit." },
};
/* clang-format on */

const struct config_table id_token_table = {
	.section = "service",
	.title = "Session: OpenID Connect",
	.keys = keys,
	.nkeys = sizeof(keys) / sizeof(keys[0]),
	.size = sizeof(struct id_token_settings),
};

/* The indices of id_token's words. */
enum { VERIFY, IGNORE };

static const struct id_token_settings *
settings_of(const struct config_section *s)
{
	return config_block(s, &id_token_table);
}

static const struct oauth_settings *oauth_of(const struct config_section *s)
{
	return config_block(s, &oauth_settings_table);
}

bool id_token_is_verified(const struct config_section *s,
			  const struct grant *g)
{
	if (g->fixed || !grant_has_tokens(g))
		return false;
	if (config_given(s, "id_token"))
		return settings_of(s)->id_token == VERIFY;
	return g->person && oauth_scope_holds(oauth_of(s), STR("openid"));
}

/* The secret is a key as it is, and has the length of one. */
static int check_secret(const struct jws_alg *alg,
			const struct config_live_secret *secret,
			struct fault *f)
{
	struct key *key;
	int rc;

	if (!config_live_given(secret))
		return fault_set(f, "id_token_signed_response_alg: %s needs "
				 "client_secret", jws_alg_name(alg));
	if (!secret->value)
		return 0; /* it is known once it is printed */
	key = key_symmetric(secret->value);
	rc = jws_alg_fits(alg, key, KEY_VERIFY, f);
	key_unref(&key);
	if (rc < 0)
		fault_prefix(f, "id_token_signed_response_alg");
	return rc;
}

static int check_signed_response_alg(const struct config_section *s,
				     struct fault *f)
{
	const struct id_token_settings *i = settings_of(s);
	struct str name = str_z(i->signed_response_alg);
	const struct jws_alg *alg;

	if (name.n == 0)
		return 0;
	if (str_eq_nocase(name, STR("none")))
		return fault_set(f, "id_token_signed_response_alg: an id_token "
				 "that is not signed could be anybody's; "
				 "id_token = ignore does without");
	alg = jws_alg_find(i->signed_response_alg, f);
	if (!alg)
		return fault_prefix(f, "id_token_signed_response_alg");
	if (!jws_alg_is_shared(i->signed_response_alg))
		return 0;
	return check_secret(alg, &oauth_of(s)->client_secret, f);
}

/* What is asked for would be asked of nothing. */
static int check_unused(const struct config_section *s, const char **key,
			struct fault *f)
{
	if (settings_of(s)->require_claim.n == 0)
		return 0;
	*key = "id_token";
	return fault_set(f, "require_claim needs an id_token, and this service "
			 "looks at none: give id_token = verify, and openid in "
			 "scope");
}

/* Whether one comes at all where only a browser brings what comes. */
static bool is_asked_for(const struct config_section *s,
			 const struct grant *g)
{
	return !g->response_type ||
	       (authorization_response_type(s, g) &
		(RESPONSE_CODE | RESPONSE_ID_TOKEN));
}

int id_token_check(const struct config_section *s, const struct grant *g,
		   const char **key, struct fault *f)
{
	*key = "id_token_signed_response_alg";
	if (check_signed_response_alg(s, f) < 0)
		return -1;
	if (!id_token_is_verified(s, g))
		return check_unused(s, key, f);
	*key = "response_type";
	if (!is_asked_for(s, g))
		return fault_set(f, "response_type = token brings no id_token "
				 "that could be verified: ask for id_token "
				 "token, or give id_token = ignore");
	*key = "issuer";
	if (!oauth_of(s)->issuer)
		return fault_set(f, "issuer is missing: an id_token is "
				 "verified, and must be that issuer's; "
				 "id_token = ignore does without");
	return 0;
}
