/* SPDX-License-Identifier: MIT */
/* Makes the value that requests carry: once for a published token, or, where
 * its format says so, for each request. */
#include "oauth/placement/placed.h"

#include "base/arena.h"
#include "base/buf.h"
#include "oauth/placement/protected_request.h"

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

	*p = (struct placed){ .spec = spec, .source.section = s };
	if (!spec->name)
		return 0;
	rc = make(spec, &(struct value_source){ .token = t, .section = s },
		  &value, f);
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
