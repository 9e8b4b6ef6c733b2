/* SPDX-License-Identifier: MIT */
/* The client's side of an exchange: bodies on their way up, answers that come
 * before their end, and clients that go away. */
#include "proxy/exchange.h"

#include "proxy/api.h"
#include "proxy/browser.h"
#include "proxy/running.h"

enum { MIB = 1 << 20 };

static struct api *api;
static struct running *run;

static void start(api_fn *fn)
{
	api = api_start(fn);
	run = running_start("[proxy]\nlisten = 127.0.0.1:0\nworkers = 1\n"
			    "store = memory:\n"
			    "[service api]\nupstream = http://127.0.0.1:%d\n"
			    "access_token = s3cret\n", api->port);
}

static int stop(void **state)
{
	(void)state;
	running_stop(run);
	api_stop(api);
	return 0;
}

static bool post(struct browser *b, const char *path, const char *framing)
{
	return browser_say(b, "POST /api/%s HTTP/1.1\r\nHost: localhost\r\n"
			      "%s\r\n\r\n", path, framing);
}

static bool post_sized(struct browser *b, const char *path, size_t n)
{
	char framing[64];

	snprintf(framing, sizeof(framing), "Content-Length: %zu", n);
	return post(b, path, framing);
}

/* Waits at most 5 s until *n is at least this. */
static bool reaches(atomic_int *n, int want)
{
	for (int i = 0; i < 500 && atomic_load(n) < want; i++)
		usleep(10000);
	return atomic_load(n) >= want;
}

/* That the connection is in step: what is asked next gets its own answer. */
static void assert_in_step(struct browser *b)
{
	assert_true(browser_say(b, "GET /-/health/ready HTTP/1.1\r\n"
				   "Host: localhost\r\n\r\n"));
	assert_int_equal(browser_answer(b, false), END_WHOLE);
	assert_int_equal(b->status, 200);
	assert_non_null(strstr(b->body, "\"pass\""));
}

/* The same, unless the answer came before its request's end: then it has said
 * that it is the last. */
static void assert_goes_on(struct browser *b)
{
	if (browser_has(b, "Connection: close"))
		assert_true(browser_ended(b));
	else
		assert_in_step(b);
}

/* Answers with the body's length and sum; a path with "slow" is read late. */
static void count(struct peer *p)
{
	while (peer_head(p)) {
		char text[64];
		int n;

		if (strstr(p->head, "/slow"))
			usleep(700000);
		if (!peer_body(p))
			break;
		n = snprintf(text, sizeof(text), "%llu %llu",
			     (unsigned long long)p->octets,
			     (unsigned long long)p->sum);
		if (!peer_say(p, "HTTP/1.1 200 OK\r\nContent-Length: %d\r\n"
				 "\r\n%s", n, text))
			break;
	}
	atomic_fetch_add(&p->api->gone, 1);
}

static void assert_counted(struct browser *b, const struct browser_upload *u)
{
	char want[64];

	snprintf(want, sizeof(want), "%zu %llu", u->n,
		 (unsigned long long)u->sum);
	assert_int_equal(b->status, 200);
	assert_string_equal(b->body, want);
}

static void upload(struct browser *b, const char *path, size_t n, bool chunked)
{
	struct browser_upload u = { .chunked = chunked };

	assert_true(chunked ? post(b, path, "Transfer-Encoding: chunked") :
			      post_sized(b, path, n));
	browser_upload_begin(&u, b, n);
	assert_int_equal(browser_answer(b, false), END_WHOLE);
	browser_upload_end(&u);
	assert_true(u.whole);
	assert_counted(b, &u);
}

static void test_uploads(void **state)
{
	static const size_t sizes[] = { 0, 1, 4096, 65535, 65536, 65537,
					256 * 1024 - 1, 256 * 1024 + 1,
					300000, 5 * MIB };
	struct browser *b;

	(void)state;
	start(count);
	b = browser_open(run->port);
	for (size_t i = 0; i < sizeof(sizes) / sizeof(sizes[0]); i++) {
		upload(b, "x", sizes[i], false);
		assert_true(api_saw(api, "\r\nContent-Length: "));
		assert_false(api_saw(api, "Transfer-Encoding"));
		upload(b, "x", sizes[i], true);
		assert_true(api_saw(api, "\r\nTransfer-Encoding: chunked"));
		assert_false(api_saw(api, "Content-Length"));
	}
	assert_int_equal(api->n, 1);
	browser_close(b);
}

/* An upstream that reads late: the rest of a body that the spool does not
 * take at once comes all the same. */
static void test_uploads_to_a_slow_upstream(void **state)
{
	static const size_t sizes[] = { 256 * 1024 + 4000, 600000, 3 * MIB };
	struct browser *b;

	(void)state;
	start(count);
	b = browser_open(run->port);
	for (size_t i = 0; i < sizeof(sizes) / sizeof(sizes[0]); i++)
		upload(b, "slow", sizes[i], i == 1);
	browser_close(b);
}

