/* SPDX-License-Identifier: MIT */
/* Compiles the keys of a reply's compliance fixes: what is renamed, moved or
 * added in it, and what of it is an error. */
#include "base/limits.h"
#include "oauth/compliance/compiling.h"

#include <string.h>

#include "base/alloc.h"
#include "config/pairs.h"
#include "oauth/token/token.h"

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
	struct buf b = BUF_INIT(8 * LIMIT_CONFIG_VALUE);
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
			compliance_mistake(c, key, i, &f);
	}
}

static void compile_tests(struct compliance_compiling *c,
			  const struct compliance_names *names,
			  const char *part, const struct config_list *own,
			  const struct config_list *base,
			  struct response_tests *to)
{
	struct buf key = BUF_INIT(128);
	bool given = compliance_has(c, names->own, part);

	compliance_key(&key, names->own, part);
	add_tests(c, buf_z(&key), given || !base ? own : base, given, to);
	buf_fini(&key);
}

/* Lists without names are taken whole. */
static void compile_lists(struct compliance_compiling *c,
			  const struct compliance_names *names,
			  const struct response_keys *own,
			  const struct response_keys *base,
			  struct response_fixes *x)
{
	const struct response_keys *of = base ? base : own;

	add_drops(x, compliance_has(c, names->own, "drop") ? &own->drop
							   : &of->drop);
	compile_tests(c, names, "unavailable_if", &own->unavailable_if,
		      &of->unavailable_if, &x->unavailable_ifs);
	compile_tests(c, names, "error_if", &own->error_if, &of->error_if,
		      &x->error_ifs);
	compile_tests(c, names, "invalid_grant_if", &own->invalid_grant_if,
		      &of->invalid_grant_if, &x->invalid_grant_ifs);
}

static char *path_of(const char *own, const char *base)
{
	const char *path = own ? own : base;

	return path && strcmp(path, ".") != 0 ? mem_strdup(path) : NULL;
}

/* Its words and paths. */
static void compile_paths(const struct compliance_compiling *c,
			  const struct compliance_names *names,
			  const struct response_keys *own,
			  const struct response_keys *of,
			  struct response_fixes *x)
{
	x->format = (enum reply_format)
		(compliance_has(c, names->own, "format") ? own : of)->format;
	x->expires_in_ms =
		(compliance_has(c, names->own, "expires_unit") ? own : of)
			->expires_unit == 1;
	x->select = path_of(own->select, of->select);
	x->error = path_of(own->error, of->error);
	x->expires_at = path_of(own->expires_at, of->expires_at);
}

void compliance_compile_response(struct compliance_compiling *c,
				 const struct compliance_names *names,
				 const struct response_keys *own,
				 const struct response_keys *base,
				 struct response_fixes *x)
{
	const struct response_keys *of = base ? base : own;

	x->answer = own == &c->set->device_response ? "device_code"
						    : "access_token";
	compile_paths(c, names, own, of, x);
	compliance_add_phase(c, names, "rename", &own->rename, &of->rename,
			     add_rename, x);
	compliance_add_phase(c, names, "set", &own->set, &of->set, add_set, x);
	compliance_add_phase(c, names, "default", &own->fallback,
			     &of->fallback, add_default, x);
	compile_lists(c, names, own, base, x);
	x->any = x->format != REPLY_AUTO || x->select || x->nrenames ||
		 x->nsets || x->ndefaults || x->ndrops ||
		 x->unavailable_ifs.n || x->error_ifs.n ||
		 x->invalid_grant_ifs.n || x->error || x->expires_at ||
		 x->expires_in_ms;
}

static void tests_fini(struct response_tests *t)
{
	for (size_t i = 0; i < t->n; i++) {
		mem_free(t->v[i].path);
		mem_free(t->v[i].value);
	}
	mem_free(t->v);
}

void compliance_response_fini(struct response_fixes *x)
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
	tests_fini(&x->unavailable_ifs);
	mem_free(x->error);
	mem_free(x->expires_at);
}
