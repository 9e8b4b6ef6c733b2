/* SPDX-License-Identifier: MIT */
/* A login whose id_token is looked at: what it is held against, and tokens of
 * a server that signs. */
#pragma once

#include <string.h>

#include "oauth/login/id_token.h"
#include "oauth/section.h"
#include "oauth/signer.h"

#define ISSUER "https://as.test"
#define NOW 1800000000
#define CLIENT "client_id = c1\n"
#define SECRET "client_secret = 0123456789abcdef0123456789abcdef\n"

static const char base[] =
	"{\"iss\":\"" ISSUER "\",\"sub\":\"alice\",\"aud\":\"c1\","
	"\"exp\":1800003600,\"iat\":1800000000,\"nonce\":\"n-1\"}";

static struct section section;
static struct id_token_rules rules;
static struct jwk_set *keys;
static struct secret *nonce;

/* Three keys, of kids "rsa", "ec" and "ed". */
static inline struct jwk_set *all_keys(void)
{
	struct buf members = BUF_INIT(65536);

	signer_publish(&members, signer_rsa, "rsa", "");
	signer_publish(&members, signer_ec, "ec", "");
	signer_publish(&members, signer_ed, "ed", ",\"use\":\"sig\"");
	return signer_set(&members);
}

static inline void use(const char *lines)
{
	section_free(&section);
	section = section_new(lines);
	rules.section = section.s;
}

static inline int setup(void **state)
{
	(void)state;
	keys = all_keys();
	nonce = secret_new(STR("n-1"));
	section = section_new(CLIENT);
	rules = (struct id_token_rules){
		.section = section.s,
		.issuer = ISSUER,
		.keys = keys,
		.now = NOW,
		.nonce = nonce,
		.max_age = -1,
	};
	return 0;
}

static inline int teardown(void **state)
{
	(void)state;
	section_free(&section);
	jwk_set_free(&keys);
	secret_unref(&nonce);
	return 0;
}

/* The verdict on a token; words: what the fault says, NULL where it is good. */
static inline void expect_token(const char *token,
				enum id_token_verdict verdict,
				const char *words)
{
	struct id_token_subject who;
	struct fault f = { "" };

	if (id_token_verify(&rules, str_z(token), &who, &f) != verdict)
		fail_msg("unexpected verdict: %s", f.text);
	if (verdict == ID_TOKEN_GOOD) {
		assert_non_null(who.iss);
		assert_non_null(who.sub);
	} else {
		assert_null(who.iss);
		assert_null(who.sub);
		if (!strstr(f.text, words))
			fail_msg("\"%s\" does not say \"%s\"", f.text, words);
	}
	id_token_subject_fini(&who);
}

static inline void expect(const char *claims, enum id_token_verdict verdict,
			  const char *words)
{
	struct buf text = BUF_INIT(65536);
	char *token;

	signer_merge(&text, base, claims);
	token = signer_sign("RS256", signer_rsa, "rsa", "", buf_z(&text));
	expect_token(token, verdict, words);
	mem_free(token);
	buf_fini(&text);
}

static inline void good(const char *claims)
{
	expect(claims, ID_TOKEN_GOOD, NULL);
}

static inline void bad(const char *claims, const char *words)
{
	expect(claims, ID_TOKEN_BAD, words);
}

/* It would be good, had it not expired. */
static inline void over(const char *claims)
{
	expect(claims, ID_TOKEN_OVER, "(exp)");
}

/* The good claims, signed so. */
static inline void expect_signed(const char *alg, const char *jwk,
				 const char *kid, const char *more,
				 enum id_token_verdict verdict,
				 const char *words)
{
	char *token = signer_sign(alg, jwk, kid, more, base);

	expect_token(token, verdict, words);
	mem_free(token);
}
