/* SPDX-License-Identifier: MIT */
/* The owner of a transfer for the tests of upstream/: takes what comes and
 * remembers it. */
#pragma once

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "base/arena.h"
#include "base/buf.h"
#include "base/clock.h"
#include "base/loop.h"
#include "upstream/transfer.h"
#include "upstream/transport.h"

/* Who carries what the tests send. */
static enum transport_carrier run_carrier;

/* The group of tests over each carrier; how many failed. */
static inline int run_group(const struct CMUnitTest *tests, size_t n,
			    CMFixtureFunction begin, CMFixtureFunction end)
{
	int failed;

	run_carrier = TRANSPORT_CARRIER_AUTO;
	failed = _cmocka_run_group_tests("ours", tests, n, begin, end);
	run_carrier = TRANSPORT_CARRIER_CURL;
	return failed +
	       _cmocka_run_group_tests("libcurl", tests, n, begin, end);
}

#define run_over_both(tests, begin, end)                                       \
	run_group(tests, sizeof(tests) / sizeof((tests)[0]), begin, end)

struct run {
	struct transfer *transfer;
	struct arena arena;
	struct fields fields;
	struct transfer_request request;
	/* what to send */
	const char *body;  /* of the request, or NULL */
	size_t body_at;
	size_t piece;      /* octets a call of source, 0: as many as wanted */
	uint64_t flood;    /* octets of a body made up, instead of body */
	int source_pauses; /* calls of source that pause first */
	bool source_aborts;
	const struct fields *source_trailers;
	/* what came */
	int status, heads, bodies, sources, done;
	int head_fields;
	char field[256];   /* the value of X-Test */
	char interims[256]; /* "100 103:</a> ": with the value of Link */
	int n_interims;
	int n_trailers;
	char trailer[256]; /* the value of the first */
	struct buf got;
	bool keeps;        /* the body in got; else it is counted only */
	uint64_t octets;
	int body_pauses;   /* calls of body that pause first */
	bool failed;
	struct transfer_fault fault;
	void (*on_done)(struct run *r);
	void *arg;
};

static inline void run_head(void *arg, int status, const struct fields *fields)
{
	struct run *r = arg;
	const struct field *field = fields_find(fields, STR("X-Test"));

	assert_int_equal(r->done, 0);
	assert_int_equal(r->heads, 0);
	r->heads++;
	for (size_t i = 0; i < fields->n; i++) {
		const struct field *f = &fields->v[i];

		assert_int_equal(f->name.p[f->name.n], '\0');
		assert_int_equal(f->value.p[f->value.n], '\0');
	}
	r->status = status;
	r->head_fields = (int)fields->n;
	if (field)
		snprintf(r->field, sizeof(r->field), "%.*s",
			 STR_ARGS(field->value));
}

static inline bool run_body(void *arg, const char *p, size_t n)
{
	struct run *r = arg;

	assert_int_equal(r->heads, 1);
	assert_int_equal(r->done, 0);
	r->bodies++;
	if (r->body_pauses > 0) {
		r->body_pauses--;
		return false;
	}
	r->octets += n;
	if (r->keeps)
		buf_add(&r->got, p, n);
	return true;
}

static inline ssize_t run_source(void *arg, char *p, size_t n)
{
	struct run *r = arg;
	size_t left = r->body ? strlen(r->body) - r->body_at : r->flood;

	assert_int_equal(r->done, 0);
	r->sources++;
	if (r->source_aborts)
		return TRANSFER_ABORT;
	if (r->source_pauses > 0) {
		r->source_pauses--;
		return TRANSFER_PAUSE;
	}
	if (n > left)
		n = left;
	if (r->piece && n > r->piece)
		n = r->piece;
	if (r->body) {
		memcpy(p, r->body + r->body_at, n);
		r->body_at += n;
	} else {
		memset(p, 'u', n);
		r->flood -= n;
	}
	return (ssize_t)n;
}

static inline void run_done(void *arg, const struct transfer_fault *fault)
{
	struct run *r = arg;

	assert_int_equal(r->done, 0);
	r->done++;
	r->transfer = NULL;
	r->failed = fault != NULL;
	if (fault)
		r->fault = *fault;
	if (r->on_done)
		r->on_done(r);
}

