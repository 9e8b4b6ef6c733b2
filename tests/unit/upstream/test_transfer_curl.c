/* SPDX-License-Identifier: MIT */
/* The libcurl carrier over real sockets. */
#include "upstream/run.h"
#include "upstream/server.h"

#include <dirent.h>
#include <netdb.h>
#include <sys/resource.h>

#ifdef __SANITIZE_ADDRESS__
/* What is freed shall not count as memory in use. */
const char *__asan_default_options(void);
const char *__asan_default_options(void)
{
	return "quarantine_size_mb=1";
}
#endif

#define OK_HEAD "HTTP/1.1 200 OK\r\n"
#define HELLO OK_HEAD "Content-Length: 5\r\nX-Test: a\r\n\r\nhello"

/* Stands in front of the C library's, so that no name leaves this machine:
 * libcurl's resolver thread comes here. */
static atomic_bool resolver_hangs;

int getaddrinfo(const char *host, const char *port,
		const struct addrinfo *hints, struct addrinfo **out)
{
	struct addrinfo *a;
	struct sockaddr_in *in;

	(void)hints;
	for (int i = 0; i < 300 && atomic_load(&resolver_hangs); i++)
		usleep(10000);
	if (strcmp(host, "up.test") != 0)
		return EAI_NONAME;
	a = calloc(1, sizeof(*a) + sizeof(*in));
	in = (struct sockaddr_in *)(void *)(a + 1);
	in->sin_family = AF_INET;
	in->sin_port = htons((uint16_t)atoi(port));
	in->sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	a->ai_family = AF_INET;
	a->ai_socktype = SOCK_STREAM;
	a->ai_addr = (struct sockaddr *)in;
	a->ai_addrlen = sizeof(*in);
	*out = a;
	return 0;
}

void freeaddrinfo(struct addrinfo *a)
{
	free(a);
}

struct bench {
	struct loop *loop;
	struct upstream *upstream;
	struct server *server;
	struct origin origin;
	struct run run;
};

static void bench_init(struct bench *b, server_fn *fn, const char *reply)
{
	struct fault f;

	memset(b, 0, sizeof(*b));
	b->loop = loop_new(&f);
	assert_non_null(b->loop);
	b->upstream = upstream_new(b->loop, &f);
	assert_non_null(b->upstream);
	b->server = server_new(fn, reply);
	server_start(b->server);
	origin_of(&b->origin, "http", "127.0.0.1", b->server->port, NULL);
	run_init(&b->run, &b->origin, "GET", "/");
}

static void bench_fini(struct bench *b)
{
	run_fini(&b->run);
	upstream_free(&b->upstream);
	assert_null(b->upstream);
	server_free(b->server);
	origin_fini(&b->origin);
	loop_free(&b->loop);
}

/* The bench's run to its end. */
static void go(struct bench *b)
{
	run_start(&b->run, b->upstream);
	run_wait(&b->run, b->loop);
}

/* Another run, in the place of the last. */
static void again(struct bench *b, const char *method, const char *target)
{
	run_fini(&b->run);
	run_init(&b->run, &b->origin, method, target);
}

static void assert_fault(const struct run *r, int status, const char *error)
{
	assert_true(r->failed);
	assert_string_equal(r->fault.error, error);
	assert_int_equal(r->fault.status, status);
	assert_true(strlen(r->fault.text.text) > 10);
}

static void assert_hello(const struct run *r)
{
	if (r->failed)
		print_error("%s\n", r->fault.text.text);
	assert_false(r->failed);
	assert_int_equal(r->status, 200);
	assert_string_equal(r->field, "a");
	assert_string_equal(buf_z(&r->got), "hello");
}

static void test_get(void **state ATTR_UNUSED)
{
	struct bench b;

	bench_init(&b, server_reply, HELLO);
	b.run.request.target = STR("/a%2Fb/../c//d?x=1&y=%20");
	fields_add(&b.run.fields, STR("x-LOWER"), STR("1"));
	fields_add(&b.run.fields, STR("X-Twice"), STR("one"));
	fields_add(&b.run.fields, STR("x-twice"), STR("two; three"));
	fields_add(&b.run.fields, STR("X-Empty"), STR(""));
	fields_add(&b.run.fields, STR("Expect"), STR("100-continue"));
	go(&b);
	assert_hello(&b.run);
	assert_int_equal(b.run.head_fields, 2);
	assert_non_null(strstr(b.server->head,
			       "GET /a%2Fb/../c//d?x=1&y=%20 HTTP/1.1\r\n"));
	assert_non_null(strstr(b.server->head,
			       "\r\nx-LOWER: 1\r\nX-Twice: one\r\n"
			       "x-twice: two; three\r\nX-Empty:\r\n\r\n"));
	assert_non_null(strstr(b.server->head, b.origin.authority));
	assert_null(strstr(b.server->head, "Accept"));
	assert_null(strstr(b.server->head, "User-Agent"));
	assert_null(strstr(b.server->head, "Expect"));
	bench_fini(&b);
}


