/* SPDX-License-Identifier: MIT */
/* Checks whether the ID token beside a token was made by this server, for this
 * client, for this login, and now: between the token's arrival and its use. */
#include "oauth/login/id_token.h"

#include <inttypes.h>
#include <string.h>

#include "base/alloc.h"
#include "config/live_secret.h"
#include "base/buf.h"
#include "base/limits.h"
#include "crypto/digest.h"
#include "crypto/jwt.h"
#include "data/base64url.h"
#include "data/json_path.h"
#include "oauth/settings.h"

/* One token while it is looked at. */
struct checking {
	const struct id_token_rules *rules;
	const struct oauth_settings *oauth;
	const struct id_token_settings *settings;
	struct str token;
	struct json *header;       /* nobody has vouched for it */
	const struct jws_alg *alg; /* set by check_alg */
	struct jwt jwt;            /* set by check_signature */
};

static const struct json *claim(const struct checking *c, const char *name)
{
	const struct json *j = json_get(c->jwt.claims, name);

	return json_type(j) == JSON_NULL ? NULL : j;
}

/* --- by whom it was made --- */

/* A token of five parts is encrypted (RFC 7516 §3.1). */
static int check_form(struct checking *c, struct fault *f)
{
	struct str rest = c->token;
	size_t dots = 0;
	struct jwt jwt;

	for (; str_find(rest, '.') < rest.n; dots++)
		rest = str_from(rest, str_find(rest, '.') + 1);
	if (dots == 4)
		return fault_set(f, "it is encrypted, and only signed ones are "
				 "understood; register the client without "
				 "id_token_encrypted_response_alg");
	if (jwt_read_unverified(c->token, &jwt, f) < 0)
		return -1;
	c->header = jwt.header;
	jwt.header = NULL;
	jwt_fini(&jwt);
	return 0;
}

/* One that nobody can make who only knows what everybody knows. */
static bool is_asymmetric(const char *name)
{
	return jws_alg_find(name, NULL) && !jws_alg_is_shared(name);
}

/* Whether the configuration, or else the server's metadata, names it. */
static bool is_expected(const struct checking *c, struct str alg)
{
	const struct id_token_rules *r = c->rules;

	if (c->settings->signed_response_alg)
		return str_eq_z(alg, c->settings->signed_response_alg);
	if (!r->algs)
		return str_eq(alg, STR("RS256"));
	for (size_t i = 0; i < r->nalgs; i++) {
		if (str_eq_z(alg, r->algs[i]))
			return is_asymmetric(r->algs[i]);
	}
	return false;
}

static int refuse_alg(const struct checking *c, struct str alg,
		      struct fault *f)
{
	ATTR_CLEANUP(buf_fini) struct buf shown = BUF_INIT(LIMIT_SHOWN);
	const char *own = c->settings->signed_response_alg;

	buf_add_printable(&shown, str_sub(alg, 0, LIMIT_SHOWN));
	if (str_eq_nocase(alg, STR("none")))
		return fault_set(f, "it is not signed at all (alg is none), "
				 "and anybody could have made it; have the "
				 "server sign it");
	return fault_set(f, "it is signed with %s, where %s is expected; if "
			 "the client is registered for that, say so with "
			 "id_token_signed_response_alg", buf_z(&shown),
			 own ? own : !c->rules->algs ? "RS256" :
			 "one of the public key algorithms in the server's "
			 "metadata");
}

static int check_alg(struct checking *c, struct fault *f)
{
	const struct json *alg = json_get(c->header, "alg");
	struct str name = json_text(alg);
	char *z;

	if (!json_is(alg, JSON_STRING))
		return fault_set(f, "its header names no alg; have the server "
				 "sign it as RFC 7515 says");
	if (!is_expected(c, name))
		return refuse_alg(c, name, f);
	z = str_dup(name);
	c->alg = jws_alg_find(z, f);
	mem_free(z);
	return c->alg ? 0 : -1;
}

