/* SPDX-License-Identifier: MIT */
/* Signs and verifies JSON Web Signatures: what bearerd asserts, and what
 * servers sign. */
#include "crypto/jws.h"

#include <gnutls/crypto.h>

#include "base/alloc.h"
#include "base/assert.h"
#include "base/limits.h"
#include "crypto/digest.h"
#include "crypto/key_int.h"
#include "data/base64url.h"

/* ---- the algorithms ---- */

typedef void hmac_fn(const struct secret *key, struct str octets,
		     unsigned char *out);

struct jws_alg {
	const char *name;
	enum key_type type;
	const char *needs; /* in words; also the curve's name for EC */
	size_t hash;       /* octets */
	hmac_fn *hmac;
	gnutls_sign_algorithm_t sign; /* UNKNOWN: the curve says */
};

/* clang-format off */
static const struct jws_alg ALGS[] = {
	{ "HS256", KEY_OCT, "a shared secret", DIGEST_SHA256_SIZE,
	  digest_hmac_sha256, GNUTLS_SIGN_UNKNOWN },
	{ "HS384", KEY_OCT, "a shared secret", DIGEST_SHA384_SIZE,
	  digest_hmac_sha384, GNUTLS_SIGN_UNKNOWN },
	{ "HS512", KEY_OCT, "a shared secret", DIGEST_SHA512_SIZE,
	  digest_hmac_sha512, GNUTLS_SIGN_UNKNOWN },
	{ "RS256", KEY_RSA, "an RSA key", DIGEST_SHA256_SIZE, NULL,
	  GNUTLS_SIGN_RSA_SHA256 },
	{ "RS384", KEY_RSA, "an RSA key", DIGEST_SHA384_SIZE, NULL,
	  GNUTLS_SIGN_RSA_SHA384 },
	{ "RS512", KEY_RSA, "an RSA key", DIGEST_SHA512_SIZE, NULL,
	  GNUTLS_SIGN_RSA_SHA512 },
	/* GnuTLS makes the salt as long as the hash, as RFC 7518 §3.5 has
	 * it. */
	{ "PS256", KEY_RSA, "an RSA key", DIGEST_SHA256_SIZE, NULL,
	  GNUTLS_SIGN_RSA_PSS_RSAE_SHA256 },
	{ "PS384", KEY_RSA, "an RSA key", DIGEST_SHA384_SIZE, NULL,
	  GNUTLS_SIGN_RSA_PSS_RSAE_SHA384 },
	{ "PS512", KEY_RSA, "an RSA key", DIGEST_SHA512_SIZE, NULL,
	  GNUTLS_SIGN_RSA_PSS_RSAE_SHA512 },
	{ "ES256", KEY_EC, "P-256", DIGEST_SHA256_SIZE, NULL,
	  GNUTLS_SIGN_ECDSA_SHA256 },
	{ "ES384", KEY_EC, "P-384", DIGEST_SHA384_SIZE, NULL,
	  GNUTLS_SIGN_ECDSA_SHA384 },
	{ "ES512", KEY_EC, "P-521", DIGEST_SHA512_SIZE, NULL,
	  GNUTLS_SIGN_ECDSA_SHA512 },
	{ "EdDSA", KEY_OKP, "an Ed25519 or Ed448 key", 0, NULL,
	  GNUTLS_SIGN_UNKNOWN },
};
/* clang-format on */

enum { ALGS_N = sizeof(ALGS) / sizeof(*ALGS) };

const struct jws_alg *jws_alg_find(const char *name, struct fault *f)
{
	ATTR_CLEANUP(buf_fini) struct buf names = BUF_INIT(256);

	for (size_t i = 0; i < ALGS_N; i++) {
		if (str_eq_z(str_z(name), ALGS[i].name))
			return &ALGS[i];
		buf_addf(&names, "%s%s", i ? ", " : "", ALGS[i].name);
	}
	fault_set(f, "it is not one of the signature algorithms %s",
		  buf_z(&names));
	return NULL;
}

const char *jws_alg_name(const struct jws_alg *alg)
{
	return alg->name;
}

bool jws_alg_is_shared(const char *name)
{
	const struct jws_alg *alg = jws_alg_find(name, NULL);

	return alg && alg->type == KEY_OCT;
}

