/* SPDX-License-Identifier: MIT */
/* The steps of an exchange, in the order in which they happen, and the driver
 * that runs them: the way of every request. */

#include "proxy/exchange.h"

#include <string.h>

#include "base/assert.h"
#include "base/limits.h"
#include "base/log.h"
#include "data/uri.h"
#include "proxy/client.h"
#include "proxy/early.h"
#include "proxy/front.h"
#include "proxy/gateway.h"
#include "proxy/gather.h"
#include "proxy/guard.h"
#include "proxy/own_page.h"
#include "proxy/place.h"
#include "proxy/plain.h"
#include "proxy/proof.h"
#include "proxy/refusal.h"
#include "proxy/relay.h"
#include "proxy/server.h"
#include "proxy/stub.h"
#include "proxy/worker.h"

enum step_result {
	STEP_NEXT,  /* go on with the following step */
	STEP_AGAIN, /* x->step was set: go on there (the back-edges) */
	STEP_WAIT,  /* something under way will call the driver */
	STEP_REPLY, /* there is an own answer: go to the last step */
};

static enum step_result exchange_identify(struct exchange *x);
static enum step_result exchange_route(struct exchange *x);
static enum step_result exchange_gather(struct exchange *x);
static enum step_result exchange_acquire(struct exchange *x);
static enum step_result exchange_place(struct exchange *x);
static enum step_result exchange_forward(struct exchange *x);
static enum step_result exchange_relay(struct exchange *x);
static enum step_result exchange_finish(struct exchange *x);

/* clang-format off */
enum { AT_IDENTIFY, AT_ROUTE, AT_GATHER, AT_ACQUIRE, AT_PLACE, AT_FORWARD,
       AT_RELAY, AT_FINISH, AT_END };

static const struct {
	const char *name;
	enum step_result (*run)(struct exchange *x);
} exchange_steps[] = {
	[AT_IDENTIFY] = { "identify", exchange_identify }, /* is it a request
							      at all */
	[AT_ROUTE]    = { "route", exchange_route },       /* which service;
							      own pages */
	[AT_GATHER]   = { "gather", exchange_gather },     /* a form that is
							      changed, whole */
	[AT_ACQUIRE]  = { "acquire", exchange_acquire },   /* a token; may
							      wait */
	[AT_PLACE]    = { "place", exchange_place },       /* the upstream
							      request */
	[AT_FORWARD]  = { "forward", exchange_forward },   /* sends it */
	[AT_RELAY]    = { "relay", exchange_relay },       /* the head; back to
							      acquire once, and
							      to place once */
	[AT_FINISH]   = { "finish", exchange_finish },     /* hands it to the
							      front */
};
/* clang-format on */

/* What a step came to, for whoever follows one request through. */
static void exchange_tell(const struct exchange *x, size_t step,
			  enum step_result r)
{
	static const char *const words[] = {
		[STEP_NEXT] = "next", [STEP_AGAIN] = "again",
		[STEP_WAIT] = "wait", [STEP_REPLY] = "reply",
	};

	if (log_is_written(LOG_LEVEL_DEBUG))
		log_debug(EV("step"), KV("worker", x->worker->index),
			  KV("exchange", x->number),
			  KV("step", exchange_steps[step].name),
			  KV("result", words[r]));
}

void exchange_drive(struct exchange *x)
{
	if (x->driving)
		return;
	x->driving = true;
	while (x->step < AT_END) {
		size_t step = x->step;
		enum step_result r = exchange_steps[step].run(x);

		exchange_tell(x, step, r);
		if (r == STEP_WAIT)
			break;
		if (r == STEP_NEXT)
			x->step++;
		else if (r == STEP_REPLY)
			x->step = AT_FINISH;
	}
	x->driving = false;
}

/* --- own answers --- */

static enum step_result exchange_refuse(struct exchange *x, int status,
					const char *error, struct str detail,
					const char *action)
{
	exchange_problem(x, status, error, detail, action);
	return STEP_REPLY;
}

