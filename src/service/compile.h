/* SPDX-License-Identifier: MIT */
/* What the parts of services_load share: for service/ only. */
#pragma once

#include <stdbool.h>

#include "service/service.h"

/* A CA file that was read, or could not be. */
struct compiled_trust {
	const char *path;    /* NULL: the system's */
	struct trust *trust; /* one reference */
};

struct compiling {
	struct services *services;
	struct config_report *report;
	struct compiled_trust *trusts;
	size_t ntrusts;
	struct transport **transports; /* one reference each; equal ones of
					  all services are one */
	size_t ntransports;
};

/* One [service NAME]; what is wrong with it is in the report. */
struct service *service_compile(struct compiling *c,
				const struct config_section *section);
void service_free(struct service *s);

/* The text that a session's tokens are stored under. mem_free. */
char *service_identity(const struct service *s);
/* A digest of what its tokens are asked for: scope, audience, resource, dpop.
 * mem_free. */
char *service_request_digest(const struct service *s);

/* The text that its issuer's metadata is stored under: a digest of issuer and
 * of how it is reached. NULL where there is no issuer. mem_free. */
char *service_metadata_id(const struct service *s);

/* The meaning of [proxy]; fills in workers and the own names. */
void check_proxy(struct compiling *c);
/* Before a service is compiled: single values. */
void check_values(struct compiling *c, const struct service *s);
/* After: whether the token would go in the clear, whether keys have a use. */
void check_service(struct compiling *c, const struct service *s);
/* With all of them there: NULL where there is none of that name. */
struct service *service_named(const struct compiling *c, const char *name);
/* The same: whether the services whose tokens others need can
 * give them. */
void check_others(struct compiling *c);
/* The same of those whose whole session others use (`session`); fills in
 * session_of. */
void check_shared(struct compiling *c);
/* Keys that have no use beside `session`. */
void check_shared_keys(struct compiling *c, const struct service *s);
/* With all of them compiled well: whether tokens that stand in the
 * configuration fit into the requests. */
void check_fixed_tokens(struct compiling *c);
/* With all of them and the routes there: what could never be reached. */
void check_matches(struct compiling *c);
/* The same: whether browsers find back from a login. */
void check_logins(struct compiling *c);
