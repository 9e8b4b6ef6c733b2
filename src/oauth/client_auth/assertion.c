/* SPDX-License-Identifier: MIT */
/* Writes the claims of an assertion, and signs it. What the configuration wants
 * said otherwise goes before what the standard says. */
#include "oauth/client_auth/assertion.h"

#include <string.h>

#include "base/alloc.h"
#include "base/limits.h"
#include "config/pairs.h"
#include "crypto/jwt.h"
#include "crypto/random.h"
#include "data/base64url.h"

/* A kind's first one is what it implies (RFC 7518 §3.1, RFC 8037 §3.1). */
static const char *const algs[] = {
	"RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256",
	"ES384", "ES512", "EdDSA", "HS256", "HS384", "HS512",
};

enum { ALGS = sizeof(algs) / sizeof(algs[0]) };

static bool alg_fits(const char *name, const struct key *key)
{
	const struct jws_alg *alg = jws_alg_find(name, NULL);

	return alg && jws_alg_fits(alg, key, KEY_SIGN, NULL) == 0;
}

void assertion_algs(const struct key *key, struct buf *out)
{
	const char *comma = "";

	for (size_t i = 0; i < ALGS; i++) {
		if (!alg_fits(algs[i], key))
			continue;
		buf_addf(out, "%s%s", comma, algs[i]);
		comma = ", ";
	}
}

/* A shared secret that is too short for any is told so by its first. */
static const char *implied_alg(const struct key *key)
{
	for (size_t i = 0; i < ALGS; i++)
		if (alg_fits(algs[i], key))
			return algs[i];
	return key_type(key) == KEY_OCT ? "HS256" : algs[0];
}

int assertion_signer_init(struct assertion_signer *s, struct key *key,
			  const char *alg, const char *kid, struct fault *f)
{
	memset(s, 0, sizeof(*s));
	s->alg = jws_alg_find(alg ? alg : implied_alg(key), f);
	if (!s->alg || jws_alg_fits(s->alg, key, KEY_SIGN, f) < 0)
		return -1;
	s->key = key_ref(key);
	if (!kid)
		kid = key_id(key);
	if (kid)
		s->key_id = mem_strdup(kid);
	return 0;
}

void assertion_signer_fini(struct assertion_signer *s)
{
	key_unref(&s->key);
	mem_free(s->key_id);
	memset(s, 0, sizeof(*s));
}

/* --- what it says --- */

/* A value of the configuration: JSON where it is a JSON value (so that one in
 * quotation marks is text whatever is in it), else text as it stands. */
static void add_value(struct json_out *o, struct str text)
{
	struct json *j = json_parse(text, NULL);

	if (j)
		json_out_value(o, j);
	else
		json_out_str(o, text);
	json_free(&j);
}

static void add_given(struct json_out *o, const struct config_list *given)
{
	for (size_t i = 0; given && i < given->n; i++) {
		struct str name, value;

		config_pair(given, i, &name, &value);
		if (!value.n)
			continue;
		json_out_key_str(o, name);
		add_value(o, value);
	}
}

static bool is_given(const struct config_list *given, const char *name)
{
	return given && config_pairs_have(given, str_z(name));
}

struct claims {
	struct json_out o;
	const struct config_list *given;
};

static void add_text(struct claims *c, const char *name, const char *value)
{
	if (!value || is_given(c->given, name))
		return;
	json_out_key(&c->o, name);
	json_out_z(&c->o, value);
}

static void add_date(struct claims *c, const char *name, int64_t value)
{
	if (is_given(c->given, name))
		return;
	json_out_key(&c->o, name);
	json_out_int(&c->o, value);
}

/* 128 random bits: no assertion can be taken for another. */
static void add_jti(struct claims *c)
{
	struct buf b = BUF_INIT(64);
	char octets[16];

	random_fill(octets, sizeof(octets));
	base64url_encode(&b, (struct str){ octets, sizeof(octets) });
	add_text(c, "jti", buf_z(&b));
	buf_fini(&b);
}

/* By how many seconds iat is set back. */
static int64_t set_back(int64_t lifetime)
{
	int64_t back = lifetime / 10;

	return back < LIMIT_ASSERTION_SKEW ? back : LIMIT_ASSERTION_SKEW;
}

int64_t assertion_left(int64_t lifetime)
{
	return lifetime - set_back(lifetime);
}

static void claims_write(const struct assertion *a, struct buf *out)
{
	struct claims c = { .given = a->claims };
	int64_t back = set_back(a->lifetime);

	json_out_init(&c.o, out);
	json_out_object(&c.o);
	add_text(&c, "iss", a->issuer);
	add_text(&c, "sub", a->subject);
	add_text(&c, "aud", a->audience);
	add_text(&c, "scope", a->scope);
	add_date(&c, "iat", a->now - back);
	add_date(&c, "exp", a->now - back + a->lifetime);
	add_jti(&c);
	add_given(&c.o, a->claims);
	json_out_object_end(&c.o);
}

static void header_write(const struct assertion *a, struct buf *out)
{
	struct json_out o;

	json_out_init(&o, out);
	json_out_object(&o);
	add_given(&o, a->header);
	json_out_object_end(&o);
}

/* A standard member that the configuration leaves empty is not there. */
static const char *unless_given(const struct assertion *a, const char *name,
				const char *value)
{
	return is_given(a->header, name) ? NULL : value;
}

struct secret *assertion_make(const struct assertion_signer *s,
			      const struct assertion *a, struct fault *f)
{
	struct buf more = BUF_INIT(LIMIT_ASSERTION);
	struct buf claims = BUF_INIT_SECRET(LIMIT_ASSERTION);
	struct buf out = BUF_INIT_SECRET(LIMIT_ASSERTION);
	struct secret *made = NULL;
	struct jwt_header header = {
		.typ = unless_given(a, "typ", "JWT"),
		.kid = unless_given(a, "kid", s->key_id),
	};

	header_write(a, &more);
	claims_write(a, &claims);
	header.more = buf_str(&more);
	if (!buf_ok(&more) || !buf_ok(&claims))
		fault_set(f, "the assertion is too long");
	else if (jwt_sign(s->alg, s->key, &header, buf_str(&claims), &out,
			  f) == 0)
		made = secret_take(&out);
	buf_fini(&more);
	buf_fini(&claims);
	buf_fini(&out);
	return made;
}
