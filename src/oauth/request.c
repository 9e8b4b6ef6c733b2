/* SPDX-License-Identifier: MIT */
/* A token request between the session's wish and the wire: parameters and
 * fields are collected here, and nothing is sent. */
#include "oauth/request.h"

#include <string.h>

#include "base/assert.h"
#include "data/form.h"
#include "data/parameters.h"

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
	for (size_t i = 0; i < r->nsecrets; i++)
		secret_unref(&r->secrets[i]);
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

void token_request_secret(struct token_request *r, const char *name,
			  struct secret *value)
{
	ASSERT(r->nsecrets < TOKEN_REQUEST_SECRETS);
	r->secrets[r->nsecrets++] = secret_ref(value);
	token_request_param(r, name, secret_expose(value));
}

void token_request_client_id(struct token_request *r, const char *client_id)
{
	if (!parameters_have(buf_str(&r->form), STR("client_id")))
		token_request_param(r, "client_id", str_z(client_id));
}

void token_request_field(struct token_request *r, struct str name,
			 struct str value)
{
	fields_add_copy(&r->fields, name, value);
}
