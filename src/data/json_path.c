/* SPDX-License-Identifier: MIT */
/* Follows a dotted path of the configuration ("a.b.0") to a value in a server's
 * reply, and holds it against one of the configuration's. */
#include "data/json_path.h"

#include "base/limits.h"

/* One step down the path. */
static const struct json *step(const struct json *j, struct str *path)
{
	const struct json *whole = json_get_str(j, *path);
	size_t dot = str_find(*path, '.');
	struct str name = str_sub(*path, 0, dot);
	uint64_t i;

	if (whole) {
		*path = (struct str){ NULL, 0 };
		return whole;
	}
	*path = str_from(*path, dot + 1);
	if (!json_is(j, JSON_ARRAY))
		return json_get_str(j, name);
	return str_u64(name, LIMIT_JSON_VALUES, &i) ? json_at(j, i) : NULL;
}

const struct json *json_path(const struct json *j, struct str path)
{
	if (path.n == 0)
		return NULL;
	while (j && path.n > 0)
		j = step(j, &path);
	return j;
}

bool json_fits(const struct json *j, struct str value)
{
	struct json *quoted = str_starts(value, STR("\"")) ?
				      json_parse(value, NULL) :
				      NULL;
	bool same = json_is(j, JSON_STRING) || json_is(j, JSON_NUMBER);

	if (quoted)
		same = json_is(j, JSON_STRING) &&
		       str_eq(json_text(j), json_text(quoted));
	else if (json_is(j, JSON_BOOL))
		same = str_eq_z(value, json_bool(j) ? "true" : "false");
	else if (json_is(j, JSON_NULL))
		same = str_eq_z(value, "null");
	else
		same = same && str_eq(json_text(j), value);
	json_free(&quoted);
	return same;
}
