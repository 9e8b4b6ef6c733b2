/* SPDX-License-Identifier: MIT */
/* The connections of our own carrier: what a peer says unasked, when one is
 * used again, when a request may be sent twice. Strict throughout: an octet
 * that is taken for another request's response is another client's. */
#include "base/limits.h"
#include "upstream/bench.h"
#include "upstream/certs.h"

enum { SHORT = 50 }; /* ms that a loop turns so that events come in */

static struct cert ca, leaf;
static struct trust *trust;
static bool over_tls;

static int group_begin(void **state ATTR_UNUSED)
{
	char pem[] = "/tmp/test_transfer_http1.XXXXXX";
	const struct cert *p = &ca;
	struct fault f;

	cert_make(&ca, &(struct cert_wish){ .name = "A CA", .ca = true });
	cert_make(&leaf, &(struct cert_wish){ .issuer = &ca, .name = "x",
					      .dns = "up.test" });
	cert_write(pem, &p, 1);
	trust = trust_load(pem, &f);
	unlink(pem);
	return trust ? 0 : -1;
}

static int group_end(void **state ATTR_UNUSED)
{
	trust_unref(&trust);
	cert_free(&leaf);
	cert_free(&ca);
	return 0;
}

static void setup(struct bench *b, server_fn *fn, const char *reply)
{
	struct fault f;

	memset(b, 0, sizeof(*b));
	b->loop = loop_new(&f);
	b->upstream = upstream_new(b->loop, &f);
	assert_non_null(b->upstream);
	b->server = server_new(fn, reply);
	if (over_tls)
		b->server->credentials = cert_credentials(&leaf, NULL);
	server_start(b->server);
	origin_of(&b->origin, over_tls ? "https" : "http", "up.test",
		  b->server->port, over_tls ? trust : NULL);
	run_init(&b->run, &b->origin, "GET", "/");
}

static void finish(struct bench *b)
{
	gnutls_certificate_credentials_t c = b->server->credentials;

	bench_fini(b);
	if (c)
		gnutls_certificate_free_credentials(c);
}

static void rest(struct bench *b, int ms)
{
	int64_t end = clock_ms() + ms;

	while (clock_ms() < end)
		loop_turn(b->loop, 10);
}

static void ask_hello(struct bench *b, const char *method)
{
	again(b, method, "/");
	go(b);
	assert_hello(&b->run);
}

/* --- what comes on an idle connection --- */

static void test_closed_while_idle(void **state ATTR_UNUSED)
{
	struct bench b;

	setup(&b, server_reply_once, HELLO);
	for (int i = 0; i < 4; i++) {
		ask_hello(&b, "POST");
		rest(&b, SHORT);
	}
	assert_int_equal(b.server->requests, 4);
	assert_int_equal(b.server->connections, 4);
	finish(&b);
}

/* The same without a turn of the loop between: the end is seen as the
 * connection is taken. */
static void test_closed_unseen(void **state ATTR_UNUSED)
{
	struct bench b;

	setup(&b, server_reply_once, HELLO);
	for (int i = 0; i < 4; i++) {
		ask_hello(&b, "POST");
		usleep(SHORT * 1000);
	}
	assert_int_equal(b.server->requests, 4);
	finish(&b);
}

static atomic_int stray_pause; /* ms between an answer and what follows */

/* The first connection says more than it was asked for. */
static void say_more(struct peer *p)
{
	static const char stray[] = OK_HEAD "Content-Length: 5\r\n\r\nwrong";
	bool first = atomic_load(&p->server->connections) == 1;

	while (peer_head(p) && peer_body(p)) {
		char both[1024];

		snprintf(both, sizeof(both), "%s%s", p->server->reply, stray);
		if (first && atomic_load(&stray_pause) == 0) {
			peer_say(p, both);
			continue;
		}
		peer_say(p, p->server->reply);
		if (!first)
			continue;
		usleep((useconds_t)atomic_load(&stray_pause) * 1000);
		peer_say(p, stray);
	}
}

static void test_says_more(void **state ATTR_UNUSED)
{
	static const int pauses[] = { 0, 10 };

	for (size_t i = 0; i < 2; i++) {
		for (int looks = 0; looks < 2; looks++) {
			struct bench b;

			atomic_store(&stray_pause, pauses[i]);
			setup(&b, say_more, HELLO);
			ask_hello(&b, "GET");
			if (looks)
				rest(&b, SHORT);
			else
				usleep(SHORT * 1000);
			ask_hello(&b, "GET");
			ask_hello(&b, "POST");
			assert_int_equal(b.server->connections, 2);
			finish(&b);
		}
	}
}

