/* SPDX-License-Identifier: MIT */
/* The request over HTTP/1.1: its head, and its body as the owner has it. A
 * small one leaves in one piece; a large one is asked for as the socket takes
 * it. */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/assert.h"
#include "base/limits.h"
#include "upstream/http1.h"
#include "upstream/pool.h"

static char *http1_write(char *p, struct str s)
{
	memcpy(p, s.p, s.n);
	return p + s.n;
}

/* Takes no more than its name, its value and HTTP1_FIELD_ENDS octets. */
static char *http1_write_field(char *p, const struct field *f)
{
	p = http1_write(p, f->name);
	*p++ = ':';
	if (f->value.n > 0) {
		*p++ = ' ';
		p = http1_write(p, f->value);
	}
	*p++ = '\r';
	*p++ = '\n';
	return p;
}

static size_t http1_fields_room(const struct fields *fields)
{
	size_t n = 0;

	for (size_t i = 0; i < fields->n; i++)
		n += fields->v[i].name.n + fields->v[i].value.n +
		     HTTP1_FIELD_ENDS;
	return n;
}

/* What the head takes at most. */
static size_t http1_head_room(const struct transfer_request *r)
{
	enum { OURS = 128 }; /* the framing's field and the others that are no
				client's, the version, and the ends of lines */

	return OURS + r->method.n + r->target.n + http1_fields_room(r->fields);
}

void http1_write_head(struct http1 *t, const struct transfer_request *r)
{
	size_t room = http1_head_room(r);
	char *head, *p;

	if (room > LIMIT_REQUEST_HEAD)
		return;
	head = p = arena_alloc(&t->arena, room);
	p = http1_write(p, r->method);
	*p++ = ' ';
	p = http1_write(p, r->target);
	p = http1_write(p, STR(" HTTP/1.1\r\n"));
	for (size_t i = 0; i < r->fields->n; i++)
		if (!str_eq_nocase(r->fields->v[i].name, STR("Expect")))
			p = http1_write_field(p, &r->fields->v[i]);
	if (t->expects)
		p = http1_write(p, STR("Expect: 100-continue\r\n"));
	if (t->framing.body == FRAMING_SIZED)
		p += snprintf(p, room - (size_t)(p - head),
			      "Content-Length: %" PRIu64 "\r\n",
			      t->framing.length);
	else if (t->framing.body == FRAMING_CHUNKED)
		p = http1_write(p, STR("Transfer-Encoding: chunked\r\n"));
	p = http1_write(p, STR("\r\n"));
	t->head = (struct str){ head, (size_t)(p - head) };
	ASSERT(t->head.n <= room);
}

bool http1_put(struct http1 *t, const char *p, size_t n)
{
	ssize_t sent = 0;

	while (n > 0 && t->out.n == 0) {
		sent = connection_write(t->connection, p, n);
		if (sent < 0)
			break;
		t->octets_sent = true;
		p += sent;
		n -= (size_t)sent;
	}
	if (n == 0)
		return true;
	buf_add(&t->out, p, n);
	ASSERT(buf_ok(&t->out));
	t->blocked = true;
	return sent != CONNECTION_BROKEN;
}

bool http1_put_rest(struct http1 *t)
{
	size_t at = 0;
	ssize_t sent = 0;

	while (at < t->out.n) {
		sent = connection_write(t->connection, t->out.p + at,
					t->out.n - at);
		if (sent < 0)
			break;
		t->octets_sent = true;
		at += (size_t)sent;
	}
	buf_drop(&t->out, at);
	t->blocked = t->out.n > 0;
	return sent != CONNECTION_BROKEN;
}

static const char chunk_end[] = { '\r', '\n' };

enum body_piece { BODY_OCTETS, BODY_NONE_NOW, BODY_END, BODY_ABORTED };

/* The last chunk, and the trailers behind it (RFC 9112 §7.1.2), to p: how many
 * octets. More than room go by themselves, behind the block. Too many are left
 * out, as whoever passes trailers on may do (RFC 9110 §6.5.1). */
static size_t http1_end_chunks(struct http1 *t, char *p, size_t room)
{
	static const struct fields none;
	const struct fields *trailers =
		t->events.source_trailers ? t->events.source_trailers(t->arg)
					  : NULL;
	size_t need;
	char *from = p;

	if (!trailers || http1_fields_room(trailers) > LIMIT_REQUEST_HEAD)
		trailers = &none;
	need = http1_fields_room(trailers) + 5;
	if (need > room)
		from = p = arena_alloc(&t->arena, need);
	p = http1_write(p, STR("0\r\n"));
	for (size_t i = 0; i < trailers->n; i++)
		p = http1_write_field(p, &trailers->v[i]);
	p = http1_write(p, STR("\r\n"));
	if (need <= room)
		return (size_t)(p - from);
	t->tail = (struct str){ from, (size_t)(p - from) };
	return 0;
}

