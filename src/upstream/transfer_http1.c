/* SPDX-License-Identifier: MIT */
/* The request's way to the upstream and back over HTTP/1.1, spoken by
 * ourselves. A transfer gets a connection, writes its head and what there is
 * of its body, and reads the response whenever some of it comes, also while
 * its own body is on its way. Events are called from the loop alone. */
#include <string.h>
#include <sys/epoll.h>

#include "base/assert.h"
#include "base/limits.h"
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
	buf_fini(&t->sent);
	http1_wipe(t);
	list_remove(&t->node);
	p->used = loop_now(p->upstream->loop);
	pool_settle(p);
	if (p->n_spare >= LIMIT_TRANSFERS_KEPT) {
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

static enum http1_wait http1_waits_for(const struct http1 *t)
{
	if (!t->connected)
		return HTTP1_CONNECTION;
	if (t->awaits_continue)
		return HTTP1_CONTINUE;
	if (t->held || t->read_paused || (t->write_paused && !t->write_over))
		return HTTP1_OWNER;
	if (t->body_done && !t->blocked && !t->answered)
		return HTTP1_ANSWER;
	return HTTP1_OCTETS;
}

void http1_watch_anew(struct http1 *t)
{
	const int64_t ms[] = {
		[HTTP1_OWNER] = 0,
		[HTTP1_CONNECTION] = t->connect_timeout,
		[HTTP1_CONTINUE] = LIMIT_CONTINUE,
		[HTTP1_ANSWER] = t->response_timeout,
		[HTTP1_OCTETS] = t->idle_timeout,
	};

	t->wait = http1_waits_for(t);
	if (ms[t->wait] > 0)
		loop_timer_set(loop_of(t), &t->timer, ms[t->wait]);
	else
		loop_timer_clear(loop_of(t), &t->timer);
}

void http1_watch(struct http1 *t)
{
	enum http1_wait wait = http1_waits_for(t);

	if (wait != t->wait ||
	    (wait != HTTP1_ANSWER && wait != HTTP1_CONTINUE))
		http1_watch_anew(t);
}

static void http1_too_late_for_connection(struct http1 *t)
{
	if (t->waiting)
		http1_fail(t, 503, "connection_limit_reached",
			   "no other request ended within %lld ms: as many "
			   "as may be are under way",
			   (long long)t->connect_timeout);
	else if (!t->connection || !connection_is_resolved(t->connection))
		http1_fail(t, 504, "dns_timeout",
			   "the name was not looked up within %lld ms",
			   (long long)t->connect_timeout);
	else
		http1_fail(t, 504, "connection_timeout",
			   "the connection was not made within %lld ms",
			   (long long)t->connect_timeout);
}

bool http1_continue(struct http1 *t)
{
	t->awaits_continue = false;
	return http1_send(t);
}

static void http1_too_late(void *arg)
{
	struct http1 *t = arg;

	if (t->wait == HTTP1_CONTINUE) {
		/* RFC 9110 §10.1.1: it may know nothing of Expect. */
		(void)http1_continue(t);
	} else if (t->wait == HTTP1_CONNECTION) {
		http1_too_late_for_connection(t);
	} else if (t->wait == HTTP1_ANSWER) {
		http1_fail(t, 504, "http_response_timeout",
			   "no answer came within %lld ms",
			   (long long)t->response_timeout);
	} else if (t->answered) {
		http1_fail(t, 504, "http_response_timeout",
			   "the response stood still for %lld ms",
			   (long long)t->idle_timeout);
	} else {
		http1_fail(t, 504, "http_response_timeout",
			   "nothing of the request was taken for %lld ms",
			   (long long)t->idle_timeout);
	}
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

static void http1_exchange(struct http1 *t)
{
	http1_watch(t);
	if (http1_send(t) && connection_pending(t->connection))
		(void)http1_receive(t);
}

static void http1_use(struct http1 *t)
{
	t->connected = true;
	response_parser_init(&t->parser, t->answer_arena, t->is_head,
			     t->upgrade);
	t->held = t->events.connected && !t->events.connected(t->arg);
	if (!t->held) {
		http1_exchange(t);
		return;
	}
	connection_watch(t->connection, 0);
	http1_watch(t);
}

/* The owner has let it go. What ended or came meanwhile was not looked at. */
static void http1_release(struct http1 *t)
{
	t->held = t->goes_on = false;
	if (connection_is_quiet(t->connection))
		http1_exchange(t);
	else
		http1_lost(t);
}

static void http1_connect(struct http1 *t)
{
	t->connected = false;
	http1_watch(t);
	t->connection = connection_open(t->pool, t->origin,
					t->connect_timeout,
					&connection_events, t);
}

/* HTTP lets it be repeated (RFC 9110 §9.2.2), and it is small enough to be
 * kept. */
static bool http1_is_repeatable(const struct http1 *t)
{
	return t->idempotent && !t->fresh &&
	       t->framing.body != FRAMING_CHUNKED &&
	       t->framing.length <= LIMIT_BODY_AGAIN;
}

/* What may not be sent twice takes no connection that its peer may be about
 * to close. */
static void http1_begin(struct http1 *t)
{
	/* A hook can add fields of any length. */
	if (!t->head.n) {
		http1_fail(t, 431, "http_request_error",
			   "the request's head would have more than %d octets "
			   "with what is added to it", LIMIT_REQUEST_HEAD);
		return;
	}

	int64_t ms = http1_is_repeatable(t) ? INT64_MAX : LIMIT_YOUNG;

	if (!t->fresh)
		t->connection = connection_take(t->pool, t->origin, ms,
						&connection_events, t);
	t->keeps_sent = t->connection && t->idempotent;
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
 * come back; where nothing has left either, or it can be repeated, another one
 * is taken, once. */
static bool http1_may_repeat(const struct http1 *t)
{
	if (t->retried || t->fresh || !t->connection ||
	    !connection_is_reused(t->connection) ||
	    response_parser_begun(&t->parser))
		return false;
	return !t->octets_sent ||
	       (t->idempotent && (!t->body_read || t->keeps_sent));
}

static void http1_repeat(struct http1 *t)
{
	connection_close(&t->connection);
	response_parser_fini(&t->parser);
	t->retried = true;
	t->write_over = t->blocked = false;
	t->awaits_continue = t->expects && !t->body_read;
	if (t->octets_sent) {
		buf_reset(&t->out);
		buf_add_str(&t->out, t->head);
		buf_add_str(&t->out, buf_str(&t->sent));
		ASSERT(buf_ok(&t->out));
		t->head_sent = true;
		t->octets_sent = false;
	}
	http1_sent_forget(t);
	http1_connect(t);
}

void http1_lost(struct http1 *t)
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

/* ---- what is waited for ---- */

/* Nothing more can be sent; a response may have come all the same. */
bool http1_write_broke(struct http1 *t)
{
	if (!t->octets_sent && http1_may_repeat(t)) {
		http1_repeat(t);
		return false;
	}
	t->write_over = true;
	t->awaits_continue = t->blocked = false;
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
	if (t->held) {
		if (t->goes_on)
			http1_release(t);
		return;
	}
	if (t->streams) {
		http1_stream_soon(t, read, write);
		return;
	}
	if (write && t->write_paused) {
		t->write_paused = false;
		if (!t->write_over && !http1_send(t))
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
	t->answer_arena = r->arena ? r->arena : &t->arena;
	t->events = *events;
	t->arg = arg;
	t->is_head = str_eq(r->method, STR("HEAD"));
	if (!t->is_head)
		t->framing = r->framing; /* else none, which is 0 */
	t->body_left = t->framing.length;
	t->body_done = t->framing.length == 0 &&
		       t->framing.body != FRAMING_CHUNKED;
	t->expects = t->awaits_continue =
		r->expect && !t->body_done &&
		!upstream_is_http10(p->upstream, r->origin);
	t->connect_timeout = r->connect_timeout;
	t->response_timeout = r->response_timeout;
	t->idle_timeout = r->idle_timeout;
	t->fresh = r->fresh;
	t->upgrade = r->upgrade;
	t->idempotent = method_is_idempotent(r->method);
	/* A head or trailers, beside a block or what is sent again. */
	buf_init_secret(&t->out, LIMIT_REQUEST_HEAD + LIMIT_BODY_AGAIN +
					 HTTP1_BLOCK);
	buf_init_secret(&t->in, HTTP1_BLOCK);
	buf_init_secret(&t->sent, LIMIT_BODY_AGAIN);
	loop_timer_init(&t->timer, http1_too_late, t);
	loop_task_init(&t->soon, http1_soon, t);
	http1_write_head(t, r);
	if (r->origin->transport->limit && !r->fresh) {
		t->slot = limit_enter(r->origin->transport->limit,
				      p->upstream->box, http1_granted, t);
		t->waiting = !limit_is_held(t->slot);
	}
	http1_watch_anew(t);
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

static void http1_go_on(struct transfer *transfer)
{
	struct http1 *t = http1_of(transfer);

	t->goes_on = true;
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
	.go_on = http1_go_on,
	.cancel = http1_cancel,
};
