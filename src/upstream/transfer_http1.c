/* SPDX-License-Identifier: MIT */
/* The request's way to the upstream and back over HTTP/1.1, spoken by
 * ourselves. A transfer gets a connection, writes its head and what there is
 * of its body, and reads the response whenever some of it comes, also while
 * its own body is on its way. Events are called from the loop alone. */
#include <string.h>
#include <sys/epoll.h>

#include "base/assert.h"
#include "http/connection_auth.h"
#include "upstream/curl_fault.h"
#include "upstream/http1.h"
#include "upstream/pool.h"

static struct loop *loop_of(const struct http1 *t)
{
	return t->pool->upstream->loop;
}

/* ---- begin and end ---- */

static void http1_wipe(struct http1 *t)
{
	size_t n = sizeof(t->memory);

	if (!t->arena.blocks)
		n = (size_t)(t->arena.p - t->memory);
	arena_fini(&t->arena);
	mem_wipe(t->memory, n);
}

static void http1_free(struct http1 *t)
{
	struct pool *p = t->pool;

	ASSERT(!t->connection);
	limit_leave(&t->slot);
	loop_timer_clear(loop_of(t), &t->timer);
	loop_task_cancel(&t->soon);
	response_parser_fini(&t->parser);
	buf_fini(&t->out);
	buf_fini(&t->in);
	http1_wipe(t);
	list_remove(&t->node);
	p->used = loop_now(p->upstream->loop);
	pool_settle(p);
	if (p->n_spare >= HTTP1_SPARE) {
		mem_free(t);
		return;
	}
	list_push_front(&p->spare, &t->node);
	p->n_spare++;
}

static struct http1 *http1_new(struct pool *p)
{
	struct list *node = list_shift(&p->spare);
	struct http1 *t;

	if (node) {
		t = list_entry(node, struct http1, node);
		p->n_spare--;
		memset(t, 0, offsetof(struct http1, memory));
	} else {
		t = mem_new(struct http1);
	}
	t->transfer.carrier = &carrier_http1;
	t->pool = p;
	list_push(&p->http1, &t->node);
	arena_init(&t->arena, t->memory, sizeof(t->memory));
	return t;
}

/* The response's fields live until done has returned. */
void http1_end(struct http1 *t, const struct transfer_fault *fault)
{
	if (!fault && t->parser.trailers.n > 0 && t->events.trailers)
		t->events.trailers(t->arg, &t->parser.trailers);
	t->events.done(t->arg, fault);
	http1_free(t);
}

void http1_fail(struct http1 *t, int status, const char *error,
		const char *fmt, ...)
{
	struct transfer_fault fault = { 0 };
	struct fault text;
	va_list ap;

	va_start(ap, fmt);
	fault_setv(&text, fmt, ap);
	va_end(ap);
	curl_fault_set(&fault, t->origin, status, error, "%s", text.text);
	fault.sent = t->octets_sent;
	connection_close(&t->connection);
	http1_end(t, &fault);
}

/* ---- time ---- */

/* What the upstream is waited for, and since now; not while the client is. */
static void http1_watch(struct http1 *t)
{
	int64_t ms = t->idle_timeout;

	if (!t->connected)
		ms = t->connect_timeout;
	else if (t->read_paused || (t->write_paused && !t->write_broken))
		ms = 0;
	else if (t->body_done && !t->answered)
		ms = t->response_timeout;
	if (ms > 0)
		loop_timer_set(loop_of(t), &t->timer, ms);
	else
		loop_timer_clear(loop_of(t), &t->timer);
}

static void http1_too_late(void *arg)
{
	struct http1 *t = arg;

	if (t->waiting)
		http1_fail(t, 503, "connection_limit_reached",
			   "no other request ended within %lld ms: as many "
			   "as may be are under way",
			   (long long)t->connect_timeout);
	else if (!t->connection ||
		 (!t->connected && !connection_is_resolved(t->connection)))
		http1_fail(t, 504, "dns_timeout",
			   "the name was not looked up within %lld ms",
			   (long long)t->connect_timeout);
	else if (!t->connected)
		http1_fail(t, 504, "connection_timeout",
			   "the connection was not made within %lld ms",
			   (long long)t->connect_timeout);
	else if (t->answered)
		http1_fail(t, 504, "http_response_timeout",
			   "the response stood still for %lld ms",
			   (long long)t->idle_timeout);
	else if (t->body_done)
		http1_fail(t, 504, "http_response_timeout",
			   "no answer came within %lld ms",
			   (long long)t->response_timeout);
	else
		http1_fail(t, 504, "http_response_timeout",
			   "nothing of the request was taken for %lld ms",
			   (long long)t->idle_timeout);
}

