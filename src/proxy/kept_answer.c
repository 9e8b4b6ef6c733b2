/* SPDX-License-Identifier: MIT */
/* Between the relay and libmicrohttpd: takes the last answer's response
 * object again where a new one would be the same. It is the exchange's
 * alone, and on no connection while it is looked for, so that nobody reads
 * the body's memory while it changes. */
#include "proxy/kept_answer.h"

#include <string.h>

#include "base/alloc.h"

static const char *text_of(struct str s)
{
	return s.n > 0 ? s.p : "";
}

/* Names and values are compared with the NUL behind them, so that none is
 * another's beginning. */
static bool kept_answer_is(const struct kept_answer *k,
			   const struct fields *fields)
{
	const char *at = k->head, *end = at + k->n;

	for (size_t i = 0; i < fields->n; i++) {
		const struct field *f = &fields->v[i];
		size_t name = f->name.n + 1, value = f->value.n + 1;

		if ((size_t)(end - at) < name + value ||
		    memcmp(at, f->name.p, name) != 0 ||
		    memcmp(at + name, text_of(f->value), value) != 0)
			return false;
		at += name + value;
	}
	return at == end;
}

static void kept_answer_drop(struct kept_answer *k)
{
	if (k->response)
		MHD_destroy_response(k->response);
	k->response = NULL;
}

struct MHD_Response *kept_answer_find(struct kept_answer *k,
				      const struct fields *fields,
				      struct str body)
{
	if (k->response && (k->body.p != body.p || k->body.n != body.n ||
			    !kept_answer_is(k, fields)))
		kept_answer_drop(k);
	return k->response;
}

void kept_answer_put(struct kept_answer *k, struct MHD_Response *response,
		     const struct fields *fields, struct str body)
{
	size_t n = 0;

	for (size_t i = 0; i < fields->n; i++)
		n += fields->v[i].name.n + fields->v[i].value.n + 2;
	if (n > k->cap) {
		k->head = mem_resize(k->head, n);
		k->cap = n;
	}
	k->n = 0;
	for (size_t i = 0; i < fields->n; i++) {
		const struct field *f = &fields->v[i];

		memcpy(k->head + k->n, f->name.p, f->name.n + 1);
		k->n += f->name.n + 1;
		memcpy(k->head + k->n, text_of(f->value), f->value.n + 1);
		k->n += f->value.n + 1;
	}
	k->response = response;
	k->body = body;
}

void kept_answer_fini(struct kept_answer *k)
{
	kept_answer_drop(k);
	mem_free(k->head);
	*k = (struct kept_answer){ 0 };
}
