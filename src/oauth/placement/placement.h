/* SPDX-License-Identifier: MIT */
/* Where an access token goes in a forwarded request (RFC 6750 §2): one file
 * and one row each. A token is prepared once, when it is published; what a
 * request costs is to apply it. */
#pragma once

#include <stdbool.h>

#include "base/arena.h"
#include "base/attr.h"
#include "base/fault.h"
#include "base/secret.h"
#include "config/table.h"
#include "http/fields.h"
#include "oauth/placement/value.h"
#include "oauth/token/token.h"

/* A service's placement, compiled from its settings; immutable. */
struct placement_spec {
	const struct placement *placement;
	char *name;                 /* token_name or its default; NULL for none,
				       which puts nothing in */
	struct value *format;
	struct value *bound_format; /* of tokens that are bound to a key; NULL:
				       the same */
};

/* A request on its way out: what a placement may change. */
struct placement_request {
	struct fields *fields;
	struct str target;  /* path and query; replaced in the arena */
	struct arena *arena;
	struct str form;    /* the body, where has_form; replaced in the arena,
			       may be empty */
	bool has_form;      /* parameters of a body go there, not to the
			       query */
};

struct placement {
	const char *name;           /* token_placement */
	const char *default_name;   /* token_name; NULL: it has none */
	const char *default_format; /* token_format */
	const char *bound_format;   /* the same of tokens that are bound to a
				       key (RFC 9449 §7.1); NULL: the same */
	const char *field;          /* the header field that the name is in;
				       NULL: the name is the field, or
				       is_parameter */
	bool is_parameter;          /* of the query, or of a form */
	bool needs_form;            /* the request's body has to be there */
	/* Whether the value of token_name can be one here. */
	int (*check_name)(const char *name, struct fault *f);
	/* Appends the value as it goes out, encoded for its place; -1 where it
	 * cannot be carried there. */
	value_encode_fn *encode;
	/* The client's own in the slot of this name: is there one. */
	bool (*present)(struct str name, const struct placement_request *r);
	/* Takes the client's own out of this slot. */
	void (*remove)(struct str name, struct placement_request *r);
	/* Puts an encoded value in. Name and value may be borrowed: they live
	 * as long as the request. */
	void (*apply)(struct str name, struct str value,
		      struct placement_request *r);
};

/* Each placement: placement_NAME, in NAME.c. */
/* clang-format off */
#define PLACEMENTS(row) \
	row(header) row(query) row(body) row(cookie) row(none)
/* clang-format on */

#define ROW_DECLARE(name) extern const struct placement placement_##name;
PLACEMENTS(ROW_DECLARE)
#undef ROW_DECLARE

/* The same; NULL-terminated. */
extern const struct placement *const placements[];

/* By name; NULL with a fault that lists the valid names. */
ATTR_MUST_CHECK const struct placement *placement_find(const char *name,
						       struct fault *f);
/* Compiles a section's token_placement, token_name and token_format; session
 * is the section of the session's keys. key is the one that a fault is
 * about. */
ATTR_MUST_CHECK int placement_spec_init(struct placement_spec *spec,
					const struct config_section *s,
					const struct config_section *session,
					const char **key, struct fault *f);
void placement_spec_fini(struct placement_spec *spec);

/* Whether the client sent a credential of its own: in Authorization or in the
 * placement's slot. */
bool placement_client_credential(const struct placement_spec *spec,
				 const struct placement_request *r);
