/* SPDX-License-Identifier: MIT */
/* From a token to what a request carries: the format is expanded and encoded
 * when a token is published, and put in when a request goes out. */
#include "oauth/placement/placement.h"

#include "base/buf.h"
#include "oauth/placement/protected_request.h"
#include "oauth/settings.h"

/* clang-format off */
#define ROW_ADDRESS(name) &placement_##name,
const struct placement *const placements[] = {
	PLACEMENTS(ROW_ADDRESS) NULL
};
#undef ROW_ADDRESS
/* clang-format on */

const struct placement *placement_find(const char *name, struct fault *f)
{
	struct buf names = BUF_INIT(FAULT_TEXT_MAX);

	for (size_t i = 0; placements[i]; i++) {
		if (str_eq(str_z(placements[i]->name), str_z(name))) {
			buf_fini(&names);
			return placements[i];
		}
		buf_addf(&names, "%s%s", i > 0 ? ", " : "",
			 placements[i]->name);
	}
	fault_set(f, "token_placement must be one of %s, not \"%s\"",
		  buf_z(&names), name);
	buf_fini(&names);
	return NULL;
}

/* The placement's own format goes with its own name only: another field than
 * Authorization knows no scheme. */
static const char *default_format(const struct placement *p, const char *name)
{
	if (str_eq_nocase(str_z(name), str_z(p->default_name)))
		return p->default_format;
	return "{access_token}";
}

/* A placement without a name puts nothing in. */
static int refuse_leftovers(const struct oauth_settings *o, const char **key,
			    struct fault *f)
{
	*key = o->token_name ? "token_name" : "token_format";
	if (o->token_name || o->token_format)
		return fault_set(f, "%s has no meaning with token_placement = "
				 "%s", *key, o->token_placement);
	return 0;
}

/* A format without the token, as a server may want a key in place of it, is
 * the same for ever: it is tried now. */
static int try_fixed(const struct placement_spec *spec,
		     const struct config_section *session, struct fault *f)
{
	ATTR_CLEANUP(buf_fini) struct buf b =
		BUF_INIT_SECRET(VALUE_ENCODED_MAX);

	if (spec->format->of_token || spec->format->of_request)
		return 0;
	return value_write(spec->format,
			   &(struct value_source){ NULL, session },
			   spec->placement->encode, &b, f);
}

static int compile(struct placement_spec *spec, const struct config_section *s,
		   const struct config_section *session, const char **key,
		   struct fault *f)
{
	const struct oauth_settings *o =
		config_block(s, &oauth_settings_table);

	*key = "token_placement";
	spec->placement = placement_find(o->token_placement, f);
	if (!spec->placement)
		return -1;
	if (!spec->placement->default_name)
		return refuse_leftovers(o, key, f);
	*key = "token_name";
	spec->name = mem_strdup(o->token_name ? o->token_name
					      : spec->placement->default_name);
	if (spec->placement->check_name(spec->name, f) < 0)
		return fault_prefix(f, "token_name");
	*key = "token_format";
	const char *format = o->token_format;

	if (!format)
		format = default_format(spec->placement, spec->name);
	spec->format = value_parse(str_z(format), f);
	if (!spec->format ||
	    value_check(spec->format, session, true, f) < 0 ||
	    try_fixed(spec, session, f) < 0)
		return fault_prefix(f, "token_format");
	if (!o->token_format && format == spec->placement->default_format &&
	    spec->placement->bound_format)
		spec->bound_format =
			value_parse(str_z(spec->placement->bound_format), f);
	return 0;
}

int placement_spec_init(struct placement_spec *spec,
			const struct config_section *s,
			const struct config_section *session,
			const char **key, struct fault *f)
{
	*spec = (struct placement_spec){ .placement = NULL };
	int rc = compile(spec, s, session, key, f);

	if (rc < 0)
		placement_spec_fini(spec);
	return rc;
}

void placement_spec_fini(struct placement_spec *spec)
{
	mem_free(spec->name);
	value_free(&spec->format);
	value_free(&spec->bound_format);
	*spec = (struct placement_spec){ .placement = NULL };
}

static const struct value *format_of(const struct placement_spec *spec,
				     const struct token *t)
{
	if (spec->bound_format && token_is_bound(t))
		return spec->bound_format;
	return spec->format;
}

/* Expands and encodes the format. */
static int make(const struct placement_spec *spec,
		const struct value_source *source, struct buf *out,
		struct fault *f)
{
	if (value_write(format_of(spec, source->token), source,
			spec->placement->encode, out, f) < 0)
		return fault_prefix(f, "the token cannot be placed");
	if (out->n == 0)
		return fault_set(f, "the token cannot be placed: the value is "
				 "empty");
	return 0;
}

int placed_init(struct placed *p, const struct placement_spec *spec,
		struct token *t, const struct config_section *s,
		struct fault *f)
{
	struct buf value = BUF_INIT_SECRET(VALUE_ENCODED_MAX);
	int rc;

	*p = (struct placed){ .spec = spec, .source = { NULL, s } };
	if (!spec->name)
		return 0;
	rc = make(spec, &(struct value_source){ t, s }, &value, f);
	/* One that differs from request to request was only tried. */
	if (rc == 0 && spec->format->of_request)
		p->source.token = token_ref(t);
	else if (rc == 0)
		p->value = secret_take(&value);
	buf_fini(&value);
	return rc;
}

void placed_fini(struct placed *p)
{
	secret_unref(&p->value);
	token_unref(&p->source.token);
	protected_values_free(&p->others);
}

bool placement_client_credential(const struct placement_spec *spec,
				 const struct placement_request *r)
{
	if (fields_find(r->fields, STR("Authorization")) != NULL)
		return true;
	return spec->name && spec->placement->present(str_z(spec->name), r);
}

/* The value of a format that is made for each request. */
static int make_now(const struct placed *p, struct arena *arena,
		    struct str *value, struct fault *f)
{
	struct buf b = BUF_INIT_SECRET(VALUE_ENCODED_MAX);
	int rc = make(p->spec, &p->source, &b, f);

	if (rc == 0)
		*value = arena_str(arena, buf_str(&b));
	buf_fini(&b);
	return rc;
}

int placement_apply(const struct placed *p, struct placement_request *r,
		    struct fault *f)
{
	const struct placement_spec *spec = p->spec;
	struct str value = secret_expose(p->value);
	struct str name = str_z(spec->name);

	if (!spec->name)
		return 0;
	if (p->source.token && make_now(p, r->arena, &value, f) < 0)
		return -1;
	fields_remove(r->fields, STR("Authorization"));
	spec->placement->remove(name, r);
	spec->placement->apply(name, value, r);
	return 0;
}
