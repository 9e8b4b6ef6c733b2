/* SPDX-License-Identifier: MIT */
/* A transfer carried by libcurl, one easy handle each. What libcurl may not do
 * in its callbacks (pause's end, a cancel, a start) is left to a task of the
 * loop. */
#include "upstream/transfer_curl.h"

#include <errno.h>
#include <string.h>
#include <sys/socket.h>

#include "base/assert.h"
#include "base/limits.h"
#include "http/connection_auth.h"
#include "upstream/curl_fault.h"
#include "upstream/pool.h"
#include "upstream/transport.h"

/* ---- faults and the end ---- */

void transfer_fail(struct curl_transfer *t, int status, const char *error,
		   const char *fmt, ...)
{
	struct fault text;
	va_list ap;

	if (t->failed)
		return;
	va_start(ap, fmt);
	fault_setv(&text, fmt, ap);
	va_end(ap);
	curl_fault_set(&t->fault, t->origin, status, error, "%s", text.text);
	t->failed = true;
}

/* Out of the multi. */
static void take_out(struct curl_transfer *t)
{
	if (t->added)
		curl_multi_remove_handle(t->pool->multi.curl, t->easy);
	t->added = false;
	socket_leave(&t->on_socket);
}

/* The easy handle is at rest. */
static void leave(struct curl_transfer *t)
{
	struct loop *loop = t->pool->upstream->loop;

	take_out(t);
	transfer_again_end(t);
	lookup_end(&t->lookup);
	limit_leave(&t->slot);
	loop_timer_clear(loop, &t->timer);
	loop_task_cancel(&t->soon);
}

/* The head's fields live until done has returned. */
static void end(struct curl_transfer *t, const struct transfer_fault *fault)
{
	leave(t);
	if (!t->cancelled && !fault && t->response.trailers.n > 0 &&
	    t->events.trailers)
		t->events.trailers(t->arg, &t->response.trailers);
	if (!t->cancelled)
		t->events.done(t->arg, fault);
	loop_task_cancel(&t->soon); /* a resume that came with the end */
	pool_give(t);
}

static void end_failed(struct curl_transfer *t)
{
	t->fault.sent = t->sent;
	end(t, &t->fault);
}

static void end_by_code(struct curl_transfer *t, CURLcode code)
{
	struct curl_progress p = {
		.origin = t->origin,
		.detail = t->error,
		.sent = t->sent,
		.head = t->response.state == RESPONSE_BODY,
		.http2 = t->http2,
		.prohibited = t->prohibited && !t->tried,
		.starved = t->starved,
	};

	lookup_progress(&t->lookup, &p);
	curl_fault(&t->fault, code, &p);
	end(t, &t->fault);
}

static struct curl_transfer *transfer_of(CURL *easy)
{
	struct curl_transfer *t = NULL;

	curl_easy_getinfo(easy, CURLINFO_PRIVATE, (char **)&t);
	return t;
}

static void look_up(struct curl_transfer *t);
static void add(struct curl_transfer *t);

/* Nothing of the request has left, and libcurl has closed the connection that
 * it was about to leave on, unless others are on it (HTTP/2). The next one may
 * be as old. */
static void start_anew(struct curl_transfer *t)
{
	take_out(t);
	t->stale = false;
	t->error[0] = '\0';
	if (t->http2 || ++t->tries > LIMIT_STALE_TRIES)
		curl_easy_setopt(t->easy, CURLOPT_FRESH_CONNECT, 1L);
	add(t);
}

static void go_again(struct curl_transfer *t)
{
	take_out(t);
	t->connected = false;
	t->error[0] = '\0';
	transfer_watch(t);
	add(t);
}

/* An upstream may answer and close before it has all of the request: a whole
 * response is a good end. */
void transfer_ended(CURL *easy, CURLcode code)
{
	struct curl_transfer *t = transfer_of(easy);

	if (t->stale)
		start_anew(t);
	else if (t->failed)
		end_failed(t);
	else if (t->lookup.needed)
		look_up(t);
	else if (code == CURLE_OK && t->response.state == RESPONSE_BODY)
		end(t, NULL);
	else if ((code == CURLE_SEND_ERROR || code == CURLE_RECV_ERROR ||
		  code == CURLE_HTTP2 || code == CURLE_HTTP2_STREAM) &&
		 transfer_response_whole(t))
		end(t, NULL);
	else if (transfer_goes_again(t, code == CURLE_OK ? CURLE_GOT_NOTHING
							  : code))
		go_again(t);
	else
		end_by_code(t, code == CURLE_OK ? CURLE_GOT_NOTHING : code);
}

static bool is_open(curl_socket_t fd)
{
	char octet;
	ssize_t n = recv(fd, &octet, 1, MSG_PEEK | MSG_DONTWAIT);

	return n > 0 || (n < 0 && (errno == EAGAIN || errno == EWOULDBLOCK));
}

