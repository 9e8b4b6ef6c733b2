/* SPDX-License-Identifier: MIT */
/* Whole requests through a real server with one worker: framing, fields and
 * what bearerd answers by itself. */
#include "proxy/exchange.h"

#include "proxy/api.h"
#include "proxy/browser.h"
#include "proxy/running.h"

static struct api *api;
static struct running *run;

static void start(api_fn *fn)
{
	api = api_start(fn);
	run = running_start("[proxy]\nlisten = 127.0.0.1:0\nworkers = 1\n"
			    "store = memory:\n"
			    "[service api]\nupstream = http://127.0.0.1:%d/v1\n"
			    "match = api.test\n"
			    "access_token = s3cret\n"
			    "[service open]\n"
			    "upstream = http://localhost:%d\n"
			    "grant_type = none\n"
			    "[service gone]\n"
			    "upstream = http://127.0.0.1:1\n"
			    "grant_type = none\n", api->port, api->port);
}

static int stop(void **state)
{
	(void)state;
	running_stop(run);
	api_stop(api);
	return 0;
}

/* Sends a request without a body and reads the answer. */
static enum browser_end ask(struct browser *b, const char *line,
			    const char *more)
{
	if (!browser_say(b, "%s HTTP/1.1\r\nHost: 127.0.0.1\r\n%s\r\n", line,
			 more))
		return END_NONE;
	return browser_answer(b, strncmp(line, "HEAD ", 5) == 0);
}

/* What many tests want: "hello" with its length. */
static void hello(struct peer *p)
{
	while (peer_head(p) && peer_body(p) &&
	       peer_say(p, "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n"
			   "X-Up: a\r\nX-Empty:\r\nx-UP: b\r\n\r\nhello"))
		continue;
	peer_waits_for_end(p);
}

static void test_get_with_token(void **state)
{
	struct browser *b;

	(void)state;
	start(hello);
	b = browser_open(run->port);
	for (int i = 0; i < 3; i++) {
		assert_int_equal(ask(b, "GET /api/me//x%2fy?b=2&a=1&",
				     "Authorization: Basic eDp5\r\n"
				     "X-Mine: 1\r\nX-Drop: 2\r\n"
				     "Connection: X-Drop\r\nTE: trailers\r\n"
				     "Proxy-Connection: keep-alive\r\n"),
				 END_WHOLE);
		assert_int_equal(b->status, 200);
		assert_string_equal(b->body, "hello");
	}
	assert_true(api_saw(api, "GET /v1/me//x%2fy?b=2&a=1& HTTP/1.1\r\n"));
	assert_true(api_saw(api, "\r\nAuthorization: Bearer s3cret\r\n"));
	assert_true(api_saw(api, "\r\nX-Mine: 1\r\n"));
	assert_false(api_saw(api, "Basic"));
	assert_false(api_saw(api, "X-Drop"));
	assert_false(api_saw(api, "TE:"));
	assert_false(api_saw(api, "Proxy-Connection"));
	assert_true(browser_has(b, "X-Up: a"));
	assert_true(browser_has(b, "x-UP: b"));
	assert_non_null(strstr(b->head, "\r\nX-Empty:"));
	assert_int_equal(api->n, 1); /* one connection for all three */
	browser_close(b);
}

static void test_absolute_form(void **state)
{
	struct browser *b;

	(void)state;
	start(hello);
	b = browser_open(run->port);
	assert_int_equal(ask(b, "GET http://api.test/x", ""), END_WHOLE);
	assert_int_equal(b->status, 200);
	assert_true(api_saw(api, "GET /v1/x HTTP/1.1\r\nHost: 127.0.0.1:"));
	assert_int_equal(ask(b, "OPTIONS http://api.test", ""), END_WHOLE);
	assert_int_equal(b->status, 200);
	assert_true(api_saw(api, "OPTIONS "));
	browser_close(b);
}

static void test_grant_none_passes_credentials(void **state)
{
	struct browser *b;

	(void)state;
	start(hello);
	b = browser_open(run->port);
	assert_int_equal(ask(b, "GET /open/x", "Authorization: Basic eDp5\r\n"),
			 END_WHOLE);
	assert_int_equal(b->status, 200);
	assert_true(api_saw(api, "\r\nAuthorization: Basic eDp5\r\n"));
	assert_false(api_saw(api, "s3cret"));
	browser_close(b);
}

