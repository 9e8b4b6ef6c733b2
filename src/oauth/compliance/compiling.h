/* SPDX-License-Identifier: MIT */
/* While the compliance fixes of a section are compiled: shared by the files
 * that do so, and not for others. */
#pragma once

#include <stdbool.h>

#include "oauth/compliance/int.h"

struct compliance_compiling {
	const struct config_section *s;
	const struct grant *grant;
	const struct compliance_keys *set;
	compliance_mistake_fn *mistake;
	void *arg;
	int rc; /* -1: there was a mistake */
};

/* What the keys of a request or reply begin with, and those that say what its
 * own do not; NULL: none do. */
struct compliance_names {
	const char *own, *base;
};

/* Tells one; f gets the key put in front. */
void compliance_mistake(struct compliance_compiling *c, const char *key,
			size_t i, struct fault *f);
/* "NAME.PART" in place of what is in out. */
void compliance_key(struct buf *out, const char *name, const char *part);
/* Whether the section has that key; name may be NULL. */
bool compliance_has(const struct compliance_compiling *c, const char *name,
		    const char *part);

/* Adds what a wildcard's key says under a name; key is the whole of it. */
typedef int compliance_add_fn(const struct compliance_compiling *c, void *to,
			      struct str key, struct str name,
			      struct str value, struct fault *f);
/* All pairs of a list but those that the other one has too (NULL: none). */
void compliance_add_pairs(struct compliance_compiling *c, const char *prefix,
			  const struct config_list *list,
			  const struct config_list *but,
			  compliance_add_fn *add, void *to);
/* Its own, then what its base says of other names. */
void compliance_add_phase(struct compliance_compiling *c,
			  const struct compliance_names *names,
			  const char *part, const struct config_list *own,
			  const struct config_list *base,
			  compliance_add_fn *add, void *to);

/* base: the keys of names->base, NULL where that is. */
void compliance_compile_request(struct compliance_compiling *c,
				const struct compliance_names *names,
				const struct request_keys *own,
				const struct request_keys *base,
				struct request_fixes *x);
void compliance_compile_authorization(struct compliance_compiling *c,
				      struct named_values *to);
void compliance_compile_response(struct compliance_compiling *c,
				 const struct compliance_names *names,
				 const struct response_keys *own,
				 const struct response_keys *base,
				 struct response_fixes *x);
void compliance_response_fini(struct response_fixes *x);
