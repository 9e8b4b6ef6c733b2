/* SPDX-License-Identifier: MIT */
/* The response's way back over HTTP/1.1: octets of the connection through the
 * parser to the transfer's owner, who may have no room for them. */
#include "base/limits.h"
#include "http/connection_auth.h"
#include "upstream/http1.h"
#include "upstream/pool.h"

/* False where the transfer is gone: there have been too many, or what follows
 * a 100 could not be sent. */
static bool http1_interim(struct http1 *t)
{
	int status = t->parser.status;

	if (++t->interims > LIMIT_INTERIM_ANSWERS) {
		http1_fail(t, 502, "http_response_header_section_size",
			   "over %d interim answers have come",
			   LIMIT_INTERIM_ANSWERS);
		return false;
	}
	t->transfer.version = 11;
	if (t->events.interim)
		t->events.interim(t->arg, status, &t->parser.fields);
	if (status == 100 && t->awaits_continue)
		return http1_continue(t);
	/* It is at work: it says so. */
	if (status == 102 || t->awaits_continue)
		http1_watch_anew(t);
	return true;
}

static void http1_head(struct http1 *t)
{
	t->answered = true;
	http1_sent_forget(t);
	known_note_version(&t->pool->upstream->known, t->origin->url,
			   t->parser.http10);
	/* RFC 9110 §10.1.1: the body is not wanted, and stays owed. */
	t->write_over |= t->awaits_continue;
	t->awaits_continue = false;
	http1_watch(t);
	t->transfer.version = t->parser.http10 ? 10 : 11;
	t->events.head(t->arg, t->parser.status, &t->parser.fields);
}

/* Keep-Alive: timeout=N, in ms; 0 where it is not said. */
static int64_t http1_peer_limit(const struct http1 *t)
{
	const struct field *f =
		fields_find(&t->parser.fields, STR("Keep-Alive"));
	struct str rest, word;
	uint64_t seconds;

	if (!f)
		return 0;
	rest = f->value;
	while (str_next_element(&rest, &word))
		if (str_starts_nocase(word, STR("timeout=")) &&
		    str_u64(str_from(word, 8), 86400, &seconds))
			return (int64_t)seconds * 1000;
	return 0;
}

/* The response is whole. What is left of the request the upstream does not
 * want, and octets behind the response are nobody's. Whatever it was that the
 * upstream took for a credential of the connection: that is not for others. */
static void http1_whole(struct http1 *t, bool more)
{
	bool sent = t->head_sent && t->body_done && t->out.n == 0;
	bool clean = t->pool->own ||
		     !connection_auth_offered(&t->parser.fields);

	if (t->parser.reusable && sent && !more && !t->fresh && clean)
		connection_give(&t->connection, http1_peer_limit(t));
	else
		connection_close(&t->connection);
	http1_end(t, NULL);
}

/* The owner has no room: the octets, and those behind them, wait. */
static void http1_keep(struct http1 *t, struct str data, struct str rest)
{
	t->read_paused = true;
	t->in_data = data.n;
	buf_add_str(&t->in, data);
	buf_add_str(&t->in, rest);
}

static void http1_invalid(struct http1 *t, enum response_event event,
			  const struct fault *f)
{
	http1_fail(t, 502,
		   event == RESPONSE_TOO_LARGE
			   ? "http_response_header_section_size"
			   : "http_protocol_error",
		   "%s", f->text);
}

/* What came in. False where the transfer is gone. */
static bool http1_feed(struct http1 *t, struct str in)
{
	enum response_event event;
	struct str data;
	struct fault f;

	do {
		event = response_parser_take(&t->parser, &in, &data, &f);
		if (event == RESPONSE_INTERIM && t->parser.status == 101) {
			http1_stream_begin(t, in);
			return true;
		}
		if (event == RESPONSE_INTERIM) {
			if (!http1_interim(t))
				return false;
		} else if (event == RESPONSE_HEAD) {
			http1_head(t);
		} else if (event == RESPONSE_DATA &&
			   !t->events.body(t->arg, data.p, data.n)) {
			http1_keep(t, data, in);
			return true;
		} else if (event == RESPONSE_END) {
			http1_whole(t, in.n > 0);
			return false;
		} else if (event == RESPONSE_INVALID ||
			   event == RESPONSE_TOO_LARGE) {
			http1_invalid(t, event, &f);
			return false;
		}
	} while (event != RESPONSE_MORE);
	return true;
}

/* The upstream sends no more. */
static void http1_closed(struct http1 *t, ssize_t why)
{
	if (why == 0 && t->answered && response_parser_close(&t->parser))
		http1_whole(t, false);
	else
		http1_lost(t);
}

bool http1_receive(struct http1 *t)
{
	char *block = t->pool->upstream->in;
	bool fresh = t->fresh, there;
	ssize_t n = HTTP1_BLOCK;

	for (int i = 0; i < LIMIT_READS && !t->read_paused; i++) {
		n = connection_read(t->connection, block, HTTP1_BLOCK);
		if (n == CONNECTION_AGAIN)
			break;
		if (n <= 0) {
			http1_closed(t, n);
			return false;
		}
		there = http1_feed(t, (struct str){ block, (size_t)n });
		if (fresh)
			mem_wipe(block, (size_t)n);
		if (!there)
			return false;
		if (n < HTTP1_BLOCK && !connection_pending(t->connection))
			break;
	}
	http1_expect(t);
	if (!t->read_paused && connection_pending(t->connection))
		loop_task_add(t->pool->upstream->loop, &t->soon);
	return true;
}

bool http1_read_on(struct http1 *t)
{
	struct buf kept = t->in;
	struct str data = str_sub(buf_str(&kept), 0, t->in_data);
	struct str rest = str_from(buf_str(&kept), t->in_data);
	bool there = true;

	t->read_paused = false;
	buf_init_secret(&t->in, HTTP1_BLOCK);
	if (data.n > 0 && !t->events.body(t->arg, data.p, data.n))
		http1_keep(t, data, rest);
	else
		there = http1_feed(t, rest);
	buf_fini(&kept);
	return there;
}
