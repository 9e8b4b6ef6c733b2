/* SPDX-License-Identifier: MIT */
/* Adds and removes the fields and parameters that an API wants beside the
 * token, or does not want at all: the place step's second half. */
#include "oauth/placement/protected_request.h"

#include <string.h>

#include "base/alloc.h"
#include "base/arena.h"

/* As written: "NAME=TEMPLATE". */
struct settings {
	struct config_list header, query, body;
	struct config_list remove_header, keep;
};

#define ROW(member) offsetof(struct settings, member)

/* clang-format off */
static const struct config_key keys[] = {
	{ "protected_request.header.*", &config_list, ROW(header), 0, NULL,
	  NULL,
	  "A header field that every forwarded request gets; the client's own "
	  "of that name are taken out. The value is a template as that of "
	  "token_format. An empty one only takes the client's out." },
	{ "protected_request.query.*", &config_list, ROW(query), 0, NULL,
	  NULL,
	  "The same for a parameter of the query. Values are "
	  "percent-encoded." },
	{ "protected_request.body.*", &config_list, ROW(body), 0, NULL, NULL,
	  "The same for a parameter of the form that is the request's body; "
	  "where that is not a form, see token_placement = body. An empty "
	  "template does nothing there." },
	{ "protected_request.remove_header", &config_list,
	  ROW(remove_header), CONFIG_REPEAT, NULL, NULL,
	  "The name of a header field that is taken out of every forwarded "
	  "request." },
	{ "protected_request.keep", &config_list, ROW(keep), CONFIG_REPEAT,
	  NULL, NULL,
	  "The NAME of a protected_request.header, .query or .body: where the "
	  "client sent one itself, that stays and wins." },
};
/* clang-format on */

const struct config_table protected_request_table = {
	.section = "service",
	.title = "Forwarded requests",
	.keys = keys,
	.nkeys = sizeof(keys) / sizeof(keys[0]),
	.size = sizeof(struct settings),
	.flags = CONFIG_ROUTE,
};

struct protected_row {
	const struct placement *place;
	char *name;
	struct value *value;  /* NULL: the client's is taken out */
	struct secret *fixed; /* the same for all tokens and requests */
	bool keeps;
};

struct protected_values {
	size_t n;
	struct secret **v;    /* one a row; NULL: not the token's */
	struct token *token;  /* a reference: for what differs from request to
				 request */
};

/* --- the configuration --- */

struct protected_compiling {
	struct protected_request *p;
	const struct placement_spec *spec;
	bool has_token;
	protected_mistake_fn *mistake;
	void *arg;
	int rc;
};

static void mistake(struct protected_compiling *c, const char *key, size_t i,
		    struct fault *f)
{
	fault_prefix(f, "%s", key);
	c->mistake(c->arg, key, i, f);
	c->rc = -1;
}

/* Names of fields have no case, those of parameters have. */
static bool same_name(const struct placement *place, const char *a,
		      const char *b)
{
	return place->is_parameter ? strcmp(a, b) == 0 :
				     str_eq_nocase(str_z(a), str_z(b));
}

/* Whether a row would meddle with the token's own place. */
static bool is_tokens(const struct protected_compiling *c,
		      const struct placement *place, const char *name)
{
	const struct placement *p = c->spec->placement;

	if (!c->has_token || !c->spec->name ||
	    p->is_parameter != place->is_parameter)
		return false;
	return same_name(place, name, p->field ? p->field : c->spec->name);
}

static int check_row(const struct protected_compiling *c,
		     const struct placement *place, const char *name,
		     struct fault *f)
{
	const struct protected_request *p = c->p;

	if (place->check_name(name, f) < 0)
		return -1;
	if (is_tokens(c, place, name))
		return fault_set(f, "\"%s\" is where the token goes "
				 "(token_placement)", name);
	for (size_t i = 0; i < p->n; i++) {
		if (p->rows[i].place == place &&
		    same_name(place, p->rows[i].name, name))
			return fault_set(f, "\"%s\" is given already", name);
	}
	return 0;
}

/* What is the same for ever is made now. */
static int make_fixed(struct protected_row *row,
		      const struct config_section *s, struct fault *f)
{
	struct buf b = BUF_INIT_SECRET(VALUE_ENCODED_MAX);
	int rc = value_write(row->value,
			     &(struct value_source){ .section = s },
			     row->place->encode, &b, f);

	if (rc == 0)
		row->fixed = secret_take(&b);
	buf_fini(&b);
	return rc;
}

