/* SPDX-License-Identifier: MIT */
/* Signed assertions of who asks and in whose name: the keys that say how they
 * are made, and what is read once for all. For the grants that send one, or use
 * it as the token. */
#include "oauth/grant/signing.h"

#include "base/alloc.h"
#include "base/limits.h"
#include "oauth/client_auth/assertion.h"
#include "oauth/service_account.h"

struct signing_settings {
	char *service_account_file;
	char *issuer, *subject, *audience;
	int64_t lifetime; /* ms */
	char *signing_alg, *private_key, *key_id;
	struct config_list header, claims;
};

#define ROW(member) offsetof(struct signing_settings, member)

/* clang-format off */
static const struct config_key keys[] = {
	{ "service_account_file", &config_path, ROW(service_account_file),
	  CONFIG_OWN | CONFIG_PRIVATE, NULL, NULL,
	  "The JSON file that Google gives for a service account, for "
	  "grant_type = jwt-bearer (RFC 7523) and signed-jwt. It stands for "
	  "token_endpoint, assertion_issuer, assertion_audience, "
	  "assertion_private_key, assertion_key_id and assertion_signing_alg "
	  "= RS256; those that are given win. The scope goes into the "
	  "assertion, as Google wants it. With signed-jwt it stands for no "
	  "token_endpoint and no audience, and scope or assertion_audience "
	  "must be given." },
	{ "assertion_issuer", &config_text, ROW(issuer), 0, NULL, NULL,
	  "Who makes the assertion (iss)." },
	{ "assertion_subject", &config_text, ROW(subject), 0, NULL, NULL,
	  "In whose name the token is to be (sub). The default is "
	  "assertion_issuer, but with jwt-bearer and service_account_file "
	  "nobody but the account itself." },
	{ "assertion_audience", &config_text, ROW(audience), 0, NULL, NULL,
	  "Whom the assertion is for (aud). The default is the token "
	  "endpoint's URL; with signed-jwt it is for nobody by name." },
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
	  "false or null, which is taken as that; in quotation marks it is a "
	  "text whatever stands in them (\"123\"), without them. An empty one "
	  "leaves the member out." },
	{ "assertion.claim.*", &config_list, ROW(claims), 0, NULL, NULL,
	  "The same for a claim of the assertion." },
};
/* clang-format on */

const struct config_table signing_table = {
	.section = "service",
	.title = "Session: jwt-bearer and signed-jwt",
	.keys = keys,
	.nkeys = sizeof(keys) / sizeof(keys[0]),
	.size = sizeof(struct signing_settings),
};

/* What prepare leaves. */
struct signing {
	struct assertion_signer signer;
	struct service_account account; /* empty where there is no file */
};

static const struct signing_settings *
settings_of(const struct config_section *s)
{
	return config_block(s, &signing_table);
}

bool signing_given(const struct config_section *s)
{
	const struct signing_settings *o = settings_of(s);

	return o->service_account_file || o->issuer;
}

bool signing_has_account(const struct config_section *s)
{
	return settings_of(s)->service_account_file != NULL;
}

/* --- the keys --- */

static int check_lifetime(const struct signing_settings *o, struct fault *f)
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
static int check_needs(const struct config_section *s, const char *grant,
		       const char **key, struct fault *f)
{
	const struct signing_settings *o = settings_of(s);

	*key = "assertion_issuer";
	if (!o->issuer && !config_given(s, "assertion.claim.iss"))
		return fault_set(f, "assertion_issuer is missing: the grant "
				 "%s needs it, or service_account_file",
				 grant);
	*key = "assertion_private_key";
	if (!o->private_key)
		return fault_set(f, "assertion_private_key is missing: the "
				 "grant %s needs it", grant);
	return 0;
}

int signing_check(const struct config_section *s, const char *grant,
		  const char **key, struct fault *f)
{
	const struct signing_settings *o = settings_of(s);

	*key = "assertion.header.alg";
	if (config_given(s, *key))
		return fault_set(f, "assertion.header.alg: there is a key for "
				 "it, assertion_signing_alg");
	*key = "assertion_lifetime";
	if (check_lifetime(o, f) < 0)
		return -1;
	return o->service_account_file ? 0 : check_needs(s, grant, key, f);
}

static int check_alg(const struct signing_settings *o,
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
static struct key *key_of(const struct signing_settings *o,
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
			  struct signing *b, const char **key,
			  struct fault *f)
{
	const struct signing_settings *o = settings_of(s);
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

void signing_release(void *state)
{
	struct signing *b = state;

	if (!b)
		return;
	assertion_signer_fini(&b->signer);
	service_account_fini(&b->account);
	mem_free(b);
}

int signing_prepare(const struct config_section *s, void **state,
		    const char **key, struct fault *f)
{
	const struct signing_settings *o = settings_of(s);
	struct signing *b = mem_new(struct signing);
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
		signing_release(b);
	else
		*state = b;
	return rc;
}

/* --- what they say --- */

static const char *issuer_of(const struct config_section *s,
			     const struct signing *b)
{
	const struct signing_settings *o = settings_of(s);

	return o->issuer ? o->issuer : b->account.client_email;
}

const char *signing_user(const struct config_section *s, const void *state)
{
	const struct signing_settings *o = settings_of(s);

	return o->subject ? o->subject : issuer_of(s, state);
}

const char *signing_account_endpoint(const void *state)
{
	const struct signing *b = state;

	return b ? b->account.token_uri : NULL;
}

int64_t signing_life(const struct config_section *s)
{
	return assertion_left(settings_of(s)->lifetime / 1000);
}

struct secret *signing_make(const struct token_asking *a, bool is_token,
			    struct fault *f)
{
	const struct oauth_settings *o =
		config_block(a->section, &oauth_settings_table);
	const struct signing_settings *set = settings_of(a->section);
	const struct signing *b = a->grant_state;
	struct assertion says = {
		.issuer = issuer_of(a->section, b),
		.subject = set->subject,
		.audience = set->audience,
		.now = a->now,
		.lifetime = set->lifetime / 1000,
		.header = &set->header,
		.claims = &set->claims,
	};

	if (!says.audience && !is_token)
		says.audience = b->account.token_uri ? b->account.token_uri
						     : a->token_endpoint;
	if (set->service_account_file)
		says.scope = o->scope;
	if (!says.subject && (is_token || !set->service_account_file))
		says.subject = says.issuer;
	return assertion_make(&b->signer, &says, f);
}