/* A body where none may be is nobody's response. */
static void body_behind_204(struct peer *p)
{
	while (peer_head(p)) {
		if (atomic_load(&p->server->connections) > 1) {
			peer_say(p, HELLO);
			continue;
		}
		peer_say(p, "HTTP/1.1 204 No Content\r\n\r\n");
		usleep(10000);
		peer_say(p, HELLO);
	}
}

static void test_body_behind_204(void **state ATTR_UNUSED)
{
	struct bench b;

	setup(&b, body_behind_204, NULL);
	go(&b);
	assert_int_equal(b.run.status, 204);
	usleep(SHORT * 1000);
	ask_hello(&b, "GET");
	finish(&b);
}

/* --- what TLS says by itself --- */

static atomic_bool strays;

/* Tickets and a key update behind each answer; perhaps octets behind those. */
static void say_of_tls(struct peer *p)
{
	while (peer_head(p) && peer_body(p)) {
		peer_say(p, p->server->reply);
		usleep(10000);
		gnutls_session_ticket_send(p->tls, 3, 0);
		if (atomic_load(&strays)) {
			gnutls_session_ticket_send(p->tls, 1, 0);
			peer_say(p, HELLO);
			continue;
		}
		gnutls_session_key_update(p->tls, 0);
		gnutls_session_ticket_send(p->tls, 1, 0);
	}
}

/* They end no idle connection; what stands behind them does. TLS 1.3 is
 * resumed where the server gave a ticket. */
static void test_tickets(void **state ATTR_UNUSED)
{
	for (int looks = 0; over_tls && looks < 4; looks++) {
		struct bench b;

		atomic_store(&strays, looks / 2);
		setup(&b, say_of_tls, HELLO);
		b.server->priority = "NORMAL:-VERS-ALL:+VERS-TLS1.3";
		gnutls_session_ticket_key_generate(&b.server->ticket_key);
		for (int i = 0; i < 3; i++) {
			ask_hello(&b, "GET");
			if (looks % 2)
				rest(&b, SHORT);
			else
				usleep(SHORT * 1000);
		}
		assert_int_equal(b.server->connections, looks / 2 ? 3 : 1);
		again(&b, "GET", "/");
		b.run.request.fresh = true;
		go(&b);
		assert_hello(&b.run);
		assert_int_equal(b.server->resumed, looks / 2 ? 3 : 1);
		finish(&b);
	}
}

/* --- which connection --- */

static void test_used_again(void **state ATTR_UNUSED)
{
	struct bench b;

	setup(&b, server_reply, HELLO);
	for (int i = 0; i < 5; i++)
		ask_hello(&b, i % 2 ? "POST" : "GET");
	assert_int_equal(b.server->connections, 1);
	finish(&b);
}

/* One that has been idle for a second is not for what must not be sent
 * twice. */
static void test_old_for_post(void **state ATTR_UNUSED)
{
	struct bench b;

	setup(&b, server_reply, HELLO);
	ask_hello(&b, "GET");
	rest(&b, 1100);
	ask_hello(&b, "GET");
	assert_int_equal(b.server->connections, 1);
	rest(&b, 1100);
	ask_hello(&b, "POST");
	assert_int_equal(b.server->connections, 2);
	finish(&b);
}

static atomic_int idle_limit; /* ms */

/* Ends a connection that has been idle for long enough. */
static void end_when_idle(struct peer *p)
{
	struct timeval most = { .tv_sec = atomic_load(&idle_limit) / 1000,
				.tv_usec = atomic_load(&idle_limit) % 1000 *
					   1000 };

	setsockopt(p->fd, SOL_SOCKET, SO_RCVTIMEO, &most, sizeof(most));
	while (peer_head(p) && peer_body(p))
		peer_say(p, p->server->reply);
}

/* The time after which a connection was ended is remembered: what must not be
 * sent twice keeps a distance from it, and goes up to that. */
static void test_learnt(void **state ATTR_UNUSED)
{
	static const struct {
		int limit, idle, connections;
	} rows[] = { { 1200, 800, 3 }, { 2500, 1300, 2 } };

	for (size_t i = 0; i < 2; i++) {
		struct bench b;

		atomic_store(&idle_limit, rows[i].limit);
		setup(&b, end_when_idle, HELLO);
		ask_hello(&b, "GET");
		rest(&b, rows[i].limit + 200);
		ask_hello(&b, "POST");
		assert_int_equal(b.server->connections, 2);
		rest(&b, rows[i].idle);
		ask_hello(&b, "POST");
		assert_int_equal(b.server->connections, rows[i].connections);
		finish(&b);
	}
}