/* With the client's secret, where it is registered so (§10.1). */
static int check_mac(struct checking *c, struct fault *f)
{
	struct secret *secret;
	struct key *key;
	int rc;

	if (!config_live_given(&c->oauth->client_secret))
		return fault_set(f, "it is signed with client_secret, which "
				 "this service does not have");
	secret = config_live_read(&c->oauth->client_secret, f);
	if (!secret)
		return fault_prefix(f, "client_secret");
	key = key_symmetric(secret);
	secret_unref(&secret);
	rc = jwt_verify(c->alg, key, c->token, &c->jwt, f);
	key_unref(&key);
	return rc;
}

/* Tries the first keys that may be the one. A server may use a kid again, so
 * that a newer set may have the right one whatever the kid is; and none may
 * make a check dear by the number of its keys. */
static int check_with_keys(struct checking *c, struct str kid,
			   struct fault *f)
{
	const struct jwk_set *keys = c->rules->keys;
	const char *found = kid.n > 0 ? "an unknown" : "no";
	ATTR_CLEANUP(buf_fini) struct buf unusable = BUF_INIT(2 * LIMIT_SHOWN);
	struct key *key;
	size_t at = 0;

	for (int tried = 0; tried < LIMIT_ID_TOKEN_KEYS; tried++) {
		key = jwk_set_next(keys, kid, c->alg, &at);
		if (!key)
			break;
		if (jwt_verify(c->alg, key, c->token, &c->jwt, f) == 0)
			return ID_TOKEN_GOOD;
		if (kid.n > 0 && str_eq_z(kid, key_id(key)))
			found = "a known";
	}
	jwk_set_tell_unusable(keys, c->alg, &unusable);
	fault_set(f,
		  "none of the server's %zu keys is the one that it is "
		  "signed with (%s, %s kid); check jwks_uri%s%s",
		  jwk_set_count(keys), jws_alg_name(c->alg), found,
		  unusable.n > 0 ? "; not usable: " : "", buf_z(&unusable));
	return ID_TOKEN_UNKNOWN_KEY;
}

/* crit is looked at before newer keys are asked for. */
static int check_signature(struct checking *c, struct fault *f)
{
	const struct json *kid = json_get(c->header, "kid");

	if (json_get(c->header, "crit"))
		return fault_set(f, "its header has crit: there are extensions "
				 "which must be understood, and none is");
	if (jws_alg_is_shared(jws_alg_name(c->alg)))
		return check_mac(c, f);
	if (json_type(kid) != JSON_NULL && !json_is(kid, JSON_STRING))
		return fault_set(f, "its header's kid is not a string");
	if (c->rules->keys)
		return check_with_keys(c, json_text(kid), f);
	fault_set(f, "the server's keys are not known; give issuer or "
		  "jwks_uri");
	return ID_TOKEN_UNKNOWN_KEY;
}

static int check_iss(struct checking *c, struct fault *f)
{
	ATTR_CLEANUP(buf_fini) struct buf shown = BUF_INIT(LIMIT_SHOWN);
	const struct json *iss = claim(c, "iss");
	const struct id_token_subject *before = c->rules->before;

	if (!c->rules->issuer)
		return fault_set(f, "it is not known which issuer is the right "
				 "one; give issuer");
	if (!json_is(iss, JSON_STRING))
		return fault_set(f, "it does not say which issuer it is of");
	buf_add_printable(&shown, str_sub(json_text(iss), 0, LIMIT_SHOWN));
	if (!str_eq_z(json_text(iss), c->rules->issuer))
		return fault_set(f, "it is of issuer \"%s\" and not of this "
				 "service's; both must be the same to the last "
				 "character: check issuer", buf_z(&shown));
	if (before && before->iss && !str_eq_z(json_text(iss), before->iss))
		return fault_set(f, "it is of another issuer than the one "
				 "before; log in again");
	return 0;
}

/* --- for whom --- */

static bool is_client(const struct checking *c, const struct json *j)
{
	return json_is(j, JSON_STRING) && c->oauth->client_id &&
	       str_eq_z(json_text(j), c->oauth->client_id);
}