/* ---- requests ---- */

static void test_host(void **state ATTR_UNUSED)
{
	struct bench b;

	bench_init(&b, server_reply, HELLO);
	b.run.fields.n = 0;
	fields_add(&b.run.fields, STR("X-First"), STR("1"));
	fields_add(&b.run.fields, STR("host"), STR("Other.test:1"));
	fields_add(&b.run.fields, STR("accept"), STR(""));
	go(&b);
	assert_hello(&b.run);
	assert_string_equal(b.server->head, "GET / HTTP/1.1\r\n"
			    "Host: Other.test:1\r\nX-First: 1\r\n"
			    "accept:\r\n\r\n");
	bench_fini(&b);
}

static void test_methods(void **state ATTR_UNUSED)
{
	static const struct {
		const char *method, *target, *body;
		bool chunked;
		const char *line, *framing;
	} rows[] = {
		{ "GET", "/", NULL, false, "GET / HTTP/1.1\r\n", NULL },
		{ "HEAD", "/h", NULL, false, "HEAD /h HTTP/1.1\r\n", NULL },
		{ "POST", "/", NULL, false, "POST / HTTP/1.1\r\n", NULL },
		{ "POST", "/", "", false, "POST / ", "Content-Length: 0" },
		{ "POST", "/", "abc", false, "POST / ", "Content-Length: 3" },
		{ "HEAD", "/", NULL, false, "HEAD / ", NULL },
		{ "PUT", "/p", "abcd", true, "PUT /p ",
		  "Transfer-Encoding: chunked" },
		{ "PATCH", "/", "", true, "PATCH / ",
		  "Transfer-Encoding: chunked" },
		{ "DELETE", "/d", NULL, false, "DELETE /d ", NULL },
		{ "GET", "/", "body", false, "GET / ", "Content-Length: 4" },
		{ "HEAD", "/", "", true, "HEAD / ", NULL },
		{ "GET", "/", NULL, false, "GET / ", NULL },
		{ "OPTIONS", "*", NULL, false, "OPTIONS * HTTP/1.1\r\n", NULL },
		{ "AMETHODTHATISOVERTWENTYFOUROCTETS", "/", NULL, false,
		  "AMETHODTHATISOVERTWENTYFOUROCTETS / ", NULL },
		{ "PROPFIND", "/", "<x/>", false, "PROPFIND / ",
		  "Content-Length: 4" },
		{ "GET", "/end", NULL, false, "GET /end ", NULL },
	};
	struct bench b;

	bench_init(&b, server_reply, OK_HEAD "Content-Length: 0\r\n\r\n");
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		const char *line = rows[i].line, *body = rows[i].body;

		again(&b, rows[i].method, rows[i].target);
		if (body)
			run_body_set(&b.run, body, rows[i].chunked);
		go(&b);
		assert_false(b.run.failed);
		assert_int_equal(b.run.status, 200);
		assert_memory_equal(b.server->head, line, strlen(line));
		assert_string_equal(b.server->body, body ? body : "");
		if (rows[i].framing)
			assert_non_null(strstr(b.server->head,
					       rows[i].framing));
		else
			assert_null(strstr(b.server->head, "Content-Length"));
		assert_null(strstr(b.server->head, "Content-Type"));
		assert_null(strstr(b.server->head, "Expect"));
	}
	assert_int_equal(b.server->connections, 1);
	bench_fini(&b);
}

static void test_bodies_in_pieces(void **state ATTR_UNUSED)
{
	struct bench b;

	bench_init(&b, server_reply, HELLO);
	for (int i = 0; i < 6; i++) {
		again(&b, "POST", "/");
		run_body_set(&b.run, "0123456789abcdefghijkl", i & 1);
		b.run.piece = i < 2 ? 1 : 7;
		b.run.source_pauses = 0;
		go(&b);
		assert_hello(&b.run);
		assert_string_equal(b.server->body, "0123456789abcdefghijkl");
	}
	assert_int_equal(b.server->connections, 1);
	bench_fini(&b);
}

/* Pauses as often as it says, and is continued from the loop. */
static void wait_resuming(struct bench *b)
{
	int64_t end = clock_ms() + 10000;

	while (!b->run.done && clock_ms() < end) {
		loop_turn(b->loop, 5);
		if (b->run.transfer) {
			transfer_resume_read(b->run.transfer);
			transfer_resume_write(b->run.transfer);
		}
	}
	assert_int_equal(b->run.done, 1);
}

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

/* ---- responses ---- */

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

