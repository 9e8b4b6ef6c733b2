/* SPDX-License-Identifier: MIT */
/* Between a service and the requests of its session: which address is whose. */
#include "service/endpoints.h"

#include "base/alloc.h"

struct endpoints *endpoints_new(void)
{
	struct endpoints *e = mem_new(struct endpoints);

	e->refs = 1;
	return e;
}

struct endpoints *endpoints_ref(struct endpoints *e)
{
	if (e)
		e->refs++;
	return e;
}

void endpoints_unref(struct endpoints **ep)
{
	struct endpoints *e = *ep;

	*ep = NULL;
	if (!e || --e->refs > 0)
		return;
	for (size_t i = 0; i < ENDPOINT_KINDS; i++)
		endpoint_fini(&e->v[i]);
	mem_free(e->issuer);
	mem_free(e);
}

const struct endpoint *endpoints_get(const struct endpoints *e,
				     enum endpoint_kind kind)
{
	if (e->v[kind].url)
		return &e->v[kind];
	if (kind == ENDPOINT_REFRESH && e->v[ENDPOINT_TOKEN].url)
		return &e->v[ENDPOINT_TOKEN];
	return NULL;
}