/* ---- a connection ---- */

static void http1_opened(void *arg);
static void http1_not_opened(void *arg, const struct transfer_fault *fault);
static void http1_ready(void *arg, uint32_t events);

static const struct connection_events connection_events = {
	.opened = http1_opened,
	.failed = http1_not_opened,
	.ready = http1_ready,
};

static bool http1_receive(struct http1 *t);

static void http1_use(struct http1 *t)
{
	t->connected = true;
	response_parser_init(&t->parser, &t->arena, t->is_head,
			     t->upgrade);
	http1_watch(t);
	if (http1_send(t) && connection_pending(t->connection))
		(void)http1_receive(t);
}

static void http1_connect(struct http1 *t)
{
	t->connected = false;
	http1_watch(t);
	t->connection = connection_open(t->pool, t->origin,
					t->connect_timeout,
					&connection_events, t);
}

/* What may not be sent twice takes no connection that its peer may be about
 * to close. */
static void http1_begin(struct http1 *t)
{
	int64_t ms = t->idempotent && t->framing.body == FRAMING_NONE
			     ? INT64_MAX
			     : HTTP1_YOUNG;

	if (!t->fresh)
		t->connection = connection_take(t->pool, t->origin, ms,
						&connection_events, t);
	if (t->connection)
		http1_use(t);
	else
		http1_connect(t);
}

static void http1_opened(void *arg)
{
	http1_use(arg);
}

static void http1_not_opened(void *arg, const struct transfer_fault *fault)
{
	struct http1 *t = arg;

	t->connection = NULL;
	http1_end(t, fault);
}

/* A connection that was idle has ended as the request was sent. Nothing has
 * come back; where nothing is known to have left either, or HTTP lets it be
 * repeated (RFC 9110 §9.2.2), another one is taken, once. */
static bool http1_may_repeat(const struct http1 *t)
{
	if (t->retried || t->fresh || !t->connection ||
	    !connection_is_reused(t->connection) ||
	    response_parser_begun(&t->parser))
		return false;
	return !t->octets_sent || (t->idempotent && !t->body_read);
}

static void http1_repeat(struct http1 *t)
{
	connection_close(&t->connection);
	response_parser_fini(&t->parser);
	t->retried = true;
	t->write_broken = t->blocked = false;
	if (t->octets_sent) {
		buf_reset(&t->out);
		t->head_sent = t->octets_sent = false;
		t->body_done = t->framing.length == 0 &&
			       t->framing.body != FRAMING_CHUNKED;
	}
	http1_connect(t);
}

