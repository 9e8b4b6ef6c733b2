/* SPDX-License-Identifier: MIT */
/* Writes what goes to a client while its request is still on its way, beside
 * the exchange's steps. libmicrohttpd goes on to read the request, and knows
 * nothing of what is written; the connection's end is made here. */

#include "proxy/early.h"

#include "base/limits.h"
#include "base/log.h"
#include "proxy/client.h"
#include "proxy/exchange.h"
#include "proxy/gateway.h"
#include "proxy/interim_clients.h"
#include "proxy/linger.h"
#include "proxy/relay.h"
#include "proxy/worker.h"

/* --- the writer --- */

static ssize_t early_body(void *arg, char *p, size_t n)
{
	return relay_take(arg, p, n);
}

static const struct fields *early_trailers(void *arg)
{
	const struct exchange *x = arg;

	return &x->upstream.trailers;
}

/* The client is given time to end too, whether or not the answer is whole: a
 * reset could take from it what it has not read yet. libmicrohttpd learns of it
 * when it has something to read, or at the connection's end. */
static void early_done(void *arg, bool whole)
{
	struct exchange *x = arg;
	int fd = client_writer_take_fd(x->answer.writer);

	log_debug(EV("answer_written"), KV("worker", x->worker->index),
		  KV("exchange", x->number), KV("whole", whole));
	x->client->lingers = true;
	linger(x->worker, fd);
	exchange_client_gone(x);
}

static const struct client_writer_events early_events = {
	.body = early_body,
	.trailers = early_trailers,
	.done = early_done,
};

static struct client_writer *early_writer(struct exchange *x)
{
	struct fault f;

	if (x->answer.writer)
		return x->answer.writer;
	x->answer.writer = client_writer_new(x->worker->loop, x->client->fd,
					     &early_events, x, &f);
	if (!x->answer.writer)
		log_warning(EV("not_written"), KV("reason", &f));
	return x->answer.writer;
}

/* --- before the answer --- */

void early_read_expect(struct exchange *x)
{
	const struct field *f =
		fields_find(&x->request.fields, STR("Expect"));
	const struct str expected = STR("100-continue");

	x->request.awaits = f != NULL && !x->request.http10 &&
			    str_eq_nocase(str_trim(f->value), expected);
	x->request.mhd_continues =
		x->request.awaits && str_eq_nocase(f->value, expected);
}

void early_continue(struct exchange *x)
{
	if (!x->request.awaits || x->answer.state != ANSWER_AWAITED)
		return;
	x->request.awaits = false;
	if (!x->request.mhd_continues && early_writer(x))
		client_writer_interim(x->answer.writer, 100, NULL);
	exchange_wake(x);
}

static bool early_takes_interim(const struct exchange *x)
{
	const struct field *agent =
		fields_find(&x->request.fields, STR("User-Agent"));

	return !x->request.http10 && x->answer.state == ANSWER_AWAITED &&
	       !x->answer.gone &&
	       (!agent || interim_client_reads(agent->value));
}

void early_interim(struct exchange *x, int status, const struct fields *fields)
{
	struct fields passed;
	size_t octets = 0;

	if (status == 100 || status == 101 || !early_takes_interim(x))
		return;
	for (size_t i = 0; i < fields->n; i++)
		octets += fields->v[i].name.n + fields->v[i].value.n;
	x->upstream.interim_octets += octets;
	if (x->upstream.interim_octets > LIMIT_INTERIM)
		return;
	if (octets > 0) {
		fields_init(&passed, &x->arena);
		for (size_t i = 0; i < fields->n; i++)
			fields_add_copy(&passed, fields->v[i].name,
					fields->v[i].value);
		gateway_interim(x, &passed);
	}
	if (early_writer(x))
		client_writer_interim(x->answer.writer, status,
				      octets > 0 ? &passed : NULL);
}

/* --- when --- */

static void early_drive_at(struct exchange *x, int64_t due)
{
	loop_timer_set_at(x->worker->loop, &x->answer.timer, due);
}

/* A client that waits for leave to send, or whose connection ends anyway, has
 * nothing to wait for. Others may be about to send the last of it: then the
 * connection can go on. */
bool early_is_due(struct exchange *x)
{
	int64_t now = loop_now(x->worker->loop);

	if (x->request.awaits || x->answer.reply.close)
		return true;
	if (x->answer.ready_at == 0) {
		x->answer.ready_at = now;
		early_drive_at(x, now + LIMIT_EARLY_WAIT);
		return false;
	}
	return now >= x->answer.ready_at + LIMIT_EARLY_WAIT;
}

bool early_waits_for_end(struct exchange *x)
{
	int64_t due = x->answer.moved_at + LIMIT_EARLY_REFUSAL;

	if (x->request.awaits || !x->request.body.keeps ||
	    !exchange_uploads(x) || loop_now(x->worker->loop) >= due)
		return false;
	early_drive_at(x, due);
	return true;
}

/* --- the answer --- */

bool early_is_committed(const struct exchange *x)
{
	return x->answer.writer && client_writer_is_dirty(x->answer.writer);
}

int early_answer(struct exchange *x, const struct client_answer *a)
{
	if (!early_writer(x))
		return -1;
	log_debug(EV("answer_begins"), KV("worker", x->worker->index),
		  KV("exchange", x->number), KV("status", a->status),
		  KV("uploads", exchange_uploads(x)));
	x->answer.state = ANSWER_WRITTEN;
	client_writer_answer(x->answer.writer, a);
	return 0;
}

void early_goes_on(struct exchange *x)
{
	client_writer_resume(x->answer.writer);
}

bool early_is_blocked(const struct exchange *x)
{
	return early_is_committed(x);
}

void early_cut(struct exchange *x)
{
	client_writer_cut(x->answer.writer);
}

void early_end(struct exchange *x)
{
	loop_timer_clear(x->worker->loop, &x->answer.timer);
	client_writer_free(&x->answer.writer);
}
