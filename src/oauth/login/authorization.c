/* SPDX-License-Identifier: MIT */
/* Writes the authorization request with which a login begins, and holds its
 * keys (RFC 6749 §4.1.1, §4.2.1; OpenID Connect Core §3.1.2.1; multiple
 * response types). */
#include "oauth/login/authorization.h"

#include <inttypes.h>
#include <string.h>

#include "base/limits.h"
#include "config/pairs.h"
#include "data/form.h"
#include "data/parameters.h"
#include "data/uri.h"
#include "oauth/login/pkce.h"

#define ROW(member) offsetof(struct authorization_settings, member)

/* clang-format off */
static const struct config_key keys[] = {
	{ "redirect_uri", &config_text, ROW(redirect_uri), 0, NULL, NULL,
	  "The address that the authorization server sends browsers back to, "
	  "as it was registered there. The default is /-/callback/NAME below "
	  "external_url. Where services of several servers have the same one, "
	  "an answer must say whose it is (iss, RFC 9207), and issuer must be "
	  "known. Where the server wants another word in its place, "
	  "authorization_request.param.redirect_uri and "
	  "access_token_request.param.redirect_uri say that." },
	{ "response_type", &config_text, ROW(response_type), 0, NULL, NULL,
	  "What comes back by way of the browser, in any order. With "
	  "grant_type = authorization_code: code (the default), code "
	  "id_token, code token, or code id_token token. With grant_type = "
	  "implicit: token, or id_token token, which is the default where "
	  "scope holds openid. An id_token needs openid in scope." },
	{ "response_mode", &config_word, ROW(response_mode), 0, NULL,
	  "query fragment form_post",
	  "How it comes back. The default is the server's: query for code "
	  "alone, fragment for all else, for which query cannot be chosen." },
	{ "pkce", &config_word, ROW(pkce), 0, "S256", "S256 plain no",
	  "How a code is bound to the login that asked for it (RFC 7636). no "
	  "is for servers that refuse what they do not know." },
	{ "max_age", &config_duration, ROW(max_age), 0, NULL, NULL,
	  "How long ago a person may have logged in at the server; with 0 "
	  "each login asks anew." },
	{ "authorization_request.param.*", &config_list, ROW(param), 0, NULL,
	  NULL,
	  "A parameter of the authorization request, in place of one of that "
	  "name. The value is a template of {client_id}, {username}, {now}, "
	  "{uuid} and {base64:...}. An empty one leaves the parameter out." },
	{ "authorization_response.rename.*", &config_list, ROW(rename), 0,
	  NULL, NULL,
	  "What the parameter OLD of the answer that the browser brings, the "
	  "last part of the key, is really called: code, error or "
	  "error_description. It takes the place of one of that name. OLD is "
	  "none of state, iss, id_token and access_token." },
	{ "authorization_response.keep", &config_list, ROW(keep),
	  CONFIG_REPEAT, NULL, NULL,
	  "The name of a parameter of that answer that is kept with the login, "
	  "for templates as {token.callback.NAME}: there, and in "
	  "access_token_request too. It is printable ASCII; NAME has letters, "
	  "digits, \"_\" and \"-\", and is no code, error or token." },
};
/* clang-format on */

const struct config_table authorization_table = {
	.section = "service",
	.title = "Session: logging in",
	.keys = keys,
	.nkeys = sizeof(keys) / sizeof(keys[0]),
	.size = sizeof(struct authorization_settings),
};

/* The indices of response_mode's words. */
enum { MODE_QUERY, MODE_FRAGMENT, MODE_FORM_POST };

static const char *const modes[] = { "query", "fragment", "form_post" };

/* In the order in which they are registered together. */
static const struct {
	const char *word;
	unsigned bit;
} types[] = {
	{ "code", RESPONSE_CODE },
	{ "id_token", RESPONSE_ID_TOKEN },
	{ "token", RESPONSE_TOKEN },
};

enum { TYPES = sizeof(types) / sizeof(types[0]) };

static const struct authorization_settings *
settings_of(const struct config_section *s)
{
	return config_block(s, &authorization_table);
}

