/* SPDX-License-Identifier: MIT */
/* The upstream's answer on its way to the client: the transfer's events fill
 * a spool, libmicrohttpd drains it. A small answer that came at once goes out
 * in one piece; others are streamed, and each side stops while the other
 * cannot follow. */

#include "proxy/relay.h"

#include <errno.h>
#include <microhttpd.h>
#include <string.h>
#include <sys/socket.h>

#include "base/assert.h"
#include "base/limits.h"
#include "base/log.h"
#include "proxy/client.h"
#include "proxy/early.h"
#include "proxy/exchange.h"
#include "proxy/front.h"
#include "proxy/gather.h"
#include "proxy/gateway.h"
#include "proxy/refusal.h"
#include "proxy/rewrite.h"
#include "proxy/trailers.h"
#include "proxy/websocket.h"
#include "proxy/worker.h"

enum { RELAY_BLOCK = 64 * 1024 };

static void relay_head(void *arg, int status, const struct fields *fields)
{
	struct exchange *x = arg;

	x->upstream.state = UPSTREAM_ANSWERS;
	x->upstream.head_at = loop_now(x->worker->loop);
	x->upstream.status = status;
	x->upstream.version = transfer_version(x->upstream.transfer);
	/* The transfer still looks at its own list. */
	fields_init_like(&x->upstream.answer, &x->arena, fields);
	fields_init(&x->upstream.trailers, &x->arena);
	loop_task_add(x->worker->loop, &x->upstream.task);
}

/* More of it is there, or its end: whoever writes it goes on. */
static void relay_goes_on(struct exchange *x)
{
	if (x->answer.state == ANSWER_WRITTEN)
		early_goes_on(x);
	else if (x->answer.state == ANSWER_QUEUED && x->answer.suspended)
		exchange_wake(x);
}

static bool relay_body(void *arg, const char *p, size_t n)
{
	struct exchange *x = arg;

	if (x->answer.gone)
		return true;
	if (!spool_put_all(&x->upstream.body, p, n)) {
		x->upstream.body_paused = true;
		return false;
	}
	refusal_body(x);
	relay_goes_on(x);
	return true;
}

static ssize_t relay_source(void *arg, char *p, size_t n)
{
	struct exchange *x = arg;
	size_t got;

	if (x->upstream.form.p)
		return gather_source(x, p, n);
	early_continue(x);
	got = spool_get(&x->request.body, p, n);
	if (x->request.wants_room && spool_low(&x->request.body)) {
		x->request.wants_room = false;
		exchange_wake(x);
	}
	if (got > 0)
		return (ssize_t)got;
	if (x->request.ended)
		return 0;
	x->upstream.source_paused = true;
	return TRANSFER_PAUSE;
}

static void relay_trailers(void *arg, const struct fields *trailers)
{
	trailers_answer(arg, trailers);
}

static void relay_interim(void *arg, int status, const struct fields *fields)
{
	struct exchange *x = arg;

	if (status == 100)
		early_continue(x);
	else
		early_interim(x, status, fields);
}

static const struct fields *relay_source_trailers(void *arg)
{
	return trailers_request(arg);
}

static void relay_done(void *arg, const struct transfer_fault *fault)
{
	struct exchange *x = arg;

	x->upstream.transfer = NULL;
	if (!fault) {
		x->upstream.state = UPSTREAM_ANSWERED;
	} else {
		x->upstream.state =
			exchange_has_head(x) ? UPSTREAM_CUT : UPSTREAM_FAILED;
		x->upstream.fault = *fault;
	}
	if (x->answer.state == ANSWER_WRITTEN)
		exchange_discard_body(x);
	relay_goes_on(x);
	if (x->answer.state == ANSWER_AWAITED)
		loop_task_add(x->worker->loop, &x->upstream.task);
}

const struct transfer_events relay_events = {
	.head = relay_head,
	.body = relay_body,
	.source = relay_source,
	.done = relay_done,
	.trailers = relay_trailers,
	.interim = relay_interim,
	.source_trailers = relay_source_trailers,
};

/* Ends the connection so that the client sees that the answer is not whole.
 * An HTTP/1.0 client might take a close for its end: it gets a reset. */
static ssize_t relay_cut(const struct exchange *x)
{
	const struct sockaddr nobody = { .sa_family = AF_UNSPEC };

	if (x->request.http10 &&
	    connect(x->client->fd, &nobody, sizeof(nobody)) != 0)
		log_debug(EV("not_reset"), KV("errno", errno));
	return MHD_CONTENT_READER_END_WITH_ERROR;
}

