/* SPDX-License-Identifier: MIT */
/* From the keys of the compliance fixes to what they change, when the
 * configuration is read. What a refresh's or a revocation's keys do not say is
 * taken from those of the access token, one by one. */
#include "base/limits.h"
#include "oauth/compliance/int.h"

#include <string.h>

#include "base/alloc.h"
#include "config/pairs.h"
#include "oauth/login/authorization.h"
#include "oauth/placement/placement.h"
#include "oauth/token/token.h"

static const char *const request_names[] = {
	[PHASE_ACCESS_TOKEN] = "access_token_request",
	[PHASE_REFRESH_TOKEN] = "refresh_token_request",
	[PHASE_REVOCATION] = "revocation_request",
};

static const char *const response_names[] = {
	[PHASE_ACCESS_TOKEN] = "access_token_response",
	[PHASE_REFRESH_TOKEN] = "refresh_token_response",
};

/* In the order of the keys' words. */
static const char *const methods[] = { "POST", "GET", "PUT", "PATCH",
				       "DELETE" };

struct compliance_compiling {
	const struct config_section *s;
	const struct compliance_keys *set;
	compliance_mistake_fn *mistake;
	void *arg;
	int rc;
};

static void mistake(struct compliance_compiling *c, const char *key, size_t i,
		    struct fault *f)
{
	fault_prefix(f, "%s", key);
	c->mistake(c->arg, key, i, f);
	c->rc = -1;
}

static void key_of(struct buf *out, const char *name, const char *part)
{
	buf_reset(out);
	buf_addf(out, "%s.%s", name, part);
}

/* Whether a phase has this key itself. */
static bool has(const struct compliance_compiling *c, const char *name,
		const char *part)
{
	struct buf key = BUF_INIT(128);
	bool given;

	key_of(&key, name, part);
	given = config_given(c->s, buf_z(&key));
	buf_fini(&key);
	return given;
}

/* Adds what a wildcard's key says under a name; key is the whole of it. */
typedef int add_fn(const struct compliance_compiling *c, void *to,
		   struct str key, struct str name, struct str value,
		   struct fault *f);

static void add_pairs(struct compliance_compiling *c, const char *prefix,
		      const struct config_list *list,
		      const struct config_list *but, add_fn *add, void *to)
{
	for (size_t i = 0; i < list->n; i++) {
		struct buf key = BUF_INIT(1024);
		struct str name, value;
		struct fault f;

		config_pair(list, i, &name, &value);
		buf_addf(&key, "%s%.*s", prefix, STR_ARGS(name));
		/* What is wrong in a list that others take from is told where
		 * it stands. */
		if (!(but && config_pairs_have(but, name)) &&
		    add(c, to, buf_str(&key), name, str_trim(value), &f) < 0 &&
		    !but)
			mistake(c, buf_z(&key), 0, &f);
		buf_fini(&key);
	}
}

/* A phase's own, then what the access token's says of other names. */
static void add_phase(struct compliance_compiling *c, const char *const *names,
		      enum token_phase phase, const char *part,
		      const struct config_list *own,
		      const struct config_list *access, add_fn *add, void *to)
{
	struct buf prefix = BUF_INIT(128);

	buf_addf(&prefix, "%s.%s.", names[phase], part);
	add_pairs(c, buf_z(&prefix), own, NULL, add, to);
	buf_reset(&prefix);
	buf_addf(&prefix, "%s.%s.", names[PHASE_ACCESS_TOKEN], part);
	if (phase != PHASE_ACCESS_TOKEN)
		add_pairs(c, buf_z(&prefix), access, own, add, to);
	buf_fini(&prefix);
}

/* --- requests --- */

/* Parses a template whose names all can have a value. */
static struct value *value_of(const struct compliance_compiling *c,
			      struct str text, bool has_token, struct fault *f)
{
	struct value *v = value_parse(text, f);

	if (v && v->of_token && !has_token)
		fault_set(f, "there is no token yet that the template could "
			  "be filled in from");
	else if (v && value_check(v, c->s, has_token, f) == 0)
		return v;
	value_free(&v);
	return NULL;
}

static int add_named(const struct compliance_compiling *c,
		     struct named_values *to, struct str key, struct str name,
		     struct str text, struct fault *f)
{
	bool has_token = !str_starts(key, STR("access_token_request."));
	struct value *v = NULL;

