/* SPDX-License-Identifier: MIT */
/* Sends a whole request and collects a whole response: a call to a token
 * endpoint, apart from the forwarded requests. What goes out and comes in holds
 * credentials and is wiped. */
#include "upstream/fetch.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/alloc.h"
#include "base/buf.h"
#include "http/content_coding.h"

struct fetch {
	struct loop *loop;
	struct transfer *transfer;
	const struct origin *origin;
	struct loop_timer timer;  /* for all of it */
	struct loop_task too_big; /* ends it outside of the body's event */
	int64_t timeout;
	struct buf body, reply, plain; /* plain: the reply's codings undone */
	size_t sent;              /* octets of body */
	int status;
	const struct fields *fields;
	bool (*connected)(void *arg);
	fetch_done_fn *done;
	void *arg;
};

static void fetch_free(struct fetch *f)
{
	loop_timer_clear(f->loop, &f->timer);
	loop_task_cancel(&f->too_big);
	buf_fini(&f->body);
	buf_fini(&f->reply);
	buf_fini(&f->plain);
	mem_free(f);
}

/* Later than the transfer's own timers, which know what was waited for. */
static void fetch_watch(struct fetch *f)
{
	loop_timer_set(f->loop, &f->timer, f->timeout + 1);
}

static bool on_connected(void *arg)
{
	struct fetch *f = arg;

	loop_timer_clear(f->loop, &f->timer);
	if (!f->connected(f->arg))
		return false;
	fetch_watch(f);
	return true;
}

static void on_head(void *arg, int status, const struct fields *fields)
{
	struct fetch *f = arg;

	f->status = status;
	f->fields = fields;
}

/* Once over its maximum the buffer takes nothing more. */
static bool on_body(void *arg, const char *p, size_t n)
{
	struct fetch *f = arg;

	buf_add(&f->reply, p, n);
	if (!buf_ok(&f->reply))
		loop_task_add(f->loop, &f->too_big);
	return true;
}

static ssize_t on_source(void *arg, char *p, size_t n)
{
	struct fetch *f = arg;
	struct str left = str_from(buf_str(&f->body), f->sent);

	if (n > left.n)
		n = left.n;
	if (n > 0)
		memcpy(p, left.p, n);
	f->sent += n;
	return (ssize_t)n;
}

/* A fault of fetch's own, as the transfer would have given it. */
static void fetch_fail(struct fetch *f, int status, const char *error,
		       const char *what)
{
	struct transfer_fault fault = { .status = status, .error = error,
					.sent = true };

	transfer_cancel(&f->transfer);
	fault_set(&fault.text, "%s: %s", f->origin->authority, what);
	f->done(f->arg, NULL, &fault);
	fetch_free(f);
}

static void too_big(void *arg)
{
	fetch_fail(arg, 502, "http_response_body_size",
		   "the response is larger than is taken");
}

static void too_late(void *arg)
{
	struct fetch *f = arg;
	char what[64];

	snprintf(what, sizeof(what), "not through within %" PRId64 " ms",
		 f->timeout);
	fetch_fail(f, 504, "http_response_timeout", what);
}

/* All that is fetched is text, in front of which some servers put a byte order
 * mark; a reader may pass it over (RFC 8259 §8.1). */
static struct str without_mark(struct str body)
{
	return str_starts(body, STR("\xef\xbb\xbf")) ? str_from(body, 3) : body;
}

static const char foreign[] = "http_response_content_coding"; /* RFC 9209 */

/* A server packs its answer, though it was asked not to. False: it has failed
 * of that; where the status says enough by itself, it counts without a body. */
static bool undo_codings(struct fetch *f, struct fetch_response *r,
			 struct fault *why)
{
	bool success = r->status >= 200 && r->status <= 299;

	switch (content_coding_undo(r->fields, r->body, &f->plain, why)) {
	case CONTENT_CODING_NONE:
		return true;
	case CONTENT_CODING_UNDONE:
		r->body = buf_str(&f->plain);
		return true;
	case CONTENT_CODING_LARGE:
		fetch_fail(f, 502, "http_response_body_size", why->text);
		return false;
	case CONTENT_CODING_UNKNOWN:
		if (success)
			fetch_fail(f, 502, foreign, why->text);
		break;
	case CONTENT_CODING_DAMAGED:
		if (success)
			fetch_fail(f, 502, "http_response_incomplete",
				   why->text);
		break;
	}
	r->body = STR("");
	r->unread = why->text;
	return !success;
}

