/* SPDX-License-Identifier: MIT */
/* The client's side of an exchange: how it begins at the request line, takes
 * the client's body in, rests while something is under way, and ends. */

#include "base/limits.h"
#include "proxy/exchange.h"

#include <fcntl.h>
#include <string.h>

#include "base/log.h"
#include "proxy/client.h"
#include "proxy/early.h"
#include "proxy/front.h"
#include "proxy/gather.h"
#include "proxy/linger.h"
#include "proxy/own_page.h"
#include "proxy/relay.h"
#include "proxy/server.h"
#include "proxy/worker.h"

static void exchange_on_task(void *arg)
{
	exchange_drive(arg);
}

/* The answer, or a refusal, has waited for the request's end. */
static void exchange_on_time(void *arg)
{
	struct exchange *x = arg;

	if (x->answer.state == ANSWER_AWAITED && !x->answer.gone)
		exchange_drive(x);
}

struct exchange *exchange_new(struct worker *w, struct MHD_Connection *conn,
			      const char *uri)
{
	const union MHD_ConnectionInfo *info = MHD_get_connection_info(
		conn, MHD_CONNECTION_INFO_SOCKET_CONTEXT);
	struct list *spare = list_shift(&w->spare);
	struct exchange *x;
	struct spool up = { .max = LIMIT_BODY }, down = up;

	if (spare) {
		w->nspare--;
		x = list_entry(spare, struct exchange, node);
		up = x->request.body;
		down = x->upstream.body;
	} else {
		x = mem_new(struct exchange);
	}
	memset(x, 0, offsetof(struct exchange, memory));
	x->worker = w;
	x->number = ++w->begun;
	x->conn = conn;
	x->client = info->socket_context;
	x->request.body = up;
	x->upstream.body = down;
	x->upstream.body.max = LIMIT_BODY;
	x->request.uri = uri;
	arena_init(&x->arena, x->memory, sizeof(x->memory));
	x->request.raw = arena_str(&x->arena, str_z(uri));
	client_reads(x->client);
	list_push(&w->exchanges, &x->node);
	list_init(&x->parked);
	w->nexchanges++;
	reply_init(&x->answer.reply, &x->arena);
	loop_task_init(&x->upstream.task, exchange_on_task, x);
	loop_timer_init(&x->answer.timer, exchange_on_time, x);
	x->route.waiter.wake = exchange_on_token;
	x->route.waiter.arg = x;
	return x;
}

/* What was in the arena's first memory may be a credential. */
static void exchange_wipe(struct exchange *x)
{
	size_t n = sizeof(x->memory);

	if (!x->arena.blocks)
		n = (size_t)(x->arena.p - x->memory);
	arena_fini(&x->arena);
	mem_wipe(x->memory, n);
}

void exchange_free(struct exchange **it)
{
	struct exchange *x = *it;
	struct worker *w;

	if (!x)
		return;
	w = x->worker;
	if (x->upstream.transfer)
		transfer_cancel(&x->upstream.transfer);
	session_leave(w->view, &x->route.waiter);
	own_page_leave(x);
	snapshot_unref(&x->route.snapshot);
	snapshot_unref(&x->route.woken_with);
	loop_task_cancel(&x->upstream.task);
	loop_io_del(&x->answer.hangup);
	list_remove(&x->parked);
	list_remove(&x->node);
	client_waits(x->client);
	early_end(x);
	origin_fini(&x->route.named);
	origin_fini(&x->upstream.hooked);
	spool_reset(&x->request.body, LIMIT_SPOOL_KEPT);
	spool_reset(&x->upstream.body, LIMIT_SPOOL_KEPT);
	reply_fini(&x->answer.reply);
	exchange_wipe(x);
	if (w->nspare < LIMIT_REQUESTS_KEPT) {
		list_push_front(&w->spare, &x->node);
		w->nspare++;
	} else {
		exchange_discard(x);
	}
	*it = NULL;
	w->nexchanges--;
	worker_exchange_ended(w);
}

void exchange_discard(struct exchange *x)
{
	list_remove(&x->node);
	spool_fini(&x->request.body);
	spool_fini(&x->upstream.body);
	kept_answer_fini(&x->kept);
	mem_free(x);
}

static enum MHD_Result exchange_on_field(void *cls, enum MHD_ValueKind kind,
					 const char *key, size_t key_size,
					 const char *value, size_t value_size)
{
	struct exchange *x = cls;

	(void)kind;
	fields_add(&x->request.fields, (struct str){ key, key_size },
		   (struct str){ value != NULL ? value : key + key_size,
				 value_size });
	return MHD_YES;
}

void exchange_begin(struct exchange *x, const char *method,
		    const char *version)
{
	x->request.begun = true;
	client_asks(x->client);
	x->answer.moved_at = loop_now(x->worker->loop);
	x->request.method = str_z(method);
	x->request.version = version;
	x->request.http10 = strcmp(version, MHD_HTTP_VERSION_1_0) == 0;
	fields_init(&x->request.fields, &x->arena);
	MHD_get_connection_values_n(x->conn, MHD_HEADER_KIND,
				    exchange_on_field, x);
	exchange_drive(x);
}

int64_t exchange_patience(const struct exchange *x)
{
	if (!x->route.service || x->route.service->route->idle_timeout <= 0)
		return LIMIT_IDLE_UNKNOWN;
	return x->route.service->route->idle_timeout;
}

bool exchange_has_head(const struct exchange *x)
{
	return x->upstream.state >= UPSTREAM_ANSWERS;
}