static ssize_t relay_end(struct exchange *x)
{
	for (size_t i = 0; i < x->upstream.trailers.n; i++)
		MHD_add_response_footer(x->answer.response,
					x->upstream.trailers.v[i].name.p,
					x->upstream.trailers.v[i].value.p);
	return MHD_CONTENT_READER_END_OF_STREAM;
}

/* An own answer's, where it is written past libmicrohttpd. */
static ssize_t relay_take_own(struct exchange *x, char *p, size_t max)
{
	struct str left = str_from(buf_str(&x->answer.reply.body),
				   x->answer.reply_at);

	if (left.n == 0)
		return CLIENT_WRITER_END;
	if (max > left.n)
		max = left.n;
	memcpy(p, left.p, max);
	x->answer.reply_at += max;
	return (ssize_t)max;
}

ssize_t relay_take(struct exchange *x, char *p, size_t max)
{
	size_t n;

	x->answer.moved_at = loop_now(x->worker->loop);
	if (x->answer.reply.status != 0)
		return relay_take_own(x, p, max);
	n = spool_get(&x->upstream.body, p, max);
	if (x->upstream.body_paused && spool_low(&x->upstream.body)) {
		x->upstream.body_paused = false;
		if (x->upstream.transfer)
			transfer_resume_read(x->upstream.transfer);
	}
	if (n > 0)
		return (ssize_t)n;
	if (x->answer.gone || x->upstream.state == UPSTREAM_CUT)
		return CLIENT_WRITER_CUT;
	return x->upstream.state == UPSTREAM_ANSWERED ? CLIENT_WRITER_END :
							CLIENT_WRITER_LATER;
}

/* libmicrohttpd wants octets of the body. */
static ssize_t relay_read(void *cls, uint64_t at, char *p, size_t max)
{
	struct exchange *x = cls;
	ssize_t n = relay_take(x, p, max);

	(void)at;
	if (n > 0)
		return n;
	if (n == CLIENT_WRITER_END)
		return relay_end(x);
	if (n == CLIENT_WRITER_CUT)
		return x->answer.gone ? MHD_CONTENT_READER_END_WITH_ERROR :
					relay_cut(x);
	exchange_park(x);
	return 0;
}

/* For answers whose body is never asked for. */
static ssize_t relay_read_none(void *cls, uint64_t at, char *p, size_t max)
{
	(void)cls;
	(void)at;
	(void)p;
	(void)max;
	return MHD_CONTENT_READER_END_WITH_ERROR;
}

/* The length that the upstream's answer names. */
static void relay_read_length(struct exchange *x)
{
	const struct field *f =
		fields_find(&x->upstream.answer, STR("Content-Length"));

	x->answer.has_length =
		f != NULL &&
		!fields_find(&x->upstream.answer, STR("Transfer-Encoding")) &&
		str_u64(str_trim(f->value), INT64_MAX, &x->answer.length);
}

static bool relay_has_body(const struct exchange *x)
{
	return status_has_body(x->upstream.status) &&
	       !str_eq(x->request.method, STR("HEAD"));
}

/* It is there to its end, and goes out in one piece. */
static bool relay_is_whole(const struct exchange *x)
{
	return relay_has_body(x) && x->upstream.state == UPSTREAM_ANSWERED &&
	       x->upstream.trailers.n == 0;
}

/* HEAD, 204 and 304: libmicrohttpd would send a chunked body for an unknown
 * size, so that one ends the connection instead. */
static struct MHD_Response *relay_bodyless(struct exchange *x, uint64_t length)
{
	struct MHD_Response *r;

	if (x->upstream.status == 204)
		return MHD_create_response_from_buffer(0, NULL,
						MHD_RESPMEM_PERSISTENT);
	r = MHD_create_response_from_callback(length, 1, relay_read_none, x,
					      NULL);
	if (r && length == MHD_SIZE_UNKNOWN)
		MHD_set_response_options(r, MHD_RF_HTTP_1_0_COMPATIBLE_STRICT,
					 MHD_RO_END);
	return r;
}

static struct MHD_Response *relay_response(struct exchange *x)
{
	uint64_t length = x->answer.has_length ? x->answer.length :
						 MHD_SIZE_UNKNOWN;
	struct str body = spool_str(&x->upstream.body);
	char *p = (char *)(uintptr_t)body.p;

