/* SPDX-License-Identifier: MIT */
/* Writes DPoP proofs, and reads nonces and challenges: for token requests, and
 * for each request that shows a token which is bound to a key. */
#include "oauth/dpop.h"

#include "base/alloc.h"
#include "base/limits.h"
#include "crypto/digest.h"
#include "crypto/jwt.h"
#include "crypto/random.h"
#include "data/base64url.h"
#include "data/json.h"
#include "http/challenge.h"

enum { DPOP_JTI = 16 }; /* octets */

/* --- proofs --- */

static void claim_octets(struct json_out *o, const char *name,
			 const unsigned char *octets, size_t n)
{
	struct buf text = BUF_INIT(128);

	base64url_encode(&text, (struct str){ (const char *)octets, n });
	json_out_key(o, name);
	json_out_str(o, buf_str(&text));
	buf_fini(&text);
}

static void claim_text(struct json_out *o, const char *name, struct str text)
{
	json_out_key(o, name);
	json_out_str(o, text);
}

/* Without query and fragment (§4.2). */
static struct str address_of(struct str url)
{
	url = str_sub(url, 0, str_find(url, '#'));
	return str_sub(url, 0, str_find(url, '?'));
}

static void write_claims(const struct dpop_proof *p, struct buf *out)
{
	unsigned char jti[DPOP_JTI], digest[DIGEST_SHA256_SIZE];
	struct json_out o;

	random_fill(jti, sizeof(jti));
	json_out_init(&o, out);
	json_out_object(&o);
	claim_octets(&o, "jti", jti, sizeof(jti));
	claim_text(&o, "htm", p->method);
	claim_text(&o, "htu", address_of(p->url));
	json_out_key(&o, "iat");
	json_out_int(&o, p->now);
	if (p->access_token) {
		digest_sha256(secret_expose(p->access_token), digest);
		claim_octets(&o, "ath", digest, sizeof(digest));
	}
	if (p->nonce.n > 0)
		claim_text(&o, "nonce", p->nonce);
	json_out_object_end(&o);
}

int dpop_proof_write(const struct dpop_proof *p, struct buf *out,
		     struct fault *f)
{
	ATTR_CLEANUP(buf_fini) struct buf claims = BUF_INIT(LIMIT_DPOP_PROOF);
	const struct jwt_header header = { .typ = "dpop+jwt", .jwk = p->key };
	const struct jws_alg *alg = jws_alg_find("ES256", f);

	write_claims(p, &claims);
	if (!buf_ok(&claims))
		return fault_set(f, "a DPoP proof would be too long: the "
				 "address has too many octets");
	if (!alg ||
	    jwt_sign(alg, p->key, &header, buf_str(&claims), out, f) < 0)
		return fault_prefix(f, "no DPoP proof can be made");
	return 0;
}

bool dpop_is_type(const char *token_type)
{
	return str_eq_nocase(str_z(token_type), STR(DPOP_SCHEME));
}

/* --- what servers say --- */

/* §8.1: NQCHAR of RFC 6749 appendix A. */
static bool is_nonce(struct str s)
{
	for (size_t i = 0; i < s.n; i++) {
		if (!char_is_visible(s.p[i]) || s.p[i] == '"' || s.p[i] == '\\')
			return false;
	}
	return s.n <= LIMIT_DPOP_NONCE;
}

struct str dpop_nonce(const struct fields *response)
{
	const struct str name = STR(DPOP_NONCE_FIELD);
	const struct field *field = fields_find(response, name);
	struct str nonce;

	if (!field || fields_count(response, name) > 1)
		return (struct str){ NULL, 0 };
	nonce = str_trim(field->value);
	return is_nonce(nonce) ? nonce : (struct str){ NULL, 0 };
}

static bool asks_for_nonce(struct str challenges)
{
	struct buf error = BUF_INIT(64);
	struct str scheme, params;
	bool asks = false;

	while (!asks && challenge_next(&challenges, &scheme, &params))
		asks = str_eq_nocase(scheme, STR(DPOP_SCHEME)) &&
		       challenge_param(params, STR("error"), &error) &&
		       str_eq_z(buf_str(&error), "use_dpop_nonce");
	buf_fini(&error);
	return asks;
}

bool dpop_asks_for_nonce(const struct fields *response)
{
	const struct str name = STR("WWW-Authenticate");

	for (size_t i = 0; i < response->n; i++) {
		if (str_eq_nocase(response->v[i].name, name) &&
		    asks_for_nonce(response->v[i].value))
			return true;
	}
	return false;
}
