/* SPDX-License-Identifier: MIT */
/* A transfer's course: paused, sent once, timed, cancelled. */
#include "upstream/bench.h"

static void test_pauses(void **state ATTR_UNUSED)
{
	struct bench b;

	bench_init(&b, server_reply, HELLO);
	for (int i = 0; i < 4; i++) {
		again(&b, "POST", "/");
		run_body_set(&b.run, "some text", i & 1);
		b.run.source_pauses = 3;
		b.run.body_pauses = i < 2 ? 0 : 3;
		run_start(&b.run, b.upstream);
		/* Nothing moves while nobody continues. */
		for (int turn = 0; turn < 10; turn++)
			loop_turn(b.loop, 5);
		assert_int_equal(b.run.sources, 1);
		assert_int_equal(b.run.done, 0);
		wait_resuming(&b);
		assert_hello(&b.run);
		assert_string_equal(b.server->body, "some text");
	}
	bench_fini(&b);
}

static void test_source_aborts(void **state ATTR_UNUSED)
{
	struct bench b;

	bench_init(&b, server_reply, HELLO);
	b.run.request.method = STR("POST");
	run_body_set(&b.run, "abc", true);
	b.run.source_aborts = true;
	go(&b);
	assert_fault(&b.run, 500, "proxy_internal_error");
	/* A body that is shorter than was said. */
	again(&b, "POST", "/");
	run_body_set(&b.run, "abc", false);
	b.run.request.framing.length = 4;
	go(&b);
	assert_fault(&b.run, 500, "proxy_internal_error");
	/* One that is longer is cut. */
	again(&b, "POST", "/");
	run_body_set(&b.run, "abc", false);
	b.run.request.framing.length = 2;
	go(&b);
	assert_hello(&b.run);
	assert_string_equal(b.server->body, "ab");
	bench_fini(&b);
}

static void test_fresh(void **state ATTR_UNUSED)
{
	struct bench b;

	bench_init(&b, server_reply, HELLO);
	for (int i = 0; i < 4; i++) {
		again(&b, "GET", "/");
		b.run.request.fresh = i & 1;
		go(&b);
		assert_hello(&b.run);
	}
	/* Two of their own, one that the two others share. */
	assert_int_equal(b.server->connections, 3);
	bench_fini(&b);
}

/* Answers the first request of the first connection, and closes it without a
 * word at the second; other connections answer all. */
static void dies_at_second(struct peer *p)
{
	bool first = atomic_load(&p->server->connections) == 1;

	while (peer_head(p)) {
		if (first && atomic_load(&p->server->requests) > 1)
			return;
		if (!peer_body(p) || !peer_say(p, p->server->reply))
			return;
	}
}

static void test_never_twice(void **state ATTR_UNUSED)
{
	/* libcurl keeps nothing of a body that it has sent. */
	const bool keeps = run_carrier != TRANSPORT_CARRIER_CURL;
	const struct {
		const char *method, *body;
		bool chunked, again;
	} rows[] = {
		{ "GET", NULL, false, true },
		{ "HEAD", NULL, false, true },
		{ "DELETE", NULL, false, true },
		{ "PUT", "", false, true },
		{ "POST", NULL, false, false },
		{ "POST", "", false, false },
		{ "POST", "abc", false, false },
		{ "POST", "abc", true, false },
		{ "PATCH", "abc", false, false },
		{ "PUT", "abc", false, keeps },
		{ "PUT", "abc", true, keeps },
		{ "X-OTHER", NULL, false, false },
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct bench b;

		bench_init(&b, dies_at_second,
			   OK_HEAD "Content-Length: 0\r\n\r\n");
		go(&b);
		assert_false(b.run.failed);
		again(&b, rows[i].method, "/2");
		if (rows[i].body)
			run_body_set(&b.run, rows[i].body, rows[i].chunked);
		go(&b);
		assert_int_equal(b.run.failed, !rows[i].again);
		assert_int_equal(b.server->requests, rows[i].again ? 3 : 2);
		if (b.run.failed) {
			assert_fault(&b.run, 502, "connection_terminated");
			assert_true(b.run.fault.sent);
		}
		bench_fini(&b);
	}
}

static void closes_unanswered(struct peer *p)
{
	(void)peer_head(p);
}

