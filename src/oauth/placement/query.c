/* SPDX-License-Identifier: MIT */
/* query: a parameter of the request's URI, access_token by default (RFC 6750
 * §2.3). All other octets of the target travel as they came. */
#include "oauth/placement.h"

#include <string.h>

#include "data/form.h"

static int query_check_name(const char *name, struct fault *f)
{
	for (const char *p = name; *p; p++) {
		if (*p < 0x21 || *p > 0x7e)
			return fault_set(f, "the name of a query parameter "
					 "must be visible ASCII");
	}
	return name[0] ? 0 : fault_set(f, "a query parameter must have a "
				       "name");
}

static int query_encode(struct str value, struct buf *out, struct fault *f)
{
	percent_encode(out, value);
	return buf_ok(out) ? 0 : fault_set(f, "the value is too long");
}

/* The octet at *at of a form-encoded name, *at then behind it. */
static char next_decoded(struct str raw, size_t *at)
{
	char c = raw.p[(*at)++];

	if (c == '+')
		return ' ';
	if (c != '%' || raw.n - *at < 2)
		return c;
	int high = char_hex(raw.p[*at]), low = char_hex(raw.p[*at + 1]);

	if (high < 0 || low < 0)
		return c;
	*at += 2;
	return (char)(high * 16 + low);
}

/* Whether the parameter's name, decoded, is this one; allocates nothing. */
static bool is_named(struct str parameter, struct str name)
{
	struct str raw = str_sub(parameter, 0, str_find(parameter, '='));
	size_t at = 0, i = 0;

	while (at < raw.n && i < name.n) {
		if (next_decoded(raw, &at) != name.p[i++])
			return false;
	}
	return at == raw.n && i == name.n;
}

/* What stands behind the "?"; p is NULL where there is none. */
static struct str query_of(struct str target)
{
	size_t mark = str_find(target, '?');

	if (mark == target.n)
		return (struct str){ NULL, 0 };
	return str_from(target, mark + 1);
}

/* Takes the next parameter, perhaps empty, off *rest, whose p is NULL after
 * the last one. */
static struct str next_parameter(struct str *rest)
{
	size_t end = str_find(*rest, '&');
	struct str parameter = str_sub(*rest, 0, end);

	if (end == rest->n)
		*rest = (struct str){ NULL, 0 };
	else
		*rest = str_from(*rest, end + 1);
	return parameter;
}

static bool query_present(const struct placement_spec *spec,
			  const struct placement_request *r)
{
	struct str rest = query_of(r->target), name = str_z(spec->name);

	while (rest.p) {
		if (is_named(next_parameter(&rest), name))
			return true;
	}
	return false;
}

static void query_remove(const struct placement_spec *spec,
			 struct placement_request *r)
{
	struct str rest = query_of(r->target), name = str_z(spec->name);

	if (!query_present(spec, r))
		return;
	/* What is kept is never longer than what was there. */
	char *copy = arena_alloc(r->arena, r->target.n);
	size_t path = str_find(r->target, '?'), n = path;

	memcpy(copy, r->target.p, path);
	while (rest.p) {
		struct str parameter = next_parameter(&rest);

		if (is_named(parameter, name))
			continue;
		copy[n] = n == path ? '?' : '&';
		memcpy(copy + n + 1, parameter.p, parameter.n);
		n += 1 + parameter.n;
	}
	r->target = (struct str){ copy, n };
}

/* "*" (RFC 9112 §3.2.4) has no query, and nothing can be put there. */
static void query_apply(const struct placed *placed,
			struct placement_request *r)
{
	struct str name = str_z(placed->spec->name), query;
	struct str value = secret_expose(placed->value);
	struct buf target = BUF_INIT_SECRET(r->target.n + 3 * name.n +
					    value.n + 2);

	if (str_eq(r->target, STR("*")))
		return;
	query = query_of(r->target);
	buf_add_str(&target, r->target);
	if (!query.p)
		buf_add_char(&target, '?');
	else if (query.n > 0)
		buf_add_char(&target, '&');
	percent_encode(&target, name);
	buf_add_char(&target, '=');
	buf_add_str(&target, value);
	r->target = arena_str(r->arena, buf_str(&target));
	buf_fini(&target);
}

const struct placement placement_query = {
	.name = "query",
	.default_name = "access_token",
	.default_format = "{access_token}",
	.check_name = query_check_name,
	.encode = query_encode,
	.present = query_present,
	.remove = query_remove,
	.apply = query_apply,
};
