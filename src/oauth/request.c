/* SPDX-License-Identifier: MIT */
/* A token request between the session's wish and the wire: parameters and
 * fields are collected here, and nothing is sent. */
#include "oauth/request.h"

#include <string.h>

#include "data/form.h"

void token_request_init(struct token_request *r)
{
	memset(r, 0, sizeof(*r));
	fields_init(&r->fields, &r->arena);
	buf_init_secret(&r->form, TOKEN_REQUEST_MAX);
	fields_add(&r->fields, STR("Accept"), STR("application/json"));
	fields_add(&r->fields, STR("Content-Type"),
		   STR("application/x-www-form-urlencoded"));
}

void token_request_fini(struct token_request *r)
{
	buf_fini(&r->form);
	arena_fini(&r->arena);
	memset(r, 0, sizeof(*r));
}

void token_request_param(struct token_request *r, const char *name,
			 struct str value)
{
	if (value.n > 0)
		form_add(&r->form, str_z(name), value);
}

void token_request_field(struct token_request *r, struct str name,
			 struct str value)
{
	fields_add_copy(&r->fields, name, value);
}
