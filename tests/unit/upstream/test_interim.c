/* SPDX-License-Identifier: MIT */
/* What passes around a request's body, over both carriers: interim responses
 * and their bounds, Expect: 100-continue, the request's trailers. */
#include "upstream/bench.h"

static atomic_int silence; /* ms before a server's next word */
static atomic_int early;   /* octets of a body that came before that */

static void silence_keep(void)
{
	usleep((useconds_t)atomic_load(&silence) * 1000);
}

/* --- interim responses --- */

static void test_passed_on(void **state ATTR_UNUSED)
{
	static const char reply[] =
		"HTTP/1.1 100 Continue\r\n\r\n"
		"HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\n"
		"HTTP/1.1 102 Processing\r\n\r\n"
		"HTTP/1.1 103 Early Hints\r\nLink: </b>\r\n\r\n"
		"HTTP/1.1 199 x\r\n\r\n" HELLO;
	struct bench b;

	bench_init(&b, server_reply, reply);
	for (int i = 0; i < 2; i++) {
		again(&b, "GET", "/");
		go(&b);
		assert_hello(&b.run);
		assert_string_equal(b.run.interims,
				    "100 103:</a> 102 103:</b> 199 ");
	}
	assert_int_equal(b.server->connections, 1);
	bench_fini(&b);
}

/* Who does not ask for them gets none. */
static void test_not_asked_for(void **state ATTR_UNUSED)
{
	struct transfer_events events = run_events;
	struct bench b;

	bench_init(&b, server_reply,
		   "HTTP/1.1 103 x\r\nLink: </a>\r\n\r\n" HELLO);
	events.interim = NULL;
	b.run.transfer = transfer_start(b.upstream, &b.run.request, &events,
					&b.run);
	run_wait(&b.run, b.loop);
	assert_hello(&b.run);
	bench_fini(&b);
}

static void say_many(struct peer *p)
{
	int n = atoi(p->server->reply);

	if (!peer_head(p))
		return;
	while (n-- > 0)
		peer_say(p, "HTTP/1.1 102 \r\n\r\n");
	peer_say(p, HELLO);
}

static void test_bounded(void **state ATTR_UNUSED)
{
	struct bench b;

	bench_init(&b, say_many, "1000");
	go(&b);
	assert_hello(&b.run);
	assert_int_equal(b.run.n_interims, 1000);
	bench_fini(&b);

	bench_init(&b, say_many, "1001");
	go(&b);
	assert_fault(&b.run, 502, "http_response_header_section_size");
	bench_fini(&b);
}

/* The reply's first head, three times, and the rest. */
static void say_slowly(struct peer *p)
{
	size_t n = (size_t)(strstr(p->server->reply, "\r\n\r\n") + 4 -
			    p->server->reply);

	if (!peer_head(p) || !peer_body(p))
		return;
	for (int i = 0; i < 3; i++) {
		silence_keep();
		peer_write(p, p->server->reply, n);
	}
	silence_keep();
	peer_say(p, p->server->reply + n);
}

/* A 102 alone starts response_timeout anew. */
static void test_response_timeout(void **state ATTR_UNUSED)
{
	static const struct {
		const char *reply;
		bool good;
	} rows[] = {
		{ "HTTP/1.1 102 \r\n\r\n" HELLO, true },
		{ "HTTP/1.1 103 \r\n\r\n" HELLO, false },
		{ "HTTP/1.1 100 \r\n\r\n" HELLO, false },
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct bench b;

		atomic_store(&silence, 200);
		bench_init(&b, say_slowly, rows[i].reply);
		b.run.request.response_timeout = 500;
		go(&b);
		if (rows[i].good)
			assert_hello(&b.run);
		else
			assert_fault(&b.run, 504, "http_response_timeout");
		bench_fini(&b);
	}
}

/* A head that trickles in does not put it off either. */
static void say_trickling(struct peer *p)
{
	const char *z = p->server->reply;

	if (!peer_head(p))
		return;
	for (; *z; z++) {
		usleep(20000);
		if (!peer_write(p, z, 1))
			return;
	}
}

static void test_trickling_head(void **state ATTR_UNUSED)
{
	struct bench b;

	bench_init(&b, say_trickling, HELLO);
	b.run.request.response_timeout = 400;
	go(&b);
	assert_fault(&b.run, 504, "http_response_timeout");
	bench_fini(&b);
}

/* --- Expect --- */

/* What comes of a body while the server keeps silent. */
static void listen_silently(struct peer *p)
{
	char some[64];

	silence_keep();
	atomic_store(&early, (int)p->n);
	if (recv(p->fd, some, sizeof(some), MSG_PEEK | MSG_DONTWAIT) > 0)
		atomic_store(&early, 1);
}

