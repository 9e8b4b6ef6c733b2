/* SPDX-License-Identifier: MIT */
/* The arena that an exchange's short-lived memory comes from: blocks of the
 * heap, given away in order and freed all at once. */
#include "base/arena.h"

#include <stdint.h>
#include <string.h>

#include "base/alloc.h"

/* Octets of a block, its head included. */
enum { ARENA_BLOCK = 4096, ARENA_ALIGN = _Alignof(max_align_t) };

struct arena_block {
	struct arena_block *next;
	size_t n; /* octets of data */
	_Alignas(max_align_t) char data[];
};

void arena_init(struct arena *a, void *first, size_t n)
{
	size_t off = -(uintptr_t)first % ARENA_ALIGN;

	*a = (struct arena){ NULL, NULL, NULL };
	if (!first || n < off)
		return;
	a->p = (char *)first + off;
	a->end = a->p + (n - off) / ARENA_ALIGN * ARENA_ALIGN;
}

/* Makes a block of at least n octets the one that is given from. */
static void arena_grow(struct arena *a, size_t n)
{
	size_t room = ARENA_BLOCK - sizeof(struct arena_block);
	struct arena_block *b;

	if (n > room)
		room = n;
	if (room > SIZE_MAX - sizeof(*b))
		mem_exhausted(n);
	b = mem_resize(NULL, sizeof(*b) + room);
	b->next = a->blocks;
	b->n = room;
	a->blocks = b;
	a->p = b->data;
	a->end = b->data + room;
}

void *arena_alloc_grown(struct arena *a, size_t n)
{
	size_t want = (n + ARENA_ALIGN - 1) & ~(size_t)(ARENA_ALIGN - 1);

	if (want < n)
		mem_exhausted(n);
	arena_grow(a, want);
	a->p += want;
	return a->p - want;
}

struct str arena_str(struct arena *a, struct str s)
{
	char *p;

	if (s.n == SIZE_MAX)
		mem_exhausted(s.n);
	p = arena_alloc(a, s.n + 1);
	if (s.n)
		memcpy(p, s.p, s.n);
	p[s.n] = '\0';
	return (struct str){ p, s.n };
}

void arena_fini(struct arena *a)
{
	while (a->blocks) {
		struct arena_block *b = a->blocks;

		a->blocks = b->next;
		mem_wipe(b->data, b->n);
		mem_free(b);
	}
	a->p = a->end = NULL;
}
