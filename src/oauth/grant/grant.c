/* SPDX-License-Identifier: MIT */
/* Chooses the grant that a session uses: the row that its grant_type names, or
 * the first whose settings are there. */
#include "oauth/grant/grant.h"

#include "base/buf.h"
#include "config/live_secret.h"
#include "base/limits.h"

/* clang-format off */
#define ROW_ADDRESS(name) &grant_##name,
const struct grant *const grants[] = {
	GRANTS(ROW_ADDRESS) NULL
};
#undef ROW_ADDRESS
/* clang-format on */

bool grant_has_tokens(const struct grant *g)
{
	return g->request || g->fixed || g->person || g->make;
}

bool grant_makes(const struct grant *g, const struct config_section *s)
{
	return g->make && (!g->makes || g->makes(s));
}

bool grant_asks(const struct grant *g, const struct config_section *s)
{
	return g->request || g->person || grant_makes(g, s);
}

const struct grant *grant_find(const char *name, struct fault *f)
{
	struct buf names = BUF_INIT(FAULT_TEXT_MAX);

	for (size_t i = 0; grants[i]; i++) {
		const char *urn = grants[i]->urn;

		if (str_eq(str_z(grants[i]->name), str_z(name)) ||
		    (urn && str_eq(str_z(urn), str_z(name)))) {
			buf_fini(&names);
			return grants[i];
		}
		buf_addf(&names, "%s%s", i > 0 ? ", " : "", grants[i]->name);
	}
	fault_set(f, "grant_type must be one of %s, not \"%s\"",
		  buf_z(&names), name);
	buf_fini(&names);
	return NULL;
}

const struct grant *grant_of(const struct config_section *s, struct fault *f)
{
	const struct oauth_settings *o = config_block(s, &oauth_settings_table);

	if (o->grant_type)
		return grant_find(o->grant_type, f);
	size_t i = 0;

	/* The last one fits all settings. */
	while (grants[i + 1] && !grants[i]->infer(s))
		i++;
	return grants[i];
}

int grant_check_client(const struct config_section *s, const char **key,
		       struct fault *f)
{
	const struct oauth_settings *o = config_block(s, &oauth_settings_table);

	*key = "client_id";
	if (!o->client_id)
		return fault_set(f, "client_id is missing: the grant needs "
				 "it");
	return grant_check_endpoint(s, ENDPOINT_TOKEN, key, f);
}

int grant_check_endpoint(const struct config_section *s,
			 enum endpoint_kind kind, const char **key,
			 struct fault *f)
{
	const struct oauth_settings *o = config_block(s, &oauth_settings_table);

	*key = config_given(s, "issuer") ? "issuer" : endpoint_key(kind);
	if (!endpoint_is_findable(o, kind))
		return fault_set(f, "%s is missing: the grant needs it, or "
				 "issuer, to find it", endpoint_key(kind));
	return grant_check_endpoints(s, key, f);
}

int grant_check_optional_client(const struct config_section *s,
				const char **key, struct fault *f)
{
	const struct oauth_settings *o = config_block(s, &oauth_settings_table);

	*key = "client_id";
	if (!o->client_id &&
	    (config_live_given(&o->client_secret) ||
	     o->token_endpoint_auth_method))
		return fault_set(f, "client_id is missing: %s needs it",
				 config_live_given(&o->client_secret)
					 ? "client_secret" :
				 "token_endpoint_auth_method");
	return grant_check_endpoints(s, key, f);
}

int grant_check_endpoints(const struct config_section *s, const char **key,
			  struct fault *f)
{
	const struct oauth_settings *o = config_block(s, &oauth_settings_table);

	*key = "issuer";
	if (o->issuer && issuer_check(o->issuer, f) < 0)
		return -1;
	*key = "metadata_url";
	if (o->metadata_url && endpoint_check(*key, o->metadata_url, f) < 0)
		return -1;
	if (o->metadata_url && !o->issuer)
		return fault_set(f, "metadata_url needs issuer: the document "
				 "must be that one's");
	if (o->metadata_url && str_starts_nocase(str_z(o->issuer),
						 STR("https:")) &&
	    !str_starts_nocase(str_z(o->metadata_url), STR("https:")))
		return fault_set(f, "metadata_url must be https, as issuer "
				 "is");
	for (int kind = 0; kind < ENDPOINT_KINDS; kind++) {
		const char *url = endpoint_given(o, kind);

		*key = endpoint_key(kind);
		if (url && endpoint_check(*key, url, f) < 0)
			return -1;
	}
	return 0;
}

static void add_scope(const struct oauth_settings *o, struct token_request *r)
{
	struct buf scope = BUF_INIT(LIMIT_TOKEN_REQUEST);

	oauth_scope_write(o, &scope);
	token_request_param(r, "scope", buf_str(&scope));
	buf_fini(&scope);
}

int grant_add_scope(const struct config_section *s, bool with_scope,
		    struct token_request *r, struct fault *f)
{
	const struct oauth_settings *o = config_block(s, &oauth_settings_table);

	if (with_scope)
		add_scope(o, r);
	token_request_param(r, "audience", str_z(o->audience));
	for (size_t i = 0; i < o->resource.n; i++)
		token_request_param(r, "resource", str_z(o->resource.v[i]));
	return token_request_check(r, f);
}

int grant_refresh(const struct grant *g, const struct config_section *s,
		  const struct secret *refresh_token, struct token_request *r,
		  struct fault *f)
{
	r->phase = PHASE_REFRESH_TOKEN;
	token_request_param(r, "grant_type", STR("refresh_token"));
	token_request_param(r, "refresh_token", secret_expose(refresh_token));
	return grant_add_scope(s, g->seed != NULL, r, f);
}
