/* SPDX-License-Identifier: MIT */
/* Reads what a browser brings back from the authorization endpoint. Anybody can
 * make a browser bring anything here, so that only what is whole and plain is
 * taken. */
#include "oauth/login/authorization_response.h"

#include <stdbool.h>
#include <string.h>

#include "base/alloc.h"
#include "base/limits.h"
#include "config/pairs.h"
#include "data/form.h"
#include "data/json.h"
#include "data/uri.h"
#include "oauth/login/authorization.h"
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
	/* The same under the name that a key gives another one. */
	bool renamed[PARAMETERS];
	struct secret *renamed_v[PARAMETERS];
	struct secret *kept[LIMIT_CALLBACK_KEPT]; /* as the key names them */
	bool kept_seen[LIMIT_CALLBACK_KEPT];
};

static void given_fini(struct given *g)
{
	for (size_t i = 0; i < PARAMETERS; i++) {
		secret_unref(&g->v[i]);
		secret_unref(&g->renamed_v[i]);
	}
	for (size_t i = 0; i < LIMIT_CALLBACK_KEPT; i++)
		secret_unref(&g->kept[i]);
}

/* PARAMETERS: it is none of them. */
static size_t parameter_of(struct str name)
{
	size_t p = 0;

	while (p < PARAMETERS && !str_eq_z(name, parameters[p].name))
		p++;
	return p;
}

/* What a key says that this one is called; PARAMETERS: none does. */
static size_t renamed_of(const struct config_section *s, struct str name)
{
	const struct config_list *l = s ? authorization_renames(s) : NULL;

	for (size_t i = 0; l && i < l->n; i++) {
		struct str old, new;

		config_pair(l, i, &old, &new);
		if (str_eq(old, name))
			return parameter_of(str_trim(new));
	}
	return PARAMETERS;
}

static int take(bool *seen, struct secret **v, enum parameter p,
		const struct buf *value, struct fault *f)
{
	const char *name = parameters[p].name;

	if (*seen)
		return fault_set(f, "%s is in it twice", name);
	*seen = true;
	if (!buf_ok(value) || value->n > parameters[p].max)
		return fault_set(f, "%s is longer than %zu octets", name,
				 parameters[p].max);
	if (!parameters[p].words && !str_is_printable(buf_str(value)))
		return fault_set(f, "%s holds a character that it cannot have",
				 name);
	if (value->n)
		*v = secret_new(buf_str(value));
	return 0;
}

/* It goes into templates, and there where they do. */
static int keep(struct given *g, const struct config_section *s,
		struct str name, const struct buf *value, struct fault *f)
{
	const struct config_list *l = s ? authorization_keeps(s) : NULL;

	for (size_t i = 0; l && i < l->n && i < LIMIT_CALLBACK_KEPT; i++) {
		if (!str_eq_z(name, l->v[i]))
			continue;
		if (g->kept_seen[i])
			return fault_set(f, "%s is in it twice", l->v[i]);
		g->kept_seen[i] = true;
		if (!buf_ok(value) || value->n > LIMIT_CALLBACK_VALUE)
			return fault_set(f, "%s is longer than %d octets",
					 l->v[i], (int)LIMIT_CALLBACK_VALUE);
		if (!str_is_printable(buf_str(value)))
			return fault_set(f, "%s holds a character that is not "
					 "printable ASCII", l->v[i]);
		if (value->n)
			g->kept[i] = secret_new(buf_str(value));
		return 0;
	}
	return 0;
}

static int read_pair(struct given *g, const struct config_section *s,
		     struct str name, const struct buf *value, struct fault *f)
{
	size_t p = renamed_of(s, name);

	if (keep(g, s, name, value, f) < 0)
		return -1;
	if (p < PARAMETERS)
		return take(&g->renamed[p], &g->renamed_v[p],
			    (enum parameter)p, value, f);
	p = parameter_of(name);
	if (p < PARAMETERS)
		return take(&g->seen[p], &g->v[p], (enum parameter)p, value,
			    f);
	return 0;
}

/* Renamed ones in place of those of the name that they get. */
static void put_renamed(struct given *g)
{
	for (size_t i = 0; i < PARAMETERS; i++) {
		if (!g->renamed_v[i])
			continue;
		secret_unref(&g->v[i]);
		g->v[i] = secret_ref(g->renamed_v[i]);
	}
}

static int read_pairs(struct str text, const struct config_section *s,
		      struct given *g, struct buf *name, struct buf *value,
		      struct fault *f)
{
	while (form_next(&text, name, value)) {
		if (buf_ok(name) &&
		    read_pair(g, s, buf_str(name), value, f) < 0)
			return -1;
	}
	put_renamed(g);
	return 0;
}

static int read_given(struct str text, const struct config_section *s,
		      struct given *g, struct fault *f)
{
	struct buf name = BUF_INIT(LIMIT_CALLBACK_VALUE);
	struct buf value = BUF_INIT_SECRET(LIMIT_TOKEN_VALUE);
	int rc;

	if (text.n > LIMIT_AUTHORIZATION_RESPONSE)
		return fault_set(f, "it is longer than %d octets",
				 (int)LIMIT_AUTHORIZATION_RESPONSE);
	rc = read_pairs(text, s, g, &name, &value, f);
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

/* As templates look for them. */
static struct secret *kept_of(const struct given *g,
			      const struct config_section *s)
{
	const struct config_list *l = authorization_keeps(s);
	struct buf b = BUF_INIT_SECRET(16 * LIMIT_CALLBACK_KEPT *
				       LIMIT_CALLBACK_VALUE);
	struct secret *kept;
	struct json_out o;

	json_out_init(&o, &b);
	json_out_object(&o);
	for (size_t i = 0; i < l->n && i < LIMIT_CALLBACK_KEPT; i++) {
		if (!g->kept[i])
			continue;
		json_out_key(&o, l->v[i]);
		json_out_str(&o, secret_expose(g->kept[i]));
	}
	json_out_object_end(&o);
	kept = secret_new(buf_str(&b));
	buf_fini(&b);
	return kept;
}

struct secret *authorization_response_state(struct str text)
{
	struct buf name = BUF_INIT(64);
	struct buf value = BUF_INIT_SECRET(LIMIT_AUTHORIZATION_VALUE);
	struct secret *state = NULL;

	if (text.n > LIMIT_AUTHORIZATION_RESPONSE)
		return NULL;
	while (!state && form_next(&text, &name, &value)) {
		if (buf_ok(&name) && buf_ok(&value) && value.n > 0 &&
		    str_eq_z(buf_str(&name), parameters[STATE].name))
			state = secret_new(buf_str(&value));
	}
	buf_fini(&name);
	buf_fini(&value);
	return state;
}

int authorization_response_read(struct str text, int64_t sent_wall,
				const struct config_section *s,
				struct authorization_response *out,
				struct fault *f)
{
	struct given g = { 0 };
	int rc;

	memset(out, 0, sizeof(*out));
	rc = read_given(text, s, &g, f);
	if (rc == 0)
		rc = take_all(&g, sent_wall, out, f);
	if (rc == 0 && s && authorization_keeps(s)->n > 0)
		out->kept = kept_of(&g, s);
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
	secret_unref(&r->kept);
	token_unref(&r->token);
	mem_free(r->iss);
	mem_free(r->error_uri);
	memset(r, 0, sizeof(*r));
}
