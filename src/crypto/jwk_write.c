/* SPDX-License-Identifier: MIT */
/* Writes keys as JSON: into a proof's header, into the store, and for their
 * thumbprints, which is why members stand in the order of RFC 7638. */
#include "base/limits.h"
#include "crypto/jwk.h"

#include "base/assert.h"
#include "crypto/digest.h"
#include "crypto/key_int.h"
#include "data/base64url.h"

/* Long enough for any number of an RSA key. */
enum { OCTETS_MAX = LIMIT_RSA / 8 };

static size_t base64url_size(size_t n)
{
	return n / 3 * 4 + 4;
}

static void write_octets(struct json_out *o, const char *name,
			 struct str octets)
{
	ATTR_CLEANUP(buf_fini) struct buf text =
		BUF_INIT_SECRET(base64url_size(octets.n));

	base64url_encode(&text, octets);
	ASSERT(buf_ok(&text));
	json_out_key(o, name);
	json_out_str(o, buf_str(&text));
}

/* Without, or filled up with, zeros in front to width octets. */
static void write_number(struct json_out *o, const char *name,
			 const gnutls_datum_t *d, size_t width)
{
	ATTR_CLEANUP(buf_fini) struct buf octets = BUF_INIT_SECRET(OCTETS_MAX);
	struct str s = { (const char *)d->data, d->size };

	while (s.n > width && *s.p == '\0')
		s = str_from(s, 1);
	for (size_t n = s.n; n < width; n++)
		buf_add_char(&octets, '\0');
	buf_add_str(&octets, s);
	ASSERT(buf_ok(&octets));
	write_octets(o, name, buf_str(&octets));
}

static void write_text(struct json_out *o, const char *name, const char *text)
{
	json_out_key(o, name);
	json_out_z(o, text);
}

/* In the order in which GnuTLS gives them. */
enum { RSA_N, RSA_E, RSA_D, RSA_P, RSA_Q, RSA_QI, RSA_DP, RSA_DQ, RSA_PARTS };

static void write_rsa_parts(struct json_out *o, const gnutls_datum_t *d,
			    bool private)
{
	if (private) {
		write_number(o, "d", &d[RSA_D], 1);
		write_number(o, "dp", &d[RSA_DP], 1);
		write_number(o, "dq", &d[RSA_DQ], 1);
	}
	write_number(o, "e", &d[RSA_E], 1);
	write_text(o, "kty", "RSA");
	write_number(o, "n", &d[RSA_N], 1);
	if (private) {
		write_number(o, "p", &d[RSA_P], 1);
		write_number(o, "q", &d[RSA_Q], 1);
		write_number(o, "qi", &d[RSA_QI], 1);
	}
}

static void write_rsa(const struct key *key, struct json_out *o, bool private)
{
	gnutls_datum_t d[RSA_PARTS] = { { NULL, 0 } };
	int rc;

	if (private)
		rc = gnutls_privkey_export_rsa_raw2(
			key->priv, &d[RSA_N], &d[RSA_E], &d[RSA_D], &d[RSA_P],
			&d[RSA_Q], &d[RSA_QI], &d[RSA_DP], &d[RSA_DQ],
			GNUTLS_EXPORT_FLAG_NO_LZ);
	else
		rc = gnutls_pubkey_export_rsa_raw2(key->pub, &d[RSA_N],
						   &d[RSA_E],
						   GNUTLS_EXPORT_FLAG_NO_LZ);
	ASSERT(rc == 0);
	write_rsa_parts(o, d, private);
	for (size_t i = 0; i < RSA_PARTS; i++)
		key_datum_wipe(&d[i]);
}

static void write_curve(const struct key *key, struct json_out *o,
			bool private)
{
	gnutls_datum_t x = { NULL, 0 }, y = { NULL, 0 }, d = { NULL, 0 };
	size_t size = key->curve->size;
	gnutls_ecc_curve_t id;
	int rc;

	if (private)
		rc = gnutls_privkey_export_ecc_raw(key->priv, &id, &x, &y, &d);
	else
		rc = gnutls_pubkey_export_ecc_raw(key->pub, &id, &x, &y);
	ASSERT(rc == 0);
	write_text(o, "crv", key->curve->name);
	if (private)
		write_number(o, "d", &d, size);
	write_text(o, "kty", key->type == KEY_EC ? "EC" : "OKP");
	write_number(o, "x", &x, size);
	if (key->type == KEY_EC)
		write_number(o, "y", &y, size);
	key_datum_wipe(&x);
	key_datum_wipe(&y);
	key_datum_wipe(&d);
}

static void write_oct(const struct key *key, struct json_out *o)
{
	write_octets(o, "k", secret_expose(key->octets));
	write_text(o, "kty", "oct");
}

static void write_key(const struct key *key, struct json_out *o, bool private)
{
	json_out_object(o);
	if (key->type == KEY_OCT)
		write_oct(key, o);
	else if (key->type == KEY_RSA)
		write_rsa(key, o, private);
	else
		write_curve(key, o, private);
	json_out_object_end(o);
}

void jwk_write_public(const struct key *key, struct json_out *o)
{
	ASSERT(key->type != KEY_OCT);
	write_key(key, o, false);
}

void jwk_write_private(const struct key *key, struct json_out *o)
{
	ASSERT(key_is_private(key) && o->buf->wipes);
	write_key(key, o, true);
}

void jwk_thumbprint(const struct key *key, struct buf *out)
{
	/* Public parts are small; a shared secret may have any length. */
	size_t n = secret_expose(key->octets).n + 2 * OCTETS_MAX;
	ATTR_CLEANUP(buf_fini) struct buf text =
		BUF_INIT_SECRET(base64url_size(n));
	unsigned char digest[DIGEST_SHA256_SIZE];
	struct json_out o;

	json_out_init(&o, &text);
	write_key(key, &o, false);
	ASSERT(buf_ok(&text));
	digest_sha256(buf_str(&text), digest);
	base64url_encode(out, (struct str){ (const char *)digest,
					    sizeof(digest) });
}