static void test_fresh_never_twice(void **state ATTR_UNUSED)
{
	struct bench b;

	bench_init(&b, closes_unanswered, NULL);
	b.run.request.fresh = true;
	go(&b);
	assert_fault(&b.run, 502, "connection_terminated");
	usleep(20000);
	assert_int_equal(b.server->requests, 1);
	bench_fini(&b);
}

static void silent(struct peer *p)
{
	char octet;

	if (!peer_head(p))
		return;
	if (p->server->reply)
		peer_say(p, p->server->reply);
	while (peer_read(p, &octet, 1) > 0)
		;
}

static void deaf(struct peer *p)
{
	if (!peer_head(p))
		return;
	while (!atomic_load(&p->server->stop))
		usleep(5000);
}

static void test_response_timeout(void **state ATTR_UNUSED)
{
	struct bench b;

	bench_init(&b, silent, NULL);
	b.run.request.response_timeout = 150;
	go(&b);
	assert_fault(&b.run, 504, "http_response_timeout");
	assert_true(b.run.fault.sent);
	/* The time runs from the body's end on. */
	again(&b, "POST", "/");
	run_body_set(&b.run, "abc", true);
	b.run.source_pauses = 1;
	b.run.request.response_timeout = 150;
	b.run.request.idle_timeout = 150;
	run_start(&b.run, b.upstream);
	for (int64_t end = clock_ms() + 400; clock_ms() < end;)
		loop_turn(b.loop, 20);
	assert_int_equal(b.run.done, 0);
	transfer_resume_write(b.run.transfer);
	run_wait(&b.run, b.loop);
	assert_fault(&b.run, 504, "http_response_timeout");
	bench_fini(&b);
}

static void test_idle_timeout(void **state ATTR_UNUSED)
{
	struct bench b;

	bench_init(&b, silent, OK_HEAD "Content-Length: 10\r\n\r\nabc");
	b.run.request.idle_timeout = 150;
	go(&b);
	assert_fault(&b.run, 504, "http_response_timeout");
	assert_int_equal(b.run.heads, 1);
	/* Not counted while the client is what is waited for. */
	again(&b, "GET", "/");
	b.run.request.idle_timeout = 150;
	b.run.body_pauses = 1;
	run_start(&b.run, b.upstream);
	for (int64_t end = clock_ms() + 400; clock_ms() < end;)
		loop_turn(b.loop, 20);
	assert_int_equal(b.run.done, 0);
	transfer_resume_read(b.run.transfer);
	run_wait(&b.run, b.loop);
	assert_fault(&b.run, 504, "http_response_timeout");
	assert_string_equal(buf_z(&b.run.got), "abc");
	/* None. */
	again(&b, "GET", "/");
	b.run.request.idle_timeout = 0;
	run_start(&b.run, b.upstream);
	for (int64_t end = clock_ms() + 200; clock_ms() < end;)
		loop_turn(b.loop, 20);
	assert_int_equal(b.run.done, 0);
	transfer_cancel(&b.run.transfer);
	bench_fini(&b);
}

/* What nobody reads is not taken from the source either. */
static void test_upload_backpressure(void **state ATTR_UNUSED)
{
	struct bench b;
	int64_t begin = clock_ms();

	bench_init(&b, deaf, NULL);
	b.run.request.method = STR("PUT");
	b.run.request.framing.body = FRAMING_CHUNKED;
	b.run.flood = UINT64_C(1) << 40;
	b.run.request.idle_timeout = 300;
	go(&b);
	assert_fault(&b.run, 504, "http_response_timeout");
	assert_true(clock_ms() - begin >= 290);
	assert_true((UINT64_C(1) << 40) - b.run.flood < 32 << 20);
	bench_fini(&b);
}

enum { MUCH = 256 << 20 };

static void sends_much(struct peer *p)
{
	static char block[65536];
	char head[128];
	size_t left = MUCH;

	if (!peer_head(p))
		return;
	snprintf(head, sizeof(head), OK_HEAD "Content-Length: %zu\r\n\r\n",
		 left);
	peer_say(p, head);
	while (left > 0 && peer_write(p, block, sizeof(block))) {
		atomic_fetch_add(&p->server->octets, sizeof(block));
		left -= sizeof(block);
	}
}

static bool reads_slowly(void *arg, const char *p, size_t n)
{
	struct run *r = arg;

	(void)p;
	if (++r->bodies % 7 == 0) {
		transfer_resume_read(r->transfer);
		return false;
	}
	r->octets += n;
	return true;
}

