/* SPDX-License-Identifier: MIT */
/* jwt-bearer (RFC 7523 §2.1): an assertion, signed here, of who asks and in
 * whose name, is exchanged for a token. */
#include "base/limits.h"
#include "oauth/grant/grant.h"

#include "base/alloc.h"
#include "oauth/client_auth/assertion.h"
#include "oauth/service_account.h"

#define URN "urn:ietf:params:oauth:grant-type:jwt-bearer"

struct jwt_bearer_settings {
	char *service_account_file;
	char *issuer, *subject, *audience;
	int64_t lifetime; /* ms */
	char *signing_alg, *private_key, *key_id;
	struct config_list header, claims;
};

#define ROW(member) offsetof(struct jwt_bearer_settings, member)

/* clang-format off */
static const struct config_key keys[] = {
	{ "service_account_file", &config_path, ROW(service_account_file),
	  CONFIG_OWN | CONFIG_PRIVATE, NULL, NULL,
	  "The JSON file that Google gives for a service account, for "
	  "grant_type = jwt-bearer (RFC 7523). It stands for token_endpoint, "
	  "assertion_issuer, assertion_audience, assertion_private_key, "
	  "assertion_key_id and assertion_signing_alg = RS256; those that are "
	  "given win. The scope goes into the assertion, as Google wants "
	  "it." },
	{ "assertion_issuer", &config_text, ROW(issuer), 0, NULL, NULL,
	  "Who makes the assertion (iss)." },
	{ "assertion_subject", &config_text, ROW(subject), 0, NULL, NULL,
	  "In whose name the token is to be (sub). The default is "
	  "assertion_issuer, but with service_account_file nobody but the "
	  "account itself." },
	{ "assertion_audience", &config_text, ROW(audience), 0, NULL, NULL,
	  "Whom the assertion is for (aud). The default is the token "
	  "endpoint's URL." },
	{ "assertion_lifetime", &config_duration, ROW(lifetime), 0, "1h", NULL,
	  "How long the assertion holds: 1m to 24h; with service_account_file "
	  "1h at the most. It begins a minute ago (or a tenth of its life, "
	  "where that is less), for clocks that differ." },
	{ "assertion_signing_alg", &config_text, ROW(signing_alg), 0, NULL,
	  NULL,
	  "What the assertion is signed with: RS256, RS384, RS512, PS256, "
	  "PS384, PS512, ES256, ES384, ES512 or EdDSA; HS256, HS384 or HS512 "
	  "with a shared secret. It must be given, but for a "
	  "service_account_file." },
	{ "assertion_private_key", &config_path, ROW(private_key),
	  CONFIG_OWN | CONFIG_PRIVATE, NULL, NULL,
	  "A file with the private key that the assertion is signed with, as "
	  "PEM or as a JWK; or with a secret that the server has too, as a "
	  "JWK of the kind oct." },
	{ "assertion_key_id", &config_text, ROW(key_id), CONFIG_OWN, NULL,
	  NULL,
	  "The name (kid) under which the server knows that key. The default "
	  "is that of the JWK, where it has one." },
	{ "assertion.header.*", &config_list, ROW(header), 0, NULL, NULL,
	  "A member of the assertion's header, in place of one of that name. "
	  "The value is a text, but for a JSON object, array, number, true, "
	  "false or null, which is taken as that; an empty one leaves the "
	  "member out." },
	{ "assertion.claim.*", &config_list, ROW(claims), 0, NULL, NULL,
	  "The same for a claim of the assertion." },
};
/* clang-format on */

static const struct config_table jwt_bearer_table = {
	.section = "service",
	.title = "Session: jwt-bearer",
	.keys = keys,
	.nkeys = sizeof(keys) / sizeof(keys[0]),
	.size = sizeof(struct jwt_bearer_settings),
};

/* What prepare leaves. */
struct jwt_bearer {
	struct assertion_signer signer;
	struct service_account account; /* empty where there is no file */
};

static const struct jwt_bearer_settings *
settings_of(const struct config_section *s)
{
	return config_block(s, &jwt_bearer_table);
}

static bool jwt_bearer_infer(const struct config_section *s)
{
	const struct jwt_bearer_settings *o = settings_of(s);

	return o->service_account_file || o->issuer;
}

/* --- the keys --- */

static int check_lifetime(const struct jwt_bearer_settings *o, struct fault *f)
{
	int64_t max = o->service_account_file ? LIMIT_ASSERTION_LIFE_GOOGLE
					      : LIMIT_ASSERTION_LIFE;

	if (o->lifetime >= LIMIT_ASSERTION_LIFE_LEAST * 1000 &&
	    o->lifetime <= max * 1000)
		return 0;
	return fault_set(f, "assertion_lifetime must be 1m to %dh",
			 (int)(max / 3600));
}

/* Without the file, which would say all of it. */
static int check_needs(const struct config_section *s, const char **key,
		       struct fault *f)
{
	const struct jwt_bearer_settings *o = settings_of(s);

	if (grant_check_endpoint(s, ENDPOINT_TOKEN, key, f) < 0)
		return -1;
	*key = "assertion_issuer";
	if (!o->issuer)
		return fault_set(f, "assertion_issuer is missing: the grant "
				 "jwt-bearer needs it, or "
				 "service_account_file");
	*key = "assertion_private_key";
	if (!o->private_key)
		return fault_set(f, "assertion_private_key is missing: the "
				 "grant jwt-bearer needs it");
	return 0;
}

static int jwt_bearer_check(const struct config_section *s, const char **key,
			    struct fault *f)
{
	const struct jwt_bearer_settings *o = settings_of(s);