/* By the path's last part. */
static void bodyless(struct peer *p)
{
	bool good = true;

	while (good && peer_head(p)) {
		if (strstr(p->head, "/length"))
			good = peer_say(p, "HTTP/1.1 200 OK\r\n"
					   "Content-Length: 70000\r\n\r\n");
		else if (strstr(p->head, "/chunked"))
			good = peer_say(p, "HTTP/1.1 200 OK\r\n"
					   "Transfer-Encoding: chunked\r\n"
					   "\r\n");
		else if (strstr(p->head, "/204"))
			good = peer_say(p, "HTTP/1.1 204 No\r\n\r\n");
		else if (strstr(p->head, "/304sized"))
			good = peer_say(p, "HTTP/1.1 304 No\r\nETag: \"a\"\r\n"
					   "Content-Length: 9\r\n\r\n");
		else if (strstr(p->head, "/304"))
			good = peer_say(p, "HTTP/1.1 304 No\r\n\r\n");
		else if (strstr(p->head, "/empty"))
			good = peer_say(p, "HTTP/1.1 200 OK\r\n"
					   "Content-Length: 0\r\n\r\n");
		else
			good = peer_say(p, "HTTP/1.1 103 Early Hints\r\n\r\n"
					   "HTTP/1.1 200 OK\r\n"
					   "Content-Length: 2\r\n\r\nok");
	}
}

static void test_answers_without_body(void **state)
{
	struct browser *b;

	(void)state;
	start(bodyless);
	b = browser_open(run->port);
	assert_int_equal(ask(b, "HEAD /api/length", ""), END_WHOLE);
	assert_int_equal(b->status, 200);
	assert_true(browser_has(b, "Content-Length: 70000"));
	assert_int_equal(ask(b, "GET /api/204", ""), END_WHOLE);
	assert_int_equal(b->status, 204);
	assert_null(browser_field(b, "Content-Length"));
	assert_null(browser_field(b, "Transfer-Encoding"));
	assert_int_equal(ask(b, "GET /api/304sized", ""), END_WHOLE);
	assert_int_equal(b->status, 304);
	assert_true(browser_has(b, "ETag: \"a\""));
	assert_int_equal(ask(b, "GET /api/empty", ""), END_WHOLE);
	assert_int_equal(b->octets, 0);
	/* The connection is in step after all of them. */
	assert_int_equal(ask(b, "GET /api/x", ""), END_WHOLE);
	assert_string_equal(b->body, "ok");
	browser_close(b);
}

/* Where no length is known, the connection's end is the only honest one. */
static void test_bodyless_without_length_closes(void **state)
{
	static const char *const lines[] = { "HEAD /api/chunked",
					     "GET /api/304" };

	(void)state;
	start(bodyless);
	for (size_t i = 0; i < 2; i++) {
		struct browser *b = browser_open(run->port);

		assert_int_equal(ask(b, lines[i], ""), END_WHOLE);
		assert_true(b->status == 200 || b->status == 304);
		assert_true(browser_has(b, "Connection: close"));
		assert_null(browser_field(b, "Transfer-Encoding"));
		assert_null(browser_field(b, "Content-Length"));
		assert_true(browser_ended(b));
		browser_close(b);
	}
}

static void test_pipelined(void **state)
{
	struct browser *b;

	(void)state;
	start(hello);
	b = browser_open(run->port);
	assert_true(browser_say(
		b, "GET /api/1 HTTP/1.1\r\nHost: localhost\r\n\r\n"
		   "POST /api/2 HTTP/1.1\r\nHost: localhost\r\n"
		   "Content-Length: 3\r\n\r\nabc"
		   "GET /nothing HTTP/1.1\r\nHost: localhost\r\n\r\n"
		   "GET /api/3 HTTP/1.1\r\nHost: localhost\r\n\r\n"));
	for (int i = 0; i < 4; i++) {
		assert_int_equal(browser_answer(b, false), END_WHOLE);
		assert_int_equal(b->status, i == 2 ? 404 : 200);
	}
	assert_true(api_saw(api, "GET /v1/3 "));
	assert_int_equal(atomic_load(&api->requests), 3);
	browser_close(b);
}

static void test_http10(void **state)
{
	struct browser *b;

	(void)state;
	start(hello);
	b = browser_open(run->port);
	assert_true(browser_say(b, "GET /api/1 HTTP/1.0\r\n\r\n"));
	assert_int_equal(browser_answer(b, false), END_WHOLE);
	assert_string_equal(b->body, "hello");
	assert_true(browser_ended(b));
	browser_close(b);
	b = browser_open(run->port);
	for (int i = 0; i < 2; i++) {
		assert_true(browser_say(b, "GET /api/1 HTTP/1.0\r\n"
					   "Connection: keep-alive\r\n\r\n"));
		assert_int_equal(browser_answer(b, false), END_WHOLE);
		assert_string_equal(b->body, "hello");
	}
	browser_close(b);
}

/* --- what bearerd answers by itself --- */

