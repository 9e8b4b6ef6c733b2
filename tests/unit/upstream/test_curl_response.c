/* SPDX-License-Identifier: MIT */
/* Heads and bodies as upstreams send them, and as they should not. */
#include "upstream/bench.h"

static void test_responses(void **state ATTR_UNUSED)
{
	static const struct {
		const char *method, *reply;
		int status, fields;
		const char *body;
	} rows[] = {
		{ "GET", OK_HEAD "Transfer-Encoding: chunked\r\n\r\n"
		  "3\r\nabc\r\n2;x=y\r\nde\r\n0\r\nX-Trailer: 1\r\n\r\n",
		  200, 1, "abcde" },
		{ "GET", OK_HEAD "Transfer-Encoding: CHUNKED \r\n\r\n"
		  "1\r\nx\r\n0\r\n\r\n", 200, 1, "x" },
		{ "GET", OK_HEAD "Transfer-Encoding: identity\r\n\r\n"
		  "to the end", 200, 1, "to the end" },
		{ "GET", "HTTP/1.1 204 No Content\r\nX-A: 1\r\n\r\n",
		  204, 1, "" },
		{ "GET", "HTTP/1.1 304 Not Modified\r\n"
		  "Content-Length: 10\r\n\r\n", 304, 1, "" },
		{ "HEAD", OK_HEAD "Content-Length: 10\r\n\r\n", 200, 1, "" },
		{ "HEAD", OK_HEAD "Transfer-Encoding: chunked\r\n\r\n",
		  200, 1, "" },
		{ "GET", "HTTP/1.0 200 OK\r\n\r\nto the end", 200, 0,
		  "to the end" },
		{ "GET", OK_HEAD "Connection: close\r\n\r\nto the end", 200, 1,
		  "to the end" },
		{ "GET", "HTTP/1.1 100 Continue\r\nX-1: 1\r\n\r\n"
		  "HTTP/1.1 103 Early Hints\r\nLink: x\r\n\r\n"
		  OK_HEAD "Content-Length: 1\r\n\r\nx", 200, 1, "x" },
		{ "GET", OK_HEAD "Content-Length: 1\r\n"
		  "content-length: 1\r\n\r\nx", 200, 2, "x" },
		{ "GET", OK_HEAD "Content-Length : 1\r\nX-Bytes: \xe9\r\n"
		  "X-Empty:\r\nA: b \t\r\na:c\r\n\r\nx", 200, 5, "x" },
		{ "GET", "HTTP/1.1 404\r\nContent-Length: 0\r\n\r\n", 404, 1,
		  "" },
		{ "GET", "HTTP/1.1 401 No\r\nContent-Length: 1\r\n"
		  "WWW-Authenticate: Bearer\r\n\r\nx", 401, 2, "x" },
		{ "GET", "HTTP/1.1 302 F\r\nLocation: http://127.0.0.1:1/\r\n"
		  "Content-Length: 0\r\n\r\n", 302, 2, "" },
		{ "GET", OK_HEAD "Content-Encoding: gzip\r\n"
		  "Content-Length: 4\r\n\r\nnope", 200, 2, "nope" },
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct bench b;

		bench_init(&b, server_reply_once, rows[i].reply);
		b.run.request.method = str_z(rows[i].method);
		go(&b);
		assert_false(b.run.failed);
		assert_int_equal(b.run.status, rows[i].status);
		assert_int_equal(b.run.head_fields, rows[i].fields);
		assert_string_equal(buf_z(&b.run.got), rows[i].body);
		bench_fini(&b);
	}
}

static void check_broken(const char *reply, const char *error)
{
	struct bench b;

	bench_init(&b, server_reply_once, reply);
	b.run.request.target = STR("/x?secret=1");
	go(&b);
	assert_fault(&b.run, 502, error);
	assert_true(b.run.fault.sent);
	assert_null(strstr(b.run.fault.text.text, "secret"));
	assert_non_null(strstr(b.run.fault.text.text, "127.0.0.1:"));
	bench_fini(&b);
}

