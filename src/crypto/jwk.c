/* SPDX-License-Identifier: MIT */
/* Reads a JSON Web Key: from one of a user's files, or from a server's set. */
#include "crypto/jwk.h"

#include "base/alloc.h"
#include "base/assert.h"
#include "base/limits.h"
#include "crypto/key_int.h"
#include "data/base64url.h"

/* A member's octets, wiped when it goes. */
struct part {
	struct buf octets;
};

static void part_fini(struct part *p)
{
	buf_fini(&p->octets);
}

static gnutls_datum_t part_datum(const struct part *p)
{
	return (gnutls_datum_t){ (unsigned char *)p->octets.p,
				 (unsigned)p->octets.n };
}

/* Reads what must be there: base64url of 1 to max octets. Some libraries pad
 * it, or write the other alphabet: the octets are the same. */
static int part_read(struct part *p, const struct json *jwk, const char *name,
		     size_t max, struct fault *f)
{
	const struct json *j = json_given(jwk, name);

	buf_init_secret(&p->octets, max);
	if (!j)
		return fault_set(f, "the JWK has no member %s", name);
	if (!json_is(j, JSON_STRING) ||
	    base64_any_decode(&p->octets, json_text(j)) < 0)
		return fault_set(f, "the JWK's member %s is not base64url",
				 name);
	if (!buf_ok(&p->octets))
		return fault_set(f, "the JWK's member %s has more than %zu "
				 "octets", name, max);
	if (p->octets.n == 0)
		return fault_set(f, "the JWK's member %s is empty", name);
	return 0;
}

/* A number is the same with zero octets before it, as Java writes it and
 * RFC 7518 §2 does not have it. */
static void drop_zeros(struct part *p)
{
	size_t n = 0;

	while (n + 1 < p->octets.n && p->octets.p[n] == '\0')
		n++;
	buf_drop(&p->octets, n);
}

/* ---- RSA (RFC 7518 §6.3) ---- */

/* In the order in which GnuTLS takes them. */
static const char *const RSA_MEMBERS[] = { "n", "e", "d", "p",
					   "q", "qi", "dp", "dq" };
enum {
	RSA_PUBLIC_N = 2,
	RSA_PRIVATE_N = sizeof(RSA_MEMBERS) / sizeof(*RSA_MEMBERS),
};

static int rsa_read_parts(const struct json *jwk, struct part *parts, size_t n,
			  struct fault *f)
{
	for (size_t i = 0; i < n; i++) {
		const char *name = RSA_MEMBERS[i];

		if (part_read(&parts[i], jwk, name,
			      LIMIT_RSA / 8 + LIMIT_KEY_ZEROS, f) < 0)
			return -1;
		drop_zeros(&parts[i]);
		if (parts[i].octets.n > LIMIT_RSA / 8)
			return fault_set(f, "the JWK's member %s has more than "
					 "%d octets", name,
					 LIMIT_RSA / 8);
	}
	return 0;
}

/* 65537 nearly always; an even one cannot work, and a giant one only costs
 * time. */
static int rsa_check_exponent(const struct part *e, struct fault *f)
{
	struct str s = buf_str(&e->octets);

	if (s.n > 8 || !(s.p[s.n - 1] & 1) || (s.n == 1 && s.p[0] == 1))
		return fault_set(f,
				 "the JWK's member e is not an exponent that "
				 "is used with RSA");
	return 0;
}

static struct key *rsa_public(const struct part *p, struct fault *f)
{
	gnutls_datum_t n = part_datum(&p[0]), e = part_datum(&p[1]);
	gnutls_pubkey_t pub;

	ASSERT(gnutls_pubkey_init(&pub) == 0);
	if (gnutls_pubkey_import_rsa_raw(pub, &n, &e) == 0)
		return key_take_public(pub, f);
	gnutls_pubkey_deinit(pub);
	fault_set(f, "the JWK's n and e do not make an RSA key");
	return NULL;
}

/* GnuTLS computes qi, dp and dq anew, whatever they are here. */
static struct key *rsa_private(const struct part *p, struct fault *f)
{
	gnutls_datum_t d[RSA_PRIVATE_N];
	gnutls_x509_privkey_t raw;

	for (size_t i = 0; i < RSA_PRIVATE_N; i++)
		d[i] = part_datum(&p[i]);
	ASSERT(gnutls_x509_privkey_init(&raw) == 0);
	if (gnutls_x509_privkey_import_rsa_raw2(raw, &d[0], &d[1], &d[2],
						&d[3], &d[4], &d[5], &d[6],
						&d[7]) == 0)
		return key_take_private(raw, f);
	gnutls_x509_privkey_deinit(raw);
	fault_set(f, "the JWK's members do not make an RSA private "
		     "key");
	return NULL;
}

