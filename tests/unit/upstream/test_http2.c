/* SPDX-License-Identifier: MIT */
/* What HTTP/2 has that HTTP/1.1 has not: streams that are refused, reset or
 * told to go, and many on one connection. The server speaks just enough of
 * RFC 9113; it reads no field. */
#include "upstream/bench.h"
#include "upstream/certs.h"

enum { DATA = 0, HEADERS = 1, RESET = 3, SETTINGS = 4, GOAWAY = 7 };
enum { END_STREAM = 1, ACK = 1, END_HEADERS = 4 };
enum { NO_ERROR = 0, INTERNAL_ERROR = 2, REFUSED_STREAM = 7 };

static void frame(struct peer *p, int type, int flags, unsigned stream,
		  const void *payload, size_t n)
{
	unsigned char head[9] = {
		0, (unsigned char)(n >> 8), (unsigned char)n,
		(unsigned char)type, (unsigned char)flags, 0, 0,
		(unsigned char)(stream >> 8), (unsigned char)stream,
	};

	peer_write(p, (char *)head, sizeof(head));
	peer_write(p, payload, n);
}

static void number_frame(struct peer *p, int type, unsigned stream,
			 unsigned first, unsigned char error)
{
	unsigned char b[8] = { 0, 0, 0, (unsigned char)first, 0, 0, 0, error };

	if (type == GOAWAY)
		frame(p, type, 0, 0, b, 8);
	else
		frame(p, type, 0, stream, b + 4, 4);
}

/* :status 200, x-test: a, content-length: 5 (RFC 7541 §6.2.2). */
static void head(struct peer *p, unsigned stream)
{
	static const char block[] = "\x88"
				    "\0\6x-test\1a"
				    "\0\16content-length\1" "5";

	frame(p, HEADERS, END_HEADERS, stream, block, sizeof(block) - 1);
}

static void hello(struct peer *p, unsigned stream)
{
	head(p, stream);
	frame(p, DATA, END_STREAM, stream, "hello", 5);
}

struct frame {
	int type, flags;
	unsigned stream;
	size_t n;
};

static bool frame_next(struct peer *p, struct frame *f)
{
	unsigned char h[9];

	for (int i = 0; i < 9; i++) {
		int c = peer_octet(p);

		if (c < 0)
			return false;
		h[i] = (unsigned char)c;
	}
	*f = (struct frame){ h[3], h[4], (unsigned)h[7] << 8 | h[8],
			     (size_t)h[0] << 16 | (size_t)h[1] << 8 | h[2] };
	p->n_body = 0;
	return peer_take(p, f->n);
}

/* Answers the nth request of the server (from 1) on its stream; false closes
 * the connection. */
typedef bool answer_fn(struct peer *p, unsigned stream, int nth, bool whole);

static answer_fn *answer;

/* A request's HEADERS, and, where the test wants it, its first DATA. */
static void serve(struct peer *p)
{
	char preface[24];
	struct frame f;

	for (int i = 0; i < 24; i++)
		preface[i] = (char)peer_octet(p);
	if (memcmp(preface, "PRI * HTTP/2.0", 14) != 0)
		return;
	frame(p, SETTINGS, 0, 0, NULL, 0);
	while (frame_next(p, &f)) {
		if (f.type == SETTINGS && !(f.flags & ACK))
			frame(p, SETTINGS, ACK, 0, NULL, 0);
		if (f.type != HEADERS)
			continue;
		if (!answer(p, f.stream,
			    atomic_fetch_add(&p->server->requests, 1) + 1,
			    f.flags & END_STREAM))
			return;
	}
}

static void peer_wait(struct peer *p)
{
	while (peer_octet(p) >= 0)
		;
}

/* ---- the bench, over TLS ---- */

static struct cert ca, leaf;
static struct trust *trust;

