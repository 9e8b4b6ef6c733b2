/* SPDX-License-Identifier: MIT */
/* A token: how it is read out of a response's members, strict where a token
 * would come out wrong, lenient where servers are known to differ; how threads
 * share it; how it lies in the store; and how templates get at its members. */
#include "oauth/token/token.h"

#include <stdlib.h>

#include "base/alloc.h"
#include "base/assert.h"
#include "base/limits.h"
#include "data/json_path.h"
#include "oauth/dpop.h"

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

/* --- from the members of a response --- */

/* PHP has false where there is nothing. */
bool token_member_given(const struct json *j, const char *name)
{
	const struct json *m = json_given(j, name);

	return m && !(json_is(m, JSON_BOOL) && !json_bool(m));
}

/* A secret that need not be there; of another type than a string it shows
 * that the reply is not understood. */
static int take_secret(const struct json *j, const char *name,
		       struct secret **out, struct fault *f)
{
	const struct json *m = json_get(j, name);

	if (!token_member_given(j, name))
		return 0;
	if (!json_is(m, JSON_STRING))
		return fault_set(f, "%s is of type %s, where a string must be",
				 name, json_type_name(json_type(m)));
	if (json_text(m).n > LIMIT_TOKEN_VALUE)
		return fault_set(f, "%s is longer than %d octets", name,
				 (int)LIMIT_TOKEN_VALUE);
	*out = secret_new(json_text(m));
	return 0;
}

static int take_access_token(const struct json *j, struct token *t,
			     struct fault *f)
{
	struct str token;

	if (take_secret(j, "access_token", &t->access_token, f) < 0)
		return -1;
	if (!t->access_token)
		return fault_set(f, "there is no access_token");
	token = secret_expose(t->access_token);
	if (token.n == 0 || !str_is_visible(token))
		return fault_set(f, "access_token holds characters that no "
				 "token may have (a space, a control character "
				 "or one beyond ASCII)");
	return 0;
}

bool token_is_type(struct str s)
{
	return s.n > 0 && s.n <= LIMIT_TOKEN_TYPE && str_is_printable(s);
}

/* Named where it can be nothing but a name. */
static int refuse_type(const struct token *t, const struct json *m,
		       struct fault *f)
{
	struct str type = json_is(m, JSON_STRING) ? json_text(m) : STR("");
	bool shown = token_is_type(type) &&
		     !secret_eq_str(t->access_token, type);

	return fault_set(f, "token_type is neither Bearer nor DPoP%s%.*s%s; "
			 "where the server means a Bearer token all the same, "
			 "give access_token_response.set.token_type = Bearer",
			 shown ? " but \"" : "", (int)(shown ? type.n : 0),
			 type.p, shown ? "\"" : "");
}

/* RFC 6749 §7.1: a type that is not understood must not be used. Whether a
 * token that is bound to a key can be used is the session's to know. */
static int take_token_type(const struct json *j, bool any, struct token *t,
			   struct fault *f)
{
	const struct json *m = json_given(j, "token_type");

	if (!m) {
		t->token_type = mem_strdup("Bearer");
		return 0;
	}
	if (!json_is(m, JSON_STRING) || !token_is_type(json_text(m)) ||
	    (!any && !str_eq_nocase(json_text(m), STR("Bearer")) &&
	     !str_eq_nocase(json_text(m), STR(DPOP_SCHEME))))
		return refuse_type(t, m, f);
	t->token_type = str_dup(json_text(m));
	return 0;
}

/* Values of an array, as some servers have it, as RFC 6749 §3.3 has them. */
static void join_scope(const struct json *m, struct buf *out)
{
	for (size_t i = 0; i < json_count(m); i++) {
		struct str value = STR("");

		if (json_is(json_at(m, i), JSON_STRING))
			value = json_text(json_at(m, i));
		if (value.n > 0 && out->n > 0)
			buf_add_char(out, ' ');
		buf_add_str(out, value);
	}
}

/* Only told to people, so that another type or odd octets are no mistake. */
static char *take_scope(const struct json *j)
{
	const struct json *m = json_get(j, "scope");
	struct buf joined = BUF_INIT(LIMIT_TOKEN_VALUE);
	struct str s = STR("");
	char *scope = NULL;

	if (json_is(m, JSON_ARRAY))
		join_scope(m, &joined);
	if (json_is(m, JSON_STRING))
		s = json_text(m);
	else if (buf_ok(&joined))
		s = buf_str(&joined);
	if (s.n > 0 && str_is_printable(s))
		scope = str_dup(s);
	buf_fini(&joined);
	return scope;
}

/* Digits, with a fraction or without. */
static bool is_decimal(struct str s)
{
	size_t point = str_find(s, '.');

	for (size_t i = 0; i < s.n; i++) {
		if (i != point && !char_is_digit(s.p[i]))
			return false;
	}
	return s.n > 0 && point > 0 && point + 1 != s.n;
}

int64_t token_number(const struct json *m, int64_t max)
{
	char *text;
	double n;

	if (!json_is(m, JSON_NUMBER) &&
	    !(json_is(m, JSON_STRING) && is_decimal(json_text(m))))
		return 0;
	text = str_dup(json_text(m));
	n = strtod(text, NULL);
	mem_free(text);
	if (!(n >= 1))
		return 0;
	return n >= (double)max ? max : (int64_t)n;
}

int64_t token_expires_in(const struct json *m)
{
	return token_number(m, LIMIT_TOKEN_LIFE);
}

/* Its names, by what servers are known to send: Keycloak; GitHub, Entra and
 * LinkedIn; Intuit. */