bool exchange_has_ended(const struct exchange *x)
{
	return x->upstream.state == UPSTREAM_FAILED ||
	       x->upstream.state >= UPSTREAM_ANSWERED;
}

bool exchange_uploads(const struct exchange *x)
{
	return x->request.framing.body != FRAMING_NONE && !x->request.ended;
}

static void exchange_up_ready(struct exchange *x)
{
	if (!x->upstream.source_paused || !x->upstream.transfer)
		return;
	x->upstream.source_paused = false;
	transfer_resume_write(x->upstream.transfer);
}

/* With n octets more. */
static bool exchange_is_large(const struct exchange *x, size_t n)
{
	const struct service *s = x->route.service;
	uint64_t max = s != NULL ? s->route->max_body : 0;

	return max > 0 && x->request.octets + n > max;
}

size_t exchange_upload(struct exchange *x, const char *p, size_t n)
{
	bool let_go = false;
	size_t taken;

	x->answer.moved_at = loop_now(x->worker->loop);
	if (x->request.keeps == BODY_DISCARDED)
		return n;
	if (exchange_is_large(x, n)) {
		exchange_break(x, 413,
			       STR("the request's body is larger than this "
				   "service's max_body"));
		return n;
	}
	taken = spool_put(&x->request.body, p, n);
	if (taken == 0 && x->request.keeps == BODY_FORM) {
		gather_overflow(x);
		exchange_drive(x);
		return n;
	}
	if (taken == 0 && x->request.keeps == BODY_FOR_LENGTH &&
	    !x->upstream.transfer) {
		gather_length_overflow(x);
		exchange_drive(x);
		return n;
	}
	if (taken == 0 && x->request.body.keeps) {
		spool_let_go(&x->request.body, LIMIT_BODY);
		taken = spool_put(&x->request.body, p, n);
		x->request.keeps = BODY_STREAMS;
		let_go = true;
	}
	x->request.octets += taken;
	x->request.wants_room = taken < n;
	exchange_up_ready(x);
	/* A hook or a second attempt may have waited for all of it. */
	if (let_go && x->answer.state == ANSWER_AWAITED)
		exchange_drive(x);
	return taken;
}

void exchange_upload_end(struct exchange *x)
{
	if (x->request.ended)
		return;
	x->request.ended = true;
	exchange_up_ready(x);
	if (x->answer.state == ANSWER_AWAITED)
		exchange_drive(x);
}

void exchange_problem(struct exchange *x, int status, const char *error,
		      struct str detail, const char *action)
{
	reply_problem(&x->answer.reply, status, error, detail, action);
	x->answer.reply.close = status == 400 || status == 413 ||
				status == 414 || status == 431 || status == 501;
	x->request.keeps = BODY_DISCARDED;
	log_debug(EV("refused"), KV("status", status),
		  KV("service",
		     x->route.service != NULL ? x->route.service->name : "-"),
		  KV("detail", detail));
}

void exchange_too_late(struct exchange *x)
{
	exchange_problem(x, 503, "destination_unavailable",
			 STR("bearerd is shutting down"),
			 "send the request again in a moment");
	reply_retry_after(&x->answer.reply, 1000);
}

void exchange_discard_body(struct exchange *x)
{
	x->request.keeps = BODY_DISCARDED;
	if (!x->request.wants_room)
		return;
	x->request.wants_room = false;
	exchange_wake(x);
}

void exchange_park(struct exchange *x)
{
	if (x->answer.suspended)
		return;
	MHD_suspend_connection(x->conn);
	x->answer.suspended = true;
	x->answer.parked_at = loop_now(x->worker->loop);
	list_push(&x->worker->parked, &x->parked);
}

void exchange_wake(struct exchange *x)
{
	if (!x->answer.suspended)
		return;
	x->answer.suspended = false;
	x->answer.moved_at = loop_now(x->worker->loop);
	list_remove(&x->parked);
	loop_io_del(&x->answer.hangup);
	if (x->answer.state == ANSWER_READY)
		front_expects(x);
	MHD_resume_connection(x->conn);
	front_wants_run(x->worker->front);
}

void exchange_break(struct exchange *x, int status, struct str detail)
{
	int fd;

	if (x->answer.state == ANSWER_WRITTEN) {
		early_cut(x);
		return;
	}
	fd = fcntl(x->client->fd, F_DUPFD_CLOEXEC, 0);
	x->client->lingers = true;
	client_refuse(x->client->fd, status, "http_request_error", detail,
		      NULL);
	if (fd >= 0)
		linger(x->worker, fd);
	exchange_client_gone(x);
}

void exchange_client_gone(struct exchange *x)
{
	x->answer.gone = true;
	session_leave(x->worker->view, &x->route.waiter);
	own_page_leave(x);
	loop_task_cancel(&x->upstream.task);
	if (x->upstream.transfer)
		transfer_cancel(&x->upstream.transfer);
	exchange_wake(x);
}

void exchange_abandon(struct exchange *x)
{
	session_leave(x->worker->view, &x->route.waiter);
	own_page_leave(x);
	loop_task_cancel(&x->upstream.task);
	if (x->upstream.transfer)
		transfer_cancel(&x->upstream.transfer);
	if (x->answer.state == ANSWER_WRITTEN) {
		early_cut(x);
		x->answer.gone = true;
	} else if (x->answer.state == ANSWER_AWAITED) {
		exchange_too_late(x);
		if (exchange_uploads(x))
			relay_write(x);
		else
			x->answer.state = ANSWER_READY;
	} else if (!exchange_has_ended(x)) {
		x->upstream.state = UPSTREAM_CUT;
	}
	x->request.keeps = BODY_DISCARDED;
	exchange_wake(x);
}