static inline void run_trailers(void *arg, const struct fields *trailers)
{
	struct run *r = arg;

	assert_int_equal(r->heads, 1);
	assert_int_equal(r->done, 0);
	assert_int_equal(r->n_trailers, 0);
	r->n_trailers = (int)trailers->n;
	snprintf(r->trailer, sizeof(r->trailer), "%.*s",
		 STR_ARGS(trailers->v[0].value));
}

static inline void run_interim(void *arg, int status,
			       const struct fields *fields)
{
	struct run *r = arg;
	const struct field *link = fields_find(fields, STR("Link"));
	size_t n = strlen(r->interims);

	assert_int_equal(r->heads, 0);
	assert_int_equal(r->done, 0);
	r->n_interims++;
	snprintf(r->interims + n, sizeof(r->interims) - n, "%d%s%.*s ", status,
		 link ? ":" : "", link ? (int)link->value.n : 0,
		 link ? link->value.p : "");
}

static inline const struct fields *run_source_trailers(void *arg)
{
	struct run *r = arg;

	assert_true(r->sources > 0);
	assert_int_equal(r->done, 0);
	return r->source_trailers;
}

static const struct transfer_events run_events = {
	.head = run_head,
	.body = run_body,
	.source = run_source,
	.done = run_done,
	.trailers = run_trailers,
	.interim = run_interim,
	.source_trailers = run_source_trailers,
};

/* A request without a body; Host is the origin's. */
static inline void run_init(struct run *r, const struct origin *o,
			    const char *method, const char *target)
{
	memset(r, 0, sizeof(*r));
	arena_init(&r->arena, NULL, 0);
	fields_init(&r->fields, &r->arena);
	fields_add(&r->fields, STR("Host"), str_z(o->authority));
	buf_init(&r->got, 1 << 20);
	r->keeps = true;
	r->request = (struct transfer_request){
		.origin = o,
		.method = str_z(method),
		.target = str_z(target),
		.fields = &r->fields,
		.connect_timeout = 10000,
		.response_timeout = 10000,
		.idle_timeout = 10000,
	};
}

/* The same with a body of this text. */
static inline void run_body_set(struct run *r, const char *body, bool chunked)
{
	r->body = body;
	r->request.framing.body = chunked ? FRAMING_CHUNKED : FRAMING_SIZED;
	r->request.framing.length = chunked ? 0 : strlen(body);
}

static inline void run_start(struct run *r, struct upstream *u)
{
	r->transfer = transfer_start(u, &r->request, &run_events, r);
	assert_int_equal(r->done, 0);
}

/* Turns until it is done, at most 10 s. */
static inline void run_wait(struct run *r, struct loop *loop)
{
	int64_t end = clock_ms() + 10000;

	while (!r->done && clock_ms() < end)
		loop_turn(loop, 100);
	assert_int_equal(r->done, 1);
}

static inline void run_fini(struct run *r)
{
	buf_fini(&r->got);
	arena_fini(&r->arena);
}

/* "http://127.0.0.1:PORT" and its like; the transport is the origin's own. */
static inline void origin_by(struct origin *o, const char *scheme,
			     const char *host, int port,
			     const struct transport_settings *s)
{
	struct transport_settings settings = *s;
	char url[256];
	struct transport *t;
	const char *key;
	struct fault f;

	settings.carrier = run_carrier;
	snprintf(url, sizeof(url), "%s://%s:%d", scheme, host, port);
	t = transport_new(&settings, &key, &f);
	if (!t)
		print_error("%s: %s\n", key, f.text);
	assert_non_null(t);
	assert_int_equal(origin_init(o, str_z(url), t, &f), 0);
}

static inline void origin_of(struct origin *o, const char *scheme,
			     const char *host, int port, struct trust *trust)
{
	origin_by(o, scheme, host, port,
		  &(struct transport_settings){ .trust = trust });
}

static inline void origin_end(struct origin *o)
{
	struct transport *t = o->transport;

	origin_fini(o);
	transport_unref(&t);
}