/* OpenID Connect Core §3.1.3.7, with errata of 2023: other audiences are good
 * where they are trusted, whether or not azp says who asked for it. */
static bool is_trusted(const struct checking *c, const struct json *j)
{
	const struct id_token_settings *set =
		config_block(c->rules->section, &id_token_table);

	for (size_t i = 0; i < set->audience.n; i++)
		if (str_eq_z(json_text(j), set->audience.v[i]))
			return true;
	return false;
}

static int check_aud(struct checking *c, struct fault *f)
{
	const struct json *aud = claim(c, "aud");
	bool found = is_client(c, aud), others = false;

	for (size_t i = 0; json_is(aud, JSON_ARRAY) && i < json_count(aud);
	     i++) {
		const struct json *one = json_at(aud, i);

		if (!json_is(one, JSON_STRING))
			return fault_set(f, "it holds what is not a string");
		if (is_client(c, one))
			found = true;
		else if (!is_trusted(c, one))
			others = true;
	}
	if (!found)
		return fault_set(f, "it is not for this client: client_id is "
				 "not among its audiences; check client_id");
	if (!others)
		return 0;
	return fault_set(f, "it is for others too: each audience beside the "
			 "client must be an id_token_audience");
}

static int check_azp(struct checking *c, struct fault *f)
{
	const struct json *azp = claim(c, "azp");

	if (!azp)
		return 0;
	if (is_client(c, azp))
		return 0;
	return fault_set(f, "another client asked for it; check client_id");
}

/* --- when --- */

#define CLOCKS "; check the clocks of both machines"

/* A date that must be there; or may be, then *out is -1 without it. */
static int take_date(const struct checking *c, const char *name, bool due,
		     int64_t *out, struct fault *f)
{
	*out = -1;
	if (!due && !claim(c, name))
		return 0;
	switch (jwt_date(c->jwt.claims, name, out, f)) {
	case 0:
		return fault_set(f, "it does not have this claim");
	case 1:
		return 0;
	default:
		return -1;
	}
}

static int check_exp(struct checking *c, struct fault *f)
{
	int64_t exp;

	if (take_date(c, "exp", true, &exp, f) < 0)
		return -1;
	if (c->rules->now < exp + LIMIT_ID_TOKEN_LEEWAY)
		return 0;
	fault_set(f, "it has expired %" PRId64 " seconds ago" CLOCKS,
		  c->rules->now - exp);
	return ID_TOKEN_OVER;
}

/* What comes with a refresh may be the login's own once more. */
static int check_iat(struct checking *c, struct fault *f)
{
	int64_t iat, now = c->rules->now;

	if (take_date(c, "iat", true, &iat, f) < 0)
		return -1;
	if (iat > now + LIMIT_ID_TOKEN_LEEWAY)
		return fault_set(f, "it was made %" PRId64 " seconds in the "
				 "future" CLOCKS, iat - now);
	if (c->rules->refresh || now - iat <= LIMIT_ID_TOKEN_AGE)
		return 0;
	return fault_set(f, "it was made %" PRId64 " seconds ago, and not for "
			 "this login" CLOCKS, now - iat);
}

static int check_nbf(struct checking *c, struct fault *f)
{
	int64_t nbf, now = c->rules->now;

	if (take_date(c, "nbf", false, &nbf, f) < 0)
		return -1;
	if (nbf <= now + LIMIT_ID_TOKEN_LEEWAY)
		return 0;
	return fault_set(f, "it is not good for another %" PRId64 " seconds"
			 CLOCKS, nbf - now);
}

/* §2, §3.1.2.1; how old a login is does not matter for its refreshes. */
static int check_auth_time(struct checking *c, struct fault *f)
{
	int64_t max = c->rules->refresh ? -1 : c->rules->max_age;
	int64_t time, now = c->rules->now;

	if (take_date(c, "auth_time", max >= 0, &time, f) < 0)
		return -1;
	if (time > now + LIMIT_ID_TOKEN_LEEWAY)
		return fault_set(f, "the person logged in %" PRId64 " seconds "
				 "in the future" CLOCKS, time - now);
	if (max < 0 || now - time <= max + LIMIT_ID_TOKEN_LEEWAY)
		return 0;
	return fault_set(f, "the person logged in at the server %" PRId64
			 " seconds ago, longer than max_age; log in there "
			 "anew", now - time);
}

