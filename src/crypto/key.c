/* SPDX-License-Identifier: MIT */
/* Keys in memory: what kind one is, what it can do, and what it is compared by.
 * They were checked when they were read. */
#include "base/limits.h"
#include "crypto/key_int.h"

#include <stdio.h>

#include "base/alloc.h"
#include "base/assert.h"

/* clang-format off */
static const struct key_curve CURVES[] = {
	{ "P-256", KEY_EC, GNUTLS_ECC_CURVE_SECP256R1, GNUTLS_SIGN_UNKNOWN,
	  32, 64 },
	{ "P-384", KEY_EC, GNUTLS_ECC_CURVE_SECP384R1, GNUTLS_SIGN_UNKNOWN,
	  48, 96 },
	{ "P-521", KEY_EC, GNUTLS_ECC_CURVE_SECP521R1, GNUTLS_SIGN_UNKNOWN,
	  66, 132 },
	{ "Ed25519", KEY_OKP, GNUTLS_ECC_CURVE_ED25519,
	  GNUTLS_SIGN_EDDSA_ED25519, 32, 64 },
	{ "Ed448", KEY_OKP, GNUTLS_ECC_CURVE_ED448, GNUTLS_SIGN_EDDSA_ED448,
	  57, 114 },
};
/* clang-format on */

enum { CURVES_N = sizeof(CURVES) / sizeof(*CURVES) };

const struct key_curve *key_curve_find(struct str name)
{
	for (size_t i = 0; i < CURVES_N; i++) {
		if (str_eq_z(name, CURVES[i].name))
			return &CURVES[i];
	}
	return NULL;
}

const char *key_curve_names(enum key_type type)
{
	return type == KEY_OKP ? "Ed25519, Ed448" : "P-256, P-384, P-521";
}

void key_datum_wipe(gnutls_datum_t *datum)
{
	if (datum->data) {
		mem_wipe(datum->data, datum->size);
		gnutls_free(datum->data);
	}
	*datum = (gnutls_datum_t){ NULL, 0 };
}

static struct key *key_new(enum key_type type)
{
	struct key *key = mem_new(struct key);

	atomic_init(&key->refs, 1);
	key->type = type;
	key->uses = KEY_SIGN | KEY_VERIFY;
	return key;
}

struct key *key_ref(struct key *key)
{
	if (key)
		atomic_fetch_add_explicit(&key->refs, 1, memory_order_relaxed);
	return key;
}

void key_unref(struct key **key)
{
	struct key *gone = *key;

	*key = NULL;
	if (!gone || atomic_fetch_sub_explicit(&gone->refs, 1,
					       memory_order_acq_rel) != 1)
		return;
	secret_unref(&gone->octets);
	if (gone->pub)
		gnutls_pubkey_deinit(gone->pub);
	if (gone->priv)
		gnutls_privkey_deinit(gone->priv);
	mem_free(gone->id);
	mem_free(gone->alg);
	mem_free(gone);
}

/* ---- checking ---- */

static int key_take_rsa(struct key *key, unsigned bits, struct fault *f)
{
	if (bits < LIMIT_RSA_LEAST)
		return fault_set(f, "the RSA key has %u bits: one of %d or "
				 "more is needed", bits, LIMIT_RSA_LEAST);
	if (bits > LIMIT_RSA)
		return fault_set(f, "the RSA key has %u bits: more than %d "
				 "are not supported", bits, LIMIT_RSA);
	key->type = KEY_RSA;
	key->modulus = (bits + 7) / 8;
	snprintf(key->words, sizeof(key->words), "RSA, %u bits", bits);
	return 0;
}

static int key_take_curve(struct key *key, struct fault *f)
{
	gnutls_ecc_curve_t id = GNUTLS_ECC_CURVE_INVALID;
	gnutls_datum_t x = { NULL, 0 }, y = { NULL, 0 };
	int rc = gnutls_pubkey_export_ecc_raw(key->pub, &id, &x, &y);

	key_datum_wipe(&x);
	key_datum_wipe(&y);
	for (size_t i = 0; rc == 0 && i < CURVES_N; i++) {
		if (CURVES[i].id == id)
			key->curve = &CURVES[i];
	}
	if (!key->curve)
		return fault_set(f, "the key's curve is not supported: those "
				 "are %s, %s", key_curve_names(KEY_EC),
				 key_curve_names(KEY_OKP));
	key->type = key->curve->type;
	snprintf(key->words, sizeof(key->words), "%s", key->curve->name);
	return 0;
}

