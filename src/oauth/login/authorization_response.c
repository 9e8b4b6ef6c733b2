/* SPDX-License-Identifier: MIT */
/* Reads what a browser brings back from the authorization endpoint. Anybody can
 * make a browser bring anything here, so that only what is whole and plain is
 * taken. */
#include "oauth/login/authorization_response.h"

#include <stdbool.h>
#include <string.h>

#include "base/alloc.h"
#include "base/limits.h"
#include "data/form.h"
#include "data/json.h"
#include "data/uri.h"
#include "oauth/token/reply.h"
#include "oauth/token/token.h"

enum parameter {
	CODE,
	STATE,
	ERROR,
	ERROR_DESCRIPTION,
	ERROR_URI,
	ISS,
	ACCESS_TOKEN,
	TOKEN_TYPE,
	EXPIRES_IN,
	SCOPE,
	ID_TOKEN,
	PARAMETERS,
};

/* clang-format off */
static const struct {
	const char *name;
	size_t max;  /* octets */
	bool words;  /* for people: any characters */
} parameters[PARAMETERS] = {
	[CODE]              = { "code", LIMIT_AUTHORIZATION_VALUE, false },
	[STATE]             = { "state", LIMIT_AUTHORIZATION_VALUE, false },
	[ERROR]             = { "error", LIMIT_AUTHORIZATION_VALUE, false },
	[ERROR_DESCRIPTION] = { "error_description",
				LIMIT_AUTHORIZATION_VALUE, true },
	[ERROR_URI]         = { "error_uri", LIMIT_AUTHORIZATION_VALUE, true },
	[ISS]               = { "iss", LIMIT_AUTHORIZATION_VALUE, false },
	[ACCESS_TOKEN]      = { "access_token", LIMIT_TOKEN_VALUE, false },
	[TOKEN_TYPE]        = { "token_type", LIMIT_AUTHORIZATION_VALUE,
				false },
	[EXPIRES_IN]        = { "expires_in", LIMIT_AUTHORIZATION_VALUE, true },
	[SCOPE]             = { "scope", LIMIT_AUTHORIZATION_VALUE, true },
	[ID_TOKEN]          = { "id_token", LIMIT_TOKEN_VALUE, false },
};
/* clang-format on */

/* As they came; empty ones are as those that are absent (RFC 6749 §3.1). */
struct given {
	bool seen[PARAMETERS];
	struct secret *v[PARAMETERS];
};

static void given_fini(struct given *g)
{
	for (size_t i = 0; i < PARAMETERS; i++)
		secret_unref(&g->v[i]);
}

static int take(struct given *g, enum parameter p, const struct buf *value,
		struct fault *f)
{
	const char *name = parameters[p].name;

	if (g->seen[p])
		return fault_set(f, "%s is in it twice", name);
	g->seen[p] = true;
	if (!buf_ok(value) || value->n > parameters[p].max)
		return fault_set(f, "%s is longer than %zu octets", name,
				 parameters[p].max);
	if (!parameters[p].words && !str_is_printable(buf_str(value)))
		return fault_set(f, "%s holds a character that it cannot have",
				 name);
	if (value->n)
		g->v[p] = secret_new(buf_str(value));
	return 0;
}

static int read_pairs(struct str text, struct given *g, struct buf *name,
		      struct buf *value, struct fault *f)
{
	while (form_next(&text, name, value)) {
		size_t p = 0;

		while (p < PARAMETERS &&
		       !(buf_ok(name) &&
			 str_eq_z(buf_str(name), parameters[p].name)))
			p++;
		if (p < PARAMETERS &&
		    take(g, (enum parameter)p, value, f) < 0)
			return -1;
	}
	return 0;
}

static int read_given(struct str text, struct given *g, struct fault *f)
{
	struct buf name = BUF_INIT(64);
	struct buf value = BUF_INIT_SECRET(LIMIT_TOKEN_VALUE);
	int rc;

	if (text.n > LIMIT_AUTHORIZATION_RESPONSE)
		return fault_set(f, "it is longer than %d octets",
				 (int)LIMIT_AUTHORIZATION_RESPONSE);
	rc = read_pairs(text, g, &name, &value, f);
	buf_fini(&name);
	buf_fini(&value);
	return rc;
}

/* --- what they are together --- */

/* The access_token and what belongs to it as a token response has them, so
 * that it obeys the same rules. */