static int fits_kind(const struct jws_alg *alg, const struct key *key,
		     struct fault *f)
{
	if (alg->type == key->type &&
	    (key->type != KEY_EC ||
	     str_eq_z(str_z(alg->needs), key->curve->name)))
		return 0;
	if (alg->type == KEY_EC)
		return fault_set(f, "%s needs a %s key; this one is %s",
				 alg->name, alg->needs, key->words);
	return fault_set(f, "%s needs %s; this one is %s", alg->name,
			 alg->needs, key->words);
}

static int fits_use(const struct key *key, enum key_use use, struct fault *f)
{
	const char *what = use == KEY_SIGN ? "signing" : "verifying";

	if (use == KEY_SIGN && !key_is_private(key))
		return fault_set(f, "a private key is needed to sign; this "
				 "one is public");
	if (!(key->uses & use))
		return fault_set(f, "the key is not for %s, as its JWK's use "
				 "or key_ops says", what);
	return 0;
}

int jws_alg_fits(const struct jws_alg *alg, const struct key *key,
		 enum key_use use, struct fault *f)
{
	if (fits_kind(alg, key, f) < 0 || fits_use(key, use, f) < 0)
		return -1;
	if (alg->type == KEY_OCT && secret_expose(key->octets).n < alg->hash)
		return fault_set(f, "the secret is too short for %s: %zu "
				 "octets or more are needed (RFC 7518 section "
				 "3.2)", alg->name, alg->hash);
	if (key->alg && !str_eq_z(str_z(key->alg), alg->name))
		return fault_set(f, "the key is for another algorithm than "
				 "%s, as its JWK's alg says", alg->name);
	return 0;
}

/* ---- signatures ---- */

/* GnuTLS takes data through pointers to what is not const, and leaves it
 * alone. */
static gnutls_datum_t datum_of(struct str s)
{
	union {
		const char *in;
		unsigned char *out;
	} p = { s.p ? s.p : "" };

	return (gnutls_datum_t){ p.out, (unsigned)s.n };
}

/* What octets an asymmetric signature has (RFC 7518 §3.3, §3.4; RFC 8032). */
static size_t signature_size(const struct key *key)
{
	return key->type == KEY_RSA ? key->modulus : key->curve->signature;
}

static gnutls_sign_algorithm_t sign_algorithm(const struct jws_alg *alg,
					      const struct key *key)
{
	return alg->type == KEY_OKP ? key->curve->sign : alg->sign;
}

static struct str without_zeros(struct str s)
{
	ASSERT(s.p || s.n == 0);
	while (s.n > 1 && *s.p == '\0')
		s = str_from(s, 1);
	return s;
}

/* Appends an integer as n octets. */
static void add_fixed(struct buf *out, const gnutls_datum_t *d, size_t n)
{
	struct str s = without_zeros((struct str){ (const char *)d->data,
						   d->size });

	ASSERT(s.n <= n);
	for (size_t i = s.n; i < n; i++)
		buf_add_char(out, '\0');
	buf_add_str(out, s);
}

/* ECDSA signatures are a DER sequence to GnuTLS, here R and S in a fixed
 * width (RFC 7518 §3.4). */
static int add_signature(const struct key *key, const gnutls_datum_t *made,
			 struct buf *out)
{
	gnutls_datum_t r = { NULL, 0 }, s = { NULL, 0 };

	if (key->type != KEY_EC) {
		buf_add(out, made->data, made->size);
		return 0;
	}
	if (gnutls_decode_rs_value(made, &r, &s) != 0)
		return -1;
	add_fixed(out, &r, key->curve->size);
	add_fixed(out, &s, key->curve->size);
	key_datum_wipe(&r);
	key_datum_wipe(&s);
	return 0;
}

static int make_signature(const struct jws_alg *alg, const struct key *key,
			  struct str input, struct buf *out, struct fault *f)
{
	gnutls_datum_t data = datum_of(input), made = { NULL, 0 };
	unsigned char mac[DIGEST_MAX_SIZE];
	int rc;

	if (alg->hmac) {
		alg->hmac(key->octets, input, mac);
		buf_add(out, mac, alg->hash);
		return 0;
	}
	rc = gnutls_privkey_sign_data2(key->priv, sign_algorithm(alg, key), 0,
				       &data, &made);
	if (rc == 0)
		rc = add_signature(key, &made, out);
	key_datum_wipe(&made);
	if (rc != 0 || out->n != signature_size(key))
		return fault_set(f, "%s could not be made with this key: %s",
				 alg->name, gnutls_strerror(rc));
	return 0;
}