/* --- of whom, and for which login --- */

static int check_sub(struct checking *c, struct fault *f)
{
	const struct id_token_subject *before = c->rules->before;
	const struct json *sub = claim(c, "sub");
	struct str s = json_text(sub);

	if (!json_is(sub, JSON_STRING) || s.n == 0 ||
	    s.n > LIMIT_ID_TOKEN_SUB || str_find(s, '\0') < s.n)
		return fault_set(f, "it does not say whose it is, in a string "
				 "of 1 to %d octets", (int)LIMIT_ID_TOKEN_SUB);
	if (!before || !before->sub || str_eq_z(s, before->sub))
		return 0;
	return fault_set(f, "it is of another account than the one before; log "
			 "in again");
}

static int check_nonce(struct checking *c, struct fault *f)
{
	const struct id_token_subject *before = c->rules->before;
	const struct secret *nonce = c->rules->nonce;
	const struct json *j = claim(c, "nonce");

	if (c->rules->refresh && before)
		nonce = before->nonce;
	if (!nonce || (c->rules->refresh && !j))
		return 0;
	if (json_is(j, JSON_STRING) && secret_eq_str(nonce, json_text(j)))
		return 0;
	return fault_set(f, "it was not made for this login: it %s; log in "
			 "again%s", j ? "has another nonce" : "has no nonce",
			 j ? "" : ", or, where the server never sends one, "
				  "give id_token = ignore");
}

/* The left half of what the algorithm hashes with (§3.1.3.6). Ed25519 has
 * SHA-512 within. */
static void half_hash(const struct jws_alg *alg, struct str s, struct buf *out)
{
	struct str name = str_z(jws_alg_name(alg));
	unsigned char digest[DIGEST_MAX_SIZE];
	size_t n = DIGEST_SHA512_SIZE;

	if (str_ends(name, STR("256"))) {
		n = DIGEST_SHA256_SIZE;
		digest_sha256(s, digest);
	} else if (str_ends(name, STR("384"))) {
		n = DIGEST_SHA384_SIZE;
		digest_sha384(s, digest);
	} else {
		digest_sha512(s, digest);
	}
	base64url_encode(out, (struct str){ (const char *)digest, n / 2 });
}

static int check_hash(const struct checking *c, const char *name,
		      const struct secret *of, bool due, const char *what,
		      struct fault *f)
{
	ATTR_CLEANUP(buf_fini) struct buf hash = BUF_INIT(DIGEST_MAX_SIZE);
	const struct json *j = claim(c, name);

	if (!j && due)
		return fault_set(f, "it does not say which %s it belongs to",
				 what);
	if (!j || !of)
		return 0;
	half_hash(c->alg, secret_expose(of), &hash);
	if (json_is(j, JSON_STRING) && str_eq(json_text(j), buf_str(&hash)))
		return 0;
	return fault_set(f, "it belongs to another %s than the one that came "
			 "with it; log in again", what);
}

static int check_at_hash(struct checking *c, struct fault *f)
{
	return check_hash(c, "at_hash", c->rules->access_token,
			  c->rules->at_hash_due, "access_token", f);
}

static int check_c_hash(struct checking *c, struct fault *f)
{
	return check_hash(c, "c_hash", c->rules->code, c->rules->c_hash_due,
			  "code", f);
}

/* --- what the configuration asks for --- */

/* A name may hold dots itself, as those do that are URLs: what fits whole goes
 * before what has to be split. */
static const struct json *find_claim(const struct json *j, struct str path)
{
	while (j && path.n > 0) {
		const struct json *whole = json_get_str(j, path);
		size_t dot = str_find(path, '.');

		if (whole)
			return whole;
		j = json_get_str(j, str_sub(path, 0, dot));
		path = str_from(path, dot + 1);
	}
	return path.n == 0 ? j : NULL;
}

