/* SPDX-License-Identifier: MIT */
/* Client authentication by an assertion (RFC 7523 §2.2, §3; OpenID Connect
 * Core §9): what client_secret_jwt and private_key_jwt have in common. */
#pragma once

#include "base/attr.h"
#include "base/fault.h"
#include "base/secret.h"
#include "crypto/key.h"
#include "oauth/client_auth/settings.h"
#include "oauth/request.h"

/* What a row's prepare leaves: what the assertions are signed with, for
 * client_assertion_release. NULL with a fault. As assertion_signer_init. */
ATTR_MUST_CHECK void *client_assertion_signer(struct key *key, const char *alg,
					      const char *kid,
					      struct fault *f);
void client_assertion_release(void *state);
/* Before that, of the keys that say otherwise what stands in them: as a row's
 * prepare. */
ATTR_MUST_CHECK int client_assertion_check(const struct config_section *s,
					   const char **key, struct fault *f);

/* As a row's apply: makes one that is good for two minutes, and puts it in. */
ATTR_MUST_CHECK int client_assertion_apply(const struct token_asking *a,
					   struct token_request *r,
					   struct fault *f);
/* Puts one in that is there. */
ATTR_MUST_CHECK int client_assertion_add(const struct token_asking *a,
					 struct secret *assertion,
					 struct token_request *r,
					 struct fault *f);
