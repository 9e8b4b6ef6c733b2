/* SPDX-License-Identifier: MIT */
/* token-exchange (RFC 8693): a token that somebody else gave, or that another
 * service's session has, is exchanged for one that fits here. */
#include "base/limits.h"
#include "oauth/grant/grant.h"

#include <string.h>

#include "base/alloc.h"
#include "config/command.h"
#include "config/live_secret.h"
#include "crypto/digest.h"
#include "data/base64url.h"
#include "data/json.h"

#define URN "urn:ietf:params:oauth:grant-type:token-exchange"
#define TYPE "urn:ietf:params:oauth:token-type:"

struct exchange_settings {
	struct config_live_secret subject_token;
	char *subject_token_service;
	char *subject_token_type;
	struct config_live_secret actor_token;
	char *actor_token_type;
};

#define ROW(member) offsetof(struct exchange_settings, member)

/* clang-format off */
static const struct config_key keys[] = {
	{ "subject_token", &config_live_token, ROW(subject_token),
	  CONFIG_SECRET, NULL, NULL,
	  "The token to exchange, for grant_type = token-exchange (RFC 8693): "
	  "it says in whose name the new one is. Its file is read again for "
	  "each request, for others may keep it fresh; once it speaks of "
	  "another subject (another iss and sub of a JWT, another token of any "
	  "other kind), what was exchanged is forgotten and revoked." },
	{ "subject_token_service", &config_text, ROW(subject_token_service),
	  CONFIG_OWN, NULL, NULL,
	  "The NAME of another service whose token is exchanged instead of "
	  "subject_token. What was exchanged ends with that service's login: "
	  "after a logout, and once somebody has logged in anew, it is "
	  "forgotten and revoked." },
	{ "subject_token_type", &config_text, ROW(subject_token_type), 0,
	  "access_token", NULL,
	  "What subject_token is: access_token, refresh_token, id_token, jwt, "
	  "saml1 or saml2, or a whole URI." },
	{ "actor_token", &config_live_token, ROW(actor_token), CONFIG_SECRET,
	  NULL, NULL,
	  "The token of whoever acts in the subject's name. Its file is read "
	  "again for each request too." },
	{ "actor_token_type", &config_text, ROW(actor_token_type), 0,
	  "access_token", NULL,
	  "What actor_token is, as subject_token_type." },
};
/* clang-format on */

static const struct config_table exchange_table = {
	.section = "service",
	.title = "Session: token-exchange",
	.keys = keys,
	.nkeys = sizeof(keys) / sizeof(keys[0]),
	.size = sizeof(struct exchange_settings),
};

static const struct exchange_settings *
settings_of(const struct config_section *s)
{
	return config_block(s, &exchange_table);
}

static bool exchange_infer(const struct config_section *s ATTR_UNUSED)
{
	return false;
}

/* --- the keys --- */

/* RFC 8693 §3: the short names are the ends of these URNs. */
static bool is_short(const char *type)
{
	static const char *const names[] = { "access_token", "refresh_token",
					     "id_token", "jwt", "saml1",
					     "saml2" };

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		if (!strcmp(type, names[i]))
			return true;
	return false;
}

static int check_type(const char *name, const char *type, struct fault *f)
{
	if (is_short(type) || strchr(type, ':'))
		return 0;
	return fault_set(f, "%s must be access_token, refresh_token, "
			 "id_token, jwt, saml1, saml2 or a URI", name);
}

static int check_subject(const struct config_section *s, const char **key,
			 struct fault *f)
{
	const struct exchange_settings *o = settings_of(s);

	*key = "subject_token";
	if (!config_given(s, *key) && !o->subject_token_service)
		return fault_set(f, "subject_token is missing: the grant "
				 "token-exchange needs it, or "
				 "subject_token_service");
	*key = "subject_token_service";
	if (config_given(s, "subject_token") && o->subject_token_service)
		return fault_set(f, "subject_token_service and subject_token "
				 "cannot both be the subject's");
	*key = "subject_token_type";
	return check_type(*key, o->subject_token_type, f);
}

static int exchange_check(const struct config_section *s, const char **key,
			  struct fault *f)
{
	const struct exchange_settings *o = settings_of(s);

	if (grant_check_endpoint(s, ENDPOINT_TOKEN, key, f) < 0 ||
	    grant_check_optional_client(s, key, f) < 0 ||
	    check_subject(s, key, f) < 0)
		return -1;
	*key = "actor_token_type";
	if (!config_given(s, "actor_token") && config_own(s, *key))
		return fault_set(f, "actor_token_type is of no use without an "
				 "actor_token");
	return check_type(*key, o->actor_token_type, f);
}

static const char *exchange_other_service(const struct config_section *s)
{
	return settings_of(s)->subject_token_service;
}

/* --- whose tokens it gets --- */

/* A token that stays is told apart by its digest, one that is kept fresh by
 * where it is. */
static int exchange_prepare(const struct config_section *s, void **state,
			    const char **key ATTR_UNUSED,
			    struct fault *f ATTR_UNUSED)
{
	const struct exchange_settings *o = settings_of(s);
	unsigned char digest[DIGEST_SHA256_SIZE];
	struct buf b = BUF_INIT(LIMIT_TOKEN_VALUE);