static bool check_datum(const struct jws_alg *alg, const struct key *key,
			struct str input, const gnutls_datum_t *signature)
{
	gnutls_datum_t data = datum_of(input);

	return gnutls_pubkey_verify_data2(key->pub, sign_algorithm(alg, key),
					  0, &data, signature) == 0;
}

static bool check_ecdsa(const struct jws_alg *alg, const struct key *key,
			struct str input, struct str signature)
{
	size_t n = key->curve->size;
	gnutls_datum_t r = datum_of(without_zeros(str_sub(signature, 0, n)));
	gnutls_datum_t s = datum_of(without_zeros(str_from(signature, n)));
	gnutls_datum_t der = { NULL, 0 };
	bool good = gnutls_encode_rs_value(&der, &r, &s) == 0 &&
		    check_datum(alg, key, input, &der);

	key_datum_wipe(&der);
	return good;
}

/* GnuTLS (nettle 3.8) does not look at the last octet with Ed448, which is 0
 * (RFC 8032 §5.2.7): one signature would have 256 forms. */
static bool is_canonical(const struct key *key, struct str signature)
{
	return key->type != KEY_OKP ||
	       key->curve->id != GNUTLS_ECC_CURVE_ED448 ||
	       signature.p[signature.n - 1] == '\0';
}

static bool check_signature(const struct jws_alg *alg, const struct key *key,
			    struct str input, struct str signature)
{
	gnutls_datum_t datum = datum_of(signature);
	unsigned char mac[DIGEST_MAX_SIZE];

	if (alg->hmac) {
		alg->hmac(key->octets, input, mac);
		return signature.n == alg->hash &&
		       gnutls_memcmp(mac, signature.p, alg->hash) == 0;
	}
	if (signature.n != signature_size(key) ||
	    !is_canonical(key, signature))
		return false;
	if (key->type == KEY_EC)
		return check_ecdsa(alg, key, input, signature);
	return check_datum(alg, key, input, &datum);
}

/* ---- the header ---- */

static struct json *read_header(struct str text, struct fault *f)
{
	struct json *header = json_parse(text, f);

	if (!header) {
		fault_prefix(f, "the header is not valid JSON");
	} else if (!json_is(header, JSON_OBJECT)) {
		fault_set(f, "the header is not a JSON object");
		json_free(&header);
	}
	return header;
}

static int check_header(const struct jws_alg *alg, const struct json *header,
			struct fault *f)
{
	const struct json *name = json_get(header, "alg");

	if (!json_is(name, JSON_STRING) ||
	    !str_eq_z(json_text(name), alg->name))
		return fault_set(f, "its header's alg is not %s, which is "
				 "what is expected", alg->name);
	if (json_get(header, "crit"))
		return fault_set(f, "its header has crit: there are "
				 "extensions which must be understood, and "
				 "none is");
	return 0;
}

/* ---- making ---- */

static int check_made_header(const struct jws_alg *alg, struct str text,
			     struct fault *f)
{
	struct json *header = read_header(text, f);
	int rc = header ? check_header(alg, header, f) : -1;

	json_free(&header);
	return rc;
}

static int append_signed(const struct jws_alg *alg, const struct key *key,
			 struct str header, struct str payload,
			 struct buf *out, struct fault *f)
{
	ATTR_CLEANUP(buf_fini) struct buf signature =
		BUF_INIT(LIMIT_RSA / 8);
	size_t start = out->n;

	base64url_encode(out, header);
	buf_add_char(out, '.');
	base64url_encode(out, payload);
	if (!buf_ok(out))
		return fault_set(f, "it is larger than %zu octets", out->max);
	if (make_signature(alg, key, str_from(buf_str(out), start),
			   &signature, f) < 0)
		return -1;
	buf_add_char(out, '.');
	base64url_encode(out, buf_str(&signature));
	if (!buf_ok(out))
		return fault_set(f, "it is larger than %zu octets", out->max);
	return 0;
}

int jws_sign(const struct jws_alg *alg, const struct key *key,
	     struct str header, struct str payload, struct buf *out,
	     struct fault *f)
{
	size_t start = out->n;