static bool has_openid(const struct config_section *s)
{
	const struct oauth_settings *o = config_block(s, &oauth_settings_table);

	return oauth_scope_holds(o, STR("openid"));
}

/* 0 where a word is not a response type, or stands twice. */
static unsigned types_parse(struct str text)
{
	unsigned all = 0;
	struct str word;

	while (str_next_word(&text, &word)) {
		unsigned bit = 0;

		for (size_t i = 0; i < TYPES; i++)
			if (str_eq_z(word, types[i].word))
				bit = types[i].bit;
		if (!bit || (all & bit))
			return 0;
		all |= bit;
	}
	return all;
}

unsigned authorization_response_type(const struct config_section *s,
				     const struct grant *g)
{
	const struct authorization_settings *o = settings_of(s);
	unsigned own = types_parse(str_z(g->response_type));

	if (o->response_type)
		return types_parse(str_z(o->response_type));
	if (own == RESPONSE_TOKEN && has_openid(s))
		own |= RESPONSE_ID_TOKEN;
	return own;
}

static const char *mode_of(const struct config_section *s)
{
	return config_given(s, "response_mode") ?
		       modes[settings_of(s)->response_mode] : NULL;
}

bool authorization_in_fragment(const struct config_section *s,
			       const struct grant *g)
{
	const char *mode = mode_of(s);

	if (mode)
		return mode == modes[MODE_FRAGMENT];
	return authorization_response_type(s, g) != RESPONSE_CODE;
}

int64_t authorization_max_age(const struct config_section *s,
			      const struct grant *g)
{
	return g->response_type && config_given(s, "max_age") ?
		       settings_of(s)->max_age / 1000 : -1;
}

bool authorization_uses_pkce(const struct config_section *s,
			     const struct grant *g)
{
	return settings_of(s)->pkce != PKCE_NO &&
	       (authorization_response_type(s, g) & RESPONSE_CODE);
}

/* --- the keys --- */

static int check_response_type(const struct config_section *s,
			       const struct grant *g, struct fault *f)
{
	unsigned t = authorization_response_type(s, g);
	bool wants_code = types_parse(str_z(g->response_type)) ==
			  RESPONSE_CODE;

	if (wants_code && !(t & RESPONSE_CODE))
		return fault_set(f, "response_type must be code, or code with "
				 "id_token, token or both behind it%s",
				 t & RESPONSE_TOKEN ?
				 "; grant_type = implicit goes without" : "");
	if (!wants_code && (!(t & RESPONSE_TOKEN) || (t & RESPONSE_CODE)))
		return fault_set(f, "response_type must be token, or id_token "
				 "token%s", t & RESPONSE_CODE ?
				 "; code is for grant_type = "
				 "authorization_code" : "");
	if ((t & RESPONSE_ID_TOKEN) && !has_openid(s))
		return fault_set(f, "response_type: an id_token is given only "
				 "where scope holds openid");
	return 0;
}

static int check_response_mode(const struct config_section *s,
			       const struct grant *g, struct fault *f)
{
	if (mode_of(s) == modes[MODE_QUERY] &&
	    authorization_response_type(s, g) != RESPONSE_CODE)
		return fault_set(f, "response_mode = query would show tokens "
				 "in logs and histories: use fragment or "
				 "form_post");
	return 0;
}

static int check_redirect_uri(const struct config_section *s, struct fault *f)
{
	struct str uri = str_z(settings_of(s)->redirect_uri);
	size_t colon = str_find(uri, ':');

	if (uri.n == 0)
		return 0;
	if (colon == 0 || colon == uri.n || str_find(uri, ' ') < uri.n)
		return fault_set(f, "redirect_uri must be a whole URL such as "
				 "http://127.0.0.1:8119/-/callback/NAME");
	if (str_find(uri, '#') < uri.n)
		return fault_set(f, "redirect_uri cannot have a fragment "
				 "(\"#\")");
	return 0;
}

/* What is new for each login, or has a key, cannot be set to a constant. *key
 * is left alone where all is well. */