/* Takes octets of the body, framed, to p; *n: how many may be put there, then
 * how many were. */
static enum body_piece http1_take_body(struct http1 *t, char *p, size_t *n)
{
	bool chunked = t->framing.body == FRAMING_CHUNKED;
	size_t before = chunked ? HTTP1_CHUNK_HEAD : 0;
	size_t room = *n, behind = chunked ? sizeof(chunk_end) : 0;
	size_t want = room - before - behind;
	char size[HTTP1_CHUNK_HEAD + 1];
	ssize_t got;

	*n = 0;
	if (!chunked && want > t->body_left)
		want = (size_t)t->body_left;
	got = want > 0 ? t->events.source(t->arg, p + before, want) : 0;
	if (got == TRANSFER_PAUSE)
		return BODY_NONE_NOW;
	if (got < 0 || (got == 0 && !chunked))
		return BODY_ABORTED;
	t->body_read = true;
	if (!chunked) {
		t->body_left -= (uint64_t)got;
		*n = (size_t)got;
		return t->body_left > 0 ? BODY_OCTETS : BODY_END;
	}
	if (got == 0) {
		*n = http1_end_chunks(t, p, room);
		return BODY_END;
	}
	snprintf(size, sizeof(size), "%08x\r\n", (unsigned)got);
	memcpy(p, size, before);
	memcpy(p + before + got, chunk_end, sizeof(chunk_end));
	*n = before + (size_t)got + sizeof(chunk_end);
	return BODY_OCTETS;
}

void http1_sent_forget(struct http1 *t)
{
	buf_fini(&t->sent);
	t->keeps_sent = false;
}

/* Where they, and what was sent before them, are not too many. */
static void http1_sent_keep(struct http1 *t, const char *p, size_t n)
{
	if (!t->keeps_sent)
		return;
	if (t->sent.n + n > LIMIT_BODY_AGAIN || t->tail.n > 0)
		http1_sent_forget(t);
	else
		buf_add(&t->sent, p, n);
}

/* The next block: the head, where it is not out, and body behind it, so that
 * a small request leaves in one piece. */
static enum body_piece http1_fill(struct http1 *t, char *p, size_t *n)
{
	enum body_piece piece = BODY_OCTETS;
	size_t at = 0;

	if (!t->head_sent && t->head.n <= HTTP1_BLOCK / 2) {
		memcpy(p, t->head.p, t->head.n);
		at = t->head.n;
	}
	*n = 0;
	while (!t->body_done && !t->awaits_continue && piece == BODY_OCTETS &&
	       at < HTTP1_BLOCK / 2) {
		size_t room = HTTP1_BLOCK - at;

		piece = http1_take_body(t, p + at, &room);
		http1_sent_keep(t, p + at, room);
		at += room;
		t->body_done = piece == BODY_END;
	}
	*n = at;
	return piece;
}

/* A head that is larger than others goes by itself. */
static bool http1_put_head(struct http1 *t)
{
	if (t->head_sent || t->head.n <= HTTP1_BLOCK / 2)
		return true;
	t->head_sent = true;
	return http1_put(t, t->head.p, t->head.n);
}

/* There is something to send, and nothing that it must wait for. */
static bool http1_may_send(const struct http1 *t)
{
	if (t->blocked || t->write_paused || t->write_over)
		return false;
	return !t->head_sent || (!t->body_done && !t->awaits_continue);
}

bool http1_send(struct http1 *t)
{
	char *block = t->pool->upstream->out;
	enum body_piece piece = BODY_OCTETS;
	bool good = true;
	size_t n;

	if (t->out.n > 0)
		good = http1_put_rest(t);
	good = good && (t->blocked || http1_put_head(t));
	while (good && http1_may_send(t)) {
		piece = http1_fill(t, block, &n);
		t->head_sent = true;
		if (piece == BODY_ABORTED) {
			http1_fail(t, 500, "proxy_internal_error",
				   "the request's body was given up");
			return false;
		}
		good = http1_put(t, block, n) &&
		       http1_put(t, t->tail.p, t->tail.n);
		t->tail.n = 0;
		if (t->fresh)
			mem_wipe(block, n);
		t->write_paused = piece == BODY_NONE_NOW;
	}
	if (!good && !http1_write_broke(t))
		return false;
	http1_expect(t);
	return true;
}

