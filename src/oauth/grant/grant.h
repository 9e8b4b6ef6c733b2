/* SPDX-License-Identifier: MIT */
/* The grants: one file and one row each. */
#pragma once

#include <stdbool.h>

#include "base/attr.h"
#include "base/fault.h"
#include "config/table.h"
#include "oauth/request.h"
#include "oauth/server.h"
#include "oauth/settings.h"
#include "oauth/token/token.h"

struct grant {
	const char *name;               /* wire or key word */
	const char *urn;                /* the long name too, or NULL */
	const struct config_table *table; /* keys of its own, or NULL */
	bool uses_client;               /* needs client_id, token_endpoint */
	bool repeatable;                /* can start again without a person */
	bool person;                    /* a person logs in for each new
					   beginning; request is made with what
					   that brought */
	const char *response_type;      /* of its authorization request, the
					   default; NULL: it has none */
	unsigned patience;              /* after so many invalid_grant in a row
					   it is given up; 0: never */
	const char *remedy;             /* of its invalid_grant; NULL: none */
	/* Whether these settings mean this grant where grant_type is absent;
	 * rows are asked in order. */
	bool (*infer)(const struct config_section *s);
	/* What is missing or does not fit, in words; 0 or -1 with key set to
	 * the key that it is about. NULL: nothing to check. */
	int (*check)(const struct config_section *s, const char **key,
		     struct fault *f);
	/* Reads once what each request needs (keys, say), as check does; what
	 * it leaves in *state is asked with, and goes back to release. NULL:
	 * nothing. */
	int (*prepare)(const struct config_section *s, void **state,
		       const char **key, struct fault *f);
	void (*release)(void *state);
	/* Puts grant_type and all parameters but the client's in; NULL: there
	 * is nothing to ask for. */
	int (*request)(const struct token_asking *a, struct token_request *r,
		       struct fault *f);
	/* The token that needs no request; NULL: none. One reference. */
	struct token *(*fixed)(const struct config_section *s);
	/* Whether make is for this section; NULL: always. */
	bool (*makes)(const struct config_section *s);
	/* A token that is made here, anew each time that one is needed, and
	 * is not stored; *sent is when it was begun, clock_ms. One reference;
	 * NULL with a fault. NULL: a request brings it. */
	struct token *(*make)(const struct token_asking *a, int64_t *sent,
			      struct fault *f);
	/* The user whose tokens it gets, part of the session's identity; NULL,
	 * or gives NULL: there is none but the client. state: what prepare
	 * left. */
	const char *(*user)(const struct config_section *s, const void *state);
	/* Where its tokens come from if the key token_endpoint does not say;
	 * NULL, or gives NULL: nowhere. Borrowed from state. */
	const char *(*token_endpoint)(const void *state);
	/* Another service whose session it needs a token of; NULL, or gives
	 * NULL: none. */
	const char *(*other_service)(const struct config_section *s);
	/* Adds whom the token that it exchanges speaks of now, as a text that
	 * stays while that does. False: it is not known now. NULL: it does not
	 * change while this runs, or is another session's. */
	bool (*subject)(const struct config_section *s, struct buf *out);
	/* The refresh token that it begins with, as the configuration has it
	 * now, one reference; NULL, or gives NULL: it begins with its
	 * request. */
	struct secret *(*seed)(const struct config_section *s);
};

/* Each grant, in the order of inference: grant_NAME, in NAME.c. */
/* clang-format off */
#define GRANTS(row) \
	row(static) row(jwt_bearer) row(refresh_token) row(password) \
	row(authorization_code) row(client_credentials) row(device_code) \
	row(implicit) row(token_exchange) row(signed_jwt) row(none)
/* clang-format on */

#define ROW_DECLARE(name) extern const struct grant grant_##name;
GRANTS(ROW_DECLARE)
#undef ROW_DECLARE

/* The same; NULL-terminated. */
extern const struct grant *const grants[];

/* Whether sessions of this grant have tokens at all. */
bool grant_has_tokens(const struct grant *g);

/* Whether the section's tokens are made here; or got in any way but that they
 * stand in the configuration, so that there may be a new one. */
bool grant_makes(const struct grant *g, const struct config_section *s);
bool grant_asks(const struct grant *g, const struct config_section *s);

/* By name or urn; NULL with a fault that lists the valid names. */
ATTR_MUST_CHECK const struct grant *grant_find(const char *name,
					       struct fault *f);
/* The row that the section names or means; NULL with a fault. */
ATTR_MUST_CHECK const struct grant *grant_of(const struct config_section *s,
					     struct fault *f);

/* The check of a grant that uses_client and needs no more: client_id, and a
 * token_endpoint or an issuer; issuer and all endpoints https, or http on
 * loopback. */
ATTR_MUST_CHECK int grant_check_client(const struct config_section *s,
				       const char **key, struct fault *f);

/* That an endpoint is given, and may be used. */
ATTR_MUST_CHECK int grant_check_endpoint(const struct config_section *s,
					 enum endpoint_kind kind,
					 const char **key, struct fault *f);
/* The check of a grant that can do without a client: a client_id only where
 * there is something to prove that it is it. */
ATTR_MUST_CHECK int grant_check_optional_client(const struct config_section *s,
						const char **key,
						struct fault *f);

/* Of all endpoints that are given: that they may be used. */
ATTR_MUST_CHECK int grant_check_endpoints(const struct config_section *s,
					  const char **key, struct fault *f);

/* Adds what is asked for: scope (if with_scope), audience and resource. The
 * last step of a request: -1 where it has become too long. */
ATTR_MUST_CHECK int grant_add_scope(const struct config_section *s,
				    bool with_scope, struct token_request *r,
				    struct fault *f);
/* The request that refreshes a token of this grant (RFC 6749 §6). Without a
 * scope the server gives what it gave before; only a session that did not ask
 * for it then, because it begins with a refresh token, names one. */
ATTR_MUST_CHECK int grant_refresh(const struct grant *g,
				  const struct config_section *s,
				  const struct secret *refresh_token,
				  struct token_request *r, struct fault *f);