static void test_slow_reader(void **state ATTR_UNUSED)
{
	struct transfer_events events = run_events;
	struct bench b;
	long before, sent;

	bench_init(&b, sends_much, NULL);
	before = memory_peak();
	b.run.keeps = false;
	b.run.body_pauses = 1;
	run_start(&b.run, b.upstream);
	for (int64_t end = clock_ms() + 200; clock_ms() < end;)
		loop_turn(b.loop, 20);
	sent = atomic_load(&b.server->octets);
	for (int64_t end = clock_ms() + 100; clock_ms() < end;)
		loop_turn(b.loop, 20);
	assert_int_equal(b.run.octets, 0);
	assert_int_equal(atomic_load(&b.server->octets), sent);
	transfer_cancel(&b.run.transfer);

	again(&b, "GET", "/");
	events.body = reads_slowly;
	b.run.transfer = transfer_start(b.upstream, &b.run.request, &events,
					&b.run);
	run_wait(&b.run, b.loop);
	assert_false(b.run.failed);
	assert_int_equal(b.run.octets, MUCH);
	assert_true(memory_peak() - before < 16 << 10);
	bench_fini(&b);
}

static void counts_body(struct peer *p)
{
	while (peer_head(p) && peer_body(p))
		if (!peer_say(p, HELLO))
			return;
}

static void test_large_upload(void **state ATTR_UNUSED)
{
	struct bench b;
	long before;

	bench_init(&b, counts_body, NULL);
	for (int i = 0; i < 2; i++) {
		again(&b, "POST", "/");
		before = memory_peak();
		b.run.flood = MUCH / 4;
		b.run.request.framing.body = i ? FRAMING_CHUNKED
					       : FRAMING_SIZED;
		b.run.request.framing.length = MUCH / 4;
		go(&b);
		assert_hello(&b.run);
		assert_int_equal(b.run.flood, 0);
		assert_true(memory_peak() - before < 16 << 10);
	}
	assert_true(b.server->octets > MUCH / 2);
	bench_fini(&b);
}

static void answers_early(struct peer *p)
{
	if (!peer_head(p) || !peer_say(p, p->server->reply))
		return;
	while (!atomic_load(&p->server->stop))
		usleep(5000);
}

static void answers_and_closes(struct peer *p)
{
	if (peer_head(p))
		peer_say(p, p->server->reply);
}

#define REFUSAL "HTTP/1.1 413 Too Much\r\nContent-Length: 5\r\n" \
		"X-Test: a\r\n\r\nhello"
#define REFUSAL_CHUNKED "HTTP/1.1 413 Too Much\r\n" \
			"Transfer-Encoding: chunked\r\nX-Test: a\r\n\r\n" \
			"5\r\nhello\r\n0\r\n\r\n"

#define CHUNKED OK_HEAD "Transfer-Encoding: chunked\r\nX-Test: a\r\n\r\n" \
			"5\r\nhello\r\n0\r\n\r\n"

/* Whether the source flows or has paused, and whatever the upstream does with
 * what it has not read. */
static void test_early_answer(void **state ATTR_UNUSED)
{
	static const char *const replies[] = { REFUSAL, REFUSAL_CHUNKED,
					       HELLO, CHUNKED };

	for (int i = 0; i < 16; i++) {
		struct bench b;

		/* Chunks before a close may not have been all. */
		bench_init(&b, i & 4 || (i & 3) == 3 ? answers_early
						     : answers_and_closes,
			   replies[i & 3]);
		b.run.request.method = STR("POST");
		b.run.flood = MUCH;
		b.run.source_pauses = i / 8;
		b.run.request.framing.body = i & 1 ? FRAMING_SIZED
						   : FRAMING_CHUNKED;
		b.run.request.framing.length = MUCH;
		run_start(&b.run, b.upstream);
		run_wait(&b.run, b.loop);
		if (b.run.failed)
			print_error("%d %s\n", i, b.run.fault.text.text);
		assert_false(b.run.failed);
		assert_int_equal(b.run.status, i & 2 ? 200 : 413);
		assert_string_equal(buf_z(&b.run.got), "hello");
		assert_true(b.run.flood > 0);
		/* The connection is not used again. */
		again(&b, "GET", "/");
		go(&b);
		assert_int_equal(b.server->connections, 2);
		bench_fini(&b);
	}
}