static struct key *rsa_read(const struct json *jwk, struct fault *f)
{
	bool private = json_given(jwk, "d") != NULL;
	size_t n = private ? RSA_PRIVATE_N : RSA_PUBLIC_N;
	struct part parts[RSA_PRIVATE_N] = { { BUF_INIT_SECRET(0) } };
	struct key *key = NULL;

	if (json_given(jwk, "oth"))
		fault_set(f, "the JWK's RSA key has more than two primes, "
			  "which is not supported");
	else if (!rsa_read_parts(jwk, parts, n, f) &&
		 !rsa_check_exponent(&parts[1], f))
		key = private ? rsa_private(parts, f) : rsa_public(parts, f);
	for (size_t i = 0; i < RSA_PRIVATE_N; i++)
		part_fini(&parts[i]);
	return key;
}

/* ---- EC (RFC 7518 §6.2), OKP (RFC 8037 §2) ---- */

static const struct key_curve *read_curve(const struct json *jwk,
					  enum key_type type, struct fault *f)
{
	const struct json *crv = json_given(jwk, "crv");
	const struct key_curve *curve = NULL;

	if (json_is(crv, JSON_STRING))
		curve = key_curve_find(json_text(crv));
	if (curve && curve->type == type)
		return curve;
	fault_set(f, "the JWK's member crv is not one of %s",
		  key_curve_names(type));
	return NULL;
}

/* As many zero octets before it as its width needs (RFC 7518 §6.2.1.2). */
static void widen(struct part *p, size_t size)
{
	struct part wide;

	buf_init_secret(&wide.octets, size);
	for (size_t n = p->octets.n; n < size; n++)
		buf_add_char(&wide.octets, '\0');
	buf_add_str(&wide.octets, buf_str(&p->octets));
	part_fini(p);
	*p = wide;
}

/* Of EC, which are numbers; those of OKP are octets (RFC 8032). */
static int read_coordinate(struct part *p, const struct json *jwk,
			   const char *name, const struct key_curve *curve,
			   struct fault *f)
{
	size_t came;

	if (part_read(p, jwk, name, curve->size + LIMIT_KEY_ZEROS, f) < 0)
		return -1;
	came = p->octets.n;
	if (curve->type == KEY_EC) {
		drop_zeros(p);
		if (p->octets.n < curve->size)
			widen(p, curve->size);
	}
	if (p->octets.n != curve->size)
		return fault_set(f, "the JWK's member %s has %zu octets: with "
				 "%s there are %zu", name, came, curve->name,
				 curve->size);
	return 0;
}

static struct key *curve_public(const struct key_curve *curve,
				const gnutls_datum_t *x,
				const gnutls_datum_t *y, struct fault *f)
{
	gnutls_pubkey_t pub;

	ASSERT(gnutls_pubkey_init(&pub) == 0);
	if (gnutls_pubkey_import_ecc_raw(pub, curve->id, x, y) == 0)
		return key_take_public(pub, f);
	gnutls_pubkey_deinit(pub);
	fault_set(f, "the JWK's members do not make a key on %s",
		  curve->name);
	return NULL;
}

static struct key *curve_private(const struct key_curve *curve,
				 const gnutls_datum_t *x,
				 const gnutls_datum_t *y,
				 const gnutls_datum_t *d, struct fault *f)
{
	gnutls_x509_privkey_t raw;

	ASSERT(gnutls_x509_privkey_init(&raw) == 0);
	if (gnutls_x509_privkey_import_ecc_raw(raw, curve->id, x, y, d) == 0)
		return key_take_private(raw, f);
	gnutls_x509_privkey_deinit(raw);
	fault_set(f, "the JWK's members do not make a private key on %s",
		  curve->name);
	return NULL;
}

static struct key *curve_read(const struct json *jwk, enum key_type type,
			      struct fault *f)
{
	const struct key_curve *curve = read_curve(jwk, type, f);
	ATTR_CLEANUP(part_fini) struct part x = { BUF_INIT_SECRET(0) };
	ATTR_CLEANUP(part_fini) struct part y = { BUF_INIT_SECRET(0) };
	ATTR_CLEANUP(part_fini) struct part d = { BUF_INIT_SECRET(0) };

	if (!curve || read_coordinate(&x, jwk, "x", curve, f) < 0 ||
	    (type == KEY_EC && read_coordinate(&y, jwk, "y", curve, f) < 0))
		return NULL;

	gnutls_datum_t xd = part_datum(&x), yd = part_datum(&y);
	gnutls_datum_t *yp = type == KEY_EC ? &yd : NULL;

