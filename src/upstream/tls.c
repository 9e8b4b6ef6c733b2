/* SPDX-License-Identifier: MIT */
/* Verifies an upstream's certificate and its name, before a request leaves over
 * a new TLS connection. libcurl checks nothing; reading the CAs again for each
 * connection, as it would, costs more than all the rest of a handshake. */
#include "upstream/tls.h"

#include <arpa/inet.h>
#include <gnutls/gnutls.h>
#include <gnutls/x509.h>
#include <stdatomic.h>
#include <string.h>

#include "base/alloc.h"
#include "base/limits.h"

/* The list is only read once it is loaded, so threads share it. */
struct trust {
	atomic_uint refs;
	gnutls_x509_trust_list_t list;
};

/* As many as GnuTLS itself takes by default. */
struct trust *trust_load(const char *path, struct fault *f)
{
	struct trust *t = mem_new(struct trust);
	int n;

	atomic_init(&t->refs, 1);
	n = gnutls_x509_trust_list_init(&t->list, 0);
	if (n == 0 && path)
		n = gnutls_x509_trust_list_add_trust_file(
			t->list, path, NULL, GNUTLS_X509_FMT_PEM, 0, 0);
	else if (n == 0)
		n = gnutls_x509_trust_list_add_system_trust(t->list, 0, 0);
	if (n > 0)
		return t;
	if (!path)
		path = "the system's list of CAs";
	if (n < 0)
		fault_set(f, "%s cannot be read as PEM certificates: %s", path,
			  gnutls_strerror(n));
	else
		fault_set(f, "%s holds no certificate", path);
	trust_unref(&t);
	return NULL;
}

struct trust *trust_ref(struct trust *t)
{
	if (t)
		atomic_fetch_add(&t->refs, 1);
	return t;
}

void trust_unref(struct trust **t)
{
	struct trust *trust = *t;

	*t = NULL;
	if (!trust || atomic_fetch_sub(&trust->refs, 1) != 1)
		return;
	if (trust->list)
		gnutls_x509_trust_list_deinit(trust->list, 1);
	mem_free(trust);
}

/* What GnuTLS' bits mean to the one who set the upstream up; the first that
 * fits is said. */
static const struct {
	unsigned bit;
	const char *text;
} reasons[] = {
	{ GNUTLS_CERT_SIGNER_NOT_FOUND,
	  "its issuer is not among the trusted CAs" },
	{ GNUTLS_CERT_EXPIRED, "it has expired" },
	{ GNUTLS_CERT_NOT_ACTIVATED, "it is not valid yet" },
	{ GNUTLS_CERT_REVOKED, "it was revoked" },
	{ GNUTLS_CERT_SIGNER_NOT_CA, "its issuer is not a CA" },
	{ GNUTLS_CERT_SIGNER_CONSTRAINTS_FAILURE,
	  "it breaks a constraint of its issuer" },
	{ GNUTLS_CERT_INSECURE_ALGORITHM,
	  "it, or its issuer, has a key that is too short or an insecure "
	  "signature (tls_profile says what is taken)" },
	{ GNUTLS_CERT_SIGNATURE_FAILURE, "its signature is wrong" },
	{ GNUTLS_CERT_PURPOSE_MISMATCH, "it is not for servers" },
	{ GNUTLS_CERT_UNEXPECTED_OWNER, "it is for another name" },
};

static const char *reason_of(unsigned status)
{
	for (size_t i = 0; i < sizeof(reasons) / sizeof(reasons[0]); i++)
		if (status & reasons[i].bit)
			return reasons[i].text;
	return "its chain is not valid";
}

static int refused(const char *host, const char *why, struct fault *f)
{
	return fault_set(f, "the certificate of %s was not accepted: %s", host,
			 why);
}

/* clang-format off */
static const struct {
	gnutls_certificate_verification_profiles_t profile;
	gnutls_sec_param_t strength;
	bool subject; /* may name it where there are no alternative names */
} profiles[] = {
	[TLS_PROFILE_MEDIUM] = {
		GNUTLS_PROFILE_MEDIUM, GNUTLS_SEC_PARAM_MEDIUM, false },
	[TLS_PROFILE_LOW] = {
		GNUTLS_PROFILE_LOW, GNUTLS_SEC_PARAM_LOW, true },
	[TLS_PROFILE_LEGACY] = {
		GNUTLS_PROFILE_LEGACY, GNUTLS_SEC_PARAM_LEGACY, true },
};
/* clang-format on */

/* The number of alternative names, of whatever kind; *hosts of them are names
 * of hosts. One that is too long for GnuTLS, or that it cannot read, is the
 * last that it looks at, and so it is here: where no host's was before it,
 * GnuTLS takes the subject's name (CVE-2026-42013). */
static unsigned alternative_names(gnutls_x509_crt_t crt, unsigned *hosts)
{
	enum { LONGEST = 254 };
	unsigned n = 0;

	*hosts = 0;
	while (n < LIMIT_CERTIFICATE_NAMES) {
		char name[LONGEST + 1];
		size_t size = sizeof(name);
		int type = gnutls_x509_crt_get_subject_alt_name(crt, n, name,
								&size, NULL);

		if (type == GNUTLS_E_REQUESTED_DATA_NOT_AVAILABLE)
			break;
		n++;
		if (type < 0)
			break;
		*hosts += type == GNUTLS_SAN_DNSNAME;
	}
	return n;
}

