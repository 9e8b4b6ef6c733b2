/* SPDX-License-Identifier: MIT */
/* The growing buffer: the one way in which text is put together, bounded, with
 * a sticky error. */
#include "base/buf.h"

#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include "base/alloc.h"
#include "base/assert.h"

enum { BUF_FIRST = 64 };

void buf_init(struct buf *b, size_t max)
{
	*b = (struct buf)BUF_INIT(max);
}

void buf_init_secret(struct buf *b, size_t max)
{
	*b = (struct buf)BUF_INIT_SECRET(max);
}

void buf_init_in(struct buf *b, void *memory, size_t n)
{
	ASSERT(n > 0);
	*b = (struct buf)BUF_INIT(n - 1);
	b->p = memory;
	b->cap = n;
	b->lent = true;
	b->p[0] = '\0';
}

/* Frees the memory, wiped where that was promised. */
static void release(struct buf *b)
{
	if (b->p && b->wipes)
		mem_wipe(b->p, b->cap);
	if (b->lent)
		b->max = 0;
	else if (b->p)
		mem_free(b->p);
	b->p = NULL;
	b->n = b->cap = 0;
}

void buf_fini(struct buf *b)
{
	release(b);
	b->failed = false;
}

void buf_reset(struct buf *b)
{
	if (b->wipes)
		mem_wipe(b->p, b->cap);
	b->n = 0;
	b->failed = false;
	if (b->p)
		b->p[0] = '\0';
}

static void fail(struct buf *b)
{
	release(b);
	b->failed = true;
}

/* Memory for need octets and a NUL. A secret is moved by hand, as realloc
 * would leave a copy behind. */
static void grow(struct buf *b, size_t need)
{
	size_t cap = b->cap ? b->cap : BUF_FIRST;
	char *p;

	ASSERT(b->max < SIZE_MAX && !b->lent);
	while (cap <= need)
		cap = cap > SIZE_MAX / 2 ? SIZE_MAX : cap * 2;
	if (cap > b->max)
		cap = b->max + 1;
	if (b->wipes) {
		p = mem_resize(NULL, cap);
		if (b->n)
			memcpy(p, b->p, b->n);
		mem_wipe(b->p, b->cap);
		mem_free(b->p);
	} else {
		p = mem_resize(b->p, cap);
	}
	b->p = p;
	b->cap = cap;
}

/* Makes room for n octets more and a NUL; false (and failed) over max. */
static inline bool reserve(struct buf *b, size_t n)
{
	if (b->failed)
		return false;
	if (n < b->cap - b->n)
		return true;
	if (n > b->max - b->n) {
		fail(b);
		return false;
	}
	grow(b, b->n + n);
	return true;
}

void buf_add(struct buf *b, const void *p, size_t n)
{
	if (n == 0 || !reserve(b, n))
		return;
	memcpy(b->p + b->n, p, n);
	b->n += n;
	b->p[b->n] = '\0';
}

void buf_add_char(struct buf *b, char c)
{
	if (!reserve(b, 1))
		return;
	b->p[b->n++] = c;
	b->p[b->n] = '\0';
}

void buf_add_printable(struct buf *b, struct str s)
{
	for (size_t i = 0; i < s.n; i++) {
		bool continues = ((unsigned char)s.p[i] & 0xc0) == 0x80;

		if (!continues)
			buf_add_char(b,
				     char_is_printable(s.p[i]) ? s.p[i] : '?');
	}
}

void buf_addf(struct buf *b, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	buf_addv(b, fmt, ap);
	va_end(ap);
}

/* Tries the room that is there, and once more when that was too little. */
void buf_addv(struct buf *b, const char *fmt, va_list ap)
{
	size_t room = b->cap - b->n;
	va_list again;
	int n;

	if (b->failed)
		return;
	va_copy(again, ap);
	n = vsnprintf(room ? b->p + b->n : NULL, room, fmt, ap);
	if (n < 0) {
		fail(b);
	} else if ((size_t)n < room) {
		b->n += (size_t)n;
	} else if (reserve(b, (size_t)n)) {
		(void)vsnprintf(b->p + b->n, (size_t)n + 1, fmt, again);
		b->n += (size_t)n;
	}
	va_end(again);
}

void buf_drop(struct buf *b, size_t n)
{
	if (n == 0 || b->n == 0)
		return;
	if (n > b->n)
		n = b->n;
	memmove(b->p, b->p + n, b->n - n);
	buf_cut(b, b->n - n);
}

void buf_cut(struct buf *b, size_t n)
{
	ASSERT(n <= b->n);
	if (!b->p)
		return;
	if (b->wipes)
		mem_wipe(b->p + n, b->n - n);
	b->n = n;
	b->p[n] = '\0';
}

bool buf_ok(const struct buf *b)
{
	return !b->failed;
}

struct str buf_str(const struct buf *b)
{
	return (struct str){ b->p, b->n };
}

const char *buf_z(const struct buf *b)
{
	return b->p ? b->p : "";
}

char *buf_take(struct buf *b)
{
	char *p = b->p ? b->p : mem_alloc(1);

	ASSERT(!b->lent);
	b->p = NULL;
	b->n = b->cap = 0;
	return p;
}