static int check_params(const struct config_section *s, const char **key,
			struct fault *f)
{
	static const char *const own[] = {
		"authorization_request.param.state",
		"authorization_request.param.nonce",
		"authorization_request.param.code_challenge",
		"authorization_request.param.response_type",
		"authorization_request.param.response_mode",
	};

	for (size_t i = 0; i < sizeof(own) / sizeof(own[0]); i++) {
		if (!config_given(s, own[i]))
			continue;
		*key = own[i];
		return fault_set(f, "%s: %s", own[i], i < 3 ?
				 "each login has a new one of its own" :
				 "there is a key of that name");
	}
	return 0;
}

/* RFC 9126 §2.1. */
static int check_pushed(const struct config_section *s, const char **key,
			struct fault *f)
{
	if (!config_given(s, "pushed_authorization_request_endpoint") ||
	    !config_given(s, "authorization_request.param.request_uri"))
		return 0;
	*key = "authorization_request.param.request_uri";
	return fault_set(f, "%s: the server gives a request_uri itself, at its "
			 "pushed_authorization_request_endpoint", *key);
}

/* What says that an answer is this login's, and whose it is, is what the
 * standards call it. */
static int check_rename(struct str old, struct str new, struct fault *f)
{
	if (str_eq(old, STR("state")) || str_eq(old, STR("iss")) ||
	    str_eq(old, STR("id_token")) || str_eq(old, STR("access_token")))
		return fault_set(f, "%.*s cannot be another parameter",
				 STR_ARGS(old));
	if (!str_eq(new, STR("code")) && !str_eq(new, STR("error")) &&
	    !str_eq(new, STR("error_description")))
		return fault_set(f, "the new name must be code, error or "
				 "error_description");
	return 0;
}

static int check_renames(const struct config_section *s, struct fault *f)
{
	const struct config_list *l = &settings_of(s)->rename;

	for (size_t i = 0; i < l->n; i++) {
		struct str old, new;

		config_pair(l, i, &old, &new);
		if (check_rename(old, str_trim(new), f) < 0)
			return fault_prefix(f, "authorization_response.rename."
					    "%.*s", STR_ARGS(old));
	}
	return 0;
}

static int check_keep(struct str name, struct fault *f)
{
	static const char *const never[] = {
		"code", "state", "iss", "id_token", "access_token",
		"error", "error_description", "error_uri",
	};
	size_t n = 0;

	while (n < name.n &&
	       (char_is_alpha(name.p[n]) || char_is_digit(name.p[n]) ||
		name.p[n] == '_' || name.p[n] == '-'))
		n++;
	if (n == 0 || n < name.n)
		return fault_set(f, "is a name of letters, digits, \"_\" and "
				 "\"-\"");
	for (size_t i = 0; i < sizeof(never) / sizeof(never[0]); i++) {
		if (str_eq_z(name, never[i]))
			return fault_set(f, "%s is not kept", never[i]);
	}
	return 0;
}

static int check_keeps(const struct config_section *s, struct fault *f)
{
	const struct config_list *l = &settings_of(s)->keep;
	int rc = 0;

	if (l->n > LIMIT_CALLBACK_KEPT)
		rc = fault_set(f, "has more than %d names",
			       (int)LIMIT_CALLBACK_KEPT);
	for (size_t i = 0; rc == 0 && i < l->n; i++)
		rc = check_keep(str_z(l->v[i]), f);
	return rc < 0 ? fault_prefix(f, "authorization_response.keep") : 0;
}

int authorization_check(const struct config_section *s, const struct grant *g,
			const char **key, struct fault *f)
{
	*key = "authorization_response.rename.*";
	if (check_renames(s, f) < 0)
		return -1;
	*key = "authorization_response.keep";
	if (check_keeps(s, f) < 0)
		return -1;
	if (grant_check_endpoint(s, ENDPOINT_AUTHORIZATION, key, f) < 0)
		return -1;
	*key = "response_type";
	if (check_response_type(s, g, f) < 0)
		return -1;
	*key = "response_mode";
	if (check_response_mode(s, g, f) < 0)
		return -1;
	*key = "redirect_uri";
	if (check_redirect_uri(s, f) < 0)
		return -1;
	if (check_pushed(s, key, f) < 0)
		return -1;
	return check_params(s, key, f);
}

