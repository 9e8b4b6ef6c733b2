/* SPDX-License-Identifier: MIT */
/* Signed assertions (RFC 7523) that a grant makes of who asks and in whose
 * name: what jwt-bearer, which sends them, and signed-jwt, whose tokens they
 * are, have in common. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "base/attr.h"
#include "base/fault.h"
#include "base/secret.h"
#include "config/table.h"
#include "oauth/grant/grant.h"
#include "oauth/request.h"

extern const struct config_table signing_table;

/* Whether the section says who makes them, or has a service_account_file. */
bool signing_given(const struct config_section *s);
bool signing_has_account(const struct config_section *s);

/* As a grant's check, prepare and release; grant: its name, for people. */
ATTR_MUST_CHECK int signing_check(const struct config_section *s,
				  const char *grant, const char **key,
				  struct fault *f);
ATTR_MUST_CHECK int signing_prepare(const struct config_section *s,
				    void **state, const char **key,
				    struct fault *f);
void signing_release(void *state);

/* As a grant's user: the subject, or else the issuer. */
const char *signing_user(const struct config_section *s, const void *state);
/* The token endpoint of the service_account_file, borrowed from state; NULL
 * where there is none. state may be NULL. */
const char *signing_account_endpoint(const void *state);

/* How long one that is made now holds, in seconds. */
int64_t signing_life(const struct config_section *s);
/* Made and signed anew. is_token: it is a token itself, so that no token
 * endpoint is its audience, and a service account speaks in its own name. One
 * reference; NULL with a fault. */
ATTR_MUST_CHECK struct secret *signing_make(const struct token_asking *a,
					    bool is_token, struct fault *f);
