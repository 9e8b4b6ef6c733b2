/* SPDX-License-Identifier: MIT */
/* The preview's second part: shows what becomes of a client's request, as the
 * proxy places it (proxy/place.c). */
#include "base/limits.h"
#include "oauth/dpop.h"
#include "oauth/placement/placed.h"
#include "preview/int.h"
#include "preview/text.h"
#include "service/match.h"

/* Where it goes. */
struct there {
	struct buf url;  /* without path */
	struct buf host;
	struct str base; /* of the path */
};

static void there_init(struct there *t, const struct service *s)
{
	const struct origin *o = s->has_upstream ? &s->upstream : NULL;

	*t = (struct there){ BUF_INIT(LIMIT_PREVIEW), BUF_INIT(LIMIT_PREVIEW),
			     str_z(s->base_path) };
	if (!o && s->nmatches > 0 && s->matches[0].has_origin)
		o = &s->matches[0].origin;
	if (o) {
		buf_addf(&t->url, "%s://%s", o->scheme, o->authority);
		buf_add_z(&t->host, o->authority);
	} else if (s->upstream_template) {
		struct str text = str_z(s->route->upstream);

		while (str_ends(text, STR("/")))
			text.n--;
		buf_add_str(&t->url, text);
		buf_add_z(&t->host, "(that of the upstream, which the token "
			  "chooses)");
	} else {
		buf_add_z(&t->url, "https://(the request's host)");
		buf_add_z(&t->host, "(the request's host)");
	}
}

static void there_fini(struct there *t)
{
	buf_fini(&t->url);
	buf_fini(&t->host);
}

/* The token, and what goes beside it. -1 with a fault. */
static int apply(const struct preview *p, struct placement_request *r,
		 struct fault *f)
{
	const struct service *s = p->service;
	struct placed placed = { .spec = &s->placement };
	int rc = 0;

	if (grant_has_tokens(s->grant)) {
		rc = placed_init(&placed, &s->placement, p->token,
				 s->session_section, f);
		if (rc == 0)
			rc = protected_values_init(&placed.others,
						   &s->protected_request,
						   p->token, f);
		if (rc == 0)
			rc = placement_apply(&placed, r, f);
	}
	if (rc == 0)
		rc = protected_request_apply(&s->protected_request,
					     placed.others, r, f);
	/* What was put in is borrowed from it. */
	for (size_t i = 0; rc == 0 && i < r->fields->n; i++) {
		struct field *field = &r->fields->v[i];

		field->value = arena_str(r->arena, field->value);
	}
	placed_fini(&placed);
	return rc;
}

/* What the client's own becomes, by the keys. */
static void say_client(const struct preview *p)
{
	const struct service *s = p->service;
	ATTR_CLEANUP(buf_fini) struct buf removed = BUF_INIT(LIMIT_PREVIEW);
	ATTR_CLEANUP(buf_fini) struct buf kept = BUF_INIT(LIMIT_PREVIEW);
	struct protected_row_told row;

	for (size_t i = 0; protected_request_tell(&s->protected_request, i,
						  &row); i++) {
		if (row.removes)
			buf_addf(&removed, ", %s", row.name);
		if (row.keeps)
			buf_addf(&kept, ", %s", row.name);
	}
	preview_line(p->out, "(and the client's own fields%s%s)",
		     removed.n ? ", but for " : "",
		     removed.n ? buf_z(&removed) + 2 : "");
	if (kept.n)
		preview_line(p->out, "(where the client sends %s, its own "
			     "stays)", buf_z(&kept) + 2);
}

static void say_credential(const struct preview *p)
{
	const struct service *s = p->service;

	if (!grant_has_tokens(s->grant))
		return;
	if (s->tokens->existing_credential == EXISTING_KEEP)
		preview_line(p->out, "(where the client sends a credential, "
			     "that stays and no token is put in)");
	else if (s->tokens->existing_credential == EXISTING_REJECT)
		preview_line(p->out, "(where the client sends a credential, "
			     "it is refused)");
}

static void say_parameters(const struct preview *p, const char *title,
			   struct str parameters)
{
	struct preview_rows rows = { NULL, 0 };

	preview_form(&rows, parameters, NULL);
	if (rows.n > 0)
		preview_note(&rows, "(and the client's own)");
	preview_block(p->out, title, &rows);
}

static void say_request(const struct preview *p, const char *method,
			const struct there *there,
			const struct placement_request *r)
{
	size_t query = str_find(r->target, '?');

	preview_line(p->out, "%s %s%.*s", method, buf_z(&there->url),
		     STR_ARGS(str_sub(r->target, 0, query)));
	preview_line(p->out, "Host: %s", buf_z(&there->host));
	say_client(p);
	say_credential(p);
	preview_fields(p->out, r->fields, NULL);
	/* As proxy/proof.c adds it to what is placed. */
	if (token_is_bound(p->token))
		preview_line(p->out, DPOP_FIELD ": " PREVIEW_PROOF);
	say_parameters(p, "query", str_from(r->target, query + 1));
	say_parameters(p, "form", r->form);
	preview_hook(p->out, p->service, HOOK_PROTECTED_REQUEST);
}

static void say_example(const struct preview *p, const struct there *there,
			bool has_form)
{
	struct arena arena = { 0 };
	struct fields fields;
	struct buf target = BUF_INIT(LIMIT_PREVIEW);
	struct placement_request r = {
		.fields = &fields,
		.arena = &arena,
		.has_form = has_form,
	};
	struct fault f;

	fields_init(&fields, &arena);
	fields_add(&fields, STR("Via"), STR("1.1 bearerd-(chosen at start)"));
	if (has_form)
		fields_add(&fields, STR("Content-Type"),
			   STR("application/x-www-form-urlencoded"));
	buf_add_str(&target, there->base);
	buf_add_z(&target, "/...");
	r.target = arena_str(&arena, buf_str(&target));
	preview_heading(p->out, has_form ?
				"Forwarded request with a form, an example" :
				"Forwarded request, an example");
	if (apply(p, &r, &f) < 0)
		preview_line(p->out, "cannot be made: %s", f.text);
	else
		say_request(p, has_form ? "POST" : "GET", there, &r);
	buf_fini(&target);
	arena_fini(&arena);
}

/* As the gather step plans it (proxy/gather.c). */
static bool changes_forms(const struct service *s)
{
	return s->protected_request.has_form ||
	       (grant_has_tokens(s->grant) &&
		s->placement.placement->needs_form);
}

/* As the relay step looks at it (proxy/refusal.c). */
static void say_refusals(const struct preview *p)
{
	const struct config_list *tests = &p->service->tokens->refresh_if;

	for (size_t i = 0; i < tests->n; i++)
		preview_line(p->out, "(an answer in JSON with %s is as a 401)",
			     tests->v[i]);
}

void preview_protected(const struct preview *p)
{
	struct there there;

	there_init(&there, p->service);
	say_example(p, &there, false);
	say_refusals(p);
	if (changes_forms(p->service))
		say_example(p, &there, true);
	there_fini(&there);
}