/* The connection has ended before the response. */
static void http1_lost(struct http1 *t)
{
	if (http1_may_repeat(t))
		http1_repeat(t);
	else if (t->answered)
		http1_fail(t, 502, "http_response_incomplete",
			   "the connection ended before the response did");
	else
		http1_fail(t, 502, "connection_terminated",
			   "the connection was closed before an answer");
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

/* ---- what is waited for ---- */

/* Nothing more can be sent; a response may have come all the same. */
bool http1_write_broke(struct http1 *t)
{
	if (!t->octets_sent && http1_may_repeat(t)) {
		http1_repeat(t);
		return false;
	}
	t->write_broken = true;
	t->blocked = false;
	buf_reset(&t->out);
	return true;
}

void http1_expect(struct http1 *t)
{
	uint32_t events = t->read_paused ? 0 : EPOLLIN;

	if (t->blocked)
		events |= EPOLLOUT;
	connection_watch(t->connection, events);
	http1_watch(t);
}

/* ---- the response ---- */

static void http1_head(struct http1 *t)
{
	t->answered = true;
	http1_watch(t);
	t->events.head(t->arg, t->parser.status, &t->parser.fields);
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
		if (event == RESPONSE_HEAD) {
			http1_head(t);
		} else if (event == RESPONSE_INTERIM &&
			   t->parser.status == 101) {
			http1_stream_begin(t, in);
			return true;
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

/* Reads what there is. False where the transfer is gone, or waits for another
 * connection. */
static bool http1_receive(struct http1 *t)
{
	char *block = t->pool->upstream->in;
	bool fresh = t->fresh, there;
	ssize_t n = HTTP1_BLOCK;

	for (int i = 0; i < HTTP1_READS && !t->read_paused; i++) {
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
		loop_task_add(loop_of(t), &t->soon);
	return true;
}

static void http1_ready(void *arg, uint32_t events)
{
	struct http1 *t = arg;

	if (t->streams) {
		http1_stream_ready(t, events);
		return;
	}
	if (events & EPOLLOUT && !http1_send(t))
		return;
	if (events & (EPOLLIN | EPOLLHUP | EPOLLERR | EPOLLRDHUP))
		(void)http1_receive(t);
}

/* ---- what waits for the loop ---- */

/* The owner has room again: first what was kept for him. */
static bool http1_read_on(struct http1 *t)
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

static void http1_soon(void *arg)
{
	struct http1 *t = arg;
	bool read = t->wants_read, write = t->wants_write;

	t->wants_read = t->wants_write = false;
	if (t->waiting)
		return;
	if (!t->connection) {
		http1_begin(t);
		return;
	}
	if (!t->connected)
		return;
	if (t->streams) {
		http1_stream_soon(t, read, write);
		return;
	}
	if (write && t->write_paused) {
		t->write_paused = false;
		if (!t->write_broken && !http1_send(t))
			return;
	}
	if (read && t->read_paused) {
		if (!http1_read_on(t))
			return;
		http1_expect(t);
	}
	if (!t->read_paused && connection_pending(t->connection))
		(void)http1_receive(t);
}

static void http1_granted(void *arg)
{
	struct http1 *t = arg;

	t->waiting = false;
	loop_task_add(loop_of(t), &t->soon);
	http1_watch(t);
}

/* ---- the interface ---- */

static struct transfer *http1_start(struct pool *p,
				    const struct transfer_request *r,
				    const struct transfer_events *events,
				    void *arg)
{
	struct http1 *t = http1_new(p);

	t->origin = r->origin;
	t->events = *events;
	t->arg = arg;
	t->is_head = str_eq(r->method, STR("HEAD"));
	if (!t->is_head)
		t->framing = r->framing; /* else none, which is 0 */
	t->body_left = t->framing.length;
	t->body_done = t->framing.length == 0 &&
		       t->framing.body != FRAMING_CHUNKED;
	t->connect_timeout = r->connect_timeout;
	t->response_timeout = r->response_timeout;
	t->idle_timeout = r->idle_timeout;
	t->fresh = r->fresh;
	t->upgrade = r->upgrade;
	t->idempotent = method_is_idempotent(r->method);
	buf_init_secret(&t->out, HTTP1_HEAD_MAX);
	buf_init_secret(&t->in, HTTP1_BLOCK);
	loop_timer_init(&t->timer, http1_too_late, t);
	loop_task_init(&t->soon, http1_soon, t);
	http1_write_head(t, r);
	if (r->origin->transport->limit && !r->fresh) {
		t->slot = limit_enter(r->origin->transport->limit,
				      p->upstream->box, http1_granted, t);
		t->waiting = !limit_is_held(t->slot);
	}
	http1_watch(t);
	if (!t->waiting)
		loop_task_add(loop_of(t), &t->soon);
	return &t->transfer;
}

static struct http1 *http1_of(struct transfer *t)
{
	return list_entry(t, struct http1, transfer);
}

static void http1_resume_read(struct transfer *transfer)
{
	struct http1 *t = http1_of(transfer);

	t->wants_read = true;
	loop_task_add(loop_of(t), &t->soon);
}

static void http1_resume_write(struct transfer *transfer)
{
	struct http1 *t = http1_of(transfer);

	t->wants_write = true;
	loop_task_add(loop_of(t), &t->soon);
}

static void http1_cancel(struct transfer *transfer)
{
	struct http1 *t = http1_of(transfer);

	connection_close(&t->connection);
	http1_free(t);
}

void http1_free_spare(struct pool *p)
{
	while (!list_empty(&p->spare))
		mem_free(list_entry(list_shift(&p->spare), struct http1,
				    node));
}

const struct carrier carrier_http1 = {
	.start = http1_start,
	.resume_read = http1_resume_read,
	.resume_write = http1_resume_write,
	.cancel = http1_cancel,
};
