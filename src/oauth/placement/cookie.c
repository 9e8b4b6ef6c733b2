/* SPDX-License-Identifier: MIT */
/* cookie: a pair of the Cookie field (RFC 6265 §4.2), access_token by default.
 * The client's other cookies travel as they came. */
#include "oauth/placement/placement.h"

static int cookie_check_name(const char *name, struct fault *f)
{
	if (!str_is_token(str_z(name)))
		return fault_set(f, "\"%s\" cannot be the name of a cookie: "
				 "it must be a token (RFC 6265 section 4.1.1)",
				 name);
	return 0;
}

/* cookie-octet of RFC 6265 §4.1.1. */
static bool is_cookie_octet(char c)
{
	return char_is_visible(c) && c != '"' && c != ',' && c != ';' &&
	       c != '\\';
}

static int cookie_encode(struct str value, struct buf *out, struct fault *f)
{
	for (size_t i = 0; i < value.n; i++) {
		if (!is_cookie_octet(value.p[i]))
			return fault_set(f, "the value holds what no cookie "
					 "can: a control character, a space, "
					 "a quote, a comma, a semicolon, a "
					 "backslash, or what is not ASCII");
	}
	buf_add_str(out, value);
	return buf_ok(out) ? 0 : fault_set(f, "the value is too long");
}

static bool is_cookie_field(const struct field *f)
{
	return str_eq_nocase(f->name, STR("Cookie"));
}

/* Takes the next pair, as it stands between two semicolons, off *rest, whose
 * p is NULL after the last one. */
static struct str next_pair(struct str *rest)
{
	size_t end = str_find(*rest, ';');
	struct str pair = str_sub(*rest, 0, end);

	if (end == rest->n)
		*rest = (struct str){ NULL, 0 };
	else
		*rest = str_from(*rest, end + 1);
	return pair;
}

/* Names of cookies have a case. */
static bool is_named(struct str pair, struct str name)
{
	size_t equals = str_find(pair, '=');

	return equals < pair.n &&
	       str_eq(str_trim(str_sub(pair, 0, equals)), name);
}

static bool field_has(struct str value, struct str name)
{
	while (value.p) {
		if (is_named(next_pair(&value), name))
			return true;
	}
	return false;
}

static bool cookie_present(struct str name, const struct placement_request *r)
{
	for (size_t i = 0; i < r->fields->n; i++) {
		const struct field *f = &r->fields->v[i];

		if (is_cookie_field(f) && field_has(f->value, name))
			return true;
	}
	return false;
}

/* The field's value without the pairs of this name. */
static struct str field_without(struct str value, struct str name,
				struct arena *arena)
{
	struct buf kept = BUF_INIT_SECRET(value.n);
	bool any = false;
	struct str left;

	while (value.p) {
		struct str pair = next_pair(&value);

		if (is_named(pair, name))
			continue;
		if (any)
			buf_add_char(&kept, ';');
		buf_add_str(&kept, pair);
		any = true;
	}
	left = arena_str(arena, str_trim(buf_str(&kept)));
	buf_fini(&kept);
	return left;
}

/* A field that held nothing else goes. */
static void cookie_remove(struct str name, struct placement_request *r)
{
	struct fields *fields = r->fields;
	size_t n = 0;

	for (size_t i = 0; i < fields->n; i++) {
		struct field f = fields->v[i];

		if (is_cookie_field(&f) && field_has(f.value, name)) {
			f.value = field_without(f.value, name, r->arena);
			if (f.value.n == 0)
				continue;
		}
		fields->v[n++] = f;
	}
	fields->n = n;
}

static struct field *last_cookie_field(struct fields *fields)
{
	for (size_t i = fields->n; i > 0; i--) {
		if (is_cookie_field(&fields->v[i - 1]))
			return &fields->v[i - 1];
	}
	return NULL;
}

static void cookie_apply(struct str name, struct str value,
			 struct placement_request *r)
{
	struct field *last = last_cookie_field(r->fields);
	struct str before = last ? last->value : STR("");
	struct buf b = BUF_INIT_SECRET(before.n + name.n + value.n + 3);
	struct str whole;

	buf_add_str(&b, before);
	if (before.n > 0)
		buf_add_z(&b, str_ends(before, STR(";")) ? " " : "; ");
	buf_add_str(&b, name);
	buf_add_char(&b, '=');
	buf_add_str(&b, value);
	whole = arena_str(r->arena, buf_str(&b));
	buf_fini(&b);
	if (last)
		last->value = whole;
	else
		fields_add(r->fields, STR("Cookie"), whole);
}

const struct placement placement_cookie = {
	.name = "cookie",
	.default_name = "access_token",
	.default_format = "{access_token}",
	.field = "Cookie",
	.check_name = cookie_check_name,
	.encode = cookie_encode,
	.present = cookie_present,
	.remove = cookie_remove,
	.apply = cookie_apply,
};
