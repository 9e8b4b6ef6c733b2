/* SPDX-License-Identifier: MIT */
/* The keys that a server says it signs with. */
#include "crypto/jwk_set.h"

#include "base/alloc.h"
#include "crypto/jwk.h"
#include "crypto/key_int.h"

struct jwk_set {
	size_t n;
	struct key *keys[JWK_SET_MAX];
};

static void take(struct jwk_set *set, const struct json *jwk)
{
	struct key *key = jwk_read(jwk, NULL);

	/* A secret that everyone can fetch is none. */
	if (key && !key_is_private(key) &&
	    key->modulus <= JWK_SET_RSA_MAX_BITS / 8)
		set->keys[set->n++] = key;
	else
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
	if (json_count(keys) > JWK_SET_MAX) {
		fault_set(f, "the key set has more than %d keys",
			  JWK_SET_MAX);
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
	mem_free(gone);
}

size_t jwk_set_count(const struct jwk_set *set)
{
	return set->n;
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
