/* SPDX-License-Identifier: MIT */
/* Client authentication at the token endpoint (RFC 6749 §2.3): one file and
 * one row a method. */
#pragma once

#include <stdbool.h>

#include "base/attr.h"
#include "base/fault.h"
#include "config/table.h"
#include "oauth/metadata.h"
#include "oauth/request.h"

struct client_auth {
	const char *name; /* token_endpoint_auth_method */
	const struct config_table *table; /* keys of its own, or NULL */
	const char *keys; /* the words of those that other methods have no use
			     for */
	/* As a grant's. */
	int (*check)(const struct config_section *s, const char **key,
		     struct fault *f);
	bool shows_certificate; /* with TLS, client_certificate is (RFC
				   8705) */
	/* As a grant's. */
	int (*prepare)(const struct config_section *s, void **state,
		       const char **key, struct fault *f);
	void (*release)(void *state);
	/* Puts the client's identity and proof in. */
	int (*apply)(const struct token_asking *a, struct token_request *r,
		     struct fault *f);
};

/* Each method: client_auth_NAME, in NAME.c. */
/* clang-format off */
#define CLIENT_AUTHS(row) \
	row(client_secret_basic) row(client_secret_post) \
	row(client_secret_jwt) row(private_key_jwt) row(tls_client_auth) \
	row(self_signed_tls_client_auth) row(none) row(hook)
/* clang-format on */

#define ROW_DECLARE(name) extern const struct client_auth client_auth_##name;
CLIENT_AUTHS(ROW_DECLARE)
#undef ROW_DECLARE

/* The same; NULL-terminated. */
extern const struct client_auth *const client_auths[];

/* By name; NULL with a fault that lists the valid names. */
ATTR_MUST_CHECK const struct client_auth *client_auth_find(const char *name,
							   struct fault *f);
/* The method that the section names; client_secret_basic where it names none
 * and has a client_secret, none where it has no secret. */
ATTR_MUST_CHECK const struct client_auth *
client_auth_of(const struct config_section *s, struct fault *f);

/* The method for a server of this metadata (NULL: it has none): own, which is
 * the section's, but where that was not named and the metadata has another
 * that the section has what it needs for. */
const struct client_auth *
client_auth_for(const struct client_auth *own, const struct config_section *s,
		const struct metadata *m);

/* The check of a method that needs client_id and client_secret. */
ATTR_MUST_CHECK int client_auth_check_secret(const struct config_section *s,
					     const char **key,
					     struct fault *f);
/* The check of a method that shows a certificate: client_id and
 * client_certificate, and TLS wherever it is shown. */
ATTR_MUST_CHECK int
client_auth_check_certificate(const struct config_section *s,
			      const char **key, struct fault *f);
/* The apply of a method that says who the client is, and no more. */
ATTR_MUST_CHECK int client_auth_apply_id(const struct token_asking *a,
					 struct token_request *r,
					 struct fault *f);
/* Whether the method has a use for a key of some method's. */
bool client_auth_uses(const struct client_auth *c, struct str key);
