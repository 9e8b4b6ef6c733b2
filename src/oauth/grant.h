/* SPDX-License-Identifier: MIT */
/* The grants: one file and one row each. */
#pragma once

#include <stdbool.h>

#include "base/attr.h"
#include "base/fault.h"
#include "config/table.h"
#include "oauth/request.h"
#include "oauth/settings.h"
#include "oauth/token.h"

struct grant {
	const char *name;               /* wire or key word */
	const char *urn;                /* the long name too, or NULL */
	const struct config_table *table; /* keys of its own, or NULL */
	bool uses_client;               /* needs client_id, token_endpoint */
	bool repeatable;                /* can start again without a person */
	/* Whether these settings mean this grant where grant_type is absent;
	 * rows are asked in order. */
	bool (*infer)(const struct config_section *s);
	/* What is missing or does not fit, in words; 0 or -1 with key set to
	 * the key that it is about. NULL: nothing to check. */
	int (*check)(const struct config_section *s, const char **key,
		     struct fault *f);
	/* Puts grant_type and all parameters but the client's in; NULL: there
	 * is nothing to ask for. */
	int (*request)(const struct config_section *s,
		       struct token_request *r, struct fault *f);
	/* The token that needs no request; NULL: none. One reference. */
	struct token *(*fixed)(const struct config_section *s);
};

extern const struct grant grant_client_credentials, grant_static, grant_none;

/* All, in the order of inference; NULL-terminated. */
extern const struct grant *const grants[];

/* By name or urn; NULL with a fault that lists the valid names. */
ATTR_MUST_CHECK const struct grant *grant_find(const char *name,
					       struct fault *f);
/* The row that the section names or means; NULL with a fault. */
ATTR_MUST_CHECK const struct grant *grant_of(const struct config_section *s,
					     struct fault *f);

/* The check of a grant that uses_client and needs no more: client_id, and a
 * token_endpoint that is https, or http on loopback. */
ATTR_MUST_CHECK int grant_check_client(const struct config_section *s,
				       const char **key, struct fault *f);
