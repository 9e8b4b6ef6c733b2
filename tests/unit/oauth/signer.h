/* SPDX-License-Identifier: MIT */
/* A server that signs ID tokens, for tests: its keys (those of RFC 7515 A.2,
 * A.3 and RFC 8037 A), the set that it publishes, and its signer. */
#pragma once

#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <setjmp.h>

#include <cmocka.h>

#include "base/alloc.h"
#include "base/buf.h"
#include "crypto/jwk.h"
#include "crypto/jwk_set.h"
#include "crypto/jwt.h"
#include "crypto/standard_keys.h"
#include "data/base64url.h"

static const char signer_rsa[] = RFC7515_A2_KEY;

static const char signer_ec[] = RFC7515_A3_KEY;

static const char signer_ed[] = RFC8037_KEY;

static inline struct key *signer_key(const char *jwk)
{
	struct fault f = { "" };
	struct key *key = jwk_parse(str_z(jwk), &f);

	if (!key)
		fail_msg("%s", f.text);
	return key;
}

/* Adds the public part of a key to a set's text, under that kid (NULL: none),
 * with more members. */
static inline void signer_publish(struct buf *set, const char *jwk,
				  const char *kid, const char *more)
{
	struct buf member = BUF_INIT(4096);
	struct key *key = signer_key(jwk);
	struct json_out o;

	json_out_init(&o, &member);
	jwk_write_public(key, &o);
	key_unref(&key);
	buf_cut(&member, member.n - 1);
	if (kid)
		buf_addf(&member, ",\"kid\":\"%s\"", kid);
	buf_addf(set, "%s%s%s}", set->n ? "," : "", buf_z(&member), more);
	buf_fini(&member);
}

/* The set of those that were added; the text is emptied. */
static inline struct jwk_set *signer_set(struct buf *members)
{
	struct buf text = BUF_INIT(65536);
	struct fault f = { "" };
	struct jwk_set *set;

	buf_addf(&text, "{\"keys\":[%s]}", buf_z(members));
	buf_fini(members);
	set = jwk_set_parse(buf_str(&text), &f);
	if (!set)
		fail_msg("%s", f.text);
	buf_fini(&text);
	return set;
}

/* These claims, signed. kid may be NULL; more: of the header, or "".
 * mem_free. */
static inline char *signer_sign(const char *alg, const char *jwk,
				const char *kid, const char *more,
				const char *claims)
{
	struct jwt_header header = { .typ = "JWT", .kid = kid,
				     .more = str_z(more) };
	struct buf out = BUF_INIT(65536);
	struct key *key = signer_key(jwk);
	struct fault f = { "" };

	if (jwt_sign(jws_alg_find(alg, NULL), key, &header, str_z(claims),
		     &out, &f) < 0)
		fail_msg("%s", f.text);
	key_unref(&key);
	return buf_take(&out);
}

/* The base object's text with the members of the others in place of its own; a
 * null leaves one out. */
static inline void signer_merge(struct buf *out, const char *base,
				const char *others)
{
	struct json *a = json_parse(str_z(base), NULL);
	struct json *b = json_parse(str_z(others), NULL);
	struct json_out o;

	assert_non_null(a);
	assert_non_null(b);
	json_out_init(&o, out);
	json_out_object(&o);
	for (size_t i = 0; i < json_count(a); i++) {
		if (json_get_str(b, json_name(a, i)))
			continue;
		json_out_key_str(&o, json_name(a, i));
		json_out_value(&o, json_at(a, i));
	}
	for (size_t i = 0; i < json_count(b); i++) {
		if (json_is(json_at(b, i), JSON_NULL))
			continue;
		json_out_key_str(&o, json_name(b, i));
		json_out_value(&o, json_at(b, i));
	}
	json_out_object_end(&o);
	json_free(&a);
	json_free(&b);
}
