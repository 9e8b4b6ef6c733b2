/* SPDX-License-Identifier: MIT */
/* Signs and verifies, or fails the test: what the tests of signatures share. */
#pragma once

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "base/limits.h"
#include "crypto/jwk.h"
#include "crypto/jws.h"

static inline const struct jws_alg *alg_of(const char *name)
{
	const struct jws_alg *alg = jws_alg_find(name, NULL);

	assert_non_null(alg);
	return alg;
}

static inline struct key *key_of(const char *text)
{
	struct fault f = { "" };
	struct key *key;

	if (text[0] == '{')
		key = jwk_parse(str_z(text), &f);
	else
		key = key_parse_private(str_z(text), &f);
	if (!key)
		fail_msg("refused: %s", f.text);
	return key;
}

/* The public half, through its JWK. */
static inline struct key *public_of(const struct key *key)
{
	ATTR_CLEANUP(buf_fini) struct buf b = BUF_INIT(8192);
	struct json_out o;
	struct key *public;

	json_out_init(&o, &b);
	jwk_write_public(key, &o);
	public = key_of(buf_z(&b));
	assert_false(key_is_private(public));
	return public;
}

static inline void sign_with(const char *alg, const struct key *key,
			     struct buf *out)
{
	struct fault f = { "" };
	char header[64];

	(void)snprintf(header, sizeof(header), "{\"alg\":\"%s\"}", alg);
	if (jws_sign(alg_of(alg), key, str_z(header), STR("a payload"), out,
		     &f) < 0)
		fail_msg("%s not signed: %s", alg, f.text);
}

static inline void verifies(const char *alg, const struct key *key,
			    struct str compact, const char *payload)
{
	ATTR_CLEANUP(buf_fini) struct buf b = BUF_INIT(1024);
	struct json *header;
	struct fault f = { "" };

	if (jws_verify(alg_of(alg), key, compact, &header, &b, &f) < 0)
		fail_msg("%s refused: %s", alg, f.text);
	assert_string_equal(buf_z(&b), payload);
	assert_true(str_eq_z(json_text(json_get(header, "alg")), alg));
	json_free(&header);
	buf_reset(&b);
	assert_int_equal(jws_verify(alg_of(alg), key, compact, NULL, &b, &f),
			 0);
	assert_string_equal(buf_z(&b), payload);
}

static inline void refused(const char *alg, const struct key *key,
			   struct str compact, const char *words)
{
	ATTR_CLEANUP(buf_fini) struct buf b = BUF_INIT(LIMIT_JWS);
	struct json *header = NULL;
	struct fault f = { "" };

	buf_add_z(&b, "before");
	if (jws_verify(alg_of(alg), key, compact, &header, &b, &f) == 0)
		fail_msg("%s taken: %.*s", alg, STR_ARGS(compact));
	if (!strstr(f.text, words))
		fail_msg("\"%s\" does not say \"%s\"", f.text, words);
	assert_null(header);
	assert_string_equal(buf_z(&b), "before");
}