/* Before the head: the connection has ended, which libcurl will find out only
 * when the source goes on; or it is about to begin anew on another. */
static bool is_lost(const struct curl_transfer *t)
{
	return t->connected && t->write_paused &&
	       (t->body_read || !t->repeatable);
}

/* Within the body: libcurl does not say whether it saw the last chunk; below
 * TLS it cannot be told from the socket either. */
static bool is_doubtful(const struct curl_transfer *t, curl_socket_t fd)
{
	if (t->response.sized)
		return !transfer_response_whole(t);
	return t->response.chunked && (t->origin->is_https || !is_open(fd));
}

/* Where reading is not paused, the response or the connection has ended.
 * Nobody knows whether the upstream still takes what is left of the body:
 * libcurl would go on, and wait. */
void transfer_unread(CURL *easy, curl_socket_t fd)
{
	struct curl_transfer *t = transfer_of(easy);

	/* libcurl has handles of its own to close connections with. */
	if (!t || t->failed || t->body_done || t->read_paused || t->http2)
		return;
	if (t->response.state == RESPONSE_BODY)
		t->doubtful = is_doubtful(t, fd);
	else if (is_lost(t))
		t->doubtful = true;
	else
		return;
	/* libcurl ends an upload that was refused, and knows. Chunks over TLS:
	 * it goes on, and idle_timeout bounds it. */
	if (t->doubtful && (t->response.status >= 300 ||
			    (t->origin->is_https && t->response.chunked)))
		return;
	t->answered = true;
	loop_task_add(t->pool->upstream->loop, &t->soon);
}

/* A stream's response is there before all of its request is: libcurl would go
 * on, and wait for a stream that the upstream has closed (RFC 9113 §8.1). */
static void look_for_end(struct curl_transfer *t)
{
	if ((!t->http2 && !t->body_refused) || t->body_done ||
	    !transfer_response_whole(t))
		return;
	t->answered = true;
	loop_task_add(t->pool->upstream->loop, &t->soon);
}

static void end_answered(struct curl_transfer *t)
{
	if (t->doubtful)
		end_by_code(t, CURLE_RECV_ERROR);
	else
		end(t, NULL);
}

/* ---- time ---- */

static void curl_resume_write(struct transfer *transfer);

/* What the upstream is waited for, and since now; not while the client is
 * (either way paused). */
void transfer_watch(struct curl_transfer *t)
{
	struct loop *loop = t->pool->upstream->loop;
	int64_t ms = t->idle_timeout;

	if (t->held)
		ms = 0;
	else if (!t->connected)
		ms = t->connect_timeout;
	else if (t->awaits_continue)
		ms = LIMIT_CONTINUE;
	else if (t->read_paused || (t->write_paused && !t->doubtful))
		ms = 0;
	else if (t->body_done && t->response.state != RESPONSE_BODY)
		ms = t->response_timeout;
	t->watched = ms;
	if (ms > 0)
		loop_timer_set(loop, &t->timer, ms);
	else
		loop_timer_clear(loop, &t->timer);
}

static void too_late(void *arg)
{
	struct curl_transfer *t = arg;

	if (t->connected && t->http2)
		curl_connection_doubt(t);

	if (t->connected && t->awaits_continue) {
		/* RFC 9110 §10.1.1: it may know nothing of Expect. */
		t->awaits_continue = false;
		curl_resume_write(&t->transfer);
		return;
	}
	if (t->waiting)
		transfer_fail(t, 503, "connection_limit_reached",
			      "no other request ended within %lld ms: as "
			      "many as may be are under way",
			      (long long)t->connect_timeout);
	else if (!t->connected && !t->resolved && !t->lookup.found)
		transfer_fail(t, 504, "dns_timeout",
			      "the name was not looked up within %lld ms",
			      (long long)t->connect_timeout);
	else if (!t->connected)
		transfer_fail(t, 504, "connection_timeout",
			      "the connection was not made within %lld ms",
			      (long long)t->connect_timeout);
	else if (t->response.state == RESPONSE_BODY)
		transfer_fail(t, 504, "http_response_timeout",
			      "the response stood still for %lld ms",
			      (long long)t->idle_timeout);
	else if (t->body_done)
		transfer_fail(t, 504, "http_response_timeout",
			      "no answer came within %lld ms",
			      (long long)t->response_timeout);
	else
		transfer_fail(t, 504, "http_response_timeout",
			      "nothing of the request was taken for %lld ms",
			      (long long)t->idle_timeout);
	end_failed(t);
}

/* ---- libcurl's callbacks ---- */

