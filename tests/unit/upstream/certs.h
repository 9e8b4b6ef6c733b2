/* SPDX-License-Identifier: MIT */
/* Certificates for the tests of upstream/, made anew in each run. */
#pragma once

#include <gnutls/gnutls.h>
#include <gnutls/x509.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

struct cert {
	gnutls_x509_crt_t crt;
	gnutls_x509_privkey_t key;
};

/* What a certificate is to be. issuer NULL: signed by itself. */
struct cert_wish {
	const struct cert *issuer;
	const char *name;       /* common name */
	const char *dns;        /* alternative names, or NULL */
	unsigned rsa;           /* bits of its key; 0: a curve's */
	gnutls_digest_algorithm_t digest; /* of its signature; 0: SHA-256 */
	unsigned char ip[16];
	unsigned n_ip;          /* 4, 16, or 0 */
	bool ca;
	const char *purpose;    /* NULL: a server's, unless it is a CA */
	time_t from, until;     /* 0: around now */
};

static inline void cert_must(int e)
{
	if (e < 0) {
		fprintf(stderr, "certs: %s\n", gnutls_strerror(e));
		abort();
	}
}

static inline void cert_names(struct cert *c, const struct cert_wish *w)
{
	cert_must(gnutls_x509_crt_set_dn_by_oid(
		c->crt, GNUTLS_OID_X520_COMMON_NAME, 0, w->name,
		(unsigned)strlen(w->name)));
	if (w->dns)
		cert_must(gnutls_x509_crt_set_subject_alt_name(
			c->crt, GNUTLS_SAN_DNSNAME, w->dns,
			(unsigned)strlen(w->dns), GNUTLS_FSAN_SET));
	if (w->n_ip)
		cert_must(gnutls_x509_crt_set_subject_alt_name(
			c->crt, GNUTLS_SAN_IPADDRESS, w->ip, w->n_ip,
			GNUTLS_FSAN_APPEND));
}

static inline void cert_usage(struct cert *c, const struct cert_wish *w)
{
	const char *purpose = w->purpose;

	if (w->ca) {
		cert_must(gnutls_x509_crt_set_ca_status(c->crt, 1));
		cert_must(gnutls_x509_crt_set_key_usage(
			c->crt, GNUTLS_KEY_KEY_CERT_SIGN));
		return;
	}
	if (!purpose)
		purpose = GNUTLS_KP_TLS_WWW_SERVER;
	cert_must(gnutls_x509_crt_set_key_purpose_oid(c->crt, purpose, 0));
	cert_must(gnutls_x509_crt_set_key_usage(
		c->crt, GNUTLS_KEY_DIGITAL_SIGNATURE));
}

/* Read back: GnuTLS does not know all of a certificate that it wrote. */
static inline void cert_read_back(struct cert *c)
{
	gnutls_datum_t der;

	cert_must(gnutls_x509_crt_export2(c->crt, GNUTLS_X509_FMT_DER, &der));
	gnutls_x509_crt_deinit(c->crt);
	cert_must(gnutls_x509_crt_init(&c->crt));
	cert_must(gnutls_x509_crt_import(c->crt, &der, GNUTLS_X509_FMT_DER));
	gnutls_free(der.data);
}

static inline void cert_make(struct cert *c, const struct cert_wish *w)
{
	static unsigned char serial;
	const struct cert *issuer = w->issuer ? w->issuer : c;
	time_t now = time(NULL);

	serial++;
	cert_must(gnutls_x509_privkey_init(&c->key));
	if (w->rsa)
		cert_must(gnutls_x509_privkey_generate(
			c->key, GNUTLS_PK_RSA, w->rsa, 0));
	else
		cert_must(gnutls_x509_privkey_generate(
			c->key, GNUTLS_PK_ECDSA,
			GNUTLS_CURVE_TO_BITS(GNUTLS_ECC_CURVE_SECP256R1), 0));
	cert_must(gnutls_x509_crt_init(&c->crt));
	cert_must(gnutls_x509_crt_set_version(c->crt, 3));
	cert_must(gnutls_x509_crt_set_serial(c->crt, &serial, 1));
	cert_must(gnutls_x509_crt_set_key(c->crt, c->key));
	cert_must(gnutls_x509_crt_set_activation_time(
		c->crt, w->from ? w->from : now - 3600));
	cert_must(gnutls_x509_crt_set_expiration_time(
		c->crt, w->until ? w->until : now + 3600));
	cert_names(c, w);
	cert_usage(c, w);
	cert_must(gnutls_x509_crt_sign2(
		c->crt, issuer->crt, issuer->key,
		w->digest ? w->digest : GNUTLS_DIG_SHA256, 0));
	cert_read_back(c);
}

static inline void cert_free(struct cert *c)
{
	gnutls_x509_crt_deinit(c->crt);
	gnutls_x509_privkey_deinit(c->key);
}

/* Writes n certificates as PEM to a new file; path is a template for
 * mkstemp. */
static inline void cert_write(char *path, const struct cert *const *c,
			      size_t n)
{
	FILE *out = fdopen(mkstemp(path), "w");

	for (size_t i = 0; i < n; i++) {
		gnutls_datum_t pem;

		cert_must(gnutls_x509_crt_export2(c[i]->crt,
						  GNUTLS_X509_FMT_PEM, &pem));
		fwrite(pem.data, 1, pem.size, out);
		gnutls_free(pem.data);
	}
	fclose(out);
}

/* Writes a private key as PEM to a new file, in the same way. */
static inline void cert_write_key(char *path, const struct cert *c)
{
	FILE *out = fdopen(mkstemp(path), "w");
	gnutls_datum_t pem;

	cert_must(gnutls_x509_privkey_export2(c->key, GNUTLS_X509_FMT_PEM,
					      &pem));
	fwrite(pem.data, 1, pem.size, out);
	gnutls_free(pem.data);
	fclose(out);
}

/* Credentials that show leaf, and behind it what is not NULL. */
static inline gnutls_certificate_credentials_t
cert_credentials(const struct cert *leaf, const struct cert *issuer)
{
	gnutls_certificate_credentials_t out;
	gnutls_x509_crt_t chain[2] = { leaf->crt, NULL };

	if (issuer)
		chain[1] = issuer->crt;
	cert_must(gnutls_certificate_allocate_credentials(&out));
	cert_must(gnutls_certificate_set_x509_key(out, chain, issuer ? 2 : 1,
						  leaf->key));
	return out;
}