static enum step_result exchange_bad(struct exchange *x, const struct fault *f)
{
	return exchange_refuse(x, 400, "http_request_error", str_z(f->text),
			       NULL);
}

/* --- identify --- */

static int exchange_read_host(struct exchange *x, struct fault *f)
{
	const struct field *host = fields_find(&x->request.fields, STR("Host"));
	bool is_ipv6;

	x->request.host_port = -1;
	if (!host || host->value.n == 0)
		return 0;
	if (authority_parse(host->value, &x->request.host,
			    &x->request.host_port, &is_ipv6, f) < 0)
		return fault_prefix(f, "Host");
	x->request.has_host = true;
	return 0;
}

static enum step_result exchange_identify(struct exchange *x)
{
	struct fault f;

	if (guard_head(x, &f) < 0)
		return exchange_bad(x, &f);
	if (guard_is_large(x))
		return STEP_REPLY;
	if (!str_is_token(x->request.method)) {
		fault_set(&f, "the method is not a token");
		return exchange_bad(x, &f);
	}
	early_read_expect(x);
	for (size_t i = 0; i < x->request.fields.n; i++)
		x->request.fields.v[i].value =
			str_trim(x->request.fields.v[i].value);
	if (framing_check(&x->request.fields, x->request.http10,
			  &x->request.framing, &f) < 0 ||
	    target_parse(x->request.raw, x->request.method, &x->request.target,
			 &f) < 0 ||
	    exchange_read_host(x, &f) < 0)
		return exchange_bad(x, &f);
	if (!exchange_uploads(x) || (x->request.framing.body == FRAMING_SIZED &&
				     x->request.framing.length == 0))
		x->request.awaits = false;
	return STEP_NEXT;
}

/* --- route --- */

static enum step_result exchange_unrouted(struct exchange *x,
					  enum route_result why)
{
	if (why == ROUTE_NO_PATH)
		return exchange_refuse(
			x, 404, NULL,
			STR("no service answers to this path on bearerd's own "
			    "address"),
			"use /NAME/… of a [service NAME], or http_proxy");
	if (why == ROUTE_MISDIRECTED)
		return exchange_refuse(
			x, 421, NULL,
			STR("this is not the address of the host that the "
			    "request names"),
			"if the name is bearerd's, add it to own_names");
	if (why == ROUTE_CLIMBS)
		return exchange_refuse(
			x, 400, "http_request_error",
			STR("the target leads out of its service's path"),
			NULL);
	if (why == ROUTE_AMBIGUOUS)
		return exchange_refuse(
			x, 400, "http_request_error",
			STR("the path may be read as another service's"),
			"send it without dot segments, repeated slashes, "
			"\"\\\", \";\" and needless percent-encoding");
	return exchange_refuse(
		x, 403, "http_request_denied",
		STR("no service is configured for this host"),
		"add a [service] whose upstream or match is this host");
}

/* What is kept of a body so that it can be sent once more. */
static void exchange_plan_body(struct exchange *x)
{
	const struct token_settings *t = x->route.service->tokens;
	bool may = t->replay == REPLAY_SAFE &&
		   (t->refresh_status.n > 0 || t->refresh_if.n > 0 ||
		    x->route.service->dpop) &&
		   grant_asks(x->route.service->session_of->grant,
			      x->route.service->session_section);

	spool_reset(&x->request.body, LIMIT_SPOOL_KEPT);
	x->request.body.max = LIMIT_BODY;
	if (x->request.framing.body == FRAMING_NONE || !may ||
	    t->replay_body == 0)
		return;
	if (x->request.framing.body == FRAMING_SIZED &&
	    x->request.framing.length > t->replay_body)
		return;
	x->request.body.keeps = true;
	x->request.body.max = (size_t)t->replay_body;
}

static enum step_result exchange_route(struct exchange *x)
{
	const struct route_request q = {
		.target = &x->request.target,
		.host = x->request.host,
		.host_port = x->request.host_port,
		.has_host = x->request.has_host,
		.options = str_eq(x->request.method, STR("OPTIONS")),
		.local = (const struct sockaddr *)&x->client->local,
	};
	enum route_result r;

