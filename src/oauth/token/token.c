/* SPDX-License-Identifier: MIT */
/* A token once it was read: how it is shared between the threads that use
 * it, how it lies in the store, and how single members of the response are
 * got at for templates. */
#include "oauth/token/token.h"

#include <string.h>

#include "base/alloc.h"
#include "base/assert.h"
#include "data/json_path.h"
#include "oauth/dpop.h"
#include "oauth/token/token_members.h"

struct token *token_static(const struct secret *access_token)
{
	struct token *t = mem_new(struct token);

	ASSERT(access_token != NULL);
	t->refs = 1;
	t->access_token = secret_new(secret_expose(access_token));
	t->token_type = mem_strdup("Bearer");
	return t;
}

struct token *token_ref(struct token *t)
{
	if (t)
		t->refs++;
	return t;
}

void token_unref(struct token **tp)
{
	struct token *t = *tp;

	*tp = NULL;
	if (!t || --t->refs > 0)
		return;
	secret_unref(&t->access_token);
	secret_unref(&t->refresh_token);
	secret_unref(&t->id_token);
	secret_unref(&t->members);
	mem_free(t->token_type);
	mem_free(t->scope);
	mem_free(t);
}

bool token_is_bound(const struct token *t)
{
	return dpop_is_type(t->token_type);
}

static void write_secret(struct json_out *o, const char *key,
			 const struct secret *s)
{
	if (!s)
		return;
	json_out_key(o, key);
	json_out_str(o, secret_expose(s));
}

static void write_text(struct json_out *o, const char *key, const char *z)
{
	if (!z)
		return;
	json_out_key(o, key);
	json_out_z(o, z);
}

/* The response goes in as text, not as a value: nested, it could be one level
 * deeper than what is read back. */
void token_write(const struct token *t, struct buf *out)
{
	struct json_out o;

	json_out_init(&o, out);
	json_out_object(&o);
	write_secret(&o, "access_token", t->access_token);
	write_secret(&o, "refresh_token", t->refresh_token);
	write_secret(&o, "id_token", t->id_token);
	write_text(&o, "token_type", t->token_type);
	write_text(&o, "scope", t->scope);
	json_out_key(&o, "expires_in");
	json_out_int(&o, t->expires_in);
	json_out_key(&o, "sent_wall");
	json_out_int(&o, t->sent_wall);
	write_secret(&o, "members", t->members);
	json_out_object_end(&o);
}

static struct token *parse_object(const struct json *j, struct fault *f)
{
	const struct json *members = json_get(j, "members");
	int64_t sent_wall;

	if (!json_is(j, JSON_OBJECT) ||
	    !json_int(json_get(j, "sent_wall"), &sent_wall) ||
	    (members && !json_is(members, JSON_STRING))) {
		fault_set(f, "a member is missing or of the wrong type");
		return NULL;
	}
	/* What its type may be was asked when it came. */
	struct token *t = token_members_read(j, true, f);
	if (!t)
		return NULL;
	t->sent_wall = sent_wall;
	if (members)
		t->members = secret_new(json_text(members));
	return t;
}

struct token *token_parse(struct str text, struct fault *f)
{
	struct json *j = json_parse(text, f);
	struct token *t = j ? parse_object(j, f) : NULL;

	json_free(&j);
	if (!t)
		fault_prefix(f, "the stored token is damaged");
	return t;
}

static int member_text(const struct json *j, struct buf *out)
{
	if (json_is(j, JSON_BOOL))
		buf_add_z(out, json_bool(j) ? "true" : "false");
	else if (json_is(j, JSON_STRING) || json_is(j, JSON_NUMBER))
		buf_add_str(out, json_text(j));
	else
		return -1;
	return 0;
}

int token_member(const struct token *t, struct str path, struct buf *out)
{
	if (!t->members)
		return -1;
	struct json *j = json_parse(secret_expose(t->members), NULL);
	int rc = member_text(json_path(j, path), out);

	json_free(&j);
	return rc;
}
