/* SPDX-License-Identifier: MIT */
/* Decodes gzip and deflate bodies within a bound, before what reads them. */
#include "http/content_coding.h"

#include <stddef.h>
#define ZLIB_CONST /* what it reads is const */
#include <zlib.h>

#include "base/alloc.h"
#include "base/assert.h"
#include "base/limits.h"

enum {
	WINDOW_RAW = -MAX_WBITS,      /* no head and no check */
	WINDOW_ZLIB = MAX_WBITS,
	WINDOW_GZIP = 16 + MAX_WBITS, /* zlib's way to say so */
};

/* --- memory: what is unpacked may be a secret --- */

struct block {
	size_t n;
	_Alignas(max_align_t) char octets[];
};

static void *wiping_alloc(void *opaque, unsigned count, unsigned size)
{
	size_t n = (size_t)count * size;
	struct block *b = mem_alloc(sizeof(struct block) + n);

	(void)opaque;
	b->n = n;
	return b->octets;
}

static void wiping_free(void *opaque, void *p)
{
	struct block *b = (struct block *)(void *)((char *)p -
					   offsetof(struct block, octets));

	(void)opaque;
	mem_wipe(b->octets, b->n);
	mem_free(b);
}

/* --- one coding --- */

static bool is_gzip(struct str body)
{
	return str_starts(body, STR("\x1f\x8b"));
}

/* "deflate" is zlib's format (RFC 9110 §8.4.1.2); some servers leave its head
 * out (RFC 1950 §2.2 tells whether it is there). */
static int deflate_window(struct str body)
{
	unsigned char first = body.n > 1 ? (unsigned char)body.p[0] : 0;
	unsigned char second = body.n > 1 ? (unsigned char)body.p[1] : 0;

	return (first & 0x0f) == Z_DEFLATED && (first * 256 + second) % 31 == 0
		       ? WINDOW_ZLIB
		       : WINDOW_RAW;
}

/* Until the end of what z has; gzip may come in several members. */
static int inflate_all(z_stream *z, bool gzip, struct buf *out)
{
	unsigned char part[4096];
	int rc;

	do {
		z->next_out = part;
		z->avail_out = sizeof(part);
		rc = inflate(z, Z_NO_FLUSH);
		buf_add(out, part, sizeof(part) - z->avail_out);
		if (rc == Z_STREAM_END && gzip &&
		    is_gzip((struct str){ (const char *)z->next_in,
					  z->avail_in }))
			rc = inflateReset(z);
	} while (rc == Z_OK && buf_ok(out));
	mem_wipe(part, sizeof(part));
	return rc;
}

static enum content_coding undo_one(int window, struct str body,
				    struct buf *out)
{
	z_stream z = { .zalloc = wiping_alloc, .zfree = wiping_free };
	int rc;

	ASSERT(inflateInit2(&z, window) == Z_OK);
	z.next_in = (const unsigned char *)body.p;
	z.avail_in = (unsigned)body.n;
	rc = inflate_all(&z, window == WINDOW_GZIP, out);
	inflateEnd(&z);
	if (!buf_ok(out))
		return CONTENT_CODING_LARGE;
	return rc == Z_STREAM_END ? CONTENT_CODING_UNDONE
				  : CONTENT_CODING_DAMAGED;
}

/* --- all of them --- */

/* In the order in which they were applied; -1: there are too many. */
static int list_codings(const struct fields *fields, struct str *codings)
{
	int n = 0;

	for (size_t i = 0; i < fields->n; i++) {
		struct str rest = fields->v[i].value, coding;

		if (!str_eq_nocase(fields->v[i].name, STR("Content-Encoding")))
			continue;
		while (str_next_element(&rest, &coding)) {
			if (str_eq_nocase(coding, STR("identity")))
				continue;
			if (n == LIMIT_CODINGS)
				return -1;
			codings[n++] = coding;
		}
	}
	return n;
}

static int unknown(struct str coding, struct fault *f)
{
	struct buf b = BUF_INIT(LIMIT_SHOWN);

	buf_add_printable(&b, str_sub(coding, 0, LIMIT_SHOWN));
	fault_set(f, "its Content-Encoding is \"%s\", and only gzip and "
		  "deflate are undone", buf_z(&b));
	buf_fini(&b);
	return CONTENT_CODING_UNKNOWN;
}

static int undo(struct str coding, struct str body, struct buf *out,
		struct fault *f)
{
	int verdict;

	if (str_eq_nocase(coding, STR("gzip")) ||
	    str_eq_nocase(coding, STR("x-gzip")))
		verdict = undo_one(WINDOW_GZIP, body, out);
	else if (str_eq_nocase(coding, STR("deflate")))
		verdict = undo_one(deflate_window(body), body, out);
	else
		return unknown(coding, f);
	if (verdict == CONTENT_CODING_DAMAGED)
		fault_set(f, "its Content-Encoding is %.*s, but it is cut or "
			  "damaged", STR_ARGS(coding));
	if (verdict == CONTENT_CODING_LARGE)
		fault_set(f, "it is larger than is taken once its "
			  "Content-Encoding %.*s is undone", STR_ARGS(coding));
	return verdict;
}

enum content_coding content_coding_undo(const struct fields *fields,
					struct str body, struct buf *out,
					struct fault *f)
{
	struct str codings[LIMIT_CODINGS];
	int n = list_codings(fields, codings);
	struct buf before = BUF_INIT(0);
	int verdict = CONTENT_CODING_NONE;

	if (n < 0) {
		fault_set(f, "it has more than %d content codings",
			  (int)LIMIT_CODINGS);
		return CONTENT_CODING_UNKNOWN;
	}
	if (body.n == 0)
		n = 0;
	while (n-- > 0 && verdict <= CONTENT_CODING_UNDONE) {
		if (verdict == CONTENT_CODING_UNDONE) {
			buf_fini(&before);
			before = *out;
			*out = (struct buf){ .max = before.max,
					     .wipes = before.wipes };
			body = buf_str(&before);
		}
		verdict = undo(codings[n], body, out, f);
	}
	buf_fini(&before);
	return (enum content_coding)verdict;
}

void content_coding_library(struct buf *out)
{
	buf_addf(out, "zlib/%s", zlibVersion());
}