static const struct {
	const char *line, *more;
	int status;
	const char *error;
} refusals[] = {
	{ "GET /nothing", "", 404, NULL },
	{ "GET /", "", 404, NULL },
	{ "GET http://other.test/", "", 403, "http_request_denied" },
	{ "TRACE /api/x", "", 405, NULL },
	{ "GET /api/../../x", "", 400, "http_request_error" },
	{ "GET /api/%2e%2E%2fx/..", "", 400, "http_request_error" },
	{ "CONNECT api.test:443", "", 501, NULL },
	{ "GET /api/x", "Origin: https://evil.test\r\n", 403,
	  "http_request_denied" },
	{ "GET /api/x", "Sec-Fetch-Site: cross-site\r\n", 403,
	  "http_request_denied" },
	{ "GET /gone/x", "", 502, "connection_refused" },
	{ "GET /-/nothing", "", 404, NULL },
	{ "DELETE /-/health", "", 405, NULL },
};

static void test_refusals(void **state)
{
	(void)state;
	start(hello);
	for (size_t i = 0; i < sizeof(refusals) / sizeof(refusals[0]); i++) {
		struct browser *b = browser_open(run->port);
		const char *status;

		assert_int_equal(ask(b, refusals[i].line, refusals[i].more),
				 END_WHOLE);
		if (b->status != refusals[i].status)
			print_error("%s\n", refusals[i].line);
		assert_int_equal(b->status, refusals[i].status);
		assert_true(browser_has(
			b, "Content-Type: application/problem+json"));
		assert_non_null(strstr(b->body, "\"detail\":"));
		status = browser_field(b, "Proxy-Status");
		assert_non_null(status);
		assert_int_equal(strncmp(status, "bearerd", 7), 0);
		if (refusals[i].error != NULL)
			assert_non_null(strstr(status, refusals[i].error));
		assert_int_equal(browser_has(b, "Connection: close"),
				 b->status == 400 || b->status == 501);
		if (b->status == 405)
			assert_non_null(browser_field(b, "Allow"));
		browser_close(b);
	}
	assert_int_equal(atomic_load(&api->requests), 0);
}

static void test_other_name(void **state)
{
	struct browser *b;

	(void)state;
	start(hello);
	b = browser_open(run->port);
	assert_true(browser_say(b, "GET /api/x HTTP/1.1\r\n"
				   "Host: rebound.test\r\n\r\n"));
	assert_int_equal(browser_answer(b, false), END_WHOLE);
	assert_int_equal(b->status, 421);
	/* Its own origin, and a person's own steps, are no foreign page. */
	assert_int_equal(ask(b, "GET /api/x", "Sec-Fetch-Site: none\r\n"),
			 END_WHOLE);
	assert_int_equal(b->status, 200);
	assert_true(browser_say(b, "GET /api/x HTTP/1.1\r\nHost: localhost\r\n"
				   "Origin: http://localhost:%d\r\n\r\n",
				run->port));
	assert_int_equal(browser_answer(b, false), END_WHOLE);
	assert_int_equal(b->status, 200);
	assert_true(browser_say(b, "GET /-/health HTTP/1.1\r\n"
				   "Host: localhost\r\n"
				   "Sec-Fetch-Site: cross-site\r\n"
				   "Sec-Fetch-Mode: navigate\r\n"
				   "Sec-Fetch-Dest: document\r\n\r\n"));
	assert_int_equal(browser_answer(b, false), END_WHOLE);
	assert_int_equal(b->status, 200);
	browser_close(b);
}

/* --- heads that are too large --- */

static void large_head(struct peer *p)
{
	while (peer_head(p)) {
		size_t fields = strstr(p->head, "/huge") ? 1500 : 260;
		bool good = peer_say(p, "HTTP/1.1 200 OK\r\n");

		for (size_t i = 0; good && i < fields; i++)
			good = peer_say(p, "X-Filler-%04zu: %031d\r\n", i, 0);
		if (!good || !peer_say(p, "Content-Length: 2\r\n\r\nok"))
			return;
	}
}

static void test_large_response_heads(void **state)
{
	char cookies[8192] = "";
	struct browser *b;

	(void)state;
	start(large_head);
	b = browser_open(run->port);
	assert_int_equal(ask(b, "GET /api/large", ""), END_WHOLE);
	assert_int_equal(b->status, 200);
	assert_string_equal(b->body, "ok");
	assert_int_equal(ask(b, "GET /api/huge", ""), END_WHOLE);
	assert_int_equal(b->status, 502);
	assert_non_null(strstr(browser_field(b, "Proxy-Status"),
			       "http_response_header_section_size"));
	/* Cookies take memory of the same pool: the answer is written past
	 * it, and is the connection's last. */
	strcpy(cookies, "Cookie: a=b");
	while (strlen(cookies) < 600)
		strcat(cookies, "; a=b");
	strcat(cookies, "\r\n");
	assert_int_equal(ask(b, "GET /api/large", cookies), END_WHOLE);
	assert_int_equal(b->status, 200);
	assert_string_equal(b->body, "ok");
	assert_true(browser_has(b, "Connection: close"));
	assert_true(browser_ended(b));
	browser_close(b);
	b = browser_open(run->port);
	assert_int_equal(ask(b, "GET /api/large", ""), END_WHOLE);
	assert_int_equal(b->status, 200);
	/* More of them than it holds are not the upstream's to answer. */
	cookies[strlen(cookies) - 2] = '\0';
	while (strlen(cookies) < 2000)
		strcat(cookies, "; a=b");
	strcat(cookies, "\r\n");
	assert_int_equal(ask(b, "GET /api/large", cookies), END_WHOLE);
	assert_int_equal(b->status, 431);
	assert_non_null(strstr(b->body, "max_header_size"));
	browser_close(b);
}