	if (x->request.target.form == TARGET_AUTHORITY)
		return exchange_refuse(x, 501, NULL,
				       STR("bearerd does not tunnel: CONNECT "
					   "is not available"),
				       "use http:// for this host; bearerd "
				       "speaks https to the upstream");
	r = route_find(x->worker->services, &q, &x->route.found);
	if (guard_is_foreign(x, r))
		return exchange_refuse(x, 403, "http_request_denied",
				       STR("a web page of another origin sent "
					   "this request"), NULL);
	if (r == ROUTE_OWN_PAGE)
		return own_page_plan(x) == 0 ? STEP_NEXT : STEP_REPLY;
	x->route.service = x->route.found.service;
	if (r == ROUTE_UNMATCHED && plain_takes(x))
		x->route.service = plain_service(x);
	else if (r != ROUTE_SERVICE)
		return exchange_unrouted(x, r);
	if (x->worker->draining) {
		exchange_too_late(x);
		return STEP_REPLY;
	}
	if (x->route.found.stub) {
		stub_answer(x);
		return STEP_REPLY;
	}
	if (gateway_answers(x))
		return STEP_REPLY;
	exchange_plan_body(x);
	return gather_plan(x) == 0 ? STEP_NEXT : STEP_REPLY;
}

/* --- gather --- */

/* Its end, or that it is too long, comes from the client's side. */
static enum step_result exchange_gather(struct exchange *x)
{
	if (x->answer.reply.status != 0)
		return STEP_REPLY;
	if (x->request.keeps != BODY_FORM && x->request.keeps != BODY_FOR_HOOK)
		return STEP_NEXT;
	early_continue(x);
	return exchange_uploads(x) ? STEP_WAIT : STEP_NEXT;
}

/* --- acquire --- */

static bool exchange_needs_token(const struct exchange *x)
{
	const struct grant *g = x->route.service->grant;

	return grant_has_tokens(g) && !x->route.keeps_own;
}

/* The client's own credential travels on; not two of them. */
static enum step_result exchange_keep_own(struct exchange *x)
{
	x->route.keeps_own = true;
	if (plain_has(x) ||
	    fields_count(&x->request.fields, STR("Authorization")) < 2)
		return STEP_NEXT;
	return exchange_refuse(x, 400, "http_request_error",
			       STR("the request has more than one "
				   "Authorization field"), NULL);
}

/* Whether the client's own credential changes anything. */
static enum step_result exchange_existing(struct exchange *x)
{
	struct placement_request r;
	int existing = x->route.service->tokens->existing_credential;

	if (!exchange_needs_token(x))
		return exchange_keep_own(x);
	if (existing == EXISTING_REPLACE || stub_is_shown(x))
		return STEP_NEXT;
	r = place_client_request(x);
	if (!placement_client_credential(&x->route.service->placement, &r))
		return STEP_NEXT;
	if (existing == EXISTING_KEEP)
		return exchange_keep_own(x);
	return exchange_refuse(x, 403, "http_request_denied",
			       STR("the request brings a credential of its "
				   "own"),
			       "send it without one: bearerd puts the "
			       "service's in");
}

static enum step_result exchange_no_token(struct exchange *x,
					  enum decision answer,
					  const struct session_failure *why)
{
	int64_t pause;

	if (answer == DECISION_FULL) {
		exchange_problem(x, 503, "connection_limit_reached",
				 STR("too many requests wait for this "
				     "service's token"),
				 "send the request again in a moment");
		reply_retry_after(&x->answer.reply, 1000);
		return STEP_REPLY;
	}
	ASSERT(why != NULL);
	exchange_problem(x, why->status, why->error, str_z(why->text.text),
			 NULL);
	if (why->login) {
		own_page_name_login(x);
		return STEP_REPLY;
	}
	pause = why->retry_at - loop_now(x->worker->loop);
	if (why->status == 503)
		reply_retry_after(&x->answer.reply, pause);
	return STEP_REPLY;
}

