/* SPDX-License-Identifier: MIT */
/* A growing buffer with a mandatory maximum and a sticky error: additions
 * cannot fail one by one; the whole is asked once with buf_ok. A buffer that
 * has failed is empty and stays so until buf_reset. */
#pragma once

#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>

#include "base/attr.h"
#include "base/str.h"

struct buf {
	char *p; /* always NUL-terminated once anything was added */
	size_t n, cap, max;
	bool failed, wipes;
	bool lent; /* the memory is not its own */
};

/* Usable for function-local scratch: ATTR_CLEANUP(buf_fini) struct buf b =
 * BUF_INIT(limit). */
#define BUF_INIT(limit) { NULL, 0, 0, (limit), false, false, false }
/* The same for what is secret: every octet is wiped before it is freed. */
#define BUF_INIT_SECRET(limit) { NULL, 0, 0, (limit), false, true, false }

/* Cannot fail and allocates nothing. max: octets it may hold. */
void buf_init(struct buf *b, size_t max);
void buf_init_secret(struct buf *b, size_t max);
/* Holds up to n - 1 octets, in memory that is lent to it: nothing is allocated
 * or freed, and what it held stays there when it is gone. It cannot be taken
 * over, and one that has failed is empty for good. */
void buf_init_in(struct buf *b, void *memory, size_t n);
/* Frees; the buffer is as after buf_init. */
void buf_fini(struct buf *b);
/* Empties, clears the error, keeps the memory (wiped if secret). */
void buf_reset(struct buf *b);

void buf_add(struct buf *b, const void *p, size_t n);
static inline void buf_add_str(struct buf *b, struct str s)
{
	buf_add(b, s.p, s.n);
}

static inline void buf_add_z(struct buf *b, const char *z)
{
	buf_add_str(b, str_z(z));
}

void buf_add_char(struct buf *b, char c);
/* Others' text, fit to be shown: "?" for each character that is not printable
 * ASCII. */
void buf_add_printable(struct buf *b, struct str s);
ATTR_PRINTF(2, 3) void buf_addf(struct buf *b, const char *fmt, ...);
ATTR_PRINTF(2, 0) void buf_addv(struct buf *b, const char *fmt, va_list ap);
/* Drops n octets at the front (at most all). */
void buf_drop(struct buf *b, size_t n);
/* Cuts to n octets; n may not be over what it holds. */
void buf_cut(struct buf *b, size_t n);

/* False when an addition would have gone over max. */
ATTR_MUST_CHECK bool buf_ok(const struct buf *b);
/* What it holds, valid until the next change. */
struct str buf_str(const struct buf *b);
/* The same as a NUL-terminated string, never NULL. */
const char *buf_z(const struct buf *b);
/* Takes the memory over (mem_free); the buffer is empty. Never NULL. */
char *buf_take(struct buf *b);
