/* SPDX-License-Identifier: MIT */
/* A request to a token endpoint while it is being built: grants put their
 * parameters in, client authentication its own, then it is written. */
#pragma once

#include "base/alloc.h"
#include "base/attr.h"
#include "base/buf.h"
#include "base/fault.h"
#include "base/str.h"
#include "http/fields.h"

enum { TOKEN_REQUEST_MAX = 256 * 1024 };

struct token_request {
	struct arena arena;   /* wiped with it; the fields' memory */
	struct fields fields; /* Content-Type, Accept, Authorization … */
	struct buf form;      /* secret; the body */
};

/* With Accept: application/json and Content-Type set. */
void token_request_init(struct token_request *r);
void token_request_fini(struct token_request *r);
/* Adds a parameter; an empty value is left out (RFC 6749 §3.2 treats it as
 * omitted). */
void token_request_param(struct token_request *r, const char *name,
			 struct str value);
/* Adds a field, copied. */
void token_request_field(struct token_request *r, struct str name,
			 struct str value);