static int group_begin(void **state ATTR_UNUSED)
{
	char pem[] = "/tmp/test_http2.XXXXXX";
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
	cert_free(&ca);
	cert_free(&leaf);
	return 0;
}

struct h2 {
	struct bench b;
	struct origin origin;
};

static void h2_init(struct h2 *h, answer_fn *fn)
{
	struct transport_settings s = { .trust = trust,
					.http = TRANSPORT_HTTP_2 };

	answer = fn;
	bench_init(&h->b, serve, NULL);
	h->b.server->credentials = cert_credentials(&leaf, NULL);
	h->b.server->alpn = "h2";
	origin_by(&h->origin, "https", "up.test", h->b.server->port, &s);
	h->b.run.request.origin = &h->origin;
}

static void h2_fini(struct h2 *h)
{
	gnutls_certificate_credentials_t c = h->b.server->credentials;

	bench_fini(&h->b);
	gnutls_certificate_free_credentials(c);
	origin_end(&h->origin);
}

static void ask(struct h2 *h, const char *method, const char *body)
{
	again(&h->b, method, "/");
	h->b.run.request.origin = &h->origin;
	if (body)
		run_body_set(&h->b.run, body, false);
	go(&h->b);
}

/* ---- tests ---- */

static bool answer_hello(struct peer *p, unsigned stream,
			 int nth ATTR_UNUSED, bool whole ATTR_UNUSED)
{
	hello(p, stream);
	return true;
}

static void test_many(void **state ATTR_UNUSED)
{
	enum { N = 30 };
	struct run r[N];
	struct h2 h;

	h2_init(&h, answer_hello);
	for (int i = 0; i < N; i++) {
		run_init(&r[i], &h.origin, "GET", "/");
		run_start(&r[i], h.b.upstream);
	}
	for (int i = 0; i < N; i++) {
		run_wait(&r[i], h.b.loop);
		assert_hello(&r[i]);
		run_fini(&r[i]);
	}
	for (int i = 0; i < 3; i++) {
		ask(&h, i ? "POST" : "GET", i ? "text" : NULL);
		assert_hello(&h.b.run);
	}
	assert_int_equal(h.b.server->connections, 1);
	assert_int_equal(h.b.server->requests, N + 3);
	h2_fini(&h);
}

/* A server that does not say h2, whatever it would speak. */
static void test_not_offered(void **state ATTR_UNUSED)
{
	struct h2 h;

	h2_init(&h, answer_hello);
	h.b.server->alpn = "http/1.1";
	for (int i = 0; i < 2; i++) {
		ask(&h, "GET", NULL);
		assert_fault(&h.b.run, 502, "http_protocol_error");
		assert_false(h.b.run.fault.sent);
		assert_non_null(strstr(h.b.run.fault.text.text, "HTTP/2"));
	}
	assert_int_equal(h.b.server->requests, 0);
	h2_fini(&h);
}

/* Not one of many requests goes out on a connection that was refused, though
 * it is there. */
static void test_not_trusted(void **state ATTR_UNUSED)
{
	struct transport_settings s = { .trust = trust,
					.http = TRANSPORT_HTTP_2 };
	enum { N = 5 };
	struct run r[N];
	struct origin o;
	struct h2 h;

	h2_init(&h, answer_hello);
	origin_by(&o, "https", "127.0.0.1", h.b.server->port, &s);
	for (int i = 0; i < N; i++) {
		run_init(&r[i], &o, "GET", "/");
		run_start(&r[i], h.b.upstream);
	}
	for (int i = 0; i < N; i++) {
		run_wait(&r[i], h.b.loop);
		assert_fault(&r[i], 502, "tls_certificate_error");
		run_fini(&r[i]);
		run_init(&r[i], &o, "GET", "/");
		run_start(&r[i], h.b.upstream);
		run_wait(&r[i], h.b.loop);
		assert_fault(&r[i], 502, "tls_certificate_error");
		run_fini(&r[i]);
	}
	usleep(20000);
	assert_int_equal(h.b.server->requests, 0);
	origin_end(&o);
	h2_fini(&h);
}

