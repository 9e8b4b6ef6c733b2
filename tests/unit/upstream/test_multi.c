/* SPDX-License-Identifier: MIT */
/* Connections: made, refused, late, kept and closed. */
#include "upstream/bench.h"

static void test_refused(void **state ATTR_UNUSED)
{
	struct bench b;
	struct origin o;

	bench_init(&b, server_reply, HELLO);
	origin_of(&o, "http", "127.0.0.1", 1, NULL);
	b.run.request.origin = &o;
	go(&b);
	assert_fault(&b.run, 502, "connection_refused");
	assert_false(b.run.fault.sent);
	assert_non_null(strstr(b.run.fault.text.text, "127.0.0.1:1: "));
	origin_end(&o);
	bench_fini(&b);
}

static void test_names(void **state ATTR_UNUSED)
{
	struct bench b;
	struct origin o;

	bench_init(&b, server_reply, HELLO);
	origin_of(&o, "http", "up.test", b.server->port, NULL);
	b.run.request.origin = &o;
	go(&b);
	assert_hello(&b.run);
	origin_end(&o);
	origin_of(&o, "http", "nowhere.test", b.server->port, NULL);
	again(&b, "GET", "/");
	b.run.request.origin = &o;
	go(&b);
	assert_fault(&b.run, 502, "dns_error");
	assert_false(b.run.fault.sent);
	origin_end(&o);
	bench_fini(&b);
}

/* What may stand in a URI but is no host to libcurl. */
static void test_no_host(void **state ATTR_UNUSED)
{
	struct bench b;
	struct origin o;

	bench_init(&b, server_reply, HELLO);
	origin_of(&o, "http", "a+b!.test", b.server->port, NULL);
	b.run.request.origin = &o;
	go(&b);
	assert_fault(&b.run, 502, "dns_error");
	/* The handle is told another. */
	for (int i = 0; i < 10; i++) {
		again(&b, "GET", "/");
		go(&b);
		assert_hello(&b.run);
	}
	origin_end(&o);
	bench_fini(&b);
}

static void test_hanging_resolver(void **state ATTR_UNUSED)
{
	struct bench b;
	struct origin o;
	int64_t begin = clock_ms();

	bench_init(&b, server_reply, HELLO);
	atomic_store(&resolver_hangs, true);
	origin_of(&o, "http", "up.test", b.server->port, NULL);
	b.run.request.origin = &o;
	b.run.request.connect_timeout = 150;
	go(&b);
	assert_fault(&b.run, 504, "dns_timeout");
	again(&b, "GET", "/");
	b.run.request.origin = &o;
	run_start(&b.run, b.upstream);
	for (int i = 0; i < 5; i++)
		loop_turn(b.loop, 10);
	transfer_cancel(&b.run.transfer);
	assert_true(clock_ms() - begin < 1500);
	atomic_store(&resolver_hangs, false);
	usleep(50000); /* the resolver's threads go */
	origin_end(&o);
	bench_fini(&b);
}

/* A listener whose queue is full answers no SYN. */
static void test_connect_timeout(void **state ATTR_UNUSED)
{
	struct sockaddr_in a = { .sin_family = AF_INET };
	socklen_t n = sizeof(a);
	int full = socket(AF_INET, SOCK_STREAM, 0), fill[4];
	struct bench b;
	struct origin o;

	a.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	assert_int_equal(bind(full, (struct sockaddr *)&a, n), 0);
	assert_int_equal(listen(full, 0), 0);
	assert_int_equal(getsockname(full, (struct sockaddr *)&a, &n), 0);
	for (int i = 0; i < 4; i++) {
		fill[i] = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0);
		(void)connect(fill[i], (struct sockaddr *)&a, n);
	}
	bench_init(&b, server_reply, HELLO);
	origin_of(&o, "http", "127.0.0.1", ntohs(a.sin_port), NULL);
	b.run.request.origin = &o;
	b.run.request.connect_timeout = 200;
	go(&b);
	assert_fault(&b.run, 504, "connection_timeout");
	assert_false(b.run.fault.sent);
	/* And one that is given up meanwhile. */
	again(&b, "GET", "/");
	b.run.request.origin = &o;
	run_start(&b.run, b.upstream);
	loop_turn(b.loop, 10);
	loop_turn(b.loop, 10);
	transfer_cancel(&b.run.transfer);
	assert_null(b.run.transfer);
	for (int i = 0; i < 4; i++)
		close(fill[i]);
	close(full);
	origin_end(&o);
	bench_fini(&b);
}

