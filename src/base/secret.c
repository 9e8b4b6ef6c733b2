/* SPDX-License-Identifier: MIT */
/* Secrets: reference-counted text that is wiped when freed and compared in
 * constant time, from the parser to the wire. */
#include "base/secret.h"

#include <stdatomic.h>
#include <stdint.h>
#include <string.h>

#include "base/alloc.h"
#include "base/assert.h"

struct secret {
	atomic_uint refs;
	size_t n;
	char p[];
};

struct secret *secret_new(struct str s)
{
	struct secret *x;

	ASSERT(s.n < SIZE_MAX - sizeof(*x));
	x = mem_alloc(sizeof(*x) + s.n + 1);
	atomic_init(&x->refs, 1);
	x->n = s.n;
	if (s.n)
		memcpy(x->p, s.p, s.n);
	return x;
}

struct secret *secret_take(struct buf *b)
{
	struct secret *x = secret_new(buf_str(b));

	mem_wipe(b->p, b->cap);
	if (b->p)
		buf_cut(b, 0);
	return x;
}

struct secret *secret_ref(struct secret *s)
{
	if (s)
		atomic_fetch_add_explicit(&s->refs, 1, memory_order_relaxed);
	return s;
}

void secret_unref(struct secret **s)
{
	struct secret *x = *s;

	*s = NULL;
	if (!x ||
	    atomic_fetch_sub_explicit(&x->refs, 1, memory_order_acq_rel) != 1)
		return;
	mem_wipe(x, sizeof(*x) + x->n + 1);
	mem_free(x);
}

struct str secret_expose(const struct secret *s)
{
	return s ? (struct str){ s->p, s->n } : (struct str){ NULL, 0 };
}

bool secret_eq(const struct secret *a, const struct secret *b)
{
	if (!a || !b)
		return a == b;
	return secret_eq_str(a, secret_expose(b));
}

/* No secret at all equals no text, not even the empty one: an absent password
 * must not let an empty one in. */
bool secret_eq_str(const struct secret *a, struct str b)
{
	unsigned char diff = 0;

	if (!a || a->n != b.n)
		return false;
	for (size_t i = 0; i < b.n; i++)
		diff = (unsigned char)(diff | (a->p[i] ^ b.p[i]));
	__asm__ volatile("" : "+r"(diff)); /* no early end by the compiler */
	return diff == 0;
}
