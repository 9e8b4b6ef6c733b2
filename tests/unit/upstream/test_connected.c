/* SPDX-License-Identifier: MIT */
/* The stop between a connection and the request's first octet, over both
 * carriers, and a fetch's. */
#include "upstream/bench.h"
#include "upstream/certs.h"

#include "upstream/fetch.h"

enum { SHORT = 100, TIMEOUT = 2000 };

static int asked;     /* calls of connected */
static bool lets_go;  /* what it returns */
static bool goes_on;  /* it lets go and holds at once */

static bool run_connected(void *arg)
{
	struct run *r = arg;

	asked++;
	assert_int_equal(r->sources, 0);
	if (goes_on)
		transfer_go_on(r->transfer);
	return lets_go;
}

static bool is_ours(void)
{
	return run_carrier == TRANSPORT_CARRIER_AUTO;
}

static void start(struct bench *b)
{
	struct transfer_events events = run_events;

	asked = 0;
	events.connected = run_connected;
	b->run.transfer = transfer_start(b->upstream, &b->run.request, &events,
					 &b->run);
	assert_int_equal(asked, 0);
}

static void rest(struct bench *b, int ms)
{
	int64_t end = clock_ms() + ms;

	while (clock_ms() < end)
		loop_turn(b->loop, 10);
}

/* Until it is held; and a while, in which it must stay so. */
static void wait_held(struct bench *b, int ms)
{
	int64_t end = clock_ms() + 10000;

	while (asked == 0 && clock_ms() < end)
		loop_turn(b->loop, 10);
	rest(b, ms);
	assert_int_equal(asked, 1);
	assert_int_equal(b->run.done, 0);
	assert_int_equal(b->run.sources, 0);
}

static void setup(struct bench *b, server_fn *fn)
{
	lets_go = goes_on = false;
	bench_init(b, fn, HELLO);
}

/* On a new connection, and on one that is there. */
static void test_let_go(void **state ATTR_UNUSED)
{
	struct bench b;

	setup(&b, server_reply);
	lets_go = true;
	for (int i = 0; i < 2; i++) {
		again(&b, "POST", "/");
		run_body_set(&b.run, "a=b", i == 1);
		start(&b);
		run_wait(&b.run, b.loop);
		assert_hello(&b.run);
		assert_int_equal(asked, 1);
		assert_string_equal(b.server->body, "a=b");
	}
	assert_int_equal(b.server->connections, 1);
	bench_fini(&b);
}

/* No time-out counts meanwhile. */
static void test_held(void **state ATTR_UNUSED)
{
	struct bench b;

	setup(&b, server_reply);
	for (int i = 0; i < 2; i++) {
		again(&b, "POST", "/");
		run_body_set(&b.run, "a=b", i == 1);
		b.run.request.connect_timeout = TIMEOUT;
		b.run.request.response_timeout = TIMEOUT;
		b.run.request.idle_timeout = TIMEOUT;
		start(&b);
		wait_held(&b, i == 0 ? TIMEOUT + SHORT : SHORT);
		assert_int_equal(b.server->requests, i);
		if (is_ours())
			assert_int_equal(b.server->connections, 1);
		transfer_go_on(b.run.transfer);
		assert_int_equal(b.run.sources, 0);
		run_wait(&b.run, b.loop);
		assert_hello(&b.run);
		assert_int_equal(asked, 1);
		assert_string_equal(b.server->body, "a=b");
	}
	assert_int_equal(b.server->connections, 1);
	bench_fini(&b);
}

static void test_go_on_within(void **state ATTR_UNUSED)
{
	struct bench b;

	setup(&b, server_reply);
	goes_on = true;
	start(&b);
	run_wait(&b.run, b.loop);
	assert_hello(&b.run);
	assert_int_equal(asked, 1);
	bench_fini(&b);
}

/* What is resumed too early does not let it go. */
static void test_resumed(void **state ATTR_UNUSED)
{
	struct bench b;

	setup(&b, server_reply);
	run_body_set(&b.run, "a=b", false);
	start(&b);
	transfer_resume_write(b.run.transfer);
	wait_held(&b, 0);
	transfer_resume_write(b.run.transfer);
	transfer_resume_read(b.run.transfer);
	rest(&b, SHORT);
	assert_int_equal(b.server->requests, 0);
	transfer_go_on(b.run.transfer);
	run_wait(&b.run, b.loop);
	assert_hello(&b.run);
	bench_fini(&b);
}

static void test_cancelled(void **state ATTR_UNUSED)
{
	for (int i = 0; i < 2; i++) {
		struct bench b;

		setup(&b, server_reply);
		start(&b);
		wait_held(&b, SHORT);
		if (i == 1)
			transfer_go_on(b.run.transfer);
		transfer_cancel(&b.run.transfer);
		rest(&b, SHORT);
		assert_int_equal(b.run.done, 0);
		assert_int_equal(b.server->requests, 0);
		bench_fini(&b);
	}
}

/* Closes its first connection before a request; or after one answer. */
static void first_ends(struct peer *p)
{
	if (p->server->connections > 1)
		server_reply(p);
}

static void first_answers_once(struct peer *p)
{
	if (p->server->connections > 1)
		server_reply(p);
	else
		server_reply_once(p);
}