static void test_large_request_head(void **state)
{
	static char field[40000];
	struct browser *b;

	(void)state;
	start(hello);
	b = browser_open(run->port);
	memset(field, 'x', sizeof(field) - 1);
	assert_true(browser_say(b, "GET /api/x HTTP/1.1\r\nHost: a\r\nX: "));
	browser_send(b, field, sizeof(field) - 1);
	browser_say(b, "\r\n\r\n");
	browser_answer(b, false);
	assert_true(b->status == 431 || b->status == 0);
	assert_int_equal(atomic_load(&api->requests), 0);
	browser_close(b);
}

/* --- own pages and the end --- */

static void test_own_pages(void **state)
{
	struct browser *b;

	(void)state;
	start(hello);
	b = browser_open(run->port);
	assert_int_equal(ask(b, "GET /-/health/ready", ""), END_WHOLE);
	assert_int_equal(b->status, 200);
	assert_true(browser_has(b, "Content-Type: application/health+json"));
	assert_int_equal(ask(b, "GET /-/health/live", ""), END_WHOLE);
	assert_int_equal(b->status, 200);
	assert_int_equal(ask(b, "GET /-/health?x", ""), END_WHOLE);
	assert_int_equal(b->status, 200);
	assert_non_null(strstr(b->body, "\"session:api\""));
	assert_int_equal(ask(b, "HEAD /-/health", ""), END_WHOLE);
	assert_non_null(browser_field(b, "Content-Length"));
	assert_int_equal(ask(b, "GET /-/health/api", ""), END_WHOLE);
	assert_int_equal(b->status, 200);
	assert_int_equal(atomic_load(&api->requests), 0);
	browser_close(b);
}

static void test_idle_server_stops(void **state)
{
	struct browser *b;

	(void)state;
	start(hello);
	b = browser_open(run->port);
	assert_int_equal(ask(b, "GET /api/x", ""), END_WHOLE);
	running_drain(run);
	assert_true(browser_ended(b));
	browser_close(b);
}

static void test_allow_from(void **state)
{
	struct browser *b;

	(void)state;
	api = api_start(hello);
	run = running_start("[proxy]\nlisten = 127.0.0.1:0\nworkers = 1\n"
			    "store = memory:\nallow_from = 192.0.2.0/24\n"
			    "[service api]\nupstream = http://127.0.0.1:%d\n"
			    "access_token = s3cret\n", api->port);
	b = browser_open(run->port);
	browser_say(b, "GET /-/health HTTP/1.1\r\nHost: localhost\r\n\r\n");
	assert_true(browser_answer(b, false) >= END_RESET);
	assert_int_equal(b->status, 0);
	browser_close(b);
}

/* Unread log lines hold no secret. */
static void test_log_has_no_secret(void **state)
{
	struct browser *b;

	(void)state;
	log_set_level(LOG_LEVEL_DEBUG);
	start(hello);
	b = browser_open(run->port);
	assert_int_equal(ask(b, "GET /api/x", ""), END_WHOLE);
	assert_int_equal(ask(b, "GET /gone/x?k=hidden", ""), END_WHOLE);
	log_set_level(LOG_LEVEL_INFO);
	browser_close(b);
	assert_non_null(strstr(running_said(run), "upstream_failed"));
	assert_null(strstr(running_said(run), "s3cret"));
	assert_null(strstr(running_said(run), "hidden"));
}

#define TEST(name) cmocka_unit_test_teardown(name, stop)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_get_with_token),
		TEST(test_absolute_form),
		TEST(test_grant_none_passes_credentials),
		TEST(test_answers_without_body),
		TEST(test_bodyless_without_length_closes),
		TEST(test_pipelined),
		TEST(test_http10),
		TEST(test_refusals),
		TEST(test_other_name),
		TEST(test_large_response_heads),
		TEST(test_large_request_head),
		TEST(test_own_pages),
		TEST(test_idle_server_stops),
		TEST(test_allow_from),
		TEST(test_log_has_no_secret),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