/* The upstream refused the token and there is another, or it refused the
 * proof: forgets that answer. */
static void exchange_begin_again(struct exchange *x)
{
	if (x->upstream.transfer)
		transfer_cancel(&x->upstream.transfer);
	loop_task_cancel(&x->upstream.task);
	spool_reset(&x->upstream.body, LIMIT_SPOOL_KEPT);
	spool_rewind(&x->request.body);
	x->upstream.state = UPSTREAM_SILENT;
	x->upstream.body_paused = x->upstream.source_paused = false;
}

/* Whether the whole body can be sent once more. */
static bool exchange_is_whole(const struct exchange *x)
{
	return x->request.framing.body == FRAMING_NONE ||
	       x->request.awaits || x->request.body.keeps;
}

/* Whether all of the body that will be sent once more is here, or none of it
 * has been taken yet. */
static bool exchange_has_all(const struct exchange *x)
{
	return x->request.awaits || !exchange_uploads(x);
}

/* After a refusal: a newer token, or the first answer passes on. s is a
 * reference. */
static enum step_result exchange_acquired_again(struct exchange *x,
						enum decision answer,
						struct snapshot *s)
{
	if (answer != DECISION_TOKEN || s->generation == x->route.refused ||
	    !exchange_is_whole(x)) {
		snapshot_unref(&s);
		x->route.replayed = true;
		x->step = AT_FINISH;
		return STEP_AGAIN;
	}
	exchange_begin_again(x);
	x->route.replayed = true;
	snapshot_unref(&x->route.snapshot);
	x->route.snapshot = s;
	return STEP_NEXT;
}

/* s is a reference, or NULL for DECISION_FULL. */
static enum step_result exchange_acquired(struct exchange *x,
					  enum decision answer,
					  struct snapshot *s)
{
	enum step_result r;

	if (x->route.refused != 0)
		return exchange_acquired_again(x, answer, s);
	if (answer == DECISION_TOKEN) {
		x->route.snapshot = s;
		return STEP_NEXT;
	}
	r = exchange_no_token(x, answer, s != NULL ? &s->failure : NULL);
	snapshot_unref(&s);
	return r;
}

/* The token is there, or it will not come. snapshot is borrowed. */
void exchange_on_token(void *arg, enum decision answer,
		       struct snapshot *snapshot)
{
	struct exchange *x = arg;

	x->route.was_woken = true;
	x->route.woken = answer;
	snapshot_unref(&x->route.woken_with);
	x->route.woken_with = snapshot != NULL ? snapshot_ref(snapshot) : NULL;
	exchange_drive(x);
}

static enum step_result exchange_acquire(struct exchange *x)
{
	struct snapshot *s = NULL;
	enum decision answer;
	enum step_result r;

	if (x->route.own_page)
		return own_page_serve(x) ? STEP_REPLY : STEP_WAIT;
	if (x->route.was_woken) {
		s = x->route.woken_with;
		x->route.woken_with = NULL;
		x->route.was_woken = false;
		return exchange_acquired(x, x->route.woken, s);
	}
	if (x->route.waiter.parked)
		return STEP_WAIT;
	if (x->route.refused == 0) {
		r = exchange_existing(x);
		if (r != STEP_NEXT || !exchange_needs_token(x))
			return r;
	}
	answer = session_acquire(x->worker->view, x->route.service->index,
				 x->route.refused, &x->route.waiter, &s);
	if (answer == DECISION_WAITS)
		return STEP_WAIT;
	return exchange_acquired(x, answer, s);
}

/* --- place --- */

static enum step_result exchange_place(struct exchange *x)
{
	return place_upstream_request(x) == 0 ? STEP_NEXT : STEP_REPLY;
}

/* --- forward --- */

