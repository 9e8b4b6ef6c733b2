/* SPDX-License-Identifier: MIT */
/* What an upstream says that nobody asked for: never the next request's
 * answer, and a kept connection that it has ended fails nobody's request. */
#include "upstream/bench.h"
#include "upstream/certs.h"

#define LATE "HTTP/1.1 408 Request Timeout\r\nContent-Length: 4\r\n\r\nlate"

/* What each first answer of a connection is followed by. */
static const struct row {
	const char *reply;   /* NULL: HELLO */
	const char *unasked; /* NULL: the connection's end */
	bool at_once;        /* in one piece with the reply's body */
	bool post;           /* the next request is a POST */
} rows[] = {
	{ NULL, NULL, false, false },
	{ NULL, NULL, false, true },
	{ NULL, LATE, false, false },
	{ NULL, LATE, false, true },
	{ NULL, LATE, true, false },
	{ NULL, "x", false, true },
	{ "HTTP/1.1 204 No Content\r\n\r\n", "hello", false, false },
	{ "HTTP/1.1 304 Not Modified\r\n\r\n", LATE, false, false },
	{ OK_HEAD "Transfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\n\r\n",
	  LATE, false, false },
};

static const struct row *row;
static atomic_int said; /* connections on which all was said */

/* Not left to the end of the peer's thread: then it has happened. */
static void peer_end(struct peer *p)
{
	if (p->tls)
		gnutls_bye(p->tls, GNUTLS_SHUT_WR);
	shutdown(p->fd, SHUT_RDWR);
}

/* The head and the body are two TLS records, of which libcurl reads the second
 * no further than the length goes. */
static void speaks_unasked(struct peer *p)
{
	const char *reply = row->reply ? row->reply : HELLO;
	size_t head = (size_t)(strstr(reply, "\r\n\r\n") + 4 - reply);
	bool first = atomic_load(&p->server->connections) == 1;
	char text[512];

	if (!peer_head(p) || !peer_body(p))
		return;
	peer_write(p, reply, head);
	if (first && row->at_once) {
		snprintf(text, sizeof(text), "%s%s", reply + head,
			 row->unasked);
		peer_say(p, text);
	} else {
		peer_say(p, reply + head);
		usleep(20000);
		if (first && row->unasked)
			peer_say(p, row->unasked);
		else if (first)
			peer_end(p);
	}
	atomic_fetch_add(&said, 1);
	while (peer_head(p) && peer_body(p))
		peer_say(p, HELLO);
}

static void second(struct bench *b, struct origin *o)
{
	again(b, row->post ? "POST" : "GET", "/");
	b->run.request.origin = o;
	if (row->post)
		run_body_set(&b->run, "abc", false);
	go(b);
	if (b->run.failed)
		print_error("%s\n", b->run.fault.text.text);
	assert_false(b->run.failed);
	assert_int_not_equal(b->run.status, 408);
	if (b->run.status == 200)
		assert_string_equal(buf_z(&b->run.got), "hello");
}

static void ask_twice(struct bench *b, struct origin *o, bool turns)
{
	int64_t end = clock_ms() + 10000;

	atomic_store(&said, 0);
	again(b, "GET", "/");
	b->run.request.origin = o;
	go(b);
	assert_false(b->run.failed);
	while (!atomic_load(&said) && clock_ms() < end)
		if (turns)
			loop_turn(b->loop, 10);
		else
			usleep(10000);
	second(b, o);
	assert_int_equal(b->server->connections, 2);
	/* The second connection stays. */
	second(b, o);
	assert_int_equal(b->server->connections, 2);
	assert_int_equal(b->server->requests, 3);
}

static void test_plain(void **state ATTR_UNUSED)
{
	for (size_t i = 0; i < 2 * sizeof(rows) / sizeof(rows[0]); i++) {
		struct bench b;

		row = &rows[i / 2];
		bench_init(&b, speaks_unasked, NULL);
		ask_twice(&b, &b.origin, i % 2);
		bench_fini(&b);
	}
}

static struct cert ca, leaf;
static struct trust *trust;

static int group_begin(void **state ATTR_UNUSED)
{
	char path[] = "/tmp/test_sockets.XXXXXX";
	const struct cert *c = &ca;
	struct fault f;

	cert_make(&ca, &(struct cert_wish){ .name = "A CA", .ca = true });
	cert_make(&leaf, &(struct cert_wish){ .issuer = &ca, .name = "x",
					      .ip = { 127, 0, 0, 1 },
					      .n_ip = 4 });
	cert_write(path, &c, 1);
	trust = trust_load(path, &f);
	unlink(path);
	return !trust;
}

static int group_end(void **state ATTR_UNUSED)
{
	trust_unref(&trust);
	cert_free(&ca);
	cert_free(&leaf);
	return 0;
}

/* The bench's server, with TLS. */
static void tls_init(struct bench *b, server_fn *fn, struct origin *o)
{
	bench_init(b, fn, HELLO);
	b->server->credentials = cert_credentials(&leaf, NULL);
	origin_of(o, "https", "127.0.0.1", b->server->port, trust);
}

static void tls_fini(struct bench *b, struct origin *o)
{
	gnutls_certificate_credentials_t c = b->server->credentials;

	bench_fini(b);
	gnutls_certificate_free_credentials(c);
	origin_end(o);
}

static void test_tls(void **state ATTR_UNUSED)
{
	for (size_t i = 0; i < 2 * sizeof(rows) / sizeof(rows[0]); i++) {
		struct bench b;
		struct origin o;

		row = &rows[i / 2];
		tls_init(&b, speaks_unasked, &o);
		ask_twice(&b, &o, i % 2);
		tls_fini(&b, &o);
	}
}