/* What breaks off is not whole, though it came early. */
static void test_early_and_broken(void **state ATTR_UNUSED)
{
	static const char *const replies[] = {
		OK_HEAD "Content-Length: 10\r\n\r\nabc",
		OK_HEAD "Transfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n",
		OK_HEAD "Content-Le",
	};

	for (int i = 0; i < 6; i++) {
		struct bench b;

		bench_init(&b, answers_and_closes, replies[i % 3]);
		b.run.request.method = STR("POST");
		b.run.flood = MUCH;
		b.run.source_pauses = i / 3;
		b.run.request.framing.body = FRAMING_CHUNKED;
		b.run.request.idle_timeout = 60000;
		run_start(&b.run, b.upstream);
		run_wait(&b.run, b.loop);
		assert_fault(&b.run, 502,
			     i % 3 == 2 ? "connection_terminated"
					: "http_response_incomplete");
		bench_fini(&b);
	}
}

static void test_cancel(void **state ATTR_UNUSED)
{
	struct bench b;
	int before = open_descriptors();

	for (int turns = 0; turns < 12; turns++) {
		bench_init(&b, silent,
			   OK_HEAD "Content-Length: 10\r\n\r\nabc");
		b.run.body_pauses = turns & 1;
		if (turns & 2) {
			b.run.request.method = STR("POST");
			run_body_set(&b.run, "abc", true);
			b.run.source_pauses = 1;
		}
		run_start(&b.run, b.upstream);
		for (int i = 0; i < turns; i++)
			loop_turn(b.loop, 5);
		if (turns & 4 && b.run.transfer)
			transfer_resume_read(b.run.transfer);
		transfer_cancel(&b.run.transfer);
		transfer_cancel(&b.run.transfer);
		for (int i = 0; i < 3; i++)
			loop_turn(b.loop, 1);
		assert_int_equal(b.run.done, 0);
		/* The handle is as good as new. */
		b.server->reply = HELLO;
		again(&b, "GET", "/");
		go(&b);
		assert_hello(&b.run);
		bench_fini(&b);
	}
	assert_int_equal(open_descriptors(), before);
}

/* Within an event of one transfer another is cancelled, and a third begun. */
static struct run *other, *third;
static struct upstream *of_third;

static bool body_with_others(void *arg, const char *p, size_t n)
{
	if (other->transfer)
		transfer_cancel(&other->transfer);
	if (!third->transfer && !third->done)
		run_start(third, of_third);
	return run_body(arg, p, n);
}

static void test_others_within_event(void **state ATTR_UNUSED)
{
	struct transfer_events events = run_events;
	struct bench b;
	struct run r2, r3;

	bench_init(&b, server_reply, HELLO);
	events.body = body_with_others;
	other = &r2;
	third = &r3;
	of_third = b.upstream;
	run_init(&r2, &b.origin, "GET", "/slow");
	run_init(&r3, &b.origin, "GET", "/third");
	r2.body_pauses = 1;
	run_start(&r2, b.upstream);
	for (int i = 0; i < 50 && !r2.bodies; i++)
		loop_turn(b.loop, 20);
	b.run.transfer = transfer_start(b.upstream, &b.run.request, &events,
					&b.run);
	run_wait(&b.run, b.loop);
	run_wait(&r3, b.loop);
	assert_hello(&b.run);
	assert_hello(&r3);
	assert_int_equal(r2.done, 0);
	for (int i = 0; i < 5; i++)
		loop_turn(b.loop, 1);
	run_fini(&r2);
	run_fini(&r3);
	bench_fini(&b);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_pauses),
		cmocka_unit_test(test_source_aborts),
		cmocka_unit_test(test_fresh),
		cmocka_unit_test(test_never_twice),
		cmocka_unit_test(test_fresh_never_twice),
		cmocka_unit_test(test_response_timeout),
		cmocka_unit_test(test_idle_timeout),
		cmocka_unit_test(test_upload_backpressure),
		cmocka_unit_test(test_slow_reader),
		cmocka_unit_test(test_large_upload),
		cmocka_unit_test(test_early_answer),
		cmocka_unit_test(test_early_and_broken),
		cmocka_unit_test(test_cancel),
		cmocka_unit_test(test_others_within_event),
	};

	return run_over_both(tests, NULL, NULL);
}
