/* SPDX-License-Identifier: MIT */
/* query: a parameter of the request's URI, access_token by default (RFC 6750
 * §2.3). All other octets of the target travel as they came. */
#include "oauth/placement/placement.h"

#include "data/form.h"
#include "data/parameters.h"

static int query_check_name(const char *name, struct fault *f)
{
	if (!str_is_visible(str_z(name)))
		return fault_set(f, "the name of a parameter must be visible "
				    "ASCII");
	return name[0] ? 0 : fault_set(f, "a parameter must have a name");
}

static int query_encode(struct str value, struct buf *out, struct fault *f)
{
	percent_encode(out, value);
	return buf_ok(out) ? 0 : fault_set(f, "the value is too long");
}

/* What stands behind the "?"; p is NULL where there is none. */
static struct str query_of(struct str target)
{
	size_t mark = str_find(target, '?');

	if (mark == target.n)
		return (struct str){ NULL, 0 };
	return str_from(target, mark + 1);
}

static bool query_present(struct str name, const struct placement_request *r)
{
	return parameters_have(query_of(r->target), name);
}

static void query_remove(struct str name, struct placement_request *r)
{
	struct buf target = BUF_INIT_SECRET(r->target.n);
	size_t path = str_find(r->target, '?');

	if (!query_present(name, r))
		return;
	buf_add_str(&target, str_sub(r->target, 0, path + 1));
	if (!parameters_keep(&target, query_of(r->target), name))
		buf_cut(&target, path);
	r->target = arena_str(r->arena, buf_str(&target));
	buf_fini(&target);
}

/* "*" (RFC 9112 §3.2.4) has no query, and nothing can be put there. */
static void query_apply(struct str name, struct str value,
			struct placement_request *r)
{
	struct buf target = BUF_INIT_SECRET(r->target.n + 3 * name.n +
					    value.n + 2);
	size_t path = str_find(r->target, '?');

	if (str_eq(r->target, STR("*")))
		return;
	buf_add_str(&target, str_sub(r->target, 0, path));
	buf_add_char(&target, '?');
	parameters_add(&target, query_of(r->target), name, value);
	r->target = arena_str(r->arena, buf_str(&target));
	buf_fini(&target);
}

const struct placement placement_query = {
	.name = "query",
	.default_name = "access_token",
	.default_format = "{access_token}",
	.is_parameter = true,
	.check_name = query_check_name,
	.encode = query_encode,
	.present = query_present,
	.remove = query_remove,
	.apply = query_apply,
};