bool fetch_is_foreign(const struct transfer_fault *fault)
{
	return strcmp(fault->error, foreign) == 0;
}

static void on_done(void *arg, const struct transfer_fault *fault)
{
	struct fetch *f = arg;
	struct fetch_response response;
	struct fault why;

	f->transfer = NULL;
	if (fault) {
		f->done(f->arg, NULL, fault);
		fetch_free(f);
		return;
	}
	if (!buf_ok(&f->reply)) {
		too_big(f);
		return;
	}
	response = (struct fetch_response){
		.status = f->status,
		.fields = f->fields,
		.body = buf_str(&f->reply),
	};
	if (!undo_codings(f, &response, &why))
		return;
	response.body = without_mark(response.body);
	f->done(f->arg, &response, NULL);
	fetch_free(f);
}

/* A method without a body gets no Content-Length (RFC 9110 §8.6). */
static struct framing framing_of(const struct fetch_request *r)
{
	bool bare = r->body.n == 0 && method_is_safe(r->method);

	return (struct framing){
		.body = bare ? FRAMING_NONE : FRAMING_SIZED,
		.length = r->body.n,
	};
}

/* Without the field, any coding might be chosen (RFC 9110 §12.5.3). */
static struct fields with_coding(const struct fields *of, struct arena *arena)
{
	const struct str name = STR("Accept-Encoding");
	struct fields fields;

	fields_init(&fields, arena);
	for (size_t i = 0; i < of->n; i++)
		fields_add(&fields, of->v[i].name, of->v[i].value);
	if (!fields_find(of, name))
		fields_add(&fields, name, STR("identity"));
	return fields;
}

struct fetch *fetch_start(struct upstream *u, const struct fetch_request *r,
			  fetch_done_fn *done, void *arg)
{
	struct fetch *f = mem_new(struct fetch);
	struct arena arena = { 0 };
	struct fields fields = with_coding(r->fields, &arena);
	struct transfer_request request = {
		.origin = r->origin,
		.method = r->method,
		.target = r->target,
		.fields = &fields,
		.framing = framing_of(r),
		.fresh = true,
		.connect_timeout = r->timeout,
		.response_timeout = r->timeout,
		.idle_timeout = r->timeout,
	};
	struct transfer_events events = {
		.head = on_head,
		.body = on_body,
		.source = on_source,
		.done = on_done,
		.connected = r->connected ? on_connected : NULL,
	};

	f->loop = upstream_loop(u);
	f->origin = r->origin;
	f->timeout = r->timeout;
	f->connected = r->connected;
	f->done = done;
	f->arg = arg;
	buf_init_secret(&f->body, r->body.n);
	buf_add_str(&f->body, r->body);
	buf_init_secret(&f->reply, r->max_body);
	buf_init_secret(&f->plain, r->max_body);
	loop_timer_init(&f->timer, too_late, f);
	loop_task_init(&f->too_big, too_big, f);
	fetch_watch(f);
	f->transfer = transfer_start(u, &request, &events, f);
	arena_fini(&arena);
	return f;
}

struct fetch *fetch_json(struct upstream *u, const struct endpoint *at,
			 int64_t timeout, size_t max_body, fetch_done_fn *done,
			 void *arg)
{
	struct arena arena = { 0 };
	struct fields fields;
	struct fetch *f;

	fields_init(&fields, &arena);
	fields_add(&fields, STR("Host"), str_z(at->origin.authority));
	fields_add(&fields, STR("User-Agent"), STR("bearerd/" PACKAGE_VERSION));
	fields_add(&fields, STR("Accept"), STR("application/json"));
	f = fetch_start(u,
			&(struct fetch_request){
				.origin = &at->origin,
				.method = STR("GET"),
				.target = str_z(at->target),
				.fields = &fields,
				.timeout = timeout,
				.max_body = max_body,
			},
			done, arg);
	arena_fini(&arena);
	return f;
}

void fetch_go_on(struct fetch *f)
{
	fetch_watch(f);
	transfer_go_on(f->transfer);
}

void fetch_cancel(struct fetch **fetch)
{
	struct fetch *f = *fetch;

	*fetch = NULL;
	if (!f)
		return;
	transfer_cancel(&f->transfer);
	fetch_free(f);
}