	if (header.n > LIMIT_JWS_HEADER || payload.n > LIMIT_JWS / 2)
		return fault_set(f, "the header has more than %d octets or "
				 "what is to be signed more than %d",
				 LIMIT_JWS_HEADER, LIMIT_JWS / 2);
	if (jws_alg_fits(alg, key, KEY_SIGN, f) < 0 ||
	    check_made_header(alg, header, f) < 0)
		return -1;
	if (append_signed(alg, key, header, payload, out, f) == 0)
		return 0;
	if (buf_ok(out))
		buf_cut(out, start);
	return -1;
}

/* ---- reading ---- */

struct parts {
	struct str header, payload, signature; /* base64url */
	struct str input;                      /* what is signed */
};

static int split(struct str compact, struct parts *p, struct fault *f)
{
	struct str rest;

	*p = (struct parts){ .input = compact };
	if (compact.n > LIMIT_JWS)
		return fault_set(f, "it has more than %d octets", LIMIT_JWS);
	p->header = str_sub(compact, 0, str_find(compact, '.'));
	rest = str_from(compact, p->header.n + 1);
	p->payload = str_sub(rest, 0, str_find(rest, '.'));
	p->signature = str_from(rest, p->payload.n + 1);
	p->input = str_sub(compact, 0, p->header.n + 1 + p->payload.n);
	if (p->input.n >= compact.n ||
	    str_find(p->signature, '.') < p->signature.n)
		return fault_set(f, "it does not have the three parts of a "
				 "compact JWS");
	return 0;
}

static struct json *read_part_header(struct str part, struct fault *f)
{
	ATTR_CLEANUP(buf_fini) struct buf text = BUF_INIT(LIMIT_JWS_HEADER);

	if (base64url_decode(&text, part) < 0) {
		fault_set(f, "its header is not base64url without padding");
		return NULL;
	}
	if (!buf_ok(&text)) {
		fault_set(f, "its header has more than %d octets",
			  LIMIT_JWS_HEADER);
		return NULL;
	}
	return read_header(buf_str(&text), f);
}

static int read_payload(struct str part, struct buf *out, struct fault *f)
{
	size_t start = out->n;

	if (base64url_decode(out, part) < 0) {
		if (buf_ok(out))
			buf_cut(out, start);
		return fault_set(f, "its payload is not base64url without "
				    "padding");
	}
	if (!buf_ok(out))
		return fault_set(f, "its payload is larger than %zu octets",
				 out->max);
	return 0;
}

int jws_read_unverified(struct str compact, struct json **header,
			struct buf *payload, struct fault *f)
{
	struct parts parts;

	*header = NULL;
	if (split(compact, &parts, f) < 0)
		return -1;
	*header = read_part_header(parts.header, f);
	if (!*header)
		return -1;
	if (read_payload(parts.payload, payload, f) == 0)
		return 0;
	json_free(header);
	return -1;
}

static int check_parts(const struct jws_alg *alg, const struct key *key,
		       const struct parts *parts, const struct json *header,
		       struct fault *f)
{
	ATTR_CLEANUP(buf_fini) struct buf signature =
		BUF_INIT(LIMIT_RSA / 8);

	if (check_header(alg, header, f) < 0)
		return -1;
	if (base64url_decode(&signature, parts->signature) < 0)
		return fault_set(f, "its signature is not base64url without "
				    "padding");
	if (!buf_ok(&signature) ||
	    !check_signature(alg, key, parts->input, buf_str(&signature)))
		return fault_set(f, "its signature is not that of the key");
	return 0;
}

int jws_verify(const struct jws_alg *alg, const struct key *key,
	       struct str compact, struct json **header, struct buf *payload,
	       struct fault *f)
{
	struct json *read = NULL;
	struct parts parts;
	int rc = -1;

	if (header)
		*header = NULL;
	if (jws_alg_fits(alg, key, KEY_VERIFY, f) < 0 ||
	    split(compact, &parts, f) < 0)
		return -1;
	read = read_part_header(parts.header, f);
	if (read && check_parts(alg, key, &parts, read, f) == 0)
		rc = read_payload(parts.payload, payload, f);
	if (rc == 0 && header) {
		*header = read;
		read = NULL;
	}
	json_free(&read);
	return rc;
}
