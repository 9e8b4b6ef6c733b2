/* SPDX-License-Identifier: MIT */
/* body: a parameter of the request's form, access_token by default (RFC 6750
 * §2.2); of the query where the request has no form and, by its method, is to
 * have none. Who calls has read the form whole. */
#include "oauth/placement/placement.h"

#include "data/parameters.h"

static int body_check_name(const char *name, struct fault *f)
{
	return placement_query.check_name(name, f);
}

/* "%20" for a space is understood in both places. */
static int body_encode(struct str value, struct buf *out, struct fault *f)
{
	return placement_query.encode(value, out, f);
}

/* A form without octets has no parameter, not an empty one. */
static struct str form_of(const struct placement_request *r)
{
	return r->form.n > 0 ? r->form : (struct str){ NULL, 0 };
}

static bool body_present(struct str name, const struct placement_request *r)
{
	if (!r->has_form)
		return placement_query.present(name, r);
	return parameters_have(form_of(r), name);
}

static void body_remove(struct str name, struct placement_request *r)
{
	struct buf form = BUF_INIT_SECRET(r->form.n);

	if (!r->has_form)
		placement_query.remove(name, r);
	if (!r->has_form || !parameters_have(form_of(r), name))
		return;
	parameters_keep(&form, form_of(r), name);
	r->form = arena_str(r->arena, buf_str(&form));
	buf_fini(&form);
}

static void body_apply(struct str name, struct str value,
		       struct placement_request *r)
{
	struct buf form = BUF_INIT_SECRET(r->form.n + 3 * name.n + value.n +
					  2);

	if (!r->has_form) {
		placement_query.apply(name, value, r);
		return;
	}
	parameters_add(&form, form_of(r), name, value);
	r->form = arena_str(r->arena, buf_str(&form));
	buf_fini(&form);
}

const struct placement placement_body = {
	.name = "body",
	.default_name = "access_token",
	.default_format = "{access_token}",
	.is_parameter = true,
	.needs_form = true,
	.check_name = body_check_name,
	.encode = body_encode,
	.present = body_present,
	.remove = body_remove,
	.apply = body_apply,
};