static size_t on_head(char *p, size_t size, size_t n, void *arg)
{
	struct curl_transfer *t = arg;
	bool whole;

	if (t->cancelled ||
	    !transfer_head_line(t, (struct str){ p, size * n }, &whole))
		return 0;
	if (!whole)
		return size * n;
	transfer_interim_over(t);
	/* libcurl stops an upload that got a refusal, but not one that is
	 * paused. */
	if (t->write_paused && (!t->body_refused || t->response.status >= 300))
		curl_resume_write(&t->transfer);
	curl_connection_look(t);
	transfer_watch(t);
	/* Whatever it was that the upstream took for a credential: this
	 * connection is not for others. */
	if (t->response.last || (!t->pool->own &&
				 connection_auth_offered(&t->response.fields)))
		curl_easy_setopt(t->easy, CURLOPT_FORBID_REUSE, 1L);
	t->transfer.version = t->http2 ? 20 : t->response.http10 ? 10 : 11;
	t->events.head(t->arg, t->response.status, &t->response.fields);
	look_for_end(t);
	return size * n;
}

static size_t on_body(char *p, size_t size, size_t n, void *arg)
{
	struct curl_transfer *t = arg;

	n *= size;
	if (t->cancelled || t->response.state != RESPONSE_BODY)
		return 0;
	t->read_paused = n > 0 && !t->events.body(t->arg, p, n);
	transfer_watch(t);
	if (t->read_paused)
		return CURL_WRITEFUNC_PAUSE;
	t->response.received += n;
	look_for_end(t);
	return n;
}

/* A body that ends before its length must not look like one that is whole. */
static size_t body_given(struct curl_transfer *t, ssize_t n)
{
	bool sized = t->framing.body == FRAMING_SIZED;

	t->write_paused = n == TRANSFER_PAUSE;
	if (t->write_paused) {
		transfer_watch(t);
		return CURL_READFUNC_PAUSE;
	}
	if (n < 0 || (n == 0 && sized))
		return CURL_READFUNC_ABORT;
	t->body_read |= n > 0;
	if (sized)
		t->body_left -= (uint64_t)n;
	t->body_done = sized ? t->body_left == 0 : n == 0;
	transfer_watch(t);
	return (size_t)n;
}

static size_t on_source(char *p, size_t size, size_t n, void *arg)
{
	struct curl_transfer *t = arg;

	n *= size;
	if (t->cancelled)
		return CURL_READFUNC_ABORT;
	if (t->framing.body == FRAMING_SIZED && n > t->body_left)
		n = (size_t)t->body_left;
	if (n == 0)
		return 0;
	if (t->awaits_continue || t->body_refused)
		return body_given(t, TRANSFER_PAUSE);
	return body_given(t, transfer_source(t, p, n));
}

/* ---- what waits for the loop ---- */

static void add(struct curl_transfer *t)
{
	CURLMcode code = curl_multi_add_handle(t->pool->multi.curl, t->easy);

	/* Called within a callback of another transfer. */
	if (code == CURLM_RECURSIVE_API_CALL)
		loop_task_add(t->pool->upstream->loop, &t->soon);
	else
		ASSERT(code == CURLM_OK);
	t->added = code == CURLM_OK;
}

/* libcurl goes on from a connection to the request by itself: whoever wants to
 * know before that is asked here. */
static void begin(struct curl_transfer *t)
{
	if (!t->begun) {
		t->begun = true;
		t->held = t->events.connected && !t->events.connected(t->arg);
	}
	if (t->goes_on)
		t->held = false;
	transfer_watch(t);
	if (!t->held)
		add(t);
}

/* There is a place for it now: the time to connect begins. */
static void granted(void *arg)
{
	struct curl_transfer *t = arg;

	t->waiting = false;
	begin(t);
}

/* curl_easy_pause runs the body's callbacks, which may pause again. */
static void unpause(struct curl_transfer *t)
{
	int bits = CURLPAUSE_CONT;
	CURLcode code;

	if (t->wants_read)
		t->read_paused = false;
	if (t->wants_write)
		t->write_paused = false;
	t->wants_read = t->wants_write = false;
	if (t->read_paused)
		bits |= CURLPAUSE_RECV;
	if (t->write_paused)
		bits |= CURLPAUSE_SEND;
	transfer_watch(t);
	code = curl_easy_pause(t->easy, bits);
	if (code != CURLE_OK)
		transfer_ended(t->easy, code);
}

static void soon(void *arg)
{
	struct curl_transfer *t = arg;

	if (t->cancelled)
		end(t, NULL);
	else if (t->answered)
		end_answered(t);
	else if (t->waiting || t->lookup.busy)
		t->wants_read = t->wants_write = false;
	else if (!t->added)
		begin(t);
	else if ((t->wants_read && t->read_paused) ||
		 (t->wants_write && t->write_paused))
		unpause(t);
	else
		t->wants_read = t->wants_write = false;
}

