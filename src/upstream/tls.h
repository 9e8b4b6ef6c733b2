/* SPDX-License-Identifier: MIT */
/* The list of CAs by which an upstream's certificate is verified, read once and
 * shared by all threads. */
#pragma once

#include <stdbool.h>

#include "base/attr.h"
#include "base/fault.h"

struct trust;

/* GnuTLS' security profiles: how long keys must be. With the two weaker ones,
 * of which legacy is the stronger, a certificate without alternative names may
 * be for the common name of its subject. */
enum tls_profile {
	TLS_PROFILE_MEDIUM, /* RSA 2048 */
	TLS_PROFILE_LOW,    /* RSA 1024 */
	TLS_PROFILE_LEGACY, /* RSA 1776 */
};

/* The CAs of a PEM file, or the system's where path is NULL. NULL with a
 * fault where there is none in it. One reference. */
ATTR_MUST_CHECK struct trust *trust_load(const char *path, struct fault *f);
struct trust *trust_ref(struct trust *t);
void trust_unref(struct trust **t);

/* For the carrier: checks the chain that the peer of this GnuTLS session
 * showed, its dates, its purpose, how strong it and the key exchange are, and
 * that it is host's (a name, or an address; RFC 9525 §6). session is a
 * gnutls_session_t. */
ATTR_MUST_CHECK int trust_verify(struct trust *t, void *session,
				 enum tls_profile profile, const char *host,
				 struct fault *f);

/* The session was verified and need not be again; the mark lives and dies
 * with it. */
void tls_mark_verified(void *session);
bool tls_is_verified(void *session);
/* Whether HTTP/2 was agreed on (RFC 7301). */
bool tls_is_http2(void *session);
/* Whether octets were decrypted and not read. */
bool tls_has_unread(void *session);

/* Whether a client certificate can be shown: PEM files that can be read and
 * belong together; key NULL where it stands in certificate's file. */
ATTR_MUST_CHECK int tls_certificate_check(const char *certificate,
					  const char *key, struct fault *f);
