/* SPDX-License-Identifier: MIT */
/* Chooses the client authentication that a session uses at its token
 * endpoint. */
#include "oauth/client_auth/client_auth.h"

#include <string.h>

#include "base/buf.h"
#include "config/live_secret.h"
#include "data/uri.h"
#include "oauth/client_auth/settings.h"
#include "oauth/server.h"

/* clang-format off */
#define ROW_ADDRESS(name) &client_auth_##name,
const struct client_auth *const client_auths[] = {
	CLIENT_AUTHS(ROW_ADDRESS) NULL
};
#undef ROW_ADDRESS
/* clang-format on */

const struct client_auth *client_auth_find(const char *name, struct fault *f)
{
	struct buf names = BUF_INIT(FAULT_TEXT_MAX);

	for (size_t i = 0; client_auths[i]; i++) {
		if (str_eq(str_z(client_auths[i]->name), str_z(name))) {
			buf_fini(&names);
			return client_auths[i];
		}
		buf_addf(&names, "%s%s", i > 0 ? ", " : "",
			 client_auths[i]->name);
	}
	fault_set(f, "token_endpoint_auth_method must be one of %s, not "
		  "\"%s\"", buf_z(&names), name);
	buf_fini(&names);
	return NULL;
}

/* A key that is no certificate's, and a server whose metadata can say what it
 * is for. */
static bool has_key_alone(const struct config_section *s)
{
	const struct oauth_settings *o = config_block(s, &oauth_settings_table);
	const struct client_auth_settings *set =
		config_block(s, &client_auth_settings_table);

	return o->issuer && !config_live_given(&o->client_secret) &&
	       set->private_key && !set->certificate;
}

const struct client_auth *client_auth_of(const struct config_section *s,
					 struct fault *f)
{
	const struct oauth_settings *o = config_block(s, &oauth_settings_table);

	if (o->token_endpoint_auth_method)
		return client_auth_find(o->token_endpoint_auth_method, f);
	if (config_live_given(&o->client_secret))
		return &client_auth_client_secret_basic;
	return has_key_alone(s) ? &client_auth_private_key_jwt
				: &client_auth_none;
}

static bool names(const struct metadata_list *list, const char *method)
{
	for (size_t i = 0; i < list->n; i++) {
		if (strcmp(list->v[i], method) == 0)
			return true;
	}
	return false;
}

const struct client_auth *
client_auth_for(const struct client_auth *own, const struct config_section *s,
		const struct metadata *m)
{
	const struct oauth_settings *o = config_block(s, &oauth_settings_table);
	const struct client_auth *post = &client_auth_client_secret_post;

	const struct client_auth *none = &client_auth_none;

	if (!own || o->token_endpoint_auth_method || !m ||
	    names(&m->token_endpoint_auth_methods, own->name))
		return own;
	if (own == &client_auth_client_secret_basic &&
	    names(&m->token_endpoint_auth_methods, post->name))
		return post;
	if (own == &client_auth_private_key_jwt &&
	    names(&m->token_endpoint_auth_methods, none->name))
		return none;
	return own;
}

int client_auth_check_secret(const struct config_section *s, const char **key,
			     struct fault *f)
{
	const struct oauth_settings *o = config_block(s, &oauth_settings_table);

	*key = "client_id";
	if (!o->client_id)
		return fault_set(f, "client_id is missing: the client "
				 "authentication needs it");
	*key = "client_secret";
	if (!config_live_given(&o->client_secret))
		return fault_set(f, "client_secret is missing: "
				 "token_endpoint_auth_method needs it (none "
				 "does without)");
	return 0;
}

static int check_tls(const struct oauth_settings *o, const char **key,
		     struct fault *f)
{
	for (int kind = 0; kind < ENDPOINT_KINDS; kind++) {
		const char *url = endpoint_given(o, kind);
		struct uri u;

		*key = endpoint_key(kind);
		if (kind != ENDPOINT_AUTHORIZATION && url &&
		    uri_parse(str_z(url), &u, NULL) == 0 && !uri_is_https(&u))
			return fault_set(f, "%s must be https: without TLS no "
					 "certificate is shown", *key);
	}
	return 0;
}

int client_auth_check_certificate(const struct config_section *s,
				  const char **key, struct fault *f)
{
	const struct oauth_settings *o = config_block(s, &oauth_settings_table);
	const struct client_auth_settings *set =
		config_block(s, &client_auth_settings_table);

	*key = "client_id";
	if (!o->client_id)
		return fault_set(f, "client_id is missing: the client "
				 "authentication needs it");
	*key = "client_certificate";
	if (!set->certificate)
		return fault_set(f, "client_certificate is missing: "
				 "token_endpoint_auth_method needs it");
	return check_tls(o, key, f);
}

int client_auth_apply_id(const struct token_asking *a,
			 struct token_request *r, struct fault *f)
{
	const struct oauth_settings *o =
		config_block(a->section, &oauth_settings_table);

	token_request_client_id(r, o->client_id);
	return token_request_check(r, f);
}

bool client_auth_uses(const struct client_auth *c, struct str key)
{
	struct str rest = str_z(c->keys), word;

	while (str_next_word(&rest, &word))
		if (str_eq(word, key))
			return true;
	return false;
}
