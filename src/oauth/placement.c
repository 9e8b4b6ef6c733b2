/* SPDX-License-Identifier: MIT */
/* From a token to what a request carries: the format is expanded and encoded
 * when a token is published, and put in when a request goes out. */
#include "oauth/placement.h"

#include "base/buf.h"
#include "oauth/settings.h"

static const char TEMPLATE_NAMES[] = "{access_token}, {token_type}, "
	"{id_token}, {token.FIELD}, {client_id}";

/* A value before it is encoded: the largest token in a format around it. */
enum { VALUE_MAX = TOKEN_VALUE_MAX + 16 * 1024 };

const struct placement *const placements[] = {
	&placement_header,
	&placement_query,
	&placement_none,
	NULL,
};

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

static bool known(struct str name)
{
	return str_eq(name, STR("access_token")) ||
	       str_eq(name, STR("token_type")) ||
	       str_eq(name, STR("id_token")) ||
	       str_eq(name, STR("client_id")) ||
	       (str_starts(name, STR("token.")) &&
		name.n > STR("token.").n);
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

static int compile(struct placement_spec *spec, const struct oauth_settings *o,
		   const char **key, struct fault *f)
{
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
	spec->format = template_parse(str_z(format), known, TEMPLATE_NAMES, f);
	return spec->format ? 0 : fault_prefix(f, "token_format");
}

int placement_spec_init(struct placement_spec *spec,
			const struct config_section *s, const char **key,
			struct fault *f)
{
	*spec = (struct placement_spec){ NULL, NULL, NULL };
	int rc = compile(spec, config_block(s, &oauth_settings_table), key, f);

	if (rc < 0)
		placement_spec_fini(spec);
	return rc;
}

void placement_spec_fini(struct placement_spec *spec)
{
	mem_free(spec->name);
	template_free(&spec->format);
	*spec = (struct placement_spec){ NULL, NULL, NULL };
}

/* Where a template's values come from. */
struct source {
	const struct token *token;
	const struct oauth_settings *settings;
};

static int client_id_value(const struct source *src, struct buf *out,
			   struct fault *f)
{
	if (!src->settings->client_id)
		return fault_set(f, "{client_id}: there is no client_id");
	buf_add_z(out, src->settings->client_id);
	return 0;
}

static int value_of(void *arg, struct str name, struct buf *out,
		    struct fault *f)
{
	const struct source *src = arg;
	const struct token *t = src->token;

	if (str_eq(name, STR("access_token"))) {
		buf_add_str(out, secret_expose(t->access_token));
	} else if (str_eq(name, STR("token_type"))) {
		buf_add_z(out, t->token_type);
	} else if (str_eq(name, STR("client_id"))) {
		return client_id_value(src, out, f);
	} else if (str_eq(name, STR("id_token"))) {
		if (!t->id_token)
			return fault_set(f, "{id_token}: the token response "
					 "has none");
		buf_add_str(out, secret_expose(t->id_token));
	} else if (token_member(t, str_from(name, STR("token.").n), out) < 0) {
		return fault_set(f, "{%.*s}: the token response has no such "
				 "member, or it is no text, number or boolean",
				 STR_ARGS(name));
	}
	return 0;
}

/* What no place takes, also where it could be encoded. */
static int check_value(const struct buf *b, struct fault *f)
{
	struct str s = buf_str(b);

	if (!buf_ok(b))
		return fault_set(f, "the value is longer than %d octets",
				 (int)VALUE_MAX);
	if (s.n == 0)
		return fault_set(f, "the value is empty");
	if (str_find(s, '\r') < s.n || str_find(s, '\n') < s.n ||
	    str_find(s, '\0') < s.n)
		return fault_set(f, "the value holds a line break or NUL");
	return 0;
}

int placed_init(struct placed *p, const struct placement_spec *spec,
		const struct token *t, const struct config_section *s,
		struct fault *f)
{
	struct source src = { t, config_block(s, &oauth_settings_table) };
	struct buf value = BUF_INIT_SECRET(VALUE_MAX);
	struct buf encoded = BUF_INIT_SECRET(3 * VALUE_MAX);
	int rc = 0;

	*p = (struct placed){ spec, NULL };
	if (!spec->name)
		return 0;
	if (template_expand(spec->format, value_of, &src, &value, f) < 0 ||
	    check_value(&value, f) < 0 ||
	    spec->placement->encode(buf_str(&value), &encoded, f) < 0)
		rc = fault_prefix(f, "the token cannot be placed");
	else
		p->value = secret_take(&encoded);
	buf_fini(&value);
	buf_fini(&encoded);
	return rc;
}

void placed_fini(struct placed *p)
{
	secret_unref(&p->value);
}

bool placement_client_credential(const struct placement_spec *spec,
				 const struct placement_request *r)
{
	return fields_find(r->fields, STR("Authorization")) != NULL ||
	       spec->placement->present(spec, r);
}

void placement_apply(const struct placed *p, struct placement_request *r)
{
	const struct placement_spec *spec = p->spec;

	if (!spec->name)
		return;
	fields_remove(r->fields, STR("Authorization"));
	spec->placement->remove(spec, r);
	spec->placement->apply(p, r);
}