static void on_known(void *arg)
{
	add(arg);
}

static void on_no_address(void *arg, CURLcode code)
{
	end_by_code(arg, code);
}

/* libcurl wants to connect, and does not know where to; also when a reused
 * connection was dead: then the time to connect begins again. */
static void look_up(struct curl_transfer *t)
{
	take_out(t);
	t->resolved = false;
	if (t->connected) {
		t->connected = false;
		transfer_watch(t);
	}
	t->error[0] = '\0';
	lookup_start(&t->lookup);
}

void transfer_bind(struct curl_transfer *t)
{
	CURL *e = t->easy;

	t->lookup = (struct lookup){
		.upstream = t->pool->upstream,
		.easy = e,
		.arena = &t->arena,
		.known = on_known,
		.none = on_no_address,
		.arg = t,
	};
	lookup_bind(&t->lookup);
	curl_connection_bind(t);
	loop_timer_init(&t->timer, too_late, t);
	loop_task_init(&t->soon, soon, t);
	curl_easy_setopt(e, CURLOPT_PRIVATE, t);
	curl_easy_setopt(e, CURLOPT_ERRORBUFFER, t->error);
	curl_easy_setopt(e, CURLOPT_HEADERFUNCTION, on_head);
	curl_easy_setopt(e, CURLOPT_HEADERDATA, t);
	curl_easy_setopt(e, CURLOPT_WRITEFUNCTION, on_body);
	curl_easy_setopt(e, CURLOPT_WRITEDATA, t);
	curl_easy_setopt(e, CURLOPT_READFUNCTION, on_source);
	curl_easy_setopt(e, CURLOPT_READDATA, t);
}

/* ---- the interface ---- */

static struct curl_transfer *transfer_of_base(struct transfer *t)
{
	return list_entry(t, struct curl_transfer, transfer);
}

static struct transfer *curl_start(struct pool *p,
				   const struct transfer_request *r,
				   const struct transfer_events *events,
				   void *arg)
{
	struct curl_transfer *t = pool_take(p, r->origin->url);

	t->origin = t->lookup.origin = r->origin;
	t->events = *events;
	t->arg = arg;
	if (!str_eq(r->method, STR("HEAD")))
		t->framing = r->framing; /* else none, which is 0 */
	t->body_left = t->framing.length;
	t->connect_timeout = r->connect_timeout;
	t->response_timeout = r->response_timeout;
	t->idle_timeout = r->idle_timeout;
	t->repeatable = !r->fresh && method_is_idempotent(r->method);
	fields_init(&t->response.fields, r->arena ? r->arena : &t->arena);
	fields_init(&t->response.trailers, t->response.fields.arena);
	transfer_apply(t, r);
	transfer_again_apply(t);
	t->lookup.shares = t->wants_http2;
	if (r->origin->transport->limit && !r->fresh) {
		t->slot = limit_enter(r->origin->transport->limit,
				      p->upstream->box, granted, t);
		t->waiting = !limit_is_held(t->slot);
	}
	transfer_watch(t);
	if (t->waiting)
		return &t->transfer;
	if (events->connected)
		loop_task_add(p->upstream->loop, &t->soon);
	else
		add(t);
	return &t->transfer;
}

static void curl_resume_read(struct transfer *transfer)
{
	struct curl_transfer *t = transfer_of_base(transfer);

	t->wants_read = true;
	loop_task_add(t->pool->upstream->loop, &t->soon);
}

static void curl_resume_write(struct transfer *transfer)
{
	struct curl_transfer *t = transfer_of_base(transfer);

	if (t->awaits_continue)
		return;
	t->wants_write = true;
	loop_task_add(t->pool->upstream->loop, &t->soon);
}

static void curl_go_on(struct transfer *transfer)
{
	struct curl_transfer *t = transfer_of_base(transfer);

	t->goes_on = true;
	loop_task_add(t->pool->upstream->loop, &t->soon);
}

static void curl_cancel(struct transfer *transfer)
{
	struct curl_transfer *t = transfer_of_base(transfer);

	t->cancelled = true;
	loop_timer_clear(t->pool->upstream->loop, &t->timer);
	if (t->added && curl_multi_remove_handle(t->pool->multi.curl,
						 t->easy) ==
				CURLM_RECURSIVE_API_CALL) {
		loop_task_add(t->pool->upstream->loop, &t->soon);
		return;
	}
	t->added = false;
	end(t, NULL);
}

const struct carrier carrier_curl = {
	.start = curl_start,
	.resume_read = curl_resume_read,
	.resume_write = curl_resume_write,
	.go_on = curl_go_on,
	.cancel = curl_cancel,
};