/* Nothing was sent, and it says so; libcurl has no connection yet. */
static void test_ends_while_held(void **state ATTR_UNUSED)
{
	struct bench b;

	setup(&b, first_ends);
	again(&b, "POST", "/");
	run_body_set(&b.run, "a=b", false);
	start(&b);
	wait_held(&b, SHORT);
	while (is_ours() && b.server->connections == 0)
		rest(&b, SHORT);
	rest(&b, SHORT);
	transfer_go_on(b.run.transfer);
	run_wait(&b.run, b.loop);
	assert_int_equal(b.server->requests, 0);
	if (is_ours()) {
		assert_fault(&b.run, 502, "connection_terminated");
		assert_false(b.run.fault.sent);
	}
	bench_fini(&b);
}

/* One that was idle before: another is opened, and its owner asked anew. */
static void test_kept_one_ends_while_held(void **state ATTR_UNUSED)
{
	struct bench b;

	if (!is_ours())
		return;
	setup(&b, first_answers_once);
	again(&b, "GET", "/");
	go(&b);
	assert_hello(&b.run);
	again(&b, "POST", "/");
	run_body_set(&b.run, "a=b", false);
	start(&b);
	while (asked == 0)
		loop_turn(b.loop, 1);
	lets_go = true;
	rest(&b, SHORT);
	transfer_go_on(b.run.transfer);
	run_wait(&b.run, b.loop);
	assert_hello(&b.run);
	assert_int_equal(b.server->requests, 2);
	assert_true(asked == 1 || asked == 2);
	bench_fini(&b);
}

/* Behind the handshake, session tickets and all; libcurl: before it. */
static void test_over_tls(void **state ATTR_UNUSED)
{
	char pem[] = "/tmp/test_connected.XXXXXX";
	gnutls_certificate_credentials_t credentials;
	struct cert ca, leaf;
	const struct cert *cas[] = { &ca };
	struct trust *trust;
	struct bench b;
	struct fault f;

	cert_make(&ca, &(struct cert_wish){ .name = "A CA", .ca = true });
	cert_make(&leaf, &(struct cert_wish){ .issuer = &ca, .name = "x",
					      .dns = "up.test" });
	cert_write(pem, cas, 1);
	trust = trust_load(pem, &f);
	unlink(pem);
	credentials = cert_credentials(&leaf, NULL);

	setup(&b, server_reply);
	b.server->credentials = credentials;
	gnutls_session_ticket_key_generate(&b.server->ticket_key);
	origin_end(&b.origin);
	origin_of(&b.origin, "https", "up.test", b.server->port, trust);
	again(&b, "POST", "/");
	run_body_set(&b.run, "a=b", false);
	b.run.request.fresh = true;
	start(&b);
	wait_held(&b, SHORT);
	while (is_ours() && b.server->connections == 0)
		rest(&b, SHORT);
	rest(&b, SHORT);
	assert_int_equal(b.server->requests, 0);
	transfer_go_on(b.run.transfer);
	run_wait(&b.run, b.loop);
	assert_hello(&b.run);
	assert_string_equal(b.server->body, "a=b");
	bench_fini(&b);

	gnutls_certificate_free_credentials(credentials);
	trust_unref(&trust);
	cert_free(&leaf);
	cert_free(&ca);
}

static int fetched, fetch_status;

static bool on_connected(void *arg ATTR_UNUSED)
{
	asked++;
	return lets_go;
}

static void on_fetched(void *arg ATTR_UNUSED, const struct fetch_response *r,
		       const struct transfer_fault *fault ATTR_UNUSED)
{
	fetched++;
	fetch_status = r ? r->status : -1;
}

static void test_fetch(void **state ATTR_UNUSED)
{
	struct bench b;
	struct fetch *f;

	for (int i = 0; i < 3; i++) {
		setup(&b, server_reply);
		lets_go = i == 0;
		asked = fetched = 0;
		f = fetch_start(b.upstream,
				&(struct fetch_request){
					.origin = &b.origin,
					.method = STR("POST"),
					.target = STR("/"),
					.fields = &b.run.fields,
					.body = STR("a=b"),
					.timeout = TIMEOUT,
					.max_body = 100,
					.connected = on_connected,
				},
				on_fetched, &b);
		if (i > 0) {
			while (asked == 0)
				loop_turn(b.loop, 10);
			rest(&b, TIMEOUT + SHORT);
			assert_int_equal(b.server->requests, 0);
			assert_int_equal(fetched, 0);
		}
		if (i == 1)
			fetch_go_on(f);
		if (i == 2)
			fetch_cancel(&f);
		else
			while (fetched == 0)
				loop_turn(b.loop, 10);
		assert_int_equal(asked, 1);
		assert_int_equal(fetched, i < 2);
		assert_int_equal(b.server->requests, i < 2);
		if (i < 2)
			assert_int_equal(fetch_status, 200);
		bench_fini(&b);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_let_go),
		cmocka_unit_test(test_held),
		cmocka_unit_test(test_go_on_within),
		cmocka_unit_test(test_resumed),
		cmocka_unit_test(test_cancelled),
		cmocka_unit_test(test_ends_while_held),
		cmocka_unit_test(test_kept_one_ends_while_held),
		cmocka_unit_test(test_over_tls),
		cmocka_unit_test(test_fetch),
	};

	return run_over_both(tests, NULL, NULL);
}
