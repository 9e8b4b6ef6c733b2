/* SPDX-License-Identifier: MIT */
/* Compiles the templates of a wildcard's keys, by the names under which they go
 * out. */
#include "oauth/placement/named_values.h"

#include "base/alloc.h"

void named_values_add(struct named_values *vs, struct str key, struct str name,
		      struct value *value)
{
	vs->v = mem_resize(vs->v, (vs->n + 1) * sizeof(*vs->v));
	vs->v[vs->n++] = (struct named_value){ str_dup(key), str_dup(name),
					       value };
}

void named_values_fini(struct named_values *vs)
{
	for (size_t i = 0; i < vs->n; i++) {
		mem_free(vs->v[i].key);
		mem_free(vs->v[i].name);
		value_free(&vs->v[i].value);
	}
	mem_free(vs->v);
	*vs = (struct named_values){ NULL, 0 };
}

const struct named_value *named_values_find(const struct named_values *vs,
					    struct str name)
{
	for (size_t i = 0; vs && i < vs->n; i++) {
		if (str_eq_z(name, vs->v[i].name))
			return &vs->v[i];
	}
	return NULL;
}