static bool refuse_first(struct peer *p, unsigned stream, int nth,
			 bool whole ATTR_UNUSED)
{
	if (nth == 1)
		number_frame(p, RESET, stream, 0, REFUSED_STREAM);
	else
		hello(p, stream);
	return true;
}

/* Not processed: whatever it was is sent again. */
static void test_refused_stream(void **state ATTR_UNUSED)
{
	struct h2 h;

	h2_init(&h, refuse_first);
	ask(&h, "GET", NULL);
	assert_hello(&h.b.run);
	assert_int_equal(h.b.server->requests, 2);
	h2_fini(&h);
	h2_init(&h, refuse_first);
	ask(&h, "POST", "text");
	assert_hello(&h.b.run);
	assert_int_equal(h.b.server->requests, 2);
	h2_fini(&h);
}

static bool go_away(struct peer *p, unsigned stream, int nth ATTR_UNUSED,
		    bool whole ATTR_UNUSED)
{
	hello(p, stream);
	number_frame(p, GOAWAY, 0, stream, NO_ERROR);
	return true;
}

static void test_goaway(void **state ATTR_UNUSED)
{
	struct h2 h;

	h2_init(&h, go_away);
	for (int i = 1; i <= 5; i++) {
		ask(&h, "POST", "text");
		assert_hello(&h.b.run);
		assert_int_equal(h.b.server->requests, i);
		for (int turn = 0; turn < 5; turn++)
			loop_turn(h.b.loop, 10);
	}
	assert_in_range(h.b.server->connections, 2, 5);
	h2_fini(&h);
}

/* A connection that is idle is told to go while another origin's, of the same
 * pool, is not. */
static void test_goaway_beside_another(void **state ATTR_UNUSED)
{
	struct server *other = server_new(peer_wait, NULL);
	struct transport_settings s = { .trust = trust,
					.http = TRANSPORT_HTTP_2 };
	struct origin o;
	struct run r;
	struct h2 h;

	h2_init(&h, go_away);
	server_start(other);
	origin_by(&o, "http", "up.test", other->port, &s);
	run_init(&r, &o, "GET", "/");
	run_start(&r, h.b.upstream);
	for (int i = 1; i <= 4; i++) {
		ask(&h, "POST", "text");
		assert_hello(&h.b.run);
		assert_int_equal(h.b.server->requests, i);
		for (int turn = 0; turn < 5; turn++)
			loop_turn(h.b.loop, 10);
	}
	assert_int_equal(h.b.server->connections, 4);
	assert_int_equal(r.done, 0);
	transfer_cancel(&r.transfer);
	run_fini(&r);
	h2_fini(&h);
	server_free(other);
	origin_end(&o);
}

static bool close_at_once(struct peer *p ATTR_UNUSED,
			  unsigned stream ATTR_UNUSED, int nth ATTR_UNUSED,
			  bool whole ATTR_UNUSED)
{
	return false;
}

static bool cut(struct peer *p, unsigned stream, int nth,
		bool whole ATTR_UNUSED)
{
	head(p, stream);
	frame(p, DATA, 0, stream, "hel", 3);
	usleep(20000);
	if (nth == 1)
		number_frame(p, RESET, stream, 0, INTERNAL_ERROR);
	return nth == 1;
}

static void test_broken(void **state ATTR_UNUSED)
{
	struct h2 h;

	h2_init(&h, close_at_once);
	ask(&h, "POST", "text");
	assert_fault(&h.b.run, 502, "connection_terminated");
	assert_int_equal(h.b.server->requests, 1);
	h2_fini(&h);
	/* A stream that is reset, a connection that ends. */
	h2_init(&h, cut);
	for (int i = 1; i <= 2; i++) {
		ask(&h, "GET", NULL);
		assert_fault(&h.b.run, 502, "http_response_incomplete");
		assert_int_equal(h.b.server->requests, i);
	}
	h2_fini(&h);
}