static int compile_value(const struct protected_compiling *c,
			 struct protected_row *row, struct str text,
			 struct fault *f)
{
	const struct config_section *s = c->p->section;
	struct value *v = value_parse(text, f);
	int rc = 0;

	row->value = v;
	if (!v || value_check(v, s, c->has_token, f) < 0)
		return -1;
	if (!v->of_token && !v->of_request && value_is_known(v, s))
		rc = make_fixed(row, s, f);
	/* A secret that may change is looked at for each request. */
	if (value_is_live(v, s)) {
		v->of_request = true;
		secret_unref(&row->fixed);
	}
	return rc;
}

static void row_fini(struct protected_row *row)
{
	mem_free(row->name);
	value_free(&row->value);
	secret_unref(&row->fixed);
}

static void note_row(struct protected_request *p,
		     const struct protected_row *row)
{
	const struct value *v = row->value;

	p->of_token |= v && v->of_token;
	p->of_secret |= v && (v->of_token || v->of_secret);
	p->has_form |= row->place->needs_form;
	p->needs_form |= v && row->place->needs_form;
}

/* text is empty where the client's is only taken out. */
static int add_row(struct protected_compiling *c, const struct placement *place,
		   struct str name, struct str text, struct fault *f)
{
	struct protected_row row = { .place = place, .name = str_dup(name) };
	struct protected_request *p = c->p;

	if (check_row(c, place, row.name, f) < 0 ||
	    (text.n > 0 && compile_value(c, &row, text, f) < 0)) {
		row_fini(&row);
		return -1;
	}
	p->rows = mem_resize(p->rows, (p->n + 1) * sizeof(p->rows[0]));
	p->rows[p->n++] = row;
	note_row(p, &row);
	return 0;
}

/* "NAME=TEMPLATE", each under a key of its own: prefix and NAME. */
static void add_rows(struct protected_compiling *c,
		     const struct placement *place, const char *prefix,
		     const struct config_list *list)
{
	for (size_t i = 0; i < list->n; i++) {
		struct str item = str_z(list->v[i]);
		struct str name = str_sub(item, 0, str_find(item, '='));
		struct buf key = BUF_INIT(1024);
		struct fault f;

		buf_addf(&key, "%s%.*s", prefix, STR_ARGS(name));
		if (add_row(c, place, name,
			    str_trim(str_from(item, name.n + 1)), &f) < 0)
			mistake(c, buf_z(&key), 0, &f);
		buf_fini(&key);
	}
}

static bool mark_kept(struct protected_request *p, const char *name)
{
	bool any = false;

	for (size_t i = 0; i < p->n; i++) {
		struct protected_row *row = &p->rows[i];

		if (!row->value || !same_name(row->place, row->name, name))
			continue;
		row->keeps = true;
		any = true;
	}
	return any;
}

int protected_request_init(struct protected_request *p,
			   const struct config_section *s,
			   const struct config_section *session,
			   const struct placement_spec *spec, bool has_token,
			   protected_mistake_fn *tell, void *arg)
{
	const struct settings *set =
		config_block(s, &protected_request_table);
	struct protected_compiling c = { p, spec, has_token, tell, arg, 0 };
	struct fault f;

	*p = (struct protected_request){ .section = session };
	for (size_t i = 0; i < set->remove_header.n; i++) {
		if (add_row(&c, &placement_header,
			    str_z(set->remove_header.v[i]), STR(""), &f) < 0)
			mistake(&c, "protected_request.remove_header", i, &f);
	}
	add_rows(&c, &placement_header, "protected_request.header.",
		 &set->header);
	add_rows(&c, &placement_query, "protected_request.query.",
		 &set->query);
	add_rows(&c, &placement_body, "protected_request.body.", &set->body);
	for (size_t i = 0; i < set->keep.n; i++) {
		if (mark_kept(p, set->keep.v[i]))
			continue;
		fault_set(&f, "no protected_request.header, .query or .body "
			  "puts \"%s\" in", set->keep.v[i]);
		mistake(&c, "protected_request.keep", i, &f);
	}
	return c.rc;
}