	if (x->upstream.status == 101)
		return websocket_response(x);
	if (!relay_has_body(x))
		return relay_bodyless(x, length);
	if (relay_is_whole(x))
		return MHD_create_response_from_buffer(body.n, p,
						MHD_RESPMEM_PERSISTENT);
	return MHD_create_response_from_callback(length, RELAY_BLOCK,
						 relay_read, x, NULL);
}

/* Of the pool, for a field of the request, a cookie in it, or a trailer. */
enum { ENTRY = 80 };

/* What libmicrohttpd has put into the pool for one field of the request: it
 * takes cookies apart, into a copy. */
static size_t relay_field_memory(const struct field *f)
{
	size_t n = ENTRY;

	if (!str_eq_nocase(f->name, STR("Cookie")))
		return n;
	n += f->value.n + ENTRY;
	for (size_t i = 0; i < f->value.n; i++) {
		if (f->value.p[i] == ';' || f->value.p[i] == ',')
			n += ENTRY;
	}
	return n;
}

/* The same for a trailer, whose octets are no part of the request's head. */
static enum MHD_Result relay_trailer_memory(void *cls, enum MHD_ValueKind kind,
					    const char *name, size_t name_size,
					    const char *value,
					    size_t value_size)
{
	size_t *n = cls;

	(void)kind;
	(void)name;
	(void)value;
	*n += ENTRY + name_size + value_size + sizeof(": \r\n");
	return MHD_YES;
}

static size_t relay_head_size(const struct fields *fields)
{
	size_t n = 0;

	for (size_t i = 0; i < fields->n; i++)
		n += fields->v[i].name.n + fields->v[i].value.n + 4;
	return n;
}

/* Whether the head fits what is left of the connection's pool: where it does
 * not, libmicrohttpd would close without a word. */
static bool relay_head_fits(const struct exchange *x,
			    const struct fields *fields)
{
	const union MHD_ConnectionInfo *info = MHD_get_connection_info(
		x->conn, MHD_CONNECTION_INFO_REQUEST_HEADER_SIZE);
	size_t need = FRONT_POOL_RESERVE + relay_head_size(fields);

	need += info != NULL ? info->header_size : 0;
	for (size_t i = 0; i < x->request.fields.n; i++)
		need += relay_field_memory(&x->request.fields.v[i]);
	MHD_get_connection_values_n(x->conn, MHD_FOOTER_KIND,
				    relay_trailer_memory, &need);
	return need <= front_pool(x->worker->front);
}

/* One field of the head; values that libmicrohttpd does not take as they are:
 * an empty one goes out as a space, which means the same. */
static void relay_add_field(struct MHD_Response *r, const struct field *f)
{
	ASSERT(f->name.p[f->name.n] == '\0');
	MHD_add_response_header(r, f->name.p,
				f->value.n > 0 ? f->value.p : " ");
}

static int relay_hand_over(struct exchange *x, struct MHD_Response *r,
			   int status)
{
	x->answer.response = r;
	if (MHD_queue_response(x->conn, (unsigned)status, r) != MHD_YES)
		return -1;
	x->answer.state = ANSWER_QUEUED;
	return 0;
}

/* Takes r over, which may be NULL. */
static int relay_queue(struct exchange *x, struct MHD_Response *r, int status,
		       const struct fields *fields, bool close)
{
	int handed;

	if (!r)
		return -1;
	for (size_t i = 0; i < fields->n; i++)
		relay_add_field(r, &fields->v[i]);
	if (close)
		MHD_add_response_header(r, "Connection", "close");
	handed = relay_hand_over(x, r, status);
	MHD_destroy_response(r);
	return handed;
}

static int relay_queue_whole(struct exchange *x, const struct fields *fields)
{
	struct str body = spool_str(&x->upstream.body);
	struct MHD_Response *r = kept_answer_find(&x->kept, fields, body);

	if (!r) {
		r = relay_response(x);
		if (!r)
			return -1;
		for (size_t i = 0; i < fields->n; i++)
			relay_add_field(r, &fields->v[i]);
		kept_answer_put(&x->kept, r, fields, body);
	}
	return relay_hand_over(x, r, x->upstream.status);
}

/* Why the upstream's answer does not pass on, as an own answer. */
static void relay_refuse(struct exchange *x, int status, const char *error,
			 struct str detail)
{
	if (x->upstream.transfer)
		transfer_cancel(&x->upstream.transfer);
	exchange_problem(x, status, error, detail, NULL);
}