/* RFC 9113 §8.1: a whole answer, and then nothing more of the request is
 * wanted. */
static bool early(struct peer *p, unsigned stream, int nth ATTR_UNUSED,
		  bool whole)
{
	hello(p, stream);
	if (!whole)
		number_frame(p, RESET, stream, 0, NO_ERROR);
	return true;
}

static void test_early_answer(void **state ATTR_UNUSED)
{
	struct h2 h;

	h2_init(&h, early);
	for (int i = 0; i < 4; i++) {
		again(&h.b, "POST", "/");
		h.b.run.request.origin = &h.origin;
		h.b.run.flood = 8 << 20;
		h.b.run.request.framing.body =
			i & 1 ? FRAMING_CHUNKED : FRAMING_SIZED;
		h.b.run.request.framing.length = i & 1 ? 0 : 8 << 20;
		h.b.run.source_pauses = i & 2;
		run_start(&h.b.run, h.b.upstream);
		wait_resuming(&h.b);
		assert_hello(&h.b.run);
	}
	ask(&h, "GET", NULL);
	assert_hello(&h.b.run);
	h2_fini(&h);
}

/* One that does not read holds none of the others up. */
static bool large_then_hello(struct peer *p, unsigned stream, int nth,
			     bool whole ATTR_UNUSED)
{
	static const char block[] = "\x88" "\0\6x-test\1a";
	static char zeros[16000];

	if (nth > 1) {
		hello(p, stream);
		return true;
	}
	frame(p, HEADERS, END_HEADERS, stream, block, sizeof(block) - 1);
	for (int i = 0; i < 50; i++)
		frame(p, DATA, i == 49 ? END_STREAM : 0, stream, zeros,
		      sizeof(zeros));
	return true;
}

static void test_slow_reader(void **state ATTR_UNUSED)
{
	struct run other;
	struct h2 h;

	h2_init(&h, large_then_hello);
	h.b.run.keeps = false;
	h.b.run.body_pauses = 1;
	run_start(&h.b.run, h.b.upstream);
	for (int i = 0; i < 200 && !h.b.run.bodies; i++)
		loop_turn(h.b.loop, 10);
	for (int i = 0; i < 5; i++) {
		run_init(&other, &h.origin, "GET", "/other");
		run_start(&other, h.b.upstream);
		run_wait(&other, h.b.loop);
		assert_hello(&other);
		run_fini(&other);
	}
	assert_int_equal(h.b.run.done, 0);
	assert_int_equal(h.b.server->connections, 1);
	wait_resuming(&h.b);
	assert_false(h.b.run.failed);
	assert_int_equal(h.b.run.octets, 50 * 16000);
	h2_fini(&h);
}

/* Token calls are HTTP/1.1 whatever the service speaks. */
static void test_fresh(void **state ATTR_UNUSED)
{
	struct h2 h;

	h2_init(&h, answer_hello);
	h.b.server->alpn = "http/1.1";
	h.b.server->fn = server_reply;
	h.b.server->reply = HELLO;
	again(&h.b, "POST", "/");
	h.b.run.request.origin = &h.origin;
	h.b.run.request.fresh = true;
	run_body_set(&h.b.run, "text", true);
	go(&h.b);
	assert_hello(&h.b.run);
	h2_fini(&h);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_many),
		cmocka_unit_test(test_not_offered),
		cmocka_unit_test(test_not_trusted),
		cmocka_unit_test(test_refused_stream),
		cmocka_unit_test(test_goaway),
		cmocka_unit_test(test_goaway_beside_another),
		cmocka_unit_test(test_broken),
		cmocka_unit_test(test_early_answer),
		cmocka_unit_test(test_slow_reader),
		cmocka_unit_test(test_fresh),
	};

	return cmocka_run_group_tests(tests, group_begin, group_end);
}