static enum step_result exchange_forward(struct exchange *x)
{
	const struct route_settings *s = x->route.service->route;
	int length = gather_length(x);
	const struct transfer_request r = {
		.origin = place_origin(x),
		.method = x->upstream.method,
		.target = x->upstream.target,
		.fields = &x->upstream.fields,
		.arena = &x->arena,
		.framing = x->upstream.framing,
		.own = &x->client->own,
		.upgrade = x->upstream.upgrade,
		.expect = x->request.awaits,
		.connect_timeout = s->connect_timeout,
		.response_timeout = s->response_timeout,
		.idle_timeout = s->idle_timeout,
	};

	if (length != 0)
		return length > 0 ? STEP_WAIT : STEP_REPLY;
	x->upstream.transfer =
		transfer_start(x->worker->upstream, &r, &relay_events, x);
	return STEP_NEXT;
}

/* --- relay --- */

/* The back-edge: whether it is worth asking for another token. */
static bool exchange_may_replay(const struct exchange *x, enum refusal why)
{
	if (x->route.replayed ||
	    x->route.service->tokens->replay == REPLAY_NEVER ||
	    !exchange_is_whole(x))
		return false;
	return x->upstream.status == 401 || why == REFUSAL_BY_BODY ||
	       method_is_idempotent(x->upstream.method);
}

/* The other back-edge: the same token, with a proof that has the nonce which
 * the upstream asks for (RFC 9449 §9). It has done nothing yet, whatever the
 * method. Where that cannot be, its answer passes on: it says nothing of the
 * token. */
static enum step_result exchange_prove_again(struct exchange *x)
{
	if (x->route.proved_again ||
	    x->route.service->tokens->replay == REPLAY_NEVER ||
	    !exchange_is_whole(x))
		return STEP_NEXT;
	exchange_begin_again(x);
	x->route.proved_again = true;
	x->step = AT_PLACE;
	return STEP_AGAIN;
}

static enum step_result exchange_relay_fault(struct exchange *x)
{
	const struct transfer_fault *t = &x->upstream.fault;

	log_warning(EV("upstream_failed"),
		    KV("service", x->route.service->name),
		    KV("error", t->error), KV("reason", &t->text));
	exchange_problem(x, t->status, t->error, str_z(t->text.text), NULL);
	if (t->status == 503)
		reply_retry_after(&x->answer.reply, 1000);
	return STEP_REPLY;
}

static enum step_result exchange_relay(struct exchange *x)
{
	enum refusal why;

	if (x->upstream.state == UPSTREAM_FAILED)
		return exchange_relay_fault(x);
	if (!exchange_has_head(x))
		return STEP_WAIT;
	if (!x->route.snapshot)
		return STEP_NEXT;
	if (x->route.service->dpop && proof_is_challenged(x))
		return exchange_prove_again(x);
	why = refusal_look(x);
	if (why == REFUSAL_NOT_KNOWN)
		return STEP_WAIT;
	if (why == REFUSAL_IS_NONE) {
		session_accepted(x->worker->view, x->route.snapshot);
		return STEP_NEXT;
	}
	if (exchange_may_replay(x, why) && early_waits_for_end(x))
		return STEP_WAIT;
	if (exchange_may_replay(x, why) && exchange_has_all(x) &&
	    session_refused(x->worker->view, x->route.snapshot)) {
		x->route.refused = x->route.snapshot->generation;
		x->step = AT_ACQUIRE;
		return STEP_AGAIN;
	}
	if (x->route.refused != 0)
		session_refused_again(x->worker->view, x->route.snapshot);
	return STEP_NEXT;
}

/* --- finish --- */

/* Before the request's end it is written past libmicrohttpd; else that has
 * it. */
static enum step_result exchange_finish(struct exchange *x)
{
	if (x->answer.reply.status != 0 || exchange_has_ended(x))
		exchange_discard_body(x);
	if (exchange_uploads(x)) {
		if (!early_is_due(x))
			return STEP_WAIT;
		relay_write(x);
		return STEP_NEXT;
	}
	x->answer.state = ANSWER_READY;
	if (x->answer.suspended)
		exchange_wake(x);
	return STEP_NEXT;
}