/* RFC 9525 §6.3: the subject names nobody. GnuTLS would look there where no
 * alternative name is a host's. */
static bool names(gnutls_x509_crt_t crt, const char *host, bool subject)
{
	unsigned hosts, n = alternative_names(crt, &hosts);
	char name[256];
	size_t size = sizeof(name);
	unsigned char ip[16];
	unsigned length = 0;

	if (inet_pton(AF_INET, host, ip) == 1)
		length = 4;
	else if (inet_pton(AF_INET6, host, ip) == 1)
		length = 16;
	if (n > 0 && length > 0)
		return gnutls_x509_crt_check_ip(crt, ip, length, 0);
	if (hosts == 0 && (n > 0 || !subject))
		return false;
	if (length == 0)
		return gnutls_x509_crt_check_hostname2(
			crt, host, GNUTLS_VERIFY_DO_NOT_ALLOW_IP_MATCHES);
	return gnutls_x509_crt_get_dn_by_oid(crt, GNUTLS_OID_X520_COMMON_NAME,
					     0, 0, name, &size) == 0 &&
	       strcmp(name, host) == 0;
}

/* A group of finite fields may be weaker than the certificate's key. */
static bool is_exchange_weak(gnutls_session_t session,
			     enum tls_profile profile)
{
	int bits = gnutls_dh_get_prime_bits(session);

	return bits > 0 &&
	       (unsigned)bits < gnutls_sec_param_to_pk_bits(
					GNUTLS_PK_DH,
					profiles[profile].strength);
}

static int chain_verify(struct trust *t, gnutls_x509_crt_t *chain, unsigned n,
			enum tls_profile profile, const char *host,
			struct fault *f)
{
	char purpose[] = GNUTLS_KP_TLS_WWW_SERVER;
	gnutls_typed_vdata_st data = { .type = GNUTLS_DT_KEY_PURPOSE_OID };
	unsigned status = 0;
	int e;

	data.data = (unsigned char *)purpose;
	e = gnutls_x509_trust_list_verify_crt2(
		t->list, chain, n, &data, 1,
		GNUTLS_PROFILE_TO_VFLAGS(profiles[profile].profile), &status,
		NULL);
	if (e < 0)
		return refused(host, gnutls_strerror(e), f);
	if (status)
		return refused(host, reason_of(status), f);
	if (!names(chain[0], host, profiles[profile].subject))
		return refused(host, "it is for another name", f);
	return 0;
}

int trust_verify(struct trust *t, void *session, enum tls_profile profile,
		 const char *host, struct fault *f)
{
	gnutls_x509_crt_t chain[LIMIT_CHAIN];
	const gnutls_datum_t *der;
	unsigned shown = 0, n = 0;
	int e = 0, result;

	if (gnutls_certificate_type_get(session) != GNUTLS_CRT_X509)
		return refused(host, "it is not an X.509 certificate", f);
	if (is_exchange_weak(session, profile))
		return fault_set(f, "the key exchange with %s is too weak: "
				 "tls_profile says what is taken", host);
	der = gnutls_certificate_get_peers(session, &shown);
	if (!der || shown == 0)
		return refused(host, "there was none", f);
	if (shown > LIMIT_CHAIN)
		return refused(host, "its chain is too long", f);
	while (n < shown && e == 0) {
		e = gnutls_x509_crt_init(&chain[n]);
		if (e < 0)
			break;
		e = gnutls_x509_crt_import(chain[n], &der[n],
					   GNUTLS_X509_FMT_DER);
		n++;
	}
	if (e < 0)
		result = refused(host, gnutls_strerror(e), f);
	else
		result = chain_verify(t, chain, n, profile, host, f);
	while (n > 0)
		gnutls_x509_crt_deinit(chain[--n]);
	return result;
}

/* A client has no use for the pointer to a server's cache of sessions. */
static char verified;

void tls_mark_verified(void *session)
{
	gnutls_db_set_ptr(session, &verified);
}

bool tls_is_verified(void *session)
{
	return gnutls_db_get_ptr(session) == &verified;
}

bool tls_is_http2(void *session)
{
	gnutls_datum_t chosen;

	return gnutls_alpn_get_selected_protocol(session, &chosen) == 0 &&
	       chosen.size == 2 && memcmp(chosen.data, "h2", 2) == 0;
}

bool tls_has_unread(void *session)
{
	return gnutls_record_check_pending(session) > 0;
}

int tls_certificate_check(const char *certificate, const char *key,
			  struct fault *f)
{
	gnutls_certificate_credentials_t c;
	int e = gnutls_certificate_allocate_credentials(&c);

	if (!key)
		key = certificate;
	if (e < 0)
		return fault_set(f, "%s", gnutls_strerror(e));
	e = gnutls_certificate_set_x509_key_file(c, certificate, key,
						 GNUTLS_X509_FMT_PEM);
	gnutls_certificate_free_credentials(c);
	if (e >= 0)
		return 0;
	return fault_set(f, "%s and %s do not hold a certificate and "
			 "its private key in PEM: %s", certificate, key,
			 gnutls_strerror(e));
}