/* The reply's first head after the silence, the rest behind the body. */
static void say_continue(struct peer *p)
{
	size_t n = (size_t)(strstr(p->server->reply, "\r\n\r\n") + 4 -
			    p->server->reply);

	while (peer_head(p)) {
		listen_silently(p);
		if (!peer_write(p, p->server->reply, n) || !peer_body(p) ||
		    !peer_say(p, p->server->reply + n))
			return;
	}
}

static void expect(struct bench *b, const char *method, const char *body,
		   bool chunked)
{
	again(b, method, "/");
	run_body_set(&b->run, body, chunked);
	b->run.request.expect = true;
	go(b);
}

static void test_continue(void **state ATTR_UNUSED)
{
	struct bench b;

	atomic_store(&silence, 100);
	bench_init(&b, say_continue, "HTTP/1.1 100 Continue\r\n\r\n" HELLO);
	for (int i = 0; i < 4; i++) {
		expect(&b, i % 2 ? "PUT" : "POST", "some octets", i / 2);
		assert_hello(&b.run);
		assert_int_equal(atomic_load(&early), 0);
		assert_string_equal(b.run.interims, "100 ");
		assert_string_equal(b.server->body, "some octets");
		assert_non_null(strstr(b.server->head,
				       "\r\nExpect: 100-continue\r\n"));
	}
	assert_int_equal(b.server->connections, 1);
	bench_fini(&b);
}

/* It may be asked for as often as it likes: 103 is no leave. */
static void test_hints_before_continue(void **state ATTR_UNUSED)
{
	struct bench b;

	atomic_store(&silence, 0);
	bench_init(&b, say_continue,
		   "HTTP/1.1 100 Continue\r\n\r\n"
		   "HTTP/1.1 103 x\r\nLink: </a>\r\n\r\n"
		   "HTTP/1.1 100 Continue\r\n\r\n" HELLO);
	expect(&b, "POST", "abc", false);
	assert_hello(&b.run);
	assert_string_equal(b.run.interims, "100 103:</a> 100 ");
	bench_fini(&b);
}

/* One that knows nothing of it gets the body after a second, however often
 * its owner says that there is some. */
static void test_silent(void **state ATTR_UNUSED)
{
	struct bench b;
	int64_t begin;

	bench_init(&b, server_reply, HELLO);
	for (int i = 0; i < 2; i++) {
		begin = clock_ms();
		again(&b, "POST", "/");
		run_body_set(&b.run, "abc", i);
		b.run.request.expect = true;
		run_start(&b.run, b.upstream);
		wait_resuming(&b);
		assert_hello(&b.run);
		assert_in_range(clock_ms() - begin, 950, 1900);
		assert_string_equal(b.server->body, "abc");
	}
	bench_fini(&b);
}

/* HTTP/1.0 has no such thing. */
static void test_http10(void **state ATTR_UNUSED)
{
	struct bench b;
	int64_t begin;

	bench_init(&b, server_reply_once,
		   "HTTP/1.0 200 OK\r\nContent-Length: 5\r\nX-Test: a\r\n\r\n"
		   "hello");
	go(&b);
	begin = clock_ms();
	expect(&b, "POST", "abc", false);
	assert_hello(&b.run);
	assert_true(clock_ms() - begin < 900);
	assert_null(strstr(b.server->head, "Expect"));
	bench_fini(&b);
}

/* A request without a body expects nothing. */
static void test_without_body(void **state ATTR_UNUSED)
{
	struct bench b;

	bench_init(&b, server_reply, HELLO);
	b.run.request.expect = true;
	go(&b);
	assert_hello(&b.run);
	assert_null(strstr(b.server->head, "Expect"));
	again(&b, "PUT", "/");
	run_body_set(&b.run, "", false);
	b.run.request.expect = true;
	go(&b);
	assert_hello(&b.run);
	assert_null(strstr(b.server->head, "Expect"));
	bench_fini(&b);
}

/* What the fields say of it is no matter. */
static void test_field(void **state ATTR_UNUSED)
{
	struct bench b;

	bench_init(&b, server_reply, HELLO);
	fields_add(&b.run.fields, STR("Expect"), STR("100-continue"));
	run_body_set(&b.run, "abc", false);
	go(&b);
	assert_hello(&b.run);
	assert_null(strstr(b.server->head, "Expect"));
	bench_fini(&b);
}

