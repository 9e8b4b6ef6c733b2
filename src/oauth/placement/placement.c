/* SPDX-License-Identifier: MIT */
/* Puts a token into a request, in the place that token_placement names: the
 * format is expanded and encoded when a token is published, and put in when a
 * request goes out. */
#include "oauth/placement/placement.h"

#include "base/alloc.h"
#include "base/buf.h"
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
			   &(struct value_source){ .section = session },
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

bool placement_client_credential(const struct placement_spec *spec,
				 const struct placement_request *r)
{
	if (fields_find(r->fields, STR("Authorization")) != NULL)
		return true;
	return spec->name && spec->placement->present(str_z(spec->name), r);
}