static void test_broken_responses(void **state ATTR_UNUSED)
{
#define PROTOCOL "http_protocol_error"
#define INCOMPLETE "http_response_incomplete"
	/* We take it; libcurl refuses it, and says the other otherwise. */
	static const char *const folded = OK_HEAD "X-A: 1\r\n folded\r\n\r\n";
	static const char *const no_size =
		OK_HEAD "Transfer-Encoding: chunked\r\n\r\nzz\r\nab\r\n";
	static const struct {
		const char *reply, *error;
	} rows[] = {
		{ "", "connection_terminated" },
		{ "garbage\r\n\r\n", PROTOCOL },
		{ "\x16\x03\x01garbage without an end", PROTOCOL },
		{ "HTTP/1.1 abc OK\r\n\r\n", PROTOCOL },
		{ "HTTP/1.1 2000 OK\r\n\r\n", PROTOCOL },
		{ OK_HEAD "Content-Length: 10\r\n\r\nfive!", INCOMPLETE },
		{ OK_HEAD "Transfer-Encoding: chunked\r\n\r\n5\r\nab",
		  INCOMPLETE },
		{ OK_HEAD "Transfer-Encoding: chunked\r\n\r\n5\r\nabcde\r\n",
		  INCOMPLETE },
		{ OK_HEAD "Content-Length: 1", "connection_terminated" },
		{ OK_HEAD " X-A: first\r\nContent-Length: 0\r\n\r\n",
		  PROTOCOL },
		{ OK_HEAD "\tX-A: first\r\nContent-Length: 0\r\n\r\n",
		  PROTOCOL },
		{ OK_HEAD "no colon\r\nContent-Length: 0\r\n\r\n", PROTOCOL },
		{ OK_HEAD ": x\r\nContent-Length: 0\r\n\r\n", PROTOCOL },
		{ OK_HEAD "X-\x01: x\r\nContent-Length: 0\r\n\r\n", PROTOCOL },
		{ OK_HEAD "X: a\rb\r\nContent-Length: 0\r\n\r\n", PROTOCOL },
		{ OK_HEAD "Content-Length: 1\r\nContent-Length: 2\r\n\r\nab",
		  PROTOCOL },
		{ OK_HEAD "Content-Length: 1, 2\r\n\r\nab", PROTOCOL },
		{ OK_HEAD "Content-Length: -1\r\n\r\nab", PROTOCOL },
		{ OK_HEAD "Content-Length: +1\r\n\r\nab", PROTOCOL },
		{ OK_HEAD "Content-Length: 99999999999999999999\r\n\r\nab",
		  PROTOCOL },
		{ OK_HEAD "Transfer-Encoding: gzip\r\n\r\nab", PROTOCOL },
		{ OK_HEAD "Transfer-Encoding: gzip, chunked\r\n\r\n"
		  "0\r\n\r\n", PROTOCOL },
		{ OK_HEAD "Transfer-Encoding: chunked, chunked\r\n\r\n"
		  "0\r\n\r\n", PROTOCOL },
		{ OK_HEAD "Transfer-Encoding: chunked\r\n"
		  "Transfer-Encoding: chunked\r\n\r\n0\r\n\r\n", PROTOCOL },
		{ OK_HEAD "Transfer-Encoding: \r\n\r\nab", PROTOCOL },
		{ "HTTP/1.1 101 Switching Protocols\r\nUpgrade: x\r\n\r\n",
		  PROTOCOL },
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		check_broken(rows[i].reply, rows[i].error);
	if (run_carrier == TRANSPORT_CARRIER_CURL)
		check_broken(folded, PROTOCOL);
	check_broken(no_size, run_carrier == TRANSPORT_CARRIER_CURL
				      ? INCOMPLETE
				      : PROTOCOL);
}

/* What is framed in two ways is read by its chunks; what its connection says
 * further is nobody's. */
static void test_two_lengths(void **state ATTR_UNUSED)
{
	static const char *const replies[] = {
		OK_HEAD "Content-Length: 3\r\nTransfer-Encoding: chunked\r\n"
		"X-Test: a\r\n\r\n5\r\nhello\r\n0\r\n\r\n",
		OK_HEAD "Transfer-Encoding: chunked\r\nX-Test: a\r\n"
		"Content-Length: 50\r\n\r\n5\r\nhello\r\n0\r\n\r\n",
	};

	for (size_t i = 0; i < 2; i++) {
		struct bench b;

		bench_init(&b, server_reply, replies[i]);
		for (int j = 1; j <= 3; j++) {
			again(&b, "GET", "/");
			go(&b);
			assert_hello(&b.run);
			assert_int_equal(b.server->connections, j);
		}
		bench_fini(&b);
	}
}

static void endless_head(struct peer *p)
{
	if (!peer_head(p))
		return;
	peer_say(p, OK_HEAD);
	while (peer_say(p, "X-More: 01234567890123456789012345678901\r\n"))
		if (atomic_load(&p->server->stop))
			break;
}

static void endless_100(struct peer *p)
{
	if (!peer_head(p))
		return;
	while (peer_say(p, "HTTP/1.1 100 Continue\r\n\r\n"))
		if (atomic_load(&p->server->stop))
			break;
}

static void large_head(struct peer *p)
{
	while (peer_head(p)) {
		peer_say(p, OK_HEAD);
		for (int i = 0; i < 600; i++)
			peer_say(p, "X-Many: 01234567890123456789012345678901"
				    "234567890123456789012345678901234567\r\n");
		peer_say(p, "Content-Length: 0\r\n\r\n");
	}
}

static void test_head_bounds(void **state ATTR_UNUSED)
{
	static server_fn *const over[] = { endless_head, endless_100 };
	struct bench b;

	for (int i = 0; i < 2; i++) {
		bench_init(&b, over[i], NULL);
		go(&b);
		assert_fault(&b.run, 502, "http_response_header_section_size");
		bench_fini(&b);
	}
	bench_init(&b, large_head, NULL);
	for (int i = 0; i < 3; i++) {
		again(&b, "GET", "/");
		go(&b);
		assert_false(b.run.failed);
		assert_int_equal(b.run.head_fields, 601);
	}
	assert_int_equal(b.server->connections, 1);
	bench_fini(&b);
}

/* A response whose fields begin with a space, after one whose fields were
 * freed: libcurl 7.83.0 to 8.1.0 writes to these where a handle is used
 * again. */
static void folds(struct peer *p)
{
	while (peer_head(p) && peer_body(p)) {
		bool fold = atomic_load(&p->server->requests) % 2 == 0;

		peer_say(p, fold ? OK_HEAD " X-A: 0123456789\r\n" : OK_HEAD);
		peer_say(p, "X-Test: a\r\nContent-Length: 5\r\n\r\nhello");
	}
}

static void test_first_field_is_folded(void **state ATTR_UNUSED)
{
	struct bench b;

	bench_init(&b, folds, NULL);
	for (int i = 0; i < 12; i++) {
		again(&b, "GET", "/");
		go(&b);
		if (i % 2 == 0)
			assert_hello(&b.run);
		else
			assert_fault(&b.run, 502, PROTOCOL);
	}
	/* Each refusal ended a connection, which the next could not use. */
	assert_int_equal(b.server->connections, 6);
	bench_fini(&b);
}

static struct fields answered;

static void keep_head(void *arg, int status, const struct fields *fields)
{
	struct run *r = arg;

	run_head(arg, status, fields);
	fields_init_like(&answered, &r->arena, fields);
}

/* Names and values in the owner's arena outlive the transfer, and the next
 * one that has its memory. */
static void test_fields_outlive(void **state ATTR_UNUSED)
{
	struct transfer_events events = run_events;
	struct run next;
	struct bench b;

	bench_init(&b, server_reply, HELLO);
	events.head = keep_head;
	b.run.request.arena = &b.run.arena;
	b.run.transfer = transfer_start(b.upstream, &b.run.request, &events,
					&b.run);
	run_wait(&b.run, b.loop);
	assert_hello(&b.run);
	run_init(&next, &b.origin, "GET", "/");
	run_start(&next, b.upstream);
	run_wait(&next, b.loop);
	run_fini(&next);
	assert_int_equal(answered.n, 2);
	assert_string_equal(answered.v[0].name.p, "Content-Length");
	assert_string_equal(answered.v[0].value.p, "5");
	assert_string_equal(answered.v[1].name.p, "X-Test");
	assert_string_equal(answered.v[1].value.p, "a");
	bench_fini(&b);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_responses),
		cmocka_unit_test(test_broken_responses),
		cmocka_unit_test(test_two_lengths),
		cmocka_unit_test(test_head_bounds),
		cmocka_unit_test(test_first_field_is_folded),
		cmocka_unit_test(test_fields_outlive),
	};

	return run_over_both(tests, NULL, NULL);
}
