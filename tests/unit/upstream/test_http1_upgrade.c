/* SPDX-License-Identifier: MIT */
/* A request that asks for another protocol: who answers with a 101 and who
 * does not, and what its connection is good for. */
#include "upstream/stream.h"

static void switch_unasked(struct peer *p)
{
	if (peer_head(p))
		peer_say(p, SWITCH);
}

static void test_unasked(void **state ATTR_UNUSED)
{
	struct both b;

	setup(&b, switch_unasked);
	b.bench.run.request.upgrade = false;
	go(&b.bench);
	assert_int_equal(b.bench.run.heads, 0);
	assert_fault(&b.bench.run, 502, "http_protocol_error");
	finish(&b);
}

/* Who does not change the protocol answers as ever, and keeps his
 * connection. */
static void test_not_taken(void **state ATTR_UNUSED)
{
	struct both b;

	setup(&b, server_reply);
	go(&b.bench);
	assert_hello(&b.bench.run);
	again(&b.bench, "GET", "/");
	go(&b.bench);
	assert_hello(&b.bench.run);
	assert_int_equal(b.bench.server->connections, 1);
	finish(&b);
}

/* A connection that has streamed carries no request, one that has carried
 * requests may stream. */
static void serve_then_switch(struct peer *p)
{
	while (peer_head(p)) {
		if (strncmp(p->head, "GET /chat", 9) != 0) {
			peer_say(p, p->server->reply);
			continue;
		}
		peer_say(p, SWITCH);
		while (peer_octet(p) >= 0)
			;
		return;
	}
}

static void test_connection_is_spent(void **state ATTR_UNUSED)
{
	struct both b;

	setup(&b, serve_then_switch);
	for (int i = 1; i < 3; i++) {
		again(&b.bench, "GET", "/");
		go(&b.bench);
		assert_hello(&b.bench.run);
		assert_int_equal(b.bench.server->connections, i);
		again(&b.bench, "GET", "/chat");
		b.bench.run.request.upgrade = true;
		b.side = (struct side){ .says = "x" };
		ask(&b);
		take_over(&b);
		until_done(&b);
		assert_whole(&b);
		assert_int_equal(b.bench.server->connections, i);
	}
	finish(&b);
}

static atomic_int cut_at;

static void cut(struct peer *p)
{
	if (peer_head(p))
		peer_write(p, SWITCH, (size_t)atomic_load(&cut_at));
}

/* The head's every octet may be the last. */
static void test_head_is_cut(void **state ATTR_UNUSED)
{
	int whole = (int)strlen(SWITCH);

	if (over_tls)
		return;
	for (int i = 0; i < whole; i++) {
		struct both b;

		atomic_store(&cut_at, i);
		setup(&b, cut);
		go(&b.bench);
		assert_int_equal(b.bench.run.heads, 0);
		assert_fault(&b.bench.run, 502, "connection_terminated");
		finish(&b);
	}
}

/* No time-out of the request's holds once it streams. */
static void test_no_timeout(void **state ATTR_UNUSED)
{
	struct both b;

	setup(&b, echo);
	b.bench.run.request.response_timeout = 100;
	b.bench.run.request.idle_timeout = 100;
	ask(&b);
	turn(&b, 250);
	b.side.holds = true;
	take_over(&b);
	turn(&b, 250);
	assert_int_equal(b.side.done, 0);
	b.side.holds = false;
	transfer_resume_write(b.bench.run.transfer);
	until_done(&b);
	assert_whole(&b);
	finish(&b);
}

/* HTTP/2 has another way (RFC 8441), libcurl none. */
static void test_whatever_carries_the_rest(void **state ATTR_UNUSED)
{
	struct transport_settings all[] = {
		{ .http = TRANSPORT_HTTP_2 },
		{ .carrier = TRANSPORT_CARRIER_CURL },
	};

	for (size_t i = 0; i < 2; i++) {
		struct both b;

		run_carrier = all[i].carrier;
		setup_by(&b, echo, &all[i]);
		ask(&b);
		b.side.says = "hello, ";
		take_over(&b);
		until_done(&b);
		assert_whole(&b);
		assert_string_equal(b.side.got, "hello, end");
		assert_non_null(strstr(b.bench.server->head, " HTTP/1.1\r\n"));
		finish(&b);
	}
	run_carrier = TRANSPORT_CARRIER_AUTO;
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_unasked),
		cmocka_unit_test(test_not_taken),
		cmocka_unit_test(test_connection_is_spent),
		cmocka_unit_test(test_head_is_cut),
		cmocka_unit_test(test_no_timeout),
		cmocka_unit_test(test_whatever_carries_the_rest),
	};

	return stream_group(tests, sizeof(tests) / sizeof(tests[0]));
}
