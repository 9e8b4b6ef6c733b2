/* SPDX-License-Identifier: MIT */
/* Takes the "NAME=VALUE" lines of a wildcard key apart, for those who make
 * parameters, fields or claims of them. */
#include "config/pairs.h"

void config_pair(const struct config_list *l, size_t i, struct str *name,
		 struct str *value)
{
	struct str text = str_z(l->v[i]);
	size_t equals = str_find(text, '=');

	*name = str_sub(text, 0, equals);
	*value = str_from(text, equals + 1);
}

bool config_pairs_have(const struct config_list *l, struct str name)
{
	for (size_t i = 0; i < l->n; i++) {
		struct str one, value;

		config_pair(l, i, &one, &value);
		if (str_eq(one, name))
			return true;
	}
	return false;
}
