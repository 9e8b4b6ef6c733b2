/* SPDX-License-Identifier: MIT */
/* Compliance fixes once they are compiled: shared by the files that make them,
 * change requests and change replies, and not for others. */
#pragma once

#include "oauth/compliance/compliance.h"

/* The keys, as written. */
struct request_keys {
	struct config_list param, header; /* "NAME=TEMPLATE" */
	int method, format;               /* indices of their words */
};

struct response_keys {
	int format;
	char *select;
	struct config_list rename; /* "OLD=NEW" */
	struct config_list set, fallback; /* "NAME=VALUE" */
	struct config_list drop, unavailable_if, error_if, invalid_grant_if;
	char *error, *expires_at;
	int expires_unit; /* index of "s ms" */
};

struct compliance_keys {
	struct request_keys access_request, refresh_request, device_request,
		revocation;
	struct response_keys access_response, refresh_response,
		device_response;
};

/* What they are compiled into. */
struct request_fixes {
	struct str method; /* empty: as it is */
	bool has_format;
	enum token_format format;
	struct named_values params, headers;
};

struct response_rename {
	char *from; /* a path */
	char *to;
};

struct response_value {
	char *name;
	struct json *value;
};

struct response_test {
	char *path, *value;
};

struct response_tests {
	struct response_test *v;
	size_t n;
};

struct response_fixes {
	const char *answer; /* a reply with this member is not an error */
	enum reply_format format;
	char *select; /* a path; NULL: the whole reply */
	struct response_rename *renames;
	size_t nrenames;
	struct response_value *sets, *defaults;
	size_t nsets, ndefaults;
	char **drops;
	size_t ndrops;
	struct response_tests unavailable_ifs, error_ifs, invalid_grant_ifs;
	char *error;  /* a path; NULL: as the standard has it */
	char *expires_at; /* a path of a date; NULL: none */
	bool expires_in_ms;
	bool any;     /* it changes something */
};

struct compliance {
	struct named_values authorization;
	struct request_fixes requests[PHASE_OTHER]; /* by phase */
	struct response_fixes responses[PHASE_REVOCATION];
};