	if (grant_check_optional_client(s, key, f) < 0)
		return -1;
	*key = "assertion.header.alg";
	if (config_given(s, *key))
		return fault_set(f, "assertion.header.alg: there is a key for "
				 "it, assertion_signing_alg");
	*key = "assertion_lifetime";
	if (check_lifetime(o, f) < 0)
		return -1;
	return o->service_account_file ? 0 : check_needs(s, key, f);
}

static int check_alg(const struct jwt_bearer_settings *o,
		     const struct key *key, struct fault *f)
{
	ATTR_CLEANUP(buf_fini) struct buf algs = BUF_INIT(256);

	if (o->signing_alg || o->service_account_file)
		return 0;
	assertion_algs(key, &algs);
	return fault_set(f, "assertion_signing_alg is missing: with this key "
			 "(%s) it can be %s", key_words(key), buf_z(&algs));
}

/* The section's own key before that of the file. */
static struct key *key_of(const struct jwt_bearer_settings *o,
			  const struct service_account *account,
			  struct fault *f)
{
	struct key *k;

	if (!o->private_key)
		return key_ref(account->key);
	k = key_load(o->private_key, f);
	if (!k)
		fault_prefix(f, "assertion_private_key");
	return k;
}

static int prepare_signer(const struct config_section *s,
			  struct jwt_bearer *b, const char **key,
			  struct fault *f)
{
	const struct jwt_bearer_settings *o = settings_of(s);
	const char *alg = o->signing_alg, *kid = o->key_id;
	struct key *k;
	int rc = -1;

	*key = o->private_key ? "assertion_private_key"
			      : "service_account_file";
	k = key_of(o, &b->account, f);
	if (!k)
		return -1;
	if (!kid && !o->private_key)
		kid = b->account.private_key_id;
	if (!alg && o->service_account_file && key_type(k) == KEY_RSA)
		alg = "RS256";
	if (o->signing_alg || !o->service_account_file)
		*key = "assertion_signing_alg";
	if (check_alg(o, k, f) == 0) {
		rc = assertion_signer_init(&b->signer, k, alg, kid, f);
		if (rc < 0)
			fault_prefix(f, "%s", *key);
	}
	key_unref(&k);
	return rc;
}

static void jwt_bearer_release(void *state)
{
	struct jwt_bearer *b = state;

	if (!b)
		return;
	assertion_signer_fini(&b->signer);
	service_account_fini(&b->account);
	mem_free(b);
}

static int jwt_bearer_prepare(const struct config_section *s, void **state,
			      const char **key, struct fault *f)
{
	const struct jwt_bearer_settings *o = settings_of(s);
	struct jwt_bearer *b = mem_new(struct jwt_bearer);
	int rc = 0;

	*key = "service_account_file";
	if (o->service_account_file)
		rc = service_account_load(&b->account, o->service_account_file,
					  !o->private_key, f);
	if (rc < 0)
		fault_prefix(f, "%s", *key);
	else
		rc = prepare_signer(s, b, key, f);
	if (rc < 0)
		jwt_bearer_release(b);
	else
		*state = b;
	return rc;
}

/* --- the request --- */

static const char *issuer_of(const struct config_section *s,
			     const struct jwt_bearer *b)
{
	const struct jwt_bearer_settings *o = settings_of(s);

	return o->issuer ? o->issuer : b->account.client_email;
}

static const char *jwt_bearer_user(const struct config_section *s,
				   const void *state)
{
	const struct jwt_bearer_settings *o = settings_of(s);

	return o->subject ? o->subject : issuer_of(s, state);
}

static const char *jwt_bearer_token_endpoint(const void *state)
{
	const struct jwt_bearer *b = state;

	return b ? b->account.token_uri : NULL;
}

static struct secret *make(const struct token_asking *a, struct fault *f)
{
	const struct oauth_settings *o =
		config_block(a->section, &oauth_settings_table);
	const struct jwt_bearer_settings *set = settings_of(a->section);
	const struct jwt_bearer *b = a->grant_state;
	const char *audience = b->account.token_uri;
	struct assertion says = {
		.issuer = issuer_of(a->section, b),
		.subject = set->subject,
		.now = a->now,
		.lifetime = set->lifetime / 1000,
		.header = &set->header,
		.claims = &set->claims,
	};

	if (!audience)
		audience = a->token_endpoint;
	says.audience = set->audience ? set->audience : audience;
	if (set->service_account_file)
		says.scope = o->scope;
	else if (!says.subject)
		says.subject = says.issuer;
	return assertion_make(&b->signer, &says, f);
}

static int jwt_bearer_request(const struct token_asking *a,
			      struct token_request *r, struct fault *f)
{
	const struct jwt_bearer_settings *o = settings_of(a->section);
	struct secret *assertion = make(a, f);

	if (!assertion)
		return -1;
	token_request_param(r, "grant_type", STR(URN));
	token_request_secret(r, "assertion", assertion);
	secret_unref(&assertion);
	return grant_add_scope(a->section, !o->service_account_file, r, f);
}

const struct grant grant_jwt_bearer = {
	.name = "jwt-bearer",
	.urn = URN,
	.table = &jwt_bearer_table,
	.uses_client = true,
	.repeatable = true,
	.remedy = "the server does not take the assertion: its issuer, "
		  "subject, audience or key, or the time of one of the two "
		  "machines",
	.infer = jwt_bearer_infer,
	.check = jwt_bearer_check,
	.prepare = jwt_bearer_prepare,
	.release = jwt_bearer_release,
	.request = jwt_bearer_request,
	.user = jwt_bearer_user,
	.token_endpoint = jwt_bearer_token_endpoint,
};