static void relay_prepare_upstream(struct exchange *x)
{
	relay_read_length(x);
	if (x->upstream.status == 101 &&
	    !websocket_is_taken(&x->upstream.answer)) {
		relay_refuse(x, 502, "http_protocol_error",
			     STR("the upstream's answer changes to another "
				 "protocol than WebSocket"));
		return;
	}
	fields_remove_hop_by_hop(&x->upstream.answer);
	fields_remove(&x->upstream.answer, STR("Content-Length"));
	/* Which of two a browser believes, nobody knows. */
	if (x->route.found.by_path &&
	    fields_count(&x->upstream.answer, STR("Content-Type")) > 1)
		relay_refuse(x, 502, "http_protocol_error",
			     STR("the upstream's answer has more than one "
				 "Content-Type"));
	else
		gateway_response(x);
}

/* Makes the answer what goes out, once: the upstream's, or an own one. */
static void relay_prepare(struct exchange *x)
{
	if (x->answer.prepared)
		return;
	x->answer.prepared = true;
	if (x->answer.reply.status == 0)
		relay_prepare_upstream(x);
	if (x->answer.reply.status != 0 && x->route.found.by_path)
		rewrite_isolate(x, &x->answer.reply.fields);
}

static struct client_answer relay_written_own(const struct exchange *x)
{
	bool is_head = str_eq(x->request.method, STR("HEAD"));

	return (struct client_answer){
		.status = x->answer.reply.status,
		.fields = &x->answer.reply.fields,
		.framing = is_head ? CLIENT_NO_BODY : CLIENT_SIZED,
		.has_length = true,
		.length = buf_str(&x->answer.reply.body).n,
	};
}

static struct client_answer relay_written_upstream(const struct exchange *x)
{
	struct client_answer a = {
		.status = x->upstream.status,
		.fields = &x->upstream.answer,
		.has_length = x->answer.has_length,
		.length = x->answer.length,
	};

	if (!relay_has_body(x)) {
		a.framing = CLIENT_NO_BODY;
		a.has_length = a.has_length && a.status != 204;
	} else if (a.has_length) {
		a.framing = CLIENT_SIZED;
	} else {
		a.framing = x->request.http10 ? CLIENT_TO_CLOSE :
						CLIENT_CHUNKED;
	}
	return a;
}

void relay_write(struct exchange *x)
{
	struct client_answer a;

	relay_prepare(x);
	a = x->answer.reply.status != 0 ? relay_written_own(x) :
					  relay_written_upstream(x);
	if (early_answer(x, &a) < 0) {
		client_refuse(x->client->fd, 503, "connection_limit_reached",
			      STR("no descriptor is left for an answer before "
				  "its request's end"),
			      "raise the limit of open files, or try again in "
			      "a moment");
		shutdown(x->client->fd, SHUT_WR);
		exchange_client_gone(x);
	}
}

static int relay_own(struct exchange *x)
{
	struct str body = buf_str(&x->answer.reply.body);
	char *p = (char *)(uintptr_t)body.p;

	return relay_queue(x,
			   MHD_create_response_from_buffer(
				   body.n, p, MHD_RESPMEM_PERSISTENT),
			   x->answer.reply.status, &x->answer.reply.fields,
			   x->answer.reply.close || x->worker->draining);
}

int relay_answer(struct exchange *x)
{
	const struct fields *fields = &x->upstream.answer;

	/* Queueing may ask for the body at once. */
	if (x->answer.state == ANSWER_QUEUED)
		return -1;
	relay_prepare(x);
	if (x->answer.reply.status != 0)
		fields = &x->answer.reply.fields;
	if (!relay_head_fits(x, fields) || early_is_committed(x)) {
		if (x->upstream.status == 101)
			relay_refuse(x, 502, "http_protocol_error",
				     STR("the upstream's 101 cannot be passed "
					 "on"));
		relay_write(x);
		return x->answer.state == ANSWER_WRITTEN ? 0 : -1;
	}
	if (x->answer.reply.status != 0)
		return relay_own(x);
	if (relay_is_whole(x) && !x->worker->draining)
		return relay_queue_whole(x, fields);
	return relay_queue(x, relay_response(x), x->upstream.status, fields,
			   x->worker->draining && x->upstream.status != 101);
}