	if (o->subject_token_service) {
		buf_addf(&b, "service %s", o->subject_token_service);
	} else if (o->subject_token.command) {
		buf_add_z(&b, "command");
		for (char *const *word =
			     config_command_argv(o->subject_token.command);
		     *word; word++)
			buf_addf(&b, " %s", *word);
	} else if (o->subject_token.path) {
		buf_addf(&b, "file %s", o->subject_token.path);
	} else {
		digest_sha256(secret_expose(o->subject_token.value), digest);
		buf_add_z(&b, "token ");
		for (size_t i = 0; i < sizeof(digest); i++)
			buf_addf(&b, "%02x", digest[i]);
	}
	*state = buf_take(&b);
	return 0;
}

static void exchange_release(void *state)
{
	mem_free(state);
}

static const char *exchange_user(const struct config_section *s ATTR_UNUSED,
				 const void *state)
{
	return state;
}

/* A JWT that is renewed for the same person speaks of the same. */
static bool add_jwt_subject(struct str token, struct buf *out)
{
	ATTR_CLEANUP(buf_fini) struct buf text =
		BUF_INIT_SECRET(LIMIT_TOKEN_VALUE);
	struct str claims = str_from(token, str_find(token, '.') + 1);
	const struct json *iss, *sub;
	struct json *j = NULL;

	claims = str_sub(claims, 0, str_find(claims, '.'));
	if (base64url_decode(&text, claims) == 0 && buf_ok(&text))
		j = json_parse(buf_str(&text), NULL);
	iss = json_get(j, "iss");
	sub = json_get(j, "sub");
	if (!json_is(iss, JSON_STRING) || !json_is(sub, JSON_STRING)) {
		json_free(&j);
		return false;
	}
	buf_addf(out, "jwt %zu ", json_text(iss).n);
	buf_add_str(out, json_text(iss));
	buf_add_str(out, json_text(sub));
	json_free(&j);
	return true;
}

/* Whether others keep it fresh. */
static bool is_fresh(const struct config_live_secret *live)
{
	return live->path || live->command;
}

/* True too where nobody keeps it fresh: it is part of the session's identity
 * then. */
static bool add_subject_of(const struct config_live_secret *live,
			   struct buf *out)
{
	struct secret *now;

	if (!is_fresh(live))
		return true;
	now = config_live_read(live, NULL);
	if (!now)
		return false;
	if (!add_jwt_subject(secret_expose(now), out)) {
		buf_add_z(out, "token ");
		buf_add_str(out, secret_expose(now));
	}
	buf_add_char(out, '\n');
	secret_unref(&now);
	return buf_ok(out);
}

static bool exchange_subject(const struct config_section *s, struct buf *out)
{
	const struct exchange_settings *o = settings_of(s);

	return !o->subject_token_service &&
	       (is_fresh(&o->subject_token) || is_fresh(&o->actor_token)) &&
	       add_subject_of(&o->subject_token, out) &&
	       add_subject_of(&o->actor_token, out);
}

/* --- the request --- */

static void add_type(struct token_request *r, const char *name,
		     const char *type)
{
	struct buf b = BUF_INIT(FAULT_TEXT_MAX);

	if (is_short(type))
		buf_addf(&b, TYPE "%s", type);
	token_request_param(r, name, b.n ? buf_str(&b) : str_z(type));
	buf_fini(&b);
}

static int add_live(struct token_request *r, const char *name,
		    const struct config_live_secret *live, struct fault *f)
{
	struct secret *now = config_live_read(live, f);

	if (!now)
		return fault_prefix(f, "%s", name);
	token_request_secret(r, name, now);
	secret_unref(&now);
	return 0;
}

static int add_subject(const struct token_asking *a, struct token_request *r,
		       struct fault *f)
{
	const struct exchange_settings *o = settings_of(a->section);

	if (!o->subject_token_service)
		return add_live(r, "subject_token", &o->subject_token, f);
	if (!a->subject_token)
		return fault_set(f, "service %s has no token now",
				 o->subject_token_service);
	token_request_param(r, "subject_token",
			    secret_expose(a->subject_token));
	return 0;
}

/* RFC 8693 §2.1. */
static int exchange_request(const struct token_asking *a,
			    struct token_request *r, struct fault *f)
{
	const struct exchange_settings *o = settings_of(a->section);

	token_request_param(r, "grant_type", STR(URN));
	if (add_subject(a, r, f) < 0)
		return -1;
	add_type(r, "subject_token_type", o->subject_token_type);
	if (config_live_given(&o->actor_token)) {
		if (add_live(r, "actor_token", &o->actor_token, f) < 0)
			return -1;
		add_type(r, "actor_token_type", o->actor_token_type);
	}
	return grant_add_scope(a->section, true, r, f);
}

const struct grant grant_token_exchange = {
	.name = "token-exchange",
	.urn = URN,
	.table = &exchange_table,
	.uses_client = true,
	.repeatable = true,
	.remedy = "the server does not take the subject_token or actor_token",
	.infer = exchange_infer,
	.check = exchange_check,
	.prepare = exchange_prepare,
	.release = exchange_release,
	.request = exchange_request,
	.user = exchange_user,
	.other_service = exchange_other_service,
	.subject = exchange_subject,
};