	if (text.n > 0) {
		v = value_of(c, text, has_token, f);
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
	return value_write(v, &(struct value_source){ NULL, c->s },
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

/* Where a phase's word comes from: its own key, or the access token's. */
static const char *word_of(const struct compliance_compiling *c,
			   enum token_phase phase, const char *part)
{
	if (has(c, request_names[phase], part))
		return request_names[phase];
	if (has(c, request_names[PHASE_ACCESS_TOKEN], part))
		return request_names[PHASE_ACCESS_TOKEN];
	return NULL;
}

static void compile_words(struct compliance_compiling *c,
			  enum token_phase phase,
			  const struct request_keys *own,
			  struct request_fixes *x)
{
	const struct request_keys *access = &c->set->access_request;
	const char *name = request_names[phase];
	const char *method = word_of(c, phase, "method");
	const char *format = word_of(c, phase, "format");
	struct buf key = BUF_INIT(128);
	struct fault f;

	if (method)
		x->method = str_z(methods[(method == name ? own : access)
						  ->method]);
	x->has_format = format != NULL;
	if (format)
		x->format = (enum token_format)(format == name ? own : access)
				    ->format;
	if (str_eq_z(x->method, "GET") && !format) {
		x->has_format = true;
		x->format = TOKEN_QUERY;
	} else if (str_eq_z(x->method, "GET") && x->format != TOKEN_QUERY &&
		   (method == name || format == name)) {
		key_of(&key, name, format == name ? "format" : "method");
		fault_set(&f, "a GET has no body: %s.format must be query",
			  name);
		mistake(c, buf_z(&key), 0, &f);
	}
	buf_fini(&key);
}

static void compile_request(struct compliance_compiling *c,
			    enum token_phase phase,
			    const struct request_keys *own,
			    struct request_fixes *x)
{
	const struct request_keys *access = &c->set->access_request;

	add_phase(c, request_names, phase, "param", &own->param,
		  &access->param, add_param, &x->params);
	add_phase(c, request_names, phase, "header", &own->header,
		  &access->header, add_header, &x->headers);
	compile_words(c, phase, own, x);
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
	struct value *v = value_of(c, value, false, f);

	if (!v)
		return -1;
	named_values_add(to, key, name, v);
	if (!vs->v[vs->n - 1].value->of_secret)
		return 0;
	return fault_set(f, "{client_secret} would be shown in the browser's "
			 "address");
}

/* --- responses --- */

static int add_rename(const struct compliance_compiling *c ATTR_UNUSED,
		      void *to, struct str key ATTR_UNUSED, struct str name,
		      struct str value, struct fault *f)
{
	struct response_fixes *x = to;

	if (value.n == 0)
		return fault_set(f, "has no new name; drop takes a member "
				 "out");
	x->renames = mem_resize(x->renames,
				(x->nrenames + 1) * sizeof(*x->renames));
	x->renames[x->nrenames++] = (struct response_rename){
		str_dup(name), str_dup(value)
	};
	return 0;
}

/* JSON's own where it is a single value of it, else text. */
static struct json *json_of(struct str text)
{
	struct json *j = json_parse(text, NULL);
	struct buf b = BUF_INIT(64 * 1024);
	struct json_out o;

	if (j && !json_is(j, JSON_OBJECT) && !json_is(j, JSON_ARRAY))
		return j;
	json_free(&j);
	json_out_init(&o, &b);
	json_out_str(&o, text);
	j = json_parse(buf_str(&b), NULL);
	buf_fini(&b);
	return j;
}

/* A type goes into fields and texts. */
static int check_type(const struct json *value, struct fault *f)
{
	if (json_is(value, JSON_STRING) && token_is_type(json_text(value)))
		return 0;
	return fault_set(f, "must be text of 1 to %d printable characters",
			 (int)LIMIT_TOKEN_TYPE);
}

static int add_value(struct response_value **v, size_t *n, struct str name,
		     struct str text, struct fault *f)
{
	struct json *value = json_of(text);

	if (str_eq_z(name, "token_type") && check_type(value, f) < 0) {
		json_free(&value);
		return -1;
	}
	*v = mem_resize(*v, (*n + 1) * sizeof(**v));
	(*v)[(*n)++] = (struct response_value){ str_dup(name), value };
	return 0;
}

static int add_set(const struct compliance_compiling *c ATTR_UNUSED, void *to,
		   struct str key ATTR_UNUSED, struct str name,
		   struct str value, struct fault *f)
{
	struct response_fixes *x = to;

	return add_value(&x->sets, &x->nsets, name, value, f);
}

static int add_default(const struct compliance_compiling *c ATTR_UNUSED,
		       void *to, struct str key ATTR_UNUSED, struct str name,
		       struct str value, struct fault *f)
{
	struct response_fixes *x = to;

	return add_value(&x->defaults, &x->ndefaults, name, value, f);
}

static void add_drops(struct response_fixes *x, const struct config_list *list)
{
	x->drops = mem_array(list->n, sizeof(*x->drops));
	for (size_t i = 0; i < list->n; i++)
		x->drops[x->ndrops++] = mem_strdup(list->v[i]);
}

/* What is wrong in a list that others take from is told where it stands. */
static void add_tests(struct compliance_compiling *c, const char *key,
		      const struct config_list *list, bool tells,
		      struct response_tests *to)
{
	to->v = mem_array(list->n, sizeof(*to->v));
	for (size_t i = 0; i < list->n; i++) {
		struct str path, value;
		struct fault f;

		config_pair(list, i, &path, &value);
		path = str_trim(path);
		if (path.n > 0 && str_find(str_z(list->v[i]), '=') <
					  strlen(list->v[i])) {
			to->v[to->n++] = (struct response_test){
				str_dup(path), str_dup(str_trim(value))
			};
			continue;
		}
		fault_set(&f, "must be NAME=VALUE, such as ok=false");
		if (tells)
			mistake(c, key, i, &f);
	}
}

static void compile_tests(struct compliance_compiling *c, const char *name,
			  const char *part, const struct config_list *own,
			  const struct config_list *access,
			  struct response_tests *to)
{
	struct buf key = BUF_INIT(128);
	bool given = has(c, name, part);

	key_of(&key, name, part);
	add_tests(c, buf_z(&key), given ? own : access, given, to);
	buf_fini(&key);
}

/* Lists without names are taken whole. */
static void compile_lists(struct compliance_compiling *c,
			  enum token_phase phase,
			  const struct response_keys *own,
			  struct response_fixes *x)
{
	const struct response_keys *access = &c->set->access_response;
	const char *name = response_names[phase];

	add_drops(x, has(c, name, "drop") ? &own->drop : &access->drop);
	compile_tests(c, name, "error_if", &own->error_if, &access->error_if,
		      &x->error_ifs);
	compile_tests(c, name, "invalid_grant_if", &own->invalid_grant_if,
		      &access->invalid_grant_if, &x->invalid_grant_ifs);
}

static char *path_of(const char *own, const char *access)
{
	const char *path = own ? own : access;

	return path && strcmp(path, ".") != 0 ? mem_strdup(path) : NULL;
}

static void compile_response(struct compliance_compiling *c,
			     enum token_phase phase,
			     const struct response_keys *own,
			     struct response_fixes *x)
{
	const struct response_keys *access = &c->set->access_response;
	const char *name = response_names[phase];

	x->format = (enum reply_format)(has(c, name, "format") ? own : access)
			    ->format;
	x->select = path_of(own->select, access->select);
	add_phase(c, response_names, phase, "rename", &own->rename,
		  &access->rename, add_rename, x);
	add_phase(c, response_names, phase, "set", &own->set, &access->set,
		  add_set, x);
	add_phase(c, response_names, phase, "default", &own->fallback,
		  &access->fallback, add_default, x);
	compile_lists(c, phase, own, x);
	x->error = path_of(own->error, access->error);
	x->any = x->format != REPLY_AUTO || x->select || x->nrenames ||
		 x->nsets || x->ndefaults || x->ndrops || x->error_ifs.n ||
		 x->invalid_grant_ifs.n || x->error;
}

/* --- the whole --- */

static bool request_any(const struct request_fixes *x)
{
	return x->method.n || x->has_format || x->params.n || x->headers.n;
}

static bool any(const struct compliance *c)
{
	return c->authorization.n || c->responses[PHASE_ACCESS_TOKEN].any ||
	       c->responses[PHASE_REFRESH_TOKEN].any ||
	       request_any(&c->requests[PHASE_ACCESS_TOKEN]) ||
	       request_any(&c->requests[PHASE_REFRESH_TOKEN]) ||
	       request_any(&c->requests[PHASE_REVOCATION]);
}

/* What would be ignored without a word. */
static void tell_all(struct compliance_compiling *c)
{
	for (size_t i = 0; i < compliance_table.nkeys; i++) {
		const char *key;
		size_t at = 0;
		struct fault f;

		while ((key = config_own_next(c->s, &compliance_table.keys[i],
					      &at))) {
			fault_set(&f, "has no use: the service asks for no "
				  "tokens itself");
			mistake(c, key, 0, &f);
		}
	}
}

static void compile_all(struct compliance_compiling *c, const struct grant *g,
			struct compliance *x)
{
	const struct compliance_keys *set = c->set;

	if (g->response_type)
		add_pairs(c, "authorization_request.param.",
			  authorization_params(c->s), NULL, add_authorization,
			  &x->authorization);
	compile_request(c, PHASE_ACCESS_TOKEN, &set->access_request,
			&x->requests[PHASE_ACCESS_TOKEN]);
	compile_request(c, PHASE_REFRESH_TOKEN, &set->refresh_request,
			&x->requests[PHASE_REFRESH_TOKEN]);
	compile_request(c, PHASE_REVOCATION, &set->revocation,
			&x->requests[PHASE_REVOCATION]);
	compile_response(c, PHASE_ACCESS_TOKEN, &set->access_response,
			 &x->responses[PHASE_ACCESS_TOKEN]);
	compile_response(c, PHASE_REFRESH_TOKEN, &set->refresh_response,
			 &x->responses[PHASE_REFRESH_TOKEN]);
}

int compliance_new(struct compliance **out, const struct config_section *s,
		   const struct grant *g, compliance_mistake_fn *tell,
		   void *arg)
{
	const struct compliance_keys *set = config_block(s, &compliance_table);
	struct compliance_compiling c = { s, set, tell, arg, 0 };
	struct compliance *x = mem_new(struct compliance);

	if (g->uses_client)
		compile_all(&c, g, x);
	else
		tell_all(&c);
	if (c.rc < 0 || !any(x))
		compliance_free(&x);
	*out = x;
	return c.rc;
}

static void tests_fini(struct response_tests *t)
{
	for (size_t i = 0; i < t->n; i++) {
		mem_free(t->v[i].path);
		mem_free(t->v[i].value);
	}
	mem_free(t->v);
}

static void response_fini(struct response_fixes *x)
{
	for (size_t i = 0; i < x->nrenames; i++) {
		mem_free(x->renames[i].from);
		mem_free(x->renames[i].to);
	}
	for (size_t i = 0; i < x->nsets; i++) {
		mem_free(x->sets[i].name);
		json_free(&x->sets[i].value);
	}
	for (size_t i = 0; i < x->ndefaults; i++) {
		mem_free(x->defaults[i].name);
		json_free(&x->defaults[i].value);
	}
	for (size_t i = 0; i < x->ndrops; i++)
		mem_free(x->drops[i]);
	mem_free(x->renames);
	mem_free(x->sets);
	mem_free(x->defaults);
	tests_fini(&x->error_ifs);
	tests_fini(&x->invalid_grant_ifs);
	mem_free(x->drops);
	mem_free(x->select);
	mem_free(x->error);
}

void compliance_free(struct compliance **cp)
{
	struct compliance *c = *cp;

	*cp = NULL;
	if (!c)
		return;
	named_values_fini(&c->authorization);
	for (size_t i = 0; i < PHASE_OTHER; i++) {
		named_values_fini(&c->requests[i].params);
		named_values_fini(&c->requests[i].headers);
	}
	for (size_t i = 0; i < PHASE_REVOCATION; i++)
		response_fini(&c->responses[i]);
	mem_free(c);
}

const struct named_values *
compliance_authorization(const struct compliance *c)
{
	return c ? &c->authorization : NULL;
}

bool compliance_revokes_at_once(const struct compliance *c)
{
	const struct named_value *token;

	if (!c)
		return false;
	token = named_values_find(&c->requests[PHASE_REVOCATION].params,
				  STR("token"));
	return token && !token->value;
}

const struct response_fixes *compliance_response(const struct compliance *c,
						 enum token_phase phase)
{
	if (!c || phase >= PHASE_REVOCATION || !c->responses[phase].any)
		return NULL;
	return &c->responses[phase];
}
