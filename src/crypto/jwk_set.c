/* SPDX-License-Identifier: MIT */
/* Reads a server's set of public keys (jwks_uri), and finds in it those that a
 * signature may be of. */
#include "crypto/jwk_set.h"

#include "base/alloc.h"
#include "base/limits.h"
#include "crypto/jwk.h"
#include "crypto/key_int.h"

struct jwk_set {
	size_t n, nrefused;
	struct key *keys[LIMIT_JWKS_KEYS];
	char *refused[LIMIT_JWKS_KEYS]; /* which, and why it cannot be used */
};

/* "kid "x"", or "one without kid", of others' octets. */
static void add_kid(struct buf *out, struct str kid)
{
	if (kid.n == 0) {
		buf_add_z(out, "one without kid");
		return;
	}
	buf_add_z(out, "kid \"");
	buf_add_printable(out, str_sub(kid, 0, LIMIT_SHOWN));
	buf_add_z(out, "\"");
}

static void refuse(struct jwk_set *set, const struct json *jwk,
		   const struct fault *why)
{
	const struct json *kid = json_given(jwk, "kid");
	struct buf b = BUF_INIT(sizeof(struct fault) + 4 * LIMIT_SHOWN);

	add_kid(&b, json_is(kid, JSON_STRING) ? json_text(kid) : STR(""));
	buf_addf(&b, ": %s", why->text);
	set->refused[set->nrefused++] = buf_take(&b);
}

static void take(struct jwk_set *set, const struct json *jwk)
{
	struct fault why;
	struct key *key = jwk_read(jwk, &why);

	if (key && key_is_private(key))
		fault_set(&why, "it is a private or secret key, which "
			  "everyone can fetch here");
	else if (key && key->modulus > LIMIT_JWKS_RSA / 8)
		fault_set(&why, "it is of more than %d bits",
			  (int)LIMIT_JWKS_RSA);
	else if (key)
		set->keys[set->n++] = key_ref(key);
	if (!key || key_is_private(key) ||
	    key->modulus > LIMIT_JWKS_RSA / 8)
		refuse(set, jwk, &why);
	key_unref(&key);
}

static struct jwk_set *read_set(const struct json *j, struct fault *f)
{
	const struct json *keys = json_get(j, "keys");
	struct jwk_set *set;

	if (!json_is(keys, JSON_ARRAY)) {
		fault_set(f, "the key set is not a JSON object with an array "
			     "named keys");
		return NULL;
	}
	if (json_count(keys) > LIMIT_JWKS_KEYS) {
		fault_set(f, "the key set has more than %d keys",
			  LIMIT_JWKS_KEYS);
		return NULL;
	}
	set = mem_new(struct jwk_set);
	for (size_t i = 0; i < json_count(keys); i++)
		take(set, json_at(keys, i));
	return set;
}

struct jwk_set *jwk_set_parse(struct str text, struct fault *f)
{
	struct json *j = json_parse(text, f);
	struct jwk_set *set;

	if (!j) {
		fault_prefix(f, "the key set is not valid JSON");
		return NULL;
	}
	set = read_set(j, f);
	json_free(&j);
	return set;
}

void jwk_set_free(struct jwk_set **set)
{
	struct jwk_set *gone = *set;

	*set = NULL;
	if (!gone)
		return;
	for (size_t i = 0; i < gone->n; i++)
		key_unref(&gone->keys[i]);
	for (size_t i = 0; i < gone->nrefused; i++)
		mem_free(gone->refused[i]);
	mem_free(gone);
}

size_t jwk_set_count(const struct jwk_set *set)
{
	return set->n;
}

/* As far as there is room. */
static void tell(struct buf *out, const char *what)
{
	size_t room = out->max - out->n;

	if (str_z(what).n + 2 > room)
		return;
	if (out->n > 0)
		buf_add_z(out, "; ");
	buf_add_z(out, what);
}

void jwk_set_tell_unusable(const struct jwk_set *set,
			   const struct jws_alg *alg, struct buf *out)
{
	for (size_t i = 0; i < set->nrefused; i++)
		tell(out, set->refused[i]);
	for (size_t i = 0; i < set->n; i++) {
		ATTR_CLEANUP(buf_fini) struct buf b =
			BUF_INIT(sizeof(struct fault) + 4 * LIMIT_SHOWN);
		struct fault why;

		if (jws_alg_fits(alg, set->keys[i], KEY_VERIFY, &why) == 0)
			continue;
		add_kid(&b, str_z(key_id(set->keys[i])));
		buf_addf(&b, ": %s", why.text);
		tell(out, buf_z(&b));
	}
}

/* In the first pass those of that id, or all; in the second those without. */
struct key *jwk_set_next(const struct jwk_set *set, struct str id,
			 const struct jws_alg *alg, size_t *at)
{
	while (*at < 2 * set->n) {
		struct key *key = set->keys[*at % set->n];
		bool first = (*at)++ < set->n;
		const char *own = key_id(key);

		if (id.n == 0 ? !first : first ? !str_eq_z(id, own) : !!own)
			continue;
		if (jws_alg_fits(alg, key, KEY_VERIFY, NULL) == 0)
			return key;
	}
	return NULL;
}
