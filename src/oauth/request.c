/* SPDX-License-Identifier: MIT */
/* Collects the parameters and fields of a token request, and writes it. Nothing
 * is sent here. */
#include "oauth/request.h"

#include <string.h>

#include "base/alloc.h"
#include "base/limits.h"
#include "data/form.h"
#include "data/json.h"
#include "data/utf8.h"

void token_request_init(struct token_request *r)
{
	memset(r, 0, sizeof(*r));
	r->method = STR("POST");
	fields_init(&r->fields, &r->arena);
	buf_init_secret(&r->query, LIMIT_TOKEN_REQUEST);
	buf_init_secret(&r->body, LIMIT_TOKEN_REQUEST);
	fields_add(&r->fields, STR("User-Agent"),
		   STR("bearerd/" PACKAGE_VERSION));
	fields_add(&r->fields, STR("Accept"), STR("application/json"));
	fields_add(&r->fields, STR("Accept-Encoding"), STR("identity"));
	fields_add(&r->fields, STR("Content-Type"),
		   STR("application/x-www-form-urlencoded"));
}

void token_request_fini(struct token_request *r)
{
	for (size_t i = 0; i < r->nsecrets; i++)
		secret_unref(&r->secrets[i]);
	mem_free(r->secrets);
	buf_fini(&r->query);
	buf_fini(&r->body);
	arena_fini(&r->arena);
	memset(r, 0, sizeof(*r));
}

/* --- its parameters --- */

/* What is too long already is not kept as well. */
void token_request_add(struct token_request *r, struct str name,
		       struct str value)
{
	size_t cap = r->cap ? 2 * r->cap : 16;
	struct token_param *params;

	r->size += name.n + value.n;
	if (r->size > LIMIT_TOKEN_REQUEST)
		return;
	if (r->nparams == r->cap) {
		params = arena_alloc(&r->arena, cap * sizeof(*params));
		if (r->nparams)
			memcpy(params, r->params,
			       r->nparams * sizeof(*params));
		r->params = params;
		r->cap = cap;
	}
	r->params[r->nparams++] = (struct token_param){
		arena_str(&r->arena, name), arena_str(&r->arena, value)
	};
}

/* The first of that name from at on, or nparams. */
static size_t find_param(const struct token_request *r, size_t at,
			 struct str name)
{
	while (at < r->nparams && !str_eq(r->params[at].name, name))
		at++;
	return at;
}

/* Those of that name from at on. */
static void drop_from(struct token_request *r, size_t at, struct str name)
{
	size_t kept = at;

	for (; at < r->nparams; at++) {
		if (!str_eq(r->params[at].name, name))
			r->params[kept++] = r->params[at];
	}
	r->nparams = kept;
}

void token_request_param(struct token_request *r, const char *name,
			 struct str value)
{
	if (value.n > 0)
		token_request_add(r, str_z(name), value);
}

struct str token_request_get(const struct token_request *r, struct str name)
{
	size_t at = find_param(r, 0, name);

	return at < r->nparams ? r->params[at].value : STR("");
}

void token_request_drop(struct token_request *r, struct str name)
{
	drop_from(r, 0, name);
}

void token_request_set(struct token_request *r, struct str name,
		       struct str value)
{
	size_t at = find_param(r, 0, name);

	token_request_add(r, name, value);
	if (r->size > LIMIT_TOKEN_REQUEST || at + 1 == r->nparams)
		return;
	r->params[at] = r->params[--r->nparams];
	drop_from(r, at + 1, name);
}

void token_request_note(struct token_request *r, struct secret *value)
{
	r->secrets = mem_resize(r->secrets, (r->nsecrets + 1) *
					    sizeof(struct secret *));
	r->secrets[r->nsecrets++] = secret_ref(value);
}

void token_request_secret(struct token_request *r, const char *name,
			  struct secret *value)
{
	token_request_note(r, value);
	token_request_param(r, name, secret_expose(value));
}

void token_request_client_id(struct token_request *r, const char *client_id)
{
	if (find_param(r, 0, STR("client_id")) == r->nparams)
		token_request_param(r, "client_id", str_z(client_id));
}

void token_request_field(struct token_request *r, struct str name,
			 struct str value)
{
	fields_add_copy(&r->fields, name, value);
}

int token_request_check(const struct token_request *r, struct fault *f)
{
	if (r->size <= LIMIT_TOKEN_REQUEST)
		return 0;
	if (r->phase == PHASE_DEVICE_AUTHORIZATION)
		return fault_set(f, "the device authorization request is too "
				 "long");
	return fault_set(f, r->phase == PHASE_REVOCATION ?
			 "the revocation request is too long" :
			 "the token request is too long");
}

/* --- how they are written --- */

/* Those of one name that stands more than once are an array. */
static int write_member(struct token_request *r, size_t at,
			struct json_out *o, struct fault *f)
{
	struct str name = r->params[at].name;
	size_t i = find_param(r, at + 1, name);
	bool many = i < r->nparams;

	json_out_key_str(o, name);
	if (many)
		json_out_array(o);
	for (i = at; i < r->nparams; i = find_param(r, i + 1, name)) {
		if (!utf8_is_valid(r->params[i].value))
			return fault_set(f, "the value of %.*s is not UTF-8, "
					 "so that JSON cannot hold it",
					 STR_ARGS(name));
		json_out_str(o, r->params[i].value);
	}
	if (many)
		json_out_array_end(o);
	return 0;
}

static int write_json(struct token_request *r, struct buf *out,
		      struct fault *f)
{
	struct json_out o;

	json_out_init(&o, out);
	json_out_object(&o);
	for (size_t i = 0; i < r->nparams; i++) {
		if (find_param(r, 0, r->params[i].name) == i &&
		    write_member(r, i, &o, f) < 0)
			return -1;
	}
	json_out_object_end(&o);
	return 0;
}

/* Behind the query that is there. */
static void write_query(const struct token_request *r, struct str target,
			struct buf *out)
{
	bool first = str_find(target, '?') == target.n;

	buf_add_str(out, target);
	for (size_t i = 0; i < r->nparams; i++) {
		buf_add_char(out, first ? '?' : '&');
		percent_encode(out, r->params[i].name);
		buf_add_char(out, '=');
		percent_encode(out, r->params[i].value);
		first = false;
	}
}

int token_request_finish(struct token_request *r, struct str target,
			 struct fault *f)
{
	if (r->path.n > 0)
		target = r->path;
	r->target = target;
	if (token_request_check(r, f) < 0)
		return -1;
	buf_add_str(&r->body, r->raw);
	switch (r->format) {
	case TOKEN_FORM:
		for (size_t i = 0; r->raw.n == 0 && i < r->nparams; i++)
			form_add(&r->body, r->params[i].name,
				 r->params[i].value);
		break;
	case TOKEN_JSON:
		if (r->raw.n == 0 && write_json(r, &r->body, f) < 0)
			return -1;
		break;
	case TOKEN_QUERY:
		write_query(r, target, &r->query);
		r->target = buf_str(&r->query);
		break;
	}
	if (buf_ok(&r->body) && buf_ok(&r->query))
		return 0;
	r->size = LIMIT_TOKEN_REQUEST + 1;
	return token_request_check(r, f);
}