static int many_left;

static void many_next(struct run *r)
{
	struct bench *b = r->arg;

	assert_hello(r);
	if (many_left == 0)
		return;
	many_left--;
	buf_reset(&r->got);
	r->heads = r->bodies = r->done = 0;
	run_start(r, b->upstream);
}

static void test_many_reuse(void **state ATTR_UNUSED)
{
	enum { N = 64 };
	static struct run runs[N];
	struct bench b;
	int64_t end = clock_ms() + 20000;
	int done = 0;

	bench_init(&b, server_reply, HELLO);
	many_left = N * 10;
	for (int i = 0; i < N; i++) {
		run_init(&runs[i], &b.origin, "GET", "/");
		runs[i].on_done = many_next;
		runs[i].arg = &b;
		run_start(&runs[i], b.upstream);
	}
	while (done < N && clock_ms() < end) {
		loop_turn(b.loop, 100);
		done = 0;
		for (int i = 0; i < N; i++)
			done += runs[i].done;
	}
	assert_int_equal(done, N);
	assert_int_equal(b.server->requests, N * 11);
	assert_true(b.server->connections <= N);
	for (int i = 0; i < N; i++)
		run_fini(&runs[i]);
	bench_fini(&b);
}

/* A kept connection that the upstream closes while it is idle neither spins
 * the loop nor fails the next request. */
static void test_closed_while_idle(void **state ATTR_UNUSED)
{
	struct bench b;
	int turns = 0;

	bench_init(&b, server_reply_once, HELLO);
	for (int i = 0; i < 3; i++) {
		again(&b, "POST", "/");
		run_body_set(&b.run, "abc", false);
		go(&b);
		assert_hello(&b.run);
		for (int64_t end = clock_ms() + 100; clock_ms() < end; turns++)
			loop_turn(b.loop, 20);
	}
	assert_true(turns < 60);
	assert_int_equal(b.server->connections, 3);
	assert_int_equal(b.server->requests, 3);
	bench_fini(&b);
}

/* More origins than handles that are kept at hand. */
static void test_many_origins(void **state ATTR_UNUSED)
{
	enum { N = 12 };
	struct server *s[N];
	struct origin o[N];
	struct bench b;

	bench_init(&b, server_reply, HELLO);
	for (int i = 0; i < N; i++) {
		s[i] = server_new(server_reply, HELLO);
		server_start(s[i]);
		origin_of(&o[i], "http", "127.0.0.1", s[i]->port, NULL);
	}
	for (int i = 0; i < 3 * N; i++) {
		again(&b, "GET", "/");
		b.run.request.origin = &o[i % N];
		go(&b);
		assert_hello(&b.run);
	}
	for (int i = 0; i < N; i++) {
		assert_int_equal(s[i]->connections, 1);
		assert_int_equal(s[i]->requests, 3);
	}
	bench_fini(&b);
	for (int i = 0; i < N; i++) {
		server_free(s[i]);
		origin_end(&o[i]);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_refused),
		cmocka_unit_test(test_names),
		cmocka_unit_test(test_no_host),
		cmocka_unit_test(test_hanging_resolver),
		cmocka_unit_test(test_connect_timeout),
		cmocka_unit_test(test_many_reuse),
		cmocka_unit_test(test_closed_while_idle),
		cmocka_unit_test(test_many_origins),
	};

	return run_over_both(tests, NULL, NULL);
}