	if (!json_given(jwk, "d"))
		return curve_public(curve, &xd, yp, f);
	if (read_coordinate(&d, jwk, "d", curve, f) < 0)
		return NULL;

	gnutls_datum_t dd = part_datum(&d);

	return curve_private(curve, &xd, yp, &dd, f);
}

/* ---- oct (RFC 7518 §6.4) ---- */

static struct key *oct_read(const struct json *jwk, struct fault *f)
{
	ATTR_CLEANUP(part_fini) struct part k = { BUF_INIT_SECRET(0) };

	if (part_read(&k, jwk, "k", LIMIT_KEY_SECRET, f) < 0)
		return NULL;

	struct secret *octets = secret_take(&k.octets);
	struct key *key = key_symmetric(octets);

	secret_unref(&octets);
	return key;
}

/* ---- what all have (RFC 7517 §4) ---- */

/* An optional text of 1 to max octets. */
static int read_text(const struct json *jwk, const char *name, size_t max,
		     char **out, struct fault *f)
{
	const struct json *j = json_given(jwk, name);
	struct str s = json_text(j);

	if (!j)
		return 0;
	if (!json_is(j, JSON_STRING) || s.n == 0 || s.n > max ||
	    str_find(s, '\0') < s.n)
		return fault_set(f,
				 "the JWK's member %s is not text of 1 to "
				 "%zu octets",
				 name, max);
	*out = str_dup(s);
	return 0;
}

static int read_use(const struct json *jwk, struct key *key, struct fault *f)
{
	const struct json *use = json_given(jwk, "use");

	if (use && !json_is(use, JSON_STRING))
		return fault_set(f, "the JWK's member use is not text");
	if (use && !str_eq(json_text(use), STR("sig")))
		key->uses = 0;
	return 0;
}

static int read_operations(const struct json *jwk, struct key *key,
			   struct fault *f)
{
	const struct json *all = json_given(jwk, "key_ops");
	unsigned uses = 0;

	/* A list of nothing is as empty as a text is. */
	if (!all || (json_is(all, JSON_ARRAY) && json_count(all) == 0))
		return 0;
	for (size_t i = 0; i < json_count(all); i++) {
		const struct json *j = json_at(all, i);

		if (!json_is(j, JSON_STRING))
			return fault_set(f, "the JWK's member key_ops holds "
					    "what is not text");
		if (str_eq(json_text(j), STR("sign")))
			uses |= KEY_SIGN;
		if (str_eq(json_text(j), STR("verify")))
			uses |= KEY_VERIFY;
	}
	if (!json_is(all, JSON_ARRAY))
		return fault_set(f, "the JWK's member key_ops is not an array");
	key->uses &= uses;
	return 0;
}

static struct key *read_kind(const struct json *jwk, struct fault *f)
{
	const struct json *kty = json_given(jwk, "kty");
	struct str s = json_text(kty);

	if (!json_is(kty, JSON_STRING))
		s = STR("");
	if (str_eq(s, STR("RSA")))
		return rsa_read(jwk, f);
	if (str_eq(s, STR("EC")))
		return curve_read(jwk, KEY_EC, f);
	if (str_eq(s, STR("OKP")))
		return curve_read(jwk, KEY_OKP, f);
	if (str_eq(s, STR("oct")))
		return oct_read(jwk, f);
	if (!kty && json_given(jwk, "keys"))
		fault_set(f, "it is a set of JWKs: a single one, of those in "
			  "keys, is needed");
	else
		fault_set(f, "the JWK's member kty is not one of RSA, EC, OKP, "
			     "oct");
	return NULL;
}

struct key *jwk_read(const struct json *jwk, struct fault *f)
{
	struct key *key;

	if (!json_is(jwk, JSON_OBJECT)) {
		fault_set(f, "a JWK is a JSON object, not %s",
			  json_type_name(json_type(jwk)));
		return NULL;
	}
	key = read_kind(jwk, f);
	if (key && (read_text(jwk, "kid", LIMIT_KEY_ID, &key->id, f) < 0 ||
		    read_text(jwk, "alg", LIMIT_KEY_ALG, &key->alg, f) < 0 ||
		    read_use(jwk, key, f) < 0 ||
		    read_operations(jwk, key, f) < 0))
		key_unref(&key);
	return key;
}

struct key *jwk_parse(struct str text, struct fault *f)
{
	struct json *jwk = json_parse(text, f);
	struct key *key;

	if (!jwk) {
		fault_prefix(f, "the JWK is not valid JSON");
		return NULL;
	}
	key = jwk_read(jwk, f);
	json_free(&jwk);
	return key;
}