/* Answers the head, and reads on: nothing may come. */
static void say_final(struct peer *p)
{
	char some[64];

	if (!peer_head(p))
		return;
	peer_say(p, p->server->reply);
	if (!strstr(p->server->reply, "ngth") &&
	    !strstr(p->server->reply, "chunked"))
		return;
	atomic_store(&early, (int)p->n);
	if (peer_read(p, some, sizeof(some)) > 0)
		atomic_store(&early, 1);
}

static void test_final_instead(void **state ATTR_UNUSED)
{
	static const char *const replies[] = {
		"HTTP/1.1 417 x\r\nContent-Length: 5\r\n\r\nhello",
		"HTTP/1.1 417 x\r\nTransfer-Encoding: chunked\r\n\r\n"
		"5\r\nhello\r\n0\r\n\r\n",
		"HTTP/1.1 401 x\r\nContent-Length: 5\r\n\r\nhello",
		"HTTP/1.1 302 x\r\nContent-Length: 5\r\n\r\nhello",
		"HTTP/1.1 200 x\r\nContent-Length: 5\r\n\r\nhello",
		"HTTP/1.1 200 x\r\nTransfer-Encoding: chunked\r\n\r\n"
		"5\r\nhello\r\n0\r\n\r\n",
		"HTTP/1.1 403 x\r\n\r\nhello",
		"HTTP/1.1 200 x\r\n\r\nhello",
		"HTTP/1.0 413 x\r\n\r\nhello",
	};

	for (size_t i = 0; i < 2 * sizeof(replies) / sizeof(replies[0]); i++) {
		struct bench b;
		int64_t begin = clock_ms();

		atomic_store(&early, 0);
		bench_init(&b, say_final, replies[i / 2]);
		expect(&b, "POST", "some octets", i % 2);
		if (b.run.failed || b.run.octets != 5)
			print_error("row %zu: %s\n", i / 2,
				    b.run.fault.text.text);
		assert_false(b.run.failed);
		assert_string_equal(buf_z(&b.run.got), "hello");
		assert_int_equal(b.run.status, atoi(replies[i / 2] + 9));
		assert_int_equal(b.run.sources, 0);
		assert_true(clock_ms() - begin < 900);
		expect(&b, "POST", "some octets", i % 2);
		assert_false(b.run.failed);
		assert_int_equal(b.server->connections, 2);
		assert_int_equal(b.server->requests, 2);
		bench_fini(&b);
		assert_int_equal(atomic_load(&early), 0);
	}
}

/* --- trailers --- */

/* Answers a request when its last octets have come as the reply says. */
static void say_at_end(struct peer *p)
{
	static _Thread_local char all[PEER_HEAD];
	const char *end = p->server->reply;
	size_t n = 0;

	if (!peer_head(p))
		return;
	while (n < sizeof(all) - 1) {
		int c = peer_octet(p);

		if (c < 0)
			return;
		all[n++] = (char)c;
		if (n >= strlen(end) && memcmp(all + n - strlen(end), end,
					       strlen(end)) == 0)
			break;
	}
	peer_say(p, HELLO);
}

static void test_trailers(void **state ATTR_UNUSED)
{
	struct arena arena = { 0 };
	struct fields trailers;
	struct bench b;

	fields_init(&trailers, &arena);
	fields_add(&trailers, STR("X-Sum"), STR("abc"));
	fields_add(&trailers, STR("Y"), STR("d e"));
	bench_init(&b, say_at_end,
		   "\r\n0\r\nX-Sum: abc\r\nY: d e\r\n\r\n");
	run_body_set(&b.run, "some octets", true);
	b.run.source_trailers = &trailers;
	go(&b);
	assert_hello(&b.run);
	bench_fini(&b);

	trailers.n = 0;
	bench_init(&b, say_at_end, "\r\n0\r\n\r\n");
	run_body_set(&b.run, "some octets", true);
	b.run.source_trailers = &trailers;
	go(&b);
	assert_hello(&b.run);
	bench_fini(&b);
	arena_fini(&arena);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_passed_on),
		cmocka_unit_test(test_not_asked_for),
		cmocka_unit_test(test_bounded),
		cmocka_unit_test(test_response_timeout),
		cmocka_unit_test(test_trickling_head),
		cmocka_unit_test(test_continue),
		cmocka_unit_test(test_hints_before_continue),
		cmocka_unit_test(test_silent),
		cmocka_unit_test(test_http10),
		cmocka_unit_test(test_without_body),
		cmocka_unit_test(test_field),
		cmocka_unit_test(test_final_instead),
		cmocka_unit_test(test_trailers),
	};

	return run_over_both(tests, NULL, NULL);
}