static void test_client_leaves_while_uploading(void **state)
{
	static char part[100000];
	struct browser *b;

	(void)state;
	start(count);
	for (int i = 0; i < 2; i++) {
		b = browser_open(run->port);
		assert_true(post_sized(b, i == 0 ? "x" : "slow", 200000));
		assert_true(browser_send(b, part, sizeof(part)));
		assert_true(reaches(&api->requests, i + 1));
		browser_close(b);
		assert_true(reaches(&api->gone, i + 1));
	}
}

/* --- leave to send --- */

static void test_expect(void **state)
{
	struct browser_upload u = { .chunked = false };
	struct browser *b;

	(void)state;
	start(count);
	b = browser_open(run->port);
	assert_true(post(b, "x", "Content-Length: 5000\r\n"
				 "Expect: 100-continue"));
	assert_true(browser_head(b));
	assert_int_equal(b->status, 100);
	browser_upload_begin(&u, b, 5000);
	assert_int_equal(browser_answer(b, false), END_WHOLE);
	browser_upload_end(&u);
	assert_counted(b, &u);
	assert_true(api_saw(api, "Expect"));
	browser_close(b);
	/* None for a body that nobody wants. */
	b = browser_open(run->port);
	assert_true(browser_say(b, "POST /no HTTP/1.1\r\nHost: localhost\r\n"
				   "Content-Length: 5000\r\n"
				   "Expect: 100-continue\r\n\r\n"));
	assert_int_equal(browser_answer(b, false), END_WHOLE);
	assert_int_equal(b->status, 404);
	assert_false(b->continued);
	assert_true(browser_ended(b));
	browser_close(b);
}

/* An own answer does not wait for the body, which is read all the same. */
static void test_refused_body_is_read(void **state)
{
	struct browser_upload u = { .chunked = false };
	struct browser *b;

	(void)state;
	start(count);
	for (int i = 0; i < 2; i++) {
		u.chunked = i == 1;
		b = browser_open(run->port);
		assert_true(browser_say(b, "PUT http://other.test/ HTTP/1.1\r\n"
					   "Host: other.test\r\n%s\r\n\r\n",
					u.chunked ?
					"Transfer-Encoding: chunked" :
					"Content-Length: 2097152"));
		browser_upload_begin(&u, b, 2 * MIB);
		assert_int_equal(browser_answer(b, false), END_WHOLE);
		browser_upload_end(&u);
		assert_true(u.whole);
		assert_int_equal(b->status, 403);
		assert_goes_on(b);
		browser_close(b);
	}
	assert_int_equal(atomic_load(&api->requests), 0);
}

/* --- answers that come early --- */

static void early(struct peer *p)
{
	if (!peer_head(p))
		return;
	if (strstr(p->head, "/reads")) {
		peer_say(p, "HTTP/1.1 200 OK\r\nConnection: close\r\n"
			    "Content-Length: 2\r\n\r\n");
		if (peer_body(p))
			peer_say(p, "ok");
	} else if (strstr(p->head, "/refuses")) {
		peer_say(p, "HTTP/1.1 413 Too much\r\nConnection: close\r\n"
			    "Content-Length: 3\r\n\r\nno!");
		usleep(200000);
	} else if (strstr(p->head, "/explains")) {
		peer_say(p, "HTTP/1.1 413 Too much\r\nConnection: close\r\n"
			    "Content-Length: %d\r\n\r\n", MIB);
		peer_flood(p, MIB);
		usleep(200000);
	} else if (strstr(p->head, "/closes")) {
		peer_say(p, "HTTP/1.1 200 OK\r\nContent-Length: 3\r\n"
			    "Connection: close\r\n\r\nyes");
	} else if (strstr(p->head, "/breaks")) {
		peer_say(p, "HTTP/1.1 200 OK\r\nContent-Length: 30\r\n"
			    "Connection: close\r\n\r\nyes");
	}
}

static void early_answer(const char *path, int status, uint64_t octets,
			 bool chunked)
{
	struct browser_upload u = { .chunked = chunked };
	struct browser *b = browser_open(run->port);

	assert_true(chunked ? post(b, path, "Transfer-Encoding: chunked") :
			      post_sized(b, path, 12 * MIB));
	browser_upload_begin(&u, b, 12 * MIB);
	assert_int_equal(browser_answer(b, false), END_WHOLE);
	browser_upload_end(&u);
	assert_true(u.whole);
	assert_int_equal(b->status, status);
	assert_int_equal(b->octets, octets);
	assert_goes_on(b);
	browser_close(b);
}

static void test_early_answers(void **state)
{
	(void)state;
	start(early);
	for (int chunked = 0; chunked < 2; chunked++) {
		early_answer("reads", 200, 2, chunked);
		early_answer("refuses", 413, 3, chunked);
		early_answer("explains", 413, MIB, chunked);
		early_answer("closes", 200, 3, chunked);
	}
}

