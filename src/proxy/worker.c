/* SPDX-License-Identifier: MIT */
/* A worker's life: its loop turns until it is drained. It shares nothing with
 * other workers but what no longer changes: the configuration and the server's
 * settings. */

#include "proxy/worker.h"

#include <stdio.h>
#include <sys/epoll.h>
#include <sys/socket.h>

#include "base/alloc.h"
#include "base/limits.h"
#include "base/log.h"
#include "base/thread.h"
#include "proxy/client.h"
#include "proxy/early.h"
#include "proxy/exchange.h"
#include "proxy/front.h"
#include "proxy/linger.h"
#include "proxy/listener.h"
#include "proxy/server.h"
#include "proxy/tunnel.h"

/* The order to drain, from another thread. */
struct worker_order {
	struct mail mail;
	int64_t grace;
};

static void worker_on_hangup(void *arg, uint32_t events)
{
	(void)events;
	exchange_client_gone(arg);
}

/* libmicrohttpd misses a client's end that it could have read together with
 * the last octets before it: then it waits for more of the request. */
static void worker_look_at_readers(struct worker *w)
{
	list_each(it, &w->exchanges) {
		struct exchange *x = list_entry(it, struct exchange, node);
		char c;

		if (x->answer.suspended ||
		    (x->request.begun && !exchange_uploads(x)))
			continue;
		if (recv(x->client->fd, &c, 1, MSG_PEEK | MSG_DONTWAIT) == 0)
			shutdown(x->client->fd, SHUT_RDWR);
	}
}

/* Whether its client has something to do: to send what it began, or to take
 * what is sent to it. */
static bool worker_waits_for(const struct exchange *x)
{
	if (x->answer.gone || !x->request.begun)
		return false;
	if (x->answer.state == ANSWER_WRITTEN && early_is_blocked(x))
		return true;
	return !x->answer.suspended;
}

static void worker_end_idle_one(struct exchange *x)
{
	log_debug(EV("client_idle"),
		  KV("answered", x->answer.state >= ANSWER_QUEUED));
	if (x->answer.state < ANSWER_QUEUED) {
		exchange_break(x, 408, STR("the request's body stood still"));
		return;
	}
	if (x->answer.state == ANSWER_WRITTEN)
		early_cut(x);
	shutdown(x->client->fd, SHUT_RDWR);
}

/* Of an answer that is in libmicrohttpd's hands as a whole, only the kernel
 * knows how it moves. */
static void worker_end_idle(struct worker *w)
{
	int64_t now = loop_now(w->loop);

	list_each(it, &w->exchanges) {
		struct exchange *x = list_entry(it, struct exchange, node);

		if (!worker_waits_for(x) ||
		    now - x->answer.moved_at < exchange_patience(x))
			continue;
		x->answer.moved_at = now;
		if (!client_moved(x->client))
			worker_end_idle_one(x);
	}
}

/* Nor does it look at a suspended connection: where one has rested for a
 * while, a hang-up is watched for here. */
static void worker_watch_parked(struct worker *w)
{
	int64_t before = loop_now(w->loop) - LIMIT_SWEEP;

	list_each(it, &w->parked) {
		struct exchange *x = list_entry(it, struct exchange, parked);
		struct fault f;

		if (x->answer.parked_at > before)
			break;
		if (x->answer.hangup.loop)
			continue;
		if (loop_io_add(w->loop, &x->answer.hangup, x->client->fd,
				EPOLLRDHUP | EPOLLET, worker_on_hangup, x,
				&f) < 0)
			log_debug(EV("unwatched"), KV("reason", &f));
	}
}

static void worker_on_sweep(void *arg)
{
	struct worker *w = arg;

	clients_sweep(w);
	worker_look_at_readers(w);
	worker_end_idle(w);
	worker_watch_parked(w);
	loop_timer_set(w->loop, &w->sweep, LIMIT_SWEEP);
}

static bool worker_is_done(const struct worker *w)
{
	return w->nexchanges + w->ntunnels == 0;
}

void worker_exchange_ended(struct worker *w)
{
	if (w->draining && worker_is_done(w))
		loop_stop(w->loop);
}

static void worker_on_drain_end(void *arg)
{
	struct worker *w = arg;

	log_warning(EV("drain_timeout"), KV("worker", w->index),
		    KV("cancelled", w->nexchanges + w->ntunnels));
	loop_stop(w->loop);
}

/* What the listeners took last has had its turns: it is under way now. */
static void worker_on_drain_begin(void *arg)
{
	struct worker *w = arg;

	w->draining = true;
	if (worker_is_done(w))
		loop_stop(w->loop);
	else
		loop_timer_set(w->loop, &w->drain_end, w->grace);
}

