/* SPDX-License-Identifier: MIT */
/* Compiles the keys of a request's compliance fixes: parameters and fields are
 * templates, tried as far as they can be when the configuration is read. */
#include "base/limits.h"
#include "oauth/compliance/compiling.h"

#include "base/alloc.h"
#include "oauth/login/authorization.h"
#include "oauth/placement/placement.h"

/* In the order of the keys' words. */
static const char *const methods[] = { "POST", "GET", "PUT", "PATCH",
				       "DELETE" };

/* What there is of a session when a request is made. */
enum filled_from {
	FROM_SETTINGS, /* nothing but its section */
	FROM_LOGIN,    /* … and what a login's callback has brought */
	FROM_TOKEN,    /* … and its token */
};

static enum filled_from filled_from(const struct compliance_compiling *c,
				    struct str key)
{
	if (str_starts(key, STR("device_authorization_request.")))
		return FROM_SETTINGS;
	if (!str_starts(key, STR("access_token_request.")))
		return FROM_TOKEN;
	return c->grant->response_type ? FROM_LOGIN : FROM_SETTINGS;
}

/* Parses a template whose names all can have a value. */
static struct value *value_of(const struct compliance_compiling *c,
			      struct value *parsed, enum filled_from from,
			      struct fault *f)
{
	struct value *v = parsed;

	if (v && ((v->of_token && from == FROM_SETTINGS) ||
		  (v->of_reply && from == FROM_LOGIN)))
		fault_set(f, "there is no token yet that the template could "
			  "be filled in from");
	else if (v && value_check(v, c->s, from != FROM_SETTINGS, f) == 0)
		return v;
	value_free(&v);
	return NULL;
}

static int add_named(const struct compliance_compiling *c,
		     struct named_values *to, struct str key, struct str name,
		     struct str text, struct fault *f)
{
	struct value *v = NULL;

	if (text.n > 0) {
		v = value_of(c, value_parse_server(text, f),
			     filled_from(c, key), f);
		if (!v)
			return -1;
	}
	named_values_add(to, key, name, v);
	return 0;
}

static int check_name(const struct placement *p, struct str name,
		      struct fault *f)
{
	char *z = str_dup(name);
	int rc = p->check_name(z, f);

	mem_free(z);
	return rc;
}

static int add_param(const struct compliance_compiling *c, void *to,
		     struct str key, struct str name, struct str value,
		     struct fault *f)
{
	if (check_name(&placement_query, name, f) < 0)
		return -1;
	return add_named(c, to, key, name, value, f);
}

/* What is the same in each request is tried now. */
static int try_header(const struct compliance_compiling *c,
		      const struct value *v,
		      struct fault *f)
{
	ATTR_CLEANUP(buf_fini) struct buf b =
		BUF_INIT_SECRET(VALUE_ENCODED_MAX);

	if (!v || v->of_token || v->of_request)
		return 0;
	return value_write(v, &(struct value_source){ .section = c->s },
			   placement_header.encode, &b, f);
}

/* Names of fields have no case. */
static int add_header(const struct compliance_compiling *c, void *to,
		      struct str key, struct str name, struct str value,
		      struct fault *f)
{
	const struct named_values *vs = to;

	if (check_name(&placement_header, name, f) < 0)
		return -1;
	for (size_t i = 0; i < vs->n; i++) {
		if (str_eq_nocase(str_z(vs->v[i].name), name))
			return fault_set(f, "is given already, as %s",
					 vs->v[i].key);
	}
	if (add_named(c, to, key, name, value, f) < 0)
		return -1;
	return try_header(c, vs->v[vs->n - 1].value, f);
}

/* Whose word it is: the phase's own, or that of its base; or NULL. */
static const char *word_of(const struct compliance_compiling *c,
			   const struct compliance_names *names,
			   const char *part)
{
	if (compliance_has(c, names->own, part))
		return names->own;
	return compliance_has(c, names->base, part) ? names->base : NULL;
}

static void compile_words(struct compliance_compiling *c,
			  const struct compliance_names *names,
			  const struct request_keys *own,
			  const struct request_keys *base,
			  struct request_fixes *x)
{
	const char *method = word_of(c, names, "method");
	const char *format = word_of(c, names, "format");
	const struct request_keys *of = base ? base : own;
	bool is_own = method == names->own || format == names->own;
	struct buf key = BUF_INIT(128);
	struct fault f;

	if (method)
		x->method = str_z(
			methods[(method == names->own ? own : of)->method]);
	x->has_format = format != NULL;
	if (format)
		x->format = (enum token_format)
			(format == names->own ? own : of)->format;
	if (str_eq_z(x->method, "GET") && !format) {
		x->has_format = true;
		x->format = TOKEN_QUERY;
	} else if (str_eq_z(x->method, "GET") && x->format != TOKEN_QUERY &&
		   is_own) {
		compliance_key(&key, names->own,
			       format == names->own ? "format" : "method");
		fault_set(&f, "a GET has no body: %s.format must be query",
			  names->own);
		compliance_mistake(c, buf_z(&key), 0, &f);
	}
	buf_fini(&key);
}

void compliance_compile_request(struct compliance_compiling *c,
				const struct compliance_names *names,
				const struct request_keys *own,
				const struct request_keys *base,
				struct request_fixes *x)
{
	compliance_add_phase(c, names, "param", &own->param,
			     base ? &base->param : NULL, add_param,
			     &x->params);
	compliance_add_phase(c, names, "header", &own->header,
			     base ? &base->header : NULL, add_header,
			     &x->headers);
	compile_words(c, names, own, base, x);
}

/* The address is shown in a browser: no secret, and no token, can be in it. */
static int add_authorization(const struct compliance_compiling *c, void *to,
			     struct str key, struct str name, struct str value,
			     struct fault *f)
{
	const struct named_values *vs = to;

	if (check_name(&placement_query, name, f) < 0)
		return -1;
	if (value.n == 0) {
		named_values_add(to, key, name, NULL);
		return 0;
	}
	struct value *v = value_of(c, value_parse(value, f),
				   FROM_SETTINGS, f);

	if (!v)
		return -1;
	named_values_add(to, key, name, v);
	if (!vs->v[vs->n - 1].value->of_secret)
		return 0;
	return fault_set(f, "{client_secret} would be shown in the browser's "
			 "address");
}

void compliance_compile_authorization(struct compliance_compiling *c,
				      struct named_values *to)
{
	compliance_add_pairs(c, "authorization_request.param.",
			     authorization_params(c->s), NULL,
			     add_authorization, to);
}