static void test_early_answer_that_breaks(void **state)
{
	struct browser_upload u = { .chunked = false };
	struct browser *b;
	enum browser_end end;

	(void)state;
	start(early);
	b = browser_open(run->port);
	assert_true(post_sized(b, "breaks", 12 * MIB));
	browser_upload_begin(&u, b, 12 * MIB);
	end = browser_answer(b, false);
	browser_upload_end(&u);
	assert_true(u.whole);
	/* Either the head was seen first, or the fault. */
	assert_true(end == END_SHORT || b->status == 502);
	browser_close(b);
}

/* Sends back what it reads, while it reads. */
static void echo(struct peer *p)
{
	while (peer_head(p)) {
		size_t left = strtoull(strcasestr(p->head,
						  "\r\nContent-Length: ") +
				       18, NULL, 10);

		peer_say(p, "HTTP/1.1 200 OK\r\nContent-Length: %zu\r\n\r\n",
			 left);
		while (left > 0) {
			if ((p->n == 0 && peer_fill(p) <= 0) ||
			    !peer_write(p, p->in, p->n))
				goto gone;
			left -= p->n;
			p->n = 0;
		}
	}
gone:
	atomic_fetch_add(&p->api->gone, 1);
}

/* Both directions at once, whatever its size. */
static void test_echo(void **state)
{
	static const size_t sizes[] = { 100000, 3 * MIB, 24 * MIB };

	(void)state;
	start(echo);
	for (size_t i = 0; i < 3; i++) {
		struct browser_upload u = { .chunked = false };
		struct browser *b = browser_open(run->port);

		assert_true(post_sized(b, "echo", sizes[i]));
		browser_upload_begin(&u, b, sizes[i]);
		assert_int_equal(browser_answer(b, false), END_WHOLE);
		browser_upload_end(&u);
		assert_true(u.whole);
		assert_int_equal(b->octets, sizes[i]);
		assert_int_equal(b->status, 200);
		assert_goes_on(b);
		browser_close(b);
	}
}

/* --- bodies that are not what they say --- */

static void test_malformed_chunks(void **state)
{
	static const char *const bodies[] = { "x\r\n", "5\r\nabcdefgh\r\n",
					      "-1\r\n", "\r\n",
					      "fffffffffffffffff\r\n" };

	(void)state;
	start(count);
	for (size_t i = 0; i < 5; i++) {
		struct browser *b = browser_open(run->port);

		assert_true(post(b, "x", "Transfer-Encoding: chunked"));
		assert_true(browser_say(b, "%s", bodies[i]));
		assert_int_equal(browser_answer(b, false), END_WHOLE);
		assert_true(b->status == 400 || b->status == 413);
		assert_true(browser_has(b, "Connection: close"));
		browser_close(b);
	}
	/* The upstream never got a whole request. */
	assert_true(reaches(&api->gone, atomic_load(&api->requests)));
}

static void test_trailers_travel(void **state)
{
	struct browser *b;

	(void)state;
	start(count);
	b = browser_open(run->port);
	assert_true(post(b, "x", "Transfer-Encoding: chunked"));
	assert_true(browser_say(b, "3;ext=1\r\nabc\r\n0\r\nX-T: 1\r\n\r\n"));
	assert_int_equal(browser_answer(b, false), END_WHOLE);
	assert_int_equal(strncmp(b->body, "3 ", 2), 0);
	assert_int_equal(atomic_load(&api->trailers), 1);
	assert_in_step(b);
	browser_close(b);
}

/* Draining cuts an upload that does not end. */
static void test_drain_while_uploading(void **state)
{
	static char part[700000];
	struct browser *b;

	(void)state;
	api = api_start(count);
	run = running_start("[proxy]\nlisten = 127.0.0.1:0\nworkers = 1\n"
			    "store = memory:\ndrain_timeout = 200ms\n"
			    "[service api]\nupstream = http://127.0.0.1:%d\n"
			    "access_token = s3cret\n", api->port);
	b = browser_open(run->port);
	assert_true(post_sized(b, "slow", 1000000));
	assert_true(browser_send(b, part, sizeof(part)));
	assert_true(reaches(&api->requests, 1));
	running_drain(run);
	assert_int_equal(browser_answer(b, false), END_WHOLE);
	assert_int_equal(b->status, 503);
	assert_goes_on(b);
	browser_close(b);
}

#define TEST(name) cmocka_unit_test_teardown(name, stop)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_uploads),
		TEST(test_uploads_to_a_slow_upstream),
		TEST(test_client_leaves_while_uploading),
		TEST(test_expect),
		TEST(test_refused_body_is_read),
		TEST(test_early_answers),
		TEST(test_early_answer_that_breaks),
		TEST(test_echo),
		TEST(test_malformed_chunks),
		TEST(test_trailers_travel),
		TEST(test_drain_while_uploading),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