static void test_keep_alive(void **state ATTR_UNUSED)
{
	static const struct {
		const char *reply;
		int connections;
	} rows[] = {
		{ OK_HEAD "Content-Length: 5\r\nX-Test: a\r\n"
		  "Keep-Alive: timeout=1\r\n\r\nhello", 3 },
		{ OK_HEAD "Content-Length: 5\r\nX-Test: a\r\n"
		  "Keep-Alive: max=5, timeout=60\r\n\r\nhello", 1 },
		{ OK_HEAD "Content-Length: 5\r\nX-Test: a\r\n"
		  "Connection: close\r\n\r\nhello", 3 },
		{ "HTTP/1.0 200 OK\r\nContent-Length: 5\r\nX-Test: a\r\n\r\n"
		  "hello", 3 },
		{ OK_HEAD "Content-Length: 5\r\nTransfer-Encoding: chunked\r\n"
		  "X-Test: a\r\n\r\n5\r\nhello\r\n0\r\n\r\n", 3 },
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct bench b;

		setup(&b, server_reply, rows[i].reply);
		for (int j = 0; j < 3; j++) {
			again(&b, j == 1 ? "POST" : "GET", "/");
			go(&b);
			assert_false(b.run.failed);
			assert_string_equal(buf_z(&b.run.got), "hello");
		}
		assert_int_equal(b.server->connections, rows[i].connections);
		finish(&b);
	}
}

/* --- sent again, or not --- */

/* The first connection ends with its second request, unanswered. */
static void end_at_second(struct peer *p)
{
	bool first = atomic_load(&p->server->connections) == 1;
	int n = 0;

	while (peer_head(p) && peer_body(p)) {
		if (first && ++n == 2)
			return;
		peer_say(p, p->server->reply);
	}
}

static void assert_repeated(const struct bench *b, bool good, const char *body)
{
	if (good)
		assert_hello(&b->run);
	else
		assert_fault(&b->run, 502, "connection_terminated");
	assert_int_equal(b->server->requests, good ? 3 : 2);
	if (good && body)
		assert_string_equal(b->server->body, body);
}

static void test_repeated(void **state ATTR_UNUSED)
{
	static const struct {
		const char *method, *body;
		bool good;
	} rows[] = {
		{ "GET", NULL, true },     { "DELETE", NULL, true },
		{ "PUT", "", true },       { "PUT", "abc", true },
		{ "POST", NULL, false },   { "POST", "abc", false },
		{ "PATCH", "abc", false },
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct bench b;

		for (int chunked = 0; chunked < 2; chunked++) {
			setup(&b, end_at_second, HELLO);
			ask_hello(&b, "GET");
			again(&b, rows[i].method, "/");
			if (rows[i].body)
				run_body_set(&b.run, rows[i].body, chunked);
			go(&b);
			assert_repeated(&b, rows[i].good, rows[i].body);
			finish(&b);
		}
	}
}

/* More of a body than is kept is not sent twice; what is kept is, also where
 * it was not whole yet. */
static void test_repeated_body(void **state ATTR_UNUSED)
{
	static char body[LIMIT_BODY_AGAIN + 2];

	memset(body, 'b', sizeof(body) - 1);
	for (int over = 0; over < 2; over++) {
		for (size_t piece = 0; piece < 2; piece++) {
			struct bench b;

			body[LIMIT_BODY_AGAIN] = over ? 'b' : '\0';
			setup(&b, end_at_second, HELLO);
			ask_hello(&b, "GET");
			again(&b, "PUT", "/");
			run_body_set(&b.run, body, false);
			b.run.piece = piece * 10000;
			go(&b);
			assert_repeated(&b, !over, NULL);
			/* as much of it as the server keeps */
			assert_true(over || b.server->n_body == PEER_HEAD - 1);
			finish(&b);
		}
	}
}

/* --- where a response ends --- */

static void test_cut_everywhere(void **state ATTR_UNUSED)
{
	static const char *const replies[] = {
		HELLO,
		OK_HEAD "Transfer-Encoding: chunked\r\n\r\n"
		"5\r\nhello\r\n0\r\n\r\n",
	};

	for (size_t i = 0; i < 2; i++) {
		size_t n = strlen(replies[i]);
		size_t head = (size_t)(strstr(replies[i], "\r\n\r\n") -
				       replies[i]) + 4;

		for (size_t cut = 0; cut < n; cut += over_tls ? 9 : 1) {
			char part[256] = "";
			struct bench b;

			memcpy(part, replies[i], cut);
			setup(&b, server_reply_once, part);
			go(&b);
			assert_fault(&b.run, 502,
				     cut < head ? "connection_terminated"
						: "http_response_incomplete");
			finish(&b);
		}
	}
}

/* A response that the connection's end ends; over TLS only where the peer
 * says that this is its end. */
static void test_until_close(void **state ATTR_UNUSED)
{
	struct bench b;

	setup(&b, server_reply_once, OK_HEAD "X-Test: a\r\n\r\nhello");
	go(&b);
	assert_hello(&b.run);
	finish(&b);
}

/* The peer has said all and gone; its reader is slow, and meanwhile other
 * connections are opened: none of them takes the place of this one. */