static int64_t take_refresh_expires_in(const struct json *j)
{
	static const char *const names[] = {
		"refresh_expires_in",
		"refresh_token_expires_in",
		"x_refresh_token_expires_in",
	};
	int64_t seconds = 0;

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		if (seconds == 0)
			seconds = token_expires_in(json_get(j, names[i]));
	}
	return seconds;
}

struct token *token_members_read(const struct json *j, bool any_type,
				 struct fault *f)
{
	struct token *t = mem_new(struct token);

	t->refs = 1;
	if (take_access_token(j, t, f) < 0 ||
	    take_token_type(j, any_type, t, f) < 0 ||
	    take_secret(j, "refresh_token", &t->refresh_token, f) < 0 ||
	    take_secret(j, "id_token", &t->id_token, f) < 0) {
		token_unref(&t);
		return NULL;
	}
	t->scope = take_scope(j);
	t->expires_in = token_expires_in(json_get(j, "expires_in"));
	t->refresh_expires_in = take_refresh_expires_in(j);
	return t;
}

/* --- what a refresh does not repeat --- */

#define CALLBACK "callback"

/* What a reply says of its own token alone. */
static bool is_of_one_token(struct str name)
{
	static const char *const names[] = {
		"access_token", "token_type", "refresh_token", "id_token",
		"expires_at",	"expires_on", "not_before",    "issued_at",
	};

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		if (str_eq_z(name, names[i]))
			return true;
	}
	return str_ends(name, STR("expires_in"));
}

/* What a login's callback brought is no refresh's to change. */
static bool is_callback(const struct json *before, const struct json *new,
			size_t i)
{
	return json_is(before, JSON_OBJECT) &&
	       str_eq(json_name(new, i), STR(CALLBACK));
}

static bool says_something(const struct json *m)
{
	return json_type(m) != JSON_NULL &&
	       !(json_is(m, JSON_STRING) && json_text(m).n == 0);
}

static void write_kept(const struct json *new, const struct json *old,
		       struct buf *out)
{
	struct json_out o;

	json_out_init(&o, out);
	json_out_object(&o);
	for (size_t i = 0; i < json_count(new); i++) {
		const struct json *m = json_at(new, i);
		const struct json *before =
			json_get_str(old, json_name(new, i));

		if ((says_something(m) && !is_callback(before, new, i)) ||
		    is_of_one_token(json_name(new, i)))
			before = NULL;
		json_out_key_str(&o, json_name(new, i));
		json_out_value(&o, before ? before : m);
	}
	for (size_t i = 0; i < json_count(old); i++) {
		if (is_of_one_token(json_name(old, i)) ||
		    json_get_str(new, json_name(old, i)))
			continue;
		json_out_key_str(&o, json_name(old, i));
		json_out_value(&o, json_at(old, i));
	}
	json_out_object_end(&o);
}

/* NULL where they are too long together. */
static struct secret *members_kept(const struct token *t,
				   const struct token *old)
{
	struct buf b = BUF_INIT_SECRET(LIMIT_TOKEN_RESPONSE);
	struct json *new = json_parse(secret_expose(t->members), NULL);
	struct json *before = json_parse(secret_expose(old->members), NULL);
	struct secret *kept = NULL;

	write_kept(new, before, &b);
	if (buf_ok(&b))
		kept = secret_new(buf_str(&b));
	json_free(&new);
	json_free(&before);
	buf_fini(&b);
	return kept;
}

/* With other members, and this scope. */
static struct token *token_copy(const struct token *t, const char *scope,
				struct secret *members)
{
	struct token *kept = mem_new(struct token);

	kept->refs = 1;
	kept->access_token = secret_ref(t->access_token);
	kept->refresh_token = secret_ref(t->refresh_token);
	kept->id_token = secret_ref(t->id_token);
	kept->token_type = mem_strdup(t->token_type);
	if (scope)
		kept->scope = mem_strdup(scope);
	kept->expires_in = t->expires_in;
	kept->refresh_expires_in = t->refresh_expires_in;
	kept->sent_wall = t->sent_wall;
	kept->members = members ? members : secret_ref(t->members);
	return kept;
}

struct token *token_refreshed(struct token *t, const struct token *old)
{
	return token_copy(t, t->scope ? t->scope : old->scope,
			  t->members && old->members ? members_kept(t, old)
						     : NULL);
}

struct token *token_with_callback(struct token *t, const struct secret *kept,
				  struct fault *f)
{
	struct buf b = BUF_INIT_SECRET(LIMIT_TOKEN_RESPONSE);
	struct json *j = json_parse(secret_expose(t->members), NULL);
	struct json *callback = json_parse(secret_expose(kept), NULL);
	struct token *with = NULL;
	struct json_out o;

	json_out_init(&o, &b);
	json_out_object(&o);
	for (size_t i = 0; json_is(j, JSON_OBJECT) && i < json_count(j); i++) {
		if (str_eq(json_name(j, i), STR(CALLBACK)))
			continue;
		json_out_key_str(&o, json_name(j, i));
		json_out_value(&o, json_at(j, i));
	}
	json_out_key(&o, CALLBACK);
	json_out_value(&o, callback);
	json_out_object_end(&o);
	if (buf_ok(&b))
		with = token_copy(t, t->scope, secret_new(buf_str(&b)));
	else
		fault_set(f, "the token response and what is kept of the "
			  "browser's answer are too long together");
	json_free(&j);
	json_free(&callback);
	buf_fini(&b);
	return with;
}

/* --- in the store --- */

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
	json_out_key(&o, "refresh_expires_in");
	json_out_int(&o, t->refresh_expires_in);
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

/* --- for templates --- */

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
