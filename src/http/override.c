/* SPDX-License-Identifier: MIT */
/* Finds the method and the URL that an upstream may take from fields and
 * parameters: a service's allow and deny are held against these too. */
#include "http/override.h"

#include "base/limits.h"
#include "data/form.h"

/* As frameworks read names: without case, and "_" is "-". */
static bool is_named(struct str name, const char *const *names)
{
	for (; *names; names++) {
		struct str want = str_z(*names);
		size_t i = 0;

		while (i < name.n && i < want.n &&
		       (char_lower(name.p[i]) == want.p[i] ||
			(name.p[i] == '_' && want.p[i] == '-')))
			i++;
		if (i == name.n && i == want.n)
			return true;
	}
	return false;
}

static bool names_method(struct str name)
{
	static const char *const names[] = {
		"x-http-method-override", /* Google, and most frameworks */
		"x-http-method",          /* Microsoft's OData */
		"x-method-override",      /* IBM */
		"x-http-verb-override",   "http-method-override",
		"method-override",        "x-method",
		"x-rest-method",          NULL,
	};

	return is_named(name, names);
}

/* Takes one method more. One that is too long is as bad as too many: what is
 * left of it when it is cut may be what a rule lets pass. */
static size_t add(struct str method, struct arena *arena, struct str *out,
		  size_t n)
{
	char capitals[LIMIT_OVERRIDE];

	if (method.n > sizeof(capitals))
		return LIMIT_OVERRIDES + 1;
	for (size_t i = 0; i < method.n; i++)
		capitals[i] = method.p[i] >= 'a' && method.p[i] <= 'z' ?
				      (char)(method.p[i] - 'a' + 'A') :
				      method.p[i];
	if (n < LIMIT_OVERRIDES)
		out[n] = arena_str(arena, (struct str){ capitals, method.n });
	return n + 1;
}

size_t override_methods(const struct fields *fields, struct str query,
			struct arena *arena, struct str out[LIMIT_OVERRIDES])
{
	struct buf name = BUF_INIT(LIMIT_OVERRIDE);
	struct buf value = BUF_INIT(LIMIT_OVERRIDE);
	size_t n = 0;

	for (size_t i = 0; i < fields->n; i++) {
		struct str rest = fields->v[i].value, one;

		if (!names_method(fields->v[i].name))
			continue;
		while (str_next_element(&rest, &one))
			n = add(one, arena, out, n);
	}
	while (form_next(&query, &name, &value)) {
		if (!str_eq(buf_str(&name), STR("_method")) &&
		    !names_method(buf_str(&name)))
			continue;
		n = buf_ok(&value) ?
			    add(str_trim(buf_str(&value)), arena, out, n) :
			    LIMIT_OVERRIDES + 1;
	}
	buf_fini(&name);
	buf_fini(&value);
	return n;
}

static bool names_url(struct str name)
{
	static const char *const names[] = {
		"x-original-url", /* IIS, Symfony, Laminas */
		"x-rewrite-url",  /* ISAPI Rewrite, Symfony */
		"x-original-uri", "x-rewrite-uri", "x-override-url",
		"x-http-path-override", "x-http-destinationurl", NULL,
	};

	return is_named(name, names);
}

struct str override_url(const struct fields *fields)
{
	for (size_t i = 0; i < fields->n; i++) {
		if (names_url(fields->v[i].name))
			return fields->v[i].name;
	}
	return STR("");
}

bool override_is_one(struct str name)
{
	return names_method(name) || names_url(name);
}