/* A claim that is null counts as absent. */
static bool is_value(const struct json *j, struct str value)
{
	return json_type(j) != JSON_NULL && json_fits(j, value);
}

static bool has_value(const struct json *j, struct str value)
{
	bool found = is_value(j, value);

	for (size_t i = 0; json_is(j, JSON_ARRAY) && i < json_count(j); i++)
		found = found || is_value(json_at(j, i), value);
	return found;
}

/* A refresh may leave claims out (§12.2): sub says whose it is, where that is
 * known. */
static int check_required(struct checking *c, struct fault *f)
{
	const struct config_list *list = &c->settings->require_claim;
	const struct id_token_subject *before = c->rules->before;
	bool known = c->rules->refresh && before && before->sub;

	for (size_t i = 0; i < list->n; i++) {
		struct str entry = str_z(list->v[i]);
		struct str name = str_sub(entry, 0, str_find(entry, '='));
		const struct json *j = find_claim(c->jwt.claims, name);

		if (has_value(j, str_from(entry, name.n + 1)) ||
		    (!j && known))
			continue;
		name = str_sub(name, 0, LIMIT_SHOWN);
		return fault_set(f, "the claim %.*s %s; log in with the right "
				 "account", STR_ARGS(name), j ?
				 "is not what require_claim asks for" :
				 "is missing");
	}
	return 0;
}

/* --- all of it --- */

/* In the order in which they are looked at. */
static const struct {
	const char *name;
	int (*check)(struct checking *c, struct fault *f); /* a verdict */
} checks[] = {
	{ "form", check_form },
	{ "alg", check_alg },
	{ "signature", check_signature },
	{ "iss", check_iss },
	{ "aud", check_aud },
	{ "azp", check_azp },
	{ "iat", check_iat },
	{ "nbf", check_nbf },
	{ "sub", check_sub },
	{ "nonce", check_nonce },
	{ "auth_time", check_auth_time },
	{ "at_hash", check_at_hash },
	{ "c_hash", check_c_hash },
	{ "require_claim", check_required },
	{ "exp", check_exp },
};

static void fill(struct checking *c, struct id_token_subject *out)
{
	const struct id_token_rules *r = c->rules;
	const struct secret *nonce = r->nonce;

	if (r->refresh && r->before)
		nonce = r->before->nonce;
	out->iss = str_dup(json_text(claim(c, "iss")));
	out->sub = str_dup(json_text(claim(c, "sub")));
	if (nonce)
		out->nonce = secret_new(secret_expose(nonce));
}

enum id_token_verdict id_token_verify(const struct id_token_rules *r,
				      struct str token,
				      struct id_token_subject *out,
				      struct fault *f)
{
	struct checking c = {
		.rules = r,
		.oauth = config_block(r->section, &oauth_settings_table),
		.settings = config_block(r->section, &id_token_table),
		.token = token,
	};
	int verdict = ID_TOKEN_GOOD;

	memset(out, 0, sizeof(*out));
	for (size_t i = 0; i < sizeof(checks) / sizeof(checks[0]); i++) {
		verdict = checks[i].check(&c, f);
		if (verdict == ID_TOKEN_GOOD)
			continue;
		fault_prefix(f, "the id_token is refused (%s)",
			     checks[i].name);
		break;
	}
	if (verdict == ID_TOKEN_GOOD)
		fill(&c, out);
	json_free(&c.header);
	jwt_fini(&c.jwt);
	return (enum id_token_verdict)verdict;
}

void id_token_subject_copy(struct id_token_subject *to,
			   const struct id_token_subject *from)
{
	struct id_token_subject old = *to;

	to->iss = from->iss ? mem_strdup(from->iss) : NULL;
	to->sub = from->sub ? mem_strdup(from->sub) : NULL;
	to->nonce = secret_ref(from->nonce);
	id_token_subject_fini(&old);
}

void id_token_subject_fini(struct id_token_subject *s)
{
	mem_free(s->iss);
	mem_free(s->sub);
	secret_unref(&s->nonce);
	memset(s, 0, sizeof(*s));
}
