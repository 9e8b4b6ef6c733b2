/* SPDX-License-Identifier: MIT */
/* A key inside, as GnuTLS has it: for the files of crypto/ that read, write
 * and use one. */
#pragma once

#include <stdatomic.h>
#include <stddef.h>

#include <gnutls/abstract.h>
#include <gnutls/gnutls.h>
#include <gnutls/x509.h>

#include "base/attr.h"
#include "base/fault.h"
#include "base/secret.h"
#include "crypto/key.h"

struct key_curve {
	const char *name; /* as in a JWK's crv */
	enum key_type type;
	gnutls_ecc_curve_t id;
	gnutls_sign_algorithm_t sign; /* of a curve that has but one */
	size_t size;      /* octets of a coordinate and of a private key */
	size_t signature; /* octets */
};

struct key {
	atomic_uint refs;
	enum key_type type;
	const struct key_curve *curve; /* NULL for RSA and secrets */
	size_t modulus;		       /* octets, of RSA */
	struct secret *octets;	       /* of a shared secret; else both: */
	gnutls_pubkey_t pub;
	gnutls_privkey_t priv; /* NULL: a public key */
	unsigned uses;	       /* of enum key_use */
	char *id;	       /* a JWK's kid; NULL: absent */
	char *alg;	       /* a JWK's alg, the only one that it may be used
				  with; NULL: any that fits */
	char words[32];
};

/* The curve of that name; NULL where it is none of ours. */
const struct key_curve *key_curve_find(struct str name);
/* The names of the curves of a type, for faults. */
const char *key_curve_names(enum key_type type);

/* Makes a key of what GnuTLS has read, and owns it from here on, also where
 * it is refused: too short, an unknown curve, a point beside its curve, parts
 * that do not belong together. NULL with a fault. */
ATTR_MUST_CHECK struct key *key_take_private(gnutls_x509_privkey_t raw,
					     struct fault *f);
ATTR_MUST_CHECK struct key *key_take_public(gnutls_pubkey_t pub,
					    struct fault *f);

/* Wipes and frees what GnuTLS allocated. */
void key_datum_wipe(gnutls_datum_t *datum);