static void worker_on_order(struct mail *mail, void *owner)
{
	struct worker *w = owner;
	struct worker_order *order = (struct worker_order *)(void *)mail;
	int64_t grace = order->grace;

	mem_free(order);
	if (w->drain_begin.set || w->draining)
		return;
	list_each(it, &w->listeners)
		listener_close(list_entry(it, struct listener, node));
	w->grace = grace;
	loop_timer_set(w->loop, &w->drain_begin, LIMIT_DRAIN_SOON);
}

struct worker *worker_new(struct server *server, size_t index, struct fault *f)
{
	struct worker *w = mem_new(struct worker);

	w->server = server;
	w->index = index;
	w->services = server_services(server);
	w->hooks = hook_machine_new();
	dpop_nonces_init(&w->nonces);
	list_init(&w->listeners);
	list_init(&w->exchanges);
	list_init(&w->parked);
	list_init(&w->spare);
	list_init(&w->reading);
	list_init(&w->idle);
	list_init(&w->resting);
	list_init(&w->lingering);
	list_init(&w->tunnels);
	w->loop = loop_new(f);
	if (w->loop)
		w->box = mailbox_new(w->loop, w, f);
	if (w->box)
		w->upstream = upstream_new(w->loop, f);
	if (w->upstream)
		w->front = front_new(w, f);
	if (!w->front) {
		worker_free(&w);
		return NULL;
	}
	loop_timer_init(&w->sweep, worker_on_sweep, w);
	loop_timer_init(&w->drain_begin, worker_on_drain_begin, w);
	loop_timer_init(&w->drain_end, worker_on_drain_end, w);
	loop_timer_set(w->loop, &w->sweep, LIMIT_SWEEP);
	return w;
}

/* Ends all exchanges with an answer, and turns until what of it the clients
 * take at once is sent. No connection is suspended afterwards, which
 * libmicrohttpd would end the process for: an exchange that was abandoned is
 * never parked again, nor is one that begins while the worker drains. */
static void worker_end_exchanges(struct worker *w)
{
	w->draining = true;
	tunnels_end(w);
	list_each_safe(it, &w->exchanges)
		exchange_abandon(list_entry(it, struct exchange, node));
	for (int i = 0; (i < LIMIT_LAST_TURNS && w->nexchanges > 0) ||
			!list_empty(&w->parked);
	     i++) {
		loop_turn(w->loop, LIMIT_LAST_TURN);
		list_each_safe(it, &w->parked)
			exchange_abandon(list_entry(it, struct exchange,
						    parked));
	}
}

void worker_free(struct worker **it)
{
	struct worker *w = *it;
	struct list *node;

	if (!w)
		return;
	if (w->front)
		worker_end_exchanges(w);
	list_each_safe(l, &w->listeners) {
		struct listener *listener =
			list_entry(l, struct listener, node);

		listener_free(&listener);
	}
	front_free(&w->front);
	linger_end(w);
	while ((node = list_shift(&w->spare)) != NULL)
		exchange_discard(list_entry(node, struct exchange, node));
	if (w->upstream)
		upstream_free(&w->upstream);
	if (w->view)
		session_view_free(&w->view);
	hook_machine_free(&w->hooks);
	if (w->box)
		mailbox_free(&w->box);
	if (w->loop)
		loop_free(&w->loop);
	dpop_nonces_fini(&w->nonces);
	mem_free(w);
	*it = NULL;
}

static void *worker_main(void *arg)
{
	struct worker *w = arg;

	loop_run(w->loop);
	worker_end_exchanges(w);
	/* Idle clients learn of it now, not when all is freed. */
	front_free(&w->front);
	linger_end(w);
	return NULL;
}

int worker_start(struct worker *w, struct fault *f)
{
	char name[32];
	int err;

	list_each(it, &w->listeners) {
		if (listener_open(list_entry(it, struct listener, node),
				  f) < 0)
			return -1;
	}
	snprintf(name, sizeof(name), "worker-%zu", w->index);
	err = thread_start(&w->thread, name, 0, worker_main, w);
	if (err != 0)
		return fault_errno(f, err, "cannot start a worker");
	w->started = true;
	return 0;
}

void worker_drain(struct worker *w, int64_t grace)
{
	struct worker_order *order = mem_new(struct worker_order);

	order->mail.deliver = worker_on_order;
	order->grace = grace;
	mailbox_post(w->box, &order->mail);
}

void worker_join(struct worker *w)
{
	if (!w->started)
		return;
	pthread_join(w->thread, NULL);
	w->started = false;
}