const struct config_list *authorization_params(const struct config_section *s)
{
	return &settings_of(s)->param;
}

const struct config_list *authorization_renames(const struct config_section *s)
{
	return &settings_of(s)->rename;
}

const struct config_list *authorization_keeps(const struct config_section *s)
{
	return &settings_of(s)->keep;
}

bool authorization_is_kept(const struct config_section *s, struct str name)
{
	const struct config_list *l = &settings_of(s)->keep;

	for (size_t i = 0; i < l->n; i++) {
		if (str_eq_z(name, l->v[i]))
			return true;
	}
	return false;
}

/* --- the request --- */

/* Appends the endpoint's query without those that the configuration speaks
 * of. */
static void add_query(struct buf *b, struct str query,
		      const struct named_values *params)
{
	struct buf rest = BUF_INIT(LIMIT_AUTHORIZATION_URL);

	buf_add_str(b, query);
	for (size_t i = 0; params && i < params->n; i++) {
		buf_reset(&rest);
		parameters_keep(&rest, buf_str(b), str_z(params->v[i].name));
		buf_reset(b);
		buf_add_str(b, buf_str(&rest));
	}
	buf_fini(&rest);
}

/* The parameters go into the address, or are pushed (RFC 9126). */
struct authorization_writing {
	struct buf *query;           /* or NULL */
	struct token_request *pushed; /* or NULL */
	const struct named_values *given;
};

/* A space is "%20", which every server reads; some take a "+" for itself. */
static void add_to_query(struct buf *query, struct str name, struct str value)
{
	if (query->n > 0)
		buf_add_char(query, '&');
	percent_encode(query, name);
	buf_add_char(query, '=');
	percent_encode(query, value);
}

static void put(struct authorization_writing *w, const char *name,
		struct str value)
{
	if (w->pushed)
		token_request_param(w->pushed, name, value);
	else
		add_to_query(w->query, str_z(name), value);
}

static void param(struct authorization_writing *w, const char *name,
		  struct str value)
{
	if (value.n > 0 && !named_values_find(w->given, str_z(name)))
		put(w, name, value);
}

static void add_type(struct authorization_writing *w,
		     const struct authorization_request *r)
{
	unsigned t = authorization_response_type(r->section, r->grant);
	struct buf b = BUF_INIT(32);

	for (size_t i = 0; i < TYPES; i++)
		if (t & types[i].bit)
			buf_addf(&b, "%s%s", b.n ? " " : "", types[i].word);
	param(w, "response_type", buf_str(&b));
	buf_fini(&b);
}

static void add_pkce(struct authorization_writing *w,
		     const struct authorization_request *r)
{
	enum pkce_method method = settings_of(r->section)->pkce;
	struct buf b = BUF_INIT_SECRET(128);

	if (!r->verifier || !authorization_uses_pkce(r->section, r->grant))
		return;
	pkce_challenge(method, r->verifier, &b);
	param(w, "code_challenge", buf_str(&b));
	param(w, "code_challenge_method", str_z(pkce_method_name(method)));
	buf_fini(&b);
}

static void add_max_age(struct authorization_writing *w,
			const struct config_section *s)
{
	struct buf b = BUF_INIT(32);

	if (config_given(s, "max_age"))
		buf_addf(&b, "%" PRId64, settings_of(s)->max_age / 1000);
	param(w, "max_age", buf_str(&b));
	buf_fini(&b);
}

static void add_scope(struct authorization_writing *w,
		      const struct oauth_settings *o)
{
	struct buf scope = BUF_INIT(LIMIT_AUTHORIZATION_URL);

	oauth_scope_write(o, &scope);
	param(w, "scope", buf_str(&scope));
	buf_fini(&scope);
}