static struct token *token_of(const struct given *g, struct fault *f)
{
	static const enum parameter members[] = { ACCESS_TOKEN, TOKEN_TYPE,
						  EXPIRES_IN, SCOPE,
						  ID_TOKEN };
	struct buf b = BUF_INIT_SECRET(REPLY_MADE_MAX);
	struct token *t = NULL;
	struct json_out o;
	struct json *j;

	json_out_init(&o, &b);
	json_out_object(&o);
	for (size_t i = 0; i < sizeof(members) / sizeof(members[0]); i++) {
		if (!g->v[members[i]])
			continue;
		json_out_key(&o, parameters[members[i]].name);
		json_out_str(&o, secret_expose(g->v[members[i]]));
	}
	json_out_object_end(&o);
	j = json_parse(buf_str(&b), f);
	if (j)
		t = token_members_read(j, false, f);
	if (t)
		t->members = secret_new(buf_str(&b));
	json_free(&j);
	buf_fini(&b);
	return t;
}

static int take_error(const struct given *g, struct authorization_response *r,
		      struct fault *f)
{
	struct str uri = secret_expose(g->v[ERROR_URI]);
	struct uri u;

	if (g->v[CODE] || g->v[ACCESS_TOKEN] || g->v[ID_TOKEN])
		return fault_set(f, "it has both an error and a code or "
				 "token");
	reply_words(r->error.code, sizeof(r->error.code),
		    secret_expose(g->v[ERROR]));
	reply_words(r->error.description, sizeof(r->error.description),
		    secret_expose(g->v[ERROR_DESCRIPTION]));
	/* A person will be shown it. */
	if (uri.n && uri_parse(uri, &u, NULL) == 0 &&
	    (uri_is_https(&u) || uri_is_http(&u)) && !u.has_userinfo)
		r->error_uri = str_dup(uri);
	return 0;
}

static int take_all(const struct given *g, int64_t sent_wall,
		    struct authorization_response *r, struct fault *f)
{
	r->state = secret_ref(g->v[STATE]);
	if (g->v[ISS])
		r->iss = str_dup(secret_expose(g->v[ISS]));
	if (g->v[ERROR])
		return take_error(g, r, f);
	if (!g->v[CODE] && !g->v[ACCESS_TOKEN] && !g->v[ID_TOKEN])
		return fault_set(f, "it has no code, no token and no error");
	r->code = secret_ref(g->v[CODE]);
	r->id_token = secret_ref(g->v[ID_TOKEN]);
	if (!g->v[ACCESS_TOKEN])
		return 0;
	r->token = token_of(g, f);
	if (!r->token)
		return -1;
	r->token->sent_wall = sent_wall;
	return 0;
}

int authorization_response_read(struct str text, int64_t sent_wall,
				struct authorization_response *out,
				struct fault *f)
{
	struct given g = { 0 };
	int rc;

	memset(out, 0, sizeof(*out));
	rc = read_given(text, &g, f);
	if (rc == 0)
		rc = take_all(&g, sent_wall, out, f);
	given_fini(&g);
	if (rc < 0) {
		authorization_response_fini(out);
		fault_prefix(f, "the answer of the authorization server "
			     "cannot be used");
	}
	return rc;
}

bool authorization_response_error(struct str text, struct oauth_error *e)
{
	struct buf name = BUF_INIT(LIMIT_AUTHORIZATION_RESPONSE);
	struct buf value = BUF_INIT_SECRET(LIMIT_AUTHORIZATION_RESPONSE);

	memset(e, 0, sizeof(*e));
	while (form_next(&text, &name, &value)) {
		struct str word = buf_str(&value);

		if (str_eq_z(buf_str(&name), "error") && !e->code[0])
			reply_words(e->code, sizeof(e->code), word);
		if (str_eq_z(buf_str(&name), "error_description") &&
		    !e->description[0])
			reply_words(e->description, sizeof(e->description),
				    word);
	}
	buf_fini(&name);
	buf_fini(&value);
	return e->code[0] != '\0';
}

void authorization_response_fini(struct authorization_response *r)
{
	secret_unref(&r->state);
	secret_unref(&r->code);
	secret_unref(&r->id_token);
	token_unref(&r->token);
	mem_free(r->iss);
	mem_free(r->error_uri);
	memset(r, 0, sizeof(*r));
}
