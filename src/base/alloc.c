/* SPDX-License-Identifier: MIT */
/* The heap that never refuses, and the arena that an exchange's short-lived
 * memory comes from. */
#include "base/alloc.h"

#include <malloc.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/log.h"

/* Octets of an arena's block, its head included. */
enum { ARENA_BLOCK = 4096, ARENA_ALIGN = _Alignof(max_align_t) };

struct arena_block {
	struct arena_block *next;
	size_t n; /* octets of data */
	_Alignas(max_align_t) char data[];
};

ATTR_NORETURN static void out_of_memory(size_t n)
{
	log_last_words("bearerd: out of memory (%zu bytes asked for)\n", n);
	abort();
}

void *mem_alloc(size_t n)
{
	void *p = calloc(1, n ? n : 1);

	if (!p)
		out_of_memory(n);
	return p;
}

void *mem_array(size_t count, size_t size)
{
	size_t n;

	if (__builtin_mul_overflow(count, size, &n))
		out_of_memory(SIZE_MAX);
	return mem_alloc(n);
}

void *mem_resize(void *p, size_t n)
{
	void *q = realloc(p, n ? n : 1);

	if (!q)
		out_of_memory(n);
	return q;
}

char *mem_strdup(const char *z)
{
	return str_dup(str_z(z));
}

void mem_free(void *p)
{
	free(p);
}

void mem_trim(void)
{
#ifdef __GLIBC__
	malloc_trim(0);
#endif
}

void mem_wipe(void *p, size_t n)
{
	if (n)
		explicit_bzero(p, n);
}

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
		out_of_memory(n);
	b = mem_resize(NULL, sizeof(*b) + room);
	b->next = a->blocks;
	b->n = room;
	a->blocks = b;
	a->p = b->data;
	a->end = b->data + room;
}

/* p stays aligned, as only whole units are taken. */
void *arena_alloc(struct arena *a, size_t n)
{
	size_t want = (n + ARENA_ALIGN - 1) & ~(size_t)(ARENA_ALIGN - 1);
	void *p;

	if (want < n)
		out_of_memory(n);
	if (!a->p || want > (size_t)(a->end - a->p))
		arena_grow(a, want);
	p = a->p;
	a->p += want;
	return p;
}

struct str arena_str(struct arena *a, struct str s)
{
	char *p;

	if (s.n == SIZE_MAX)
		out_of_memory(s.n);
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
		free(b);
	}
	a->p = a->end = NULL;
}