static void add_own(struct authorization_writing *w,
		    const struct authorization_request *r)
{
	const struct oauth_settings *o =
		config_block(r->section, &oauth_settings_table);

	add_type(w, r);
	param(w, "client_id", str_z(o->client_id));
	param(w, "redirect_uri", str_z(r->redirect_uri));
	add_scope(w, o);
	param(w, "state", secret_expose(r->state));
	add_pkce(w, r);
	param(w, "nonce", secret_expose(r->nonce));
	param(w, "dpop_jkt", str_z(r->dpop_jkt));
	param(w, "response_mode", str_z(mode_of(r->section)));
	add_max_age(w, r->section);
	param(w, "audience", str_z(o->audience));
	for (size_t i = 0; i < o->resource.n; i++)
		param(w, "resource", str_z(o->resource.v[i]));
}

static int encode_plain(struct str value, struct buf *out,
			struct fault *f ATTR_UNUSED)
{
	buf_add_str(out, value);
	return 0;
}

static int add_one(struct authorization_writing *w,
		   const struct config_section *s, const struct named_value *n,
		   struct fault *f)
{
	struct buf value = BUF_INIT_SECRET(LIMIT_VALUE);
	int rc = 0;

	if (n->value)
		rc = value_write(n->value,
				 &(struct value_source){ .section = s },
				 encode_plain, &value, f);
	if (rc < 0)
		fault_prefix(f, "%s", n->key);
	else if (value.n > 0)
		put(w, n->name, buf_str(&value));
	buf_fini(&value);
	return rc;
}

static int add_given(struct authorization_writing *w,
		     const struct config_section *s, struct fault *f)
{
	for (size_t i = 0; w->given && i < w->given->n; i++) {
		if (add_one(w, s, &w->given->v[i], f) < 0)
			return -1;
	}
	return 0;
}

int authorization_request_push(const struct authorization_request *r,
			       struct token_request *out, struct fault *f)
{
	struct authorization_writing w = { .pushed = out, .given = r->params };

	out->phase = PHASE_OTHER;
	if (named_values_find(r->params, STR("request_uri")))
		return fault_set(f, "authorization_request.param.request_uri "
				 "cannot be pushed: the server gives one of "
				 "its own");
	add_own(&w, r);
	if (add_given(&w, r->section, f) < 0)
		return -1;
	return token_request_check(out, f);
}

/* What is left of them where the others were pushed (RFC 9126 §4). */
static int add_reference(struct authorization_writing *w,
			 const struct authorization_request *r, struct fault *f)
{
	const struct named_value *id =
		named_values_find(r->params, STR("client_id"));
	const struct oauth_settings *o =
		config_block(r->section, &oauth_settings_table);

	if (id && add_one(w, r->section, id, f) < 0)
		return -1;
	param(w, "client_id", str_z(o->client_id));
	put(w, "request_uri", secret_expose(r->request_uri));
	return 0;
}

static int add_all(struct authorization_writing *w,
		   const struct authorization_request *r, struct fault *f)
{
	if (r->request_uri)
		return add_reference(w, r, f);
	add_own(w, r);
	return add_given(w, r->section, f);
}

int authorization_request_write(const struct authorization_request *r,
				struct buf *out, struct fault *f)
{
	ATTR_CLEANUP(buf_fini) struct buf query =
		BUF_INIT_SECRET(LIMIT_AUTHORIZATION_URL);
	struct str endpoint = str_z(r->endpoint);
	struct authorization_writing w = { .query = &query,
					   .given = r->params };
	struct uri u;

	if (uri_parse(endpoint, &u, f) < 0)
		return fault_prefix(f, "authorization_endpoint");
	if (u.has_fragment)
		return fault_set(f, "authorization_endpoint cannot have a "
				 "fragment (\"#\")");
	add_query(&query, u.query, w.given);
	if (add_all(&w, r, f) < 0)
		return -1;
	buf_add_str(out, str_sub(endpoint, 0, str_find(endpoint, '?')));
	buf_add_char(out, '?');
	buf_add_str(out, buf_str(&query));
	if (!buf_ok(&query) || !buf_ok(out) || out->n > LIMIT_AUTHORIZATION_URL)
		return fault_set(f, "the address of the authorization request "
				 "would be longer than %d octets",
				 (int)LIMIT_AUTHORIZATION_URL);
	return 0;
}