static void large_and_gone(struct peer *p)
{
	char block[1000];

	if (!peer_head(p))
		return;
	if (strncmp(p->head, "GET /large", 10) != 0) {
		peer_say(p, HELLO);
		return;
	}
	memset(block, 'l', sizeof(block));
	peer_say(p, OK_HEAD "Content-Length: 300000\r\n\r\n");
	for (int i = 0; i < 300; i++)
		peer_write(p, block, sizeof(block));
}

static void test_gone_behind_slow_reader(void **state ATTR_UNUSED)
{
	struct bench b;
	struct run other;

	setup(&b, large_and_gone, NULL);
	b.run.request.target = STR("/large");
	b.run.body_pauses = 1;
	run_start(&b.run, b.upstream);
	rest(&b, 1200);
	for (int i = 0; i < 3; i++) {
		run_init(&other, &b.origin, "GET", "/");
		run_start(&other, b.upstream);
		run_wait(&other, b.loop);
		assert_hello(&other);
		run_fini(&other);
	}
	assert_int_equal(b.run.done, 0);
	transfer_resume_read(b.run.transfer);
	run_wait(&b.run, b.loop);
	assert_false(b.run.failed);
	assert_int_equal(b.run.octets, 300000);
	assert_int_equal(strspn(buf_z(&b.run.got), "l"), 300000);
	finish(&b);
}

/* A reset is told whatever is waited for; it must not keep the loop busy
 * while the reader rests. */
static void large_and_reset(struct peer *p)
{
	struct linger now = { .l_onoff = 1, .l_linger = 0 };
	char block[1000];

	if (!peer_head(p))
		return;
	memset(block, 'l', sizeof(block));
	peer_say(p, OK_HEAD "Content-Length: 300000\r\n\r\n");
	for (int i = 0; i < 200; i++)
		peer_write(p, block, sizeof(block));
	usleep(100000);
	setsockopt(p->fd, SOL_SOCKET, SO_LINGER, &now, sizeof(now));
	connect(p->fd, &(struct sockaddr){ .sa_family = AF_UNSPEC },
		sizeof(struct sockaddr));
}

static void test_reset_behind_slow_reader(void **state ATTR_UNUSED)
{
	struct bench b;
	int turns = 0;
	int64_t end;

	setup(&b, large_and_reset, NULL);
	b.run.body_pauses = 1;
	run_start(&b.run, b.upstream);
	rest(&b, 300);
	assert_int_equal(b.run.done, 0);
	for (end = clock_ms() + 200; clock_ms() < end; turns++)
		loop_turn(b.loop, 20);
	assert_true(turns < 100);
	transfer_resume_read(b.run.transfer);
	run_wait(&b.run, b.loop);
	assert_fault(&b.run, 502, "http_response_incomplete");
	finish(&b);
}

/* --- trailers --- */

/* Counts what a request's trailers hold. */
static void count_trailers(struct peer *p)
{
	int c, values = 0;

	if (!peer_head(p))
		return;
	while (values < 70000 && (c = peer_octet(p)) >= 0)
		values += c == 'v';
	if (values == 70000 && peer_octet(p) == '\r')
		peer_say(p, HELLO);
}

/* More than a block of what is sent holds. */
static void test_large_trailers(void **state ATTR_UNUSED)
{
	static char value[70001];
	struct arena arena = { 0 };
	struct fields trailers;
	struct bench b;

	memset(value, 'v', sizeof(value) - 1);
	fields_init(&trailers, &arena);
	fields_add(&trailers, STR("A"), str_z(value));
	setup(&b, count_trailers, NULL);
	run_body_set(&b.run, "some octets", true);
	b.run.source_trailers = &trailers;
	go(&b);
	assert_hello(&b.run);
	finish(&b);
	arena_fini(&arena);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_closed_while_idle),
		cmocka_unit_test(test_closed_unseen),
		cmocka_unit_test(test_says_more),
		cmocka_unit_test(test_body_behind_204),
		cmocka_unit_test(test_tickets),
		cmocka_unit_test(test_used_again),
		cmocka_unit_test(test_old_for_post),
		cmocka_unit_test(test_learnt),
		cmocka_unit_test(test_keep_alive),
		cmocka_unit_test(test_repeated),
		cmocka_unit_test(test_repeated_body),
		cmocka_unit_test(test_cut_everywhere),
		cmocka_unit_test(test_until_close),
		cmocka_unit_test(test_gone_behind_slow_reader),
		cmocka_unit_test(test_reset_behind_slow_reader),
		cmocka_unit_test(test_large_trailers),
	};
	int failed = cmocka_run_group_tests_name("plain", tests, group_begin,
						 group_end);

	over_tls = true;
	return failed + cmocka_run_group_tests_name("tls", tests, group_begin,
						    group_end);
}