static void test_broken_responses(void **state ATTR_UNUSED)
{
#define PROTOCOL "http_protocol_error"
#define INCOMPLETE "http_response_incomplete"
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
		{ OK_HEAD "Transfer-Encoding: chunked\r\n\r\nzz\r\nab\r\n",
		  INCOMPLETE },
		{ OK_HEAD "Content-Length: 1", "connection_terminated" },
		{ OK_HEAD "X-A: 1\r\n folded\r\n\r\n", PROTOCOL },
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
		{ "HTTP/1.1 101 Switching Protocols\r\nUpgrade: x\r\n\r\n",
		  PROTOCOL },
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct bench b;

		bench_init(&b, server_reply_once, rows[i].reply);
		b.run.request.target = STR("/x?secret=1");
		go(&b);
		assert_fault(&b.run, 502, rows[i].error);
		assert_true(b.run.fault.sent);
		assert_null(strstr(b.run.fault.text.text, "secret"));
		assert_non_null(strstr(b.run.fault.text.text, "127.0.0.1:"));
		bench_fini(&b);
	}
}

static void endless_head(struct peer *p)
{
	if (!peer_head(p))
		return;
	peer_say(p, OK_HEAD);
	while (peer_say(p, "X-More: 0123456789012345678901234567890123456789\r\n"))
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

/* ---- connections ---- */

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
	origin_fini(&o);
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
	origin_fini(&o);
	origin_of(&o, "http", "nowhere.test", b.server->port, NULL);
	again(&b, "GET", "/");
	b.run.request.origin = &o;
	go(&b);
	assert_fault(&b.run, 502, "dns_error");
	assert_false(b.run.fault.sent);
	origin_fini(&o);
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
	origin_fini(&o);
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
	origin_fini(&o);
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
	static const struct {
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
		{ "PUT", "abc", false, false },
		{ "PUT", "abc", true, false },
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

/* ---- time ---- */

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

/* ---- much ---- */

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

static long memory_peak(void)
{
	struct rusage u;

	getrusage(RUSAGE_SELF, &u);
	return u.ru_maxrss; /* KiB */
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

/* ---- early answers ---- */

static void answers_early(struct peer *p)
{
	if (!peer_head(p) || !peer_say(p, p->server->reply))
		return;
	usleep(100000);
}

#define REFUSAL "HTTP/1.1 413 Too Much\r\nContent-Length: 5\r\n" \
		"X-Test: a\r\n\r\nhello"
#define REFUSAL_CHUNKED "HTTP/1.1 413 Too Much\r\n" \
			"Transfer-Encoding: chunked\r\nX-Test: a\r\n\r\n" \
			"5\r\nhello\r\n0\r\n\r\n"

static void test_early_answer(void **state ATTR_UNUSED)
{
	static const char *const replies[] = { REFUSAL, REFUSAL_CHUNKED,
					       HELLO };

	for (int i = 0; i < 6; i++) {
		struct bench b;

		bench_init(&b, answers_early, replies[i % 3]);
		b.run.request.method = STR("POST");
		b.run.flood = MUCH;
		b.run.source_pauses = i / 3;
		b.run.request.framing.body = FRAMING_SIZED;
		b.run.request.framing.length = MUCH;
		run_start(&b.run, b.upstream);
		if (i / 3 && i % 3 == 2)
			wait_resuming(&b);
		else
			run_wait(&b.run, b.loop);
		assert_false(b.run.failed);
		assert_int_equal(b.run.status, i % 3 == 2 ? 200 : 413);
		assert_string_equal(buf_z(&b.run.got), "hello");
		bench_fini(&b);
	}
}

/* ---- cancelling ---- */

static int open_descriptors(void)
{
	DIR *d = opendir("/proc/self/fd");
	int n = 0;

	while (readdir(d))
		n++;
	closedir(d);
	return n;
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
		origin_fini(&o[i]);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_get),
		cmocka_unit_test(test_host),
		cmocka_unit_test(test_methods),
		cmocka_unit_test(test_bodies_in_pieces),
		cmocka_unit_test(test_pauses),
		cmocka_unit_test(test_source_aborts),
		cmocka_unit_test(test_responses),
		cmocka_unit_test(test_broken_responses),
		cmocka_unit_test(test_head_bounds),
		cmocka_unit_test(test_refused),
		cmocka_unit_test(test_names),
		cmocka_unit_test(test_hanging_resolver),
		cmocka_unit_test(test_connect_timeout),
		cmocka_unit_test(test_many_reuse),
		cmocka_unit_test(test_fresh),
		cmocka_unit_test(test_never_twice),
		cmocka_unit_test(test_fresh_never_twice),
		cmocka_unit_test(test_response_timeout),
		cmocka_unit_test(test_idle_timeout),
		cmocka_unit_test(test_upload_backpressure),
		cmocka_unit_test(test_slow_reader),
		cmocka_unit_test(test_large_upload),
		cmocka_unit_test(test_early_answer),
		cmocka_unit_test(test_cancel),
		cmocka_unit_test(test_others_within_event),
		cmocka_unit_test(test_closed_while_idle),
		cmocka_unit_test(test_many_origins),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