/* Finds out what kind of key pub is. */
static int key_classify(struct key *key, struct fault *f)
{
	unsigned bits = 0;
	int pk = gnutls_pubkey_get_pk_algorithm(key->pub, &bits);

	if (pk == GNUTLS_PK_RSA)
		return key_take_rsa(key, bits, f);
	if (pk == GNUTLS_PK_ECDSA || pk == GNUTLS_PK_EDDSA_ED25519 ||
	    pk == GNUTLS_PK_EDDSA_ED448)
		return key_take_curve(key, f);
	if (pk == GNUTLS_PK_RSA_PSS)
		return fault_set(f, "the key is of the kind RSA-PSS, which "
				 "is not supported: make a plain RSA key, "
				 "it serves PS256 and the like too");
	return fault_set(f, "the key's kind is not supported: RSA, EC, "
			 "Ed25519 and Ed448 are");
}

static gnutls_sign_algorithm_t trial_algorithm(const struct key *key)
{
	if (key->type == KEY_RSA)
		return GNUTLS_SIGN_RSA_SHA256;
	return key->type == KEY_EC ? GNUTLS_SIGN_ECDSA_SHA256
				   : key->curve->sign;
}

/* Signs and verifies once: GnuTLS does not look whether RSA's exponents
 * belong together, and what such a key signs nobody would take. */
static bool key_works(const struct key *key)
{
	unsigned char octets[] = "trial";
	gnutls_datum_t data = { octets, sizeof(octets) - 1 };
	gnutls_datum_t signature = { NULL, 0 };
	gnutls_sign_algorithm_t alg = trial_algorithm(key);
	bool works = gnutls_privkey_sign_data2(key->priv, alg, 0, &data,
					       &signature) == 0 &&
		     gnutls_pubkey_verify_data2(key->pub, alg, 0, &data,
						&signature) == 0;

	key_datum_wipe(&signature);
	return works;
}

static int key_check_private(struct key *key, bool good, struct fault *f)
{
	if (good && key_classify(key, f) < 0)
		return -1;
	if (!good || !key_works(key))
		return fault_set(f, "the private key's parts do not belong "
				 "together: it is damaged, make a new one");
	return 0;
}

struct key *key_take_private(gnutls_x509_privkey_t raw, struct fault *f)
{
	struct key *key = key_new(KEY_RSA);
	bool good = gnutls_x509_privkey_verify_params(raw) == 0;

	ASSERT(gnutls_privkey_init(&key->priv) == 0);
	ASSERT(gnutls_privkey_import_x509(
		       key->priv, raw, GNUTLS_PRIVKEY_IMPORT_AUTO_RELEASE) ==
	       0);
	ASSERT(gnutls_pubkey_init(&key->pub) == 0);
	good = good && gnutls_pubkey_import_privkey(key->pub, key->priv, 0,
						    0) == 0;
	if (key_check_private(key, good, f) < 0)
		key_unref(&key);
	return key;
}

struct key *key_take_public(gnutls_pubkey_t pub, struct fault *f)
{
	struct key *key = key_new(KEY_RSA);

	key->pub = pub;
	key->uses = KEY_VERIFY;
	if (gnutls_pubkey_verify_params(pub) != 0) {
		fault_set(f, "the public key is not valid: its point is not on "
			     "its curve");
		key_unref(&key);
	} else if (key_classify(key, f) < 0) {
		key_unref(&key);
	}
	return key;
}

struct key *key_symmetric(struct secret *octets)
{
	struct key *key = key_new(KEY_OCT);

	key->octets = secret_ref(octets);
	snprintf(key->words, sizeof(key->words), "a shared secret");
	return key;
}

struct key *key_generate_p256(void)
{
	unsigned bits = GNUTLS_CURVE_TO_BITS(GNUTLS_ECC_CURVE_SECP256R1);
	gnutls_x509_privkey_t raw;
	struct key *key;

	ASSERT(gnutls_x509_privkey_init(&raw) == 0);
	ASSERT(gnutls_x509_privkey_generate(raw, GNUTLS_PK_ECDSA, bits, 0) ==
	       0);
	key = key_take_private(raw, NULL);
	ASSERT(key);
	return key;
}

/* ---- looking ---- */

enum key_type key_type(const struct key *key)
{
	return key->type;
}

bool key_is_private(const struct key *key)
{
	return key->type == KEY_OCT || key->priv;
}

const char *key_words(const struct key *key)
{
	return key->words;
}

const char *key_id(const struct key *key)
{
	return key->id;
}