/* Says something unasked behind its answer, and waits for the other side to
 * end the connection. */
static void waits_for_the_end(struct peer *p)
{
	if (!peer_head(p) || !peer_body(p))
		return;
	peer_say(p, HELLO);
	usleep(20000);
	peer_say(p, LATE);
	if (!peer_head(p))
		atomic_fetch_add(&said, 1);
}

static void ask_and_rest(struct bench *b, struct origin *o, uint64_t flood)
{
	int64_t end = clock_ms() + 5000;
	int turns = 0;

	atomic_store(&said, 0);
	again(b, flood ? "POST" : "GET", "/");
	b->run.request.origin = o;
	b->run.flood = flood;
	b->run.request.framing.body = flood ? FRAMING_SIZED : FRAMING_NONE;
	b->run.request.framing.length = flood;
	go(b);
	assert_hello(&b->run);
	while (!atomic_load(&said) && clock_ms() < end) {
		loop_turn(b->loop, 20);
		turns++;
	}
	assert_int_equal(said, 1);
	assert_true(turns < 250); /* it does not spin */
}

/* Nobody has to ask again for that: not where libcurl waited to read last, nor
 * where it waited to write. */
static void test_ended_while_idle(void **state ATTR_UNUSED)
{
	struct bench b;
	struct origin o;

	for (int i = 0; i < 2; i++) {
		bench_init(&b, waits_for_the_end, NULL);
		ask_and_rest(&b, &b.origin, i ? 4 << 20 : 0);
		bench_fini(&b);
		tls_init(&b, waits_for_the_end, &o);
		ask_and_rest(&b, &o, i ? 4 << 20 : 0);
		tls_fini(&b, &o);
	}
}

enum { MANY = 20 };

/* Answers once it has all of the first requests; ends the connection when
 * told to. */
static void waits_for_many(struct peer *p)
{
	bool early;

	if (!peer_head(p) || !peer_body(p))
		return;
	early = atomic_load(&p->server->requests) <= MANY;
	while (atomic_load(&p->server->requests) < MANY)
		usleep(1000);
	peer_say(p, HELLO);
	if (early) {
		usleep(30000);
		peer_end(p);
		atomic_fetch_add(&said, 1);
	}
	while (peer_head(p) && peer_body(p))
		peer_say(p, HELLO);
}

/* None of 20 dead connections fails a request: not the sixth, where libcurl
 * gives up. */
static void test_many_ended(void **state ATTR_UNUSED)
{
	static struct run runs[MANY];
	struct bench b;
	struct origin o;
	int64_t end = clock_ms() + 10000;

	atomic_store(&said, 0);
	tls_init(&b, waits_for_many, &o);
	for (int i = 0; i < MANY; i++) {
		run_init(&runs[i], &o, "GET", "/");
		run_start(&runs[i], b.upstream);
	}
	for (int i = 0; i < MANY; i++) {
		run_wait(&runs[i], b.loop);
		assert_hello(&runs[i]);
		run_fini(&runs[i]);
	}
	assert_int_equal(b.server->connections, MANY);
	while (atomic_load(&said) < MANY && clock_ms() < end)
		loop_turn(b.loop, 10);
	for (int i = 0; i < MANY; i++) {
		again(&b, "POST", "/");
		b.run.request.origin = &o;
		run_body_set(&b.run, "abc", false);
		go(&b);
		assert_hello(&b.run);
	}
	/* They went at the first of these requests, all of them. */
	assert_int_equal(b.server->connections, MANY + 1);
	tls_fini(&b, &o);
}

/* A connection is kept whatever the requests are: what was watched for
 * writing is watched again, and a paused response is no idle connection. */
static void test_kept(void **state ATTR_UNUSED)
{
	struct bench b;
	struct origin o;

	tls_init(&b, server_reply, &o);
	for (int i = 0; i < 12; i++) {
		again(&b, i % 2 ? "POST" : "GET", "/");
		b.run.request.origin = &o;
		if (i % 2)
			run_body_set(&b.run, "abc", i % 4 == 1);
		b.run.body_pauses = i % 3;
		run_start(&b.run, b.upstream);
		for (int turn = 0; turn < 4; turn++)
			loop_turn(b.loop, 5);
		wait_resuming(&b);
		assert_hello(&b.run);
	}
	assert_int_equal(b.server->connections, 1);
	tls_fini(&b, &o);
}

static void flood(struct peer *p)
{
	static char octets[65536];

	memset(octets, 'f', sizeof(octets));
	while (peer_head(p)) {
		peer_say(p, OK_HEAD "Content-Length: 8388608\r\n\r\n");
		for (int i = 0; i < 128; i++)
			if (!peer_write(p, octets, sizeof(octets)))
				return;
	}
}

/* More comes while the response is paused: it is the request's. */
static void test_paused_is_not_idle(void **state ATTR_UNUSED)
{
	struct bench b;

	bench_init(&b, flood, NULL);
	for (int i = 0; i < 2; i++) {
		again(&b, "GET", "/");
		b.run.keeps = false;
		b.run.body_pauses = 3;
		run_start(&b.run, b.upstream);
		for (int turn = 0; turn < 10; turn++)
			loop_turn(b.loop, 5);
		wait_resuming(&b);
		assert_false(b.run.failed);
		assert_int_equal(b.run.octets, 8388608);
	}
	assert_int_equal(b.server->connections, 1);
	bench_fini(&b);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_plain),
		cmocka_unit_test(test_tls),
		cmocka_unit_test(test_ended_while_idle),
		cmocka_unit_test(test_many_ended),
		cmocka_unit_test(test_kept),
		cmocka_unit_test(test_paused_is_not_idle),
	};

	return run_over_both(tests, group_begin, group_end);
}