void protected_request_fini(struct protected_request *p)
{
	for (size_t i = 0; i < p->n; i++)
		row_fini(&p->rows[i]);
	mem_free(p->rows);
	*p = (struct protected_request){ .rows = NULL };
}

bool protected_request_tell(const struct protected_request *p, size_t i,
			    struct protected_row_told *out)
{
	if (i >= p->n)
		return false;
	*out = (struct protected_row_told){
		.place = p->rows[i].place->name,
		.name = p->rows[i].name,
		.removes = !p->rows[i].value,
		.keeps = p->rows[i].keeps,
	};
	return true;
}

/* --- a token --- */

/* -1 with the key in the fault. */
static int write_row(const struct protected_row *row,
		     const struct value_source *source, struct buf *out,
		     struct fault *f)
{
	if (value_write(row->value, source, row->place->encode, out, f) == 0)
		return 0;
	return fault_prefix(f, "protected_request.%s.%s", row->place->name,
			    row->name);
}

/* One that differs from request to request is only tried. */
static int make_row(struct protected_values *v, size_t i,
		    const struct protected_request *p, struct fault *f)
{
	struct buf b = BUF_INIT_SECRET(VALUE_ENCODED_MAX);
	int rc = write_row(&p->rows[i],
			   &(struct value_source){
				   .token = v->token,
				   .section = p->section,
			   }, &b,
			   f);

	if (rc == 0 && !p->rows[i].value->of_request)
		v->v[i] = secret_take(&b);
	buf_fini(&b);
	return rc;
}

int protected_values_init(struct protected_values **out,
			  const struct protected_request *p, struct token *t,
			  struct fault *f)
{
	struct protected_values *v;

	*out = NULL;
	if (!p->of_token)
		return 0;
	v = mem_new(struct protected_values);
	v->n = p->n;
	v->v = mem_array(p->n, sizeof(v->v[0]));
	v->token = token_ref(t);
	for (size_t i = 0; i < p->n; i++) {
		const struct value *value = p->rows[i].value;

		if (!value || !value->of_token || make_row(v, i, p, f) == 0)
			continue;
		protected_values_free(&v);
		return -1;
	}
	*out = v;
	return 0;
}

void protected_values_free(struct protected_values **values)
{
	struct protected_values *v = *values;

	*values = NULL;
	if (!v)
		return;
	for (size_t i = 0; i < v->n; i++)
		secret_unref(&v->v[i]);
	token_unref(&v->token);
	mem_free(v->v);
	mem_free(v);
}

/* --- a request --- */

static int write_now(const struct protected_row *row,
		     const struct value_source *source, struct arena *arena,
		     struct str *out, struct fault *f)
{
	struct buf b = BUF_INIT_SECRET(VALUE_ENCODED_MAX);
	int rc = write_row(row, source, &b, f);

	if (rc == 0)
		*out = arena_str(arena, buf_str(&b));
	buf_fini(&b);
	return rc;
}

/* A form that is not there has nothing to be taken out. */
static void apply_removal(const struct protected_row *row,
			  struct placement_request *r)
{
	if (!row->place->needs_form || r->has_form)
		row->place->remove(str_z(row->name), r);
}

static int apply_row(const struct protected_request *p, size_t i,
		     const struct protected_values *v,
		     struct placement_request *r, struct fault *f)
{
	const struct protected_row *row = &p->rows[i];
	const struct secret *made = v ? v->v[i] : NULL;
	struct str name = str_z(row->name), value = { NULL, 0 };

	if (!row->value) {
		apply_removal(row, r);
		return 0;
	}
	if ((row->value->of_token && !v) ||
	    (row->keeps && row->place->present(name, r)))
		return 0;
	if (row->value->of_request) {
		struct value_source source = {
			.token = v ? v->token : NULL,
			.section = p->section,
		};

		if (write_now(row, &source, r->arena, &value, f) < 0)
			return -1;
	} else {
		value = secret_expose(row->fixed ? row->fixed : made);
	}
	row->place->remove(name, r);
	row->place->apply(name, value, r);
	return 0;
}

int protected_request_apply(const struct protected_request *p,
			    const struct protected_values *v,
			    struct placement_request *r, struct fault *f)
{
	for (size_t i = 0; i < p->n; i++) {
		if (apply_row(p, i, v, r, f) < 0)
			return -1;
	}
	return 0;
}
