/* SPDX-License-Identifier: MIT */
/* The first look at a request, through a real server: heads that are not what
 * they seem, and web pages that send behind their readers' backs. */
#include "proxy/guard.h"

#include "proxy/api.h"
#include "proxy/browser.h"
#include "proxy/running.h"

static struct api *api;
static struct running *run;

static void says_ok(struct peer *p)
{
	while (peer_head(p) && peer_body(p) &&
	       peer_say(p, "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"))
		continue;
}

static int begin(void **state)
{
	(void)state;
	api = api_start(says_ok);
	run = running_start("[proxy]\nlisten = 127.0.0.1:0\nworkers = 1\n"
			    "store = memory:\nown_names = box.test\n"
			    "external_url = https://proxy.test/\n"
			    "[service api]\nupstream = http://127.0.0.1:%d\n"
			    "access_token = s3cret\n", api->port);
	return 0;
}

static int end(void **state)
{
	(void)state;
	running_stop(run);
	api_stop(api);
	return 0;
}

#define LINE "POST /api/x HTTP/1.1\r\n"
#define HOST "Host: localhost\r\n"

/* What could be read in two ways, or is not what it seems. */
static const struct {
	const char *head;
	size_t n;
} ambiguous[] = {
#define HEAD(text) { text, sizeof(text) - 1 }
	HEAD(LINE HOST "Content-Length: 3\r\nContent-Length: 3\r\n\r\nabc"),
	HEAD(LINE HOST "Content-Length: 3\r\nTransfer-Encoding: chunked\r\n"
	     "\r\n0\r\n\r\n"),
	HEAD(LINE HOST "Transfer-Encoding: gzip, chunked\r\n\r\n0\r\n\r\n"),
	HEAD(LINE HOST "Transfer-Encoding: gzip\r\n\r\n0\r\n\r\n"),
	HEAD(LINE HOST "Transfer-Encoding: chunked \r\n\r\n0\r\n\r\n"),
	HEAD(LINE HOST "Transfer-Encoding: chunked\t\r\n\r\n0\r\n\r\n"),
	HEAD(LINE HOST "Content-Length : 3\r\n\r\nabc"),
	HEAD(LINE HOST "Content-Length: 3x\r\n\r\nabc"),
	HEAD(LINE HOST "X: a\r\n b\r\nY: c\r\n\r\n"),
	HEAD(LINE HOST "X: a\r\n b\r\n\r\n"),
	HEAD(LINE HOST "X: a\0b\r\nY: c\r\n\r\n"),
	HEAD(LINE HOST "X: a\0b\r\n\r\n"),
	HEAD(LINE HOST "X: a\0\0\0\r\n\r\n"),
	HEAD(LINE HOST "X\0: a\r\n\r\n"),
	HEAD(LINE HOST "X: a\x01" "b\r\n\r\n"),
	HEAD(LINE HOST HOST "\r\n"),
	HEAD(LINE "\r\n"),
	HEAD(LINE "Host: a b\r\n\r\n"),
	HEAD(LINE "Host: user@localhost\r\n\r\n"),
	HEAD("POST  /api/x HTTP/1.1\r\n" HOST "\r\n"),
	HEAD("POST /api/x  HTTP/1.1\r\n" HOST "\r\n"),
	HEAD("POST /api/x y HTTP/1.1\r\n" HOST "\r\n"),
	HEAD("POST /api/x\0y HTTP/1.1\r\n" HOST "\r\n"),
	HEAD("POST /api/x#y HTTP/1.1\r\n" HOST "\r\n"),
	HEAD("POST /api/\x7f HTTP/1.1\r\n" HOST "\r\n"),
	HEAD("POST ftp://api.test/ HTTP/1.1\r\n" HOST "\r\n"),
	HEAD("POST http://u:p@api.test/ HTTP/1.1\r\n" HOST "\r\n"),
	HEAD("POST /api/x HTTP/1.0\r\nTransfer-Encoding: chunked\r\n\r\n"
	     "0\r\n\r\n"),
#undef HEAD
};

static void test_ambiguous_heads(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(ambiguous) / sizeof(ambiguous[0]); i++) {
		struct browser *b = browser_open(run->port);

		assert_true(browser_send(b, ambiguous[i].head,
					 ambiguous[i].n));
		if (browser_answer(b, false) != END_WHOLE || b->status != 400)
			print_error("%zu: %s\n", i, ambiguous[i].head);
		assert_int_equal(b->status, 400);
		assert_true(browser_has(b, "Connection: close"));
		browser_close(b);
	}
	assert_int_equal(atomic_load(&api->requests), 0);
}

/* --- pages --- */

/* PORT stands for the proxy's own. */
static const struct {
	const char *target, *more;
	int status;
} pages[] = {
	{ "GET /api/x", "", 200 },
	{ "GET /api/x", "Origin: http://localhost:PORT\r\n", 200 },
	{ "GET /api/x", "Origin: http://127.0.0.1:PORT\r\n", 200 },
	{ "GET /api/x", "Origin: http://LOCALHOST.:PORT\r\n", 200 },
	{ "GET /api/x", "Origin: http://box.test:PORT\r\n", 200 },
	{ "GET /api/x", "Origin: https://proxy.test\r\n", 200 },
	{ "GET /api/x", "Origin: https://proxy.test:443\r\n", 200 },
	{ "GET /api/x", "Origin: http://proxy.test\r\n", 403 },
	{ "GET /api/x", "Origin: https://proxy.test:444\r\n", 403 },
	{ "GET /api/x", "Origin: http://localhost\r\n", 403 },
	{ "GET /api/x", "Origin: http://localhost:1\r\n", 403 },
	{ "GET /api/x", "Origin: http://localhost:PORT/\r\n", 403 },
	{ "GET /api/x", "Origin: http://127.0.0.2:PORT\r\n", 403 },
	{ "GET /api/x", "Origin: http://evil.test:PORT\r\n", 403 },
	{ "GET /api/x", "Origin: null\r\n", 403 },
	{ "GET /api/x", "Origin:\r\n", 403 },
	{ "GET /api/x", "origin: https://evil.test\r\n", 403 },
	{ "GET /api/x", "Origin: http://localhost:PORT\r\n"
			"Origin: https://evil.test\r\n", 403 },
	{ "GET /api/x", "Origin: http://localhost:PORT\r\n"
			"Sec-Fetch-Site: cross-site\r\n", 200 },
	{ "GET /api/x", "Sec-Fetch-Site: same-origin\r\n", 200 },
	{ "GET /api/x", "Sec-Fetch-Site: none\r\n", 200 },
	{ "GET /api/x", "Sec-Fetch-Site: same-site\r\n", 403 },
	{ "GET /api/x", "Sec-Fetch-Site: cross-site\r\n", 403 },
	{ "GET /api/x", "Sec-Fetch-Site: none\r\n"
			"Sec-Fetch-Site: cross-site\r\n", 403 },
	{ "GET /api/x", "Sec-Fetch-Site: cross-site\r\n"
			"Sec-Fetch-Mode: navigate\r\n"
			"Sec-Fetch-Dest: document\r\n", 403 },
	{ "GET /-/health", "Sec-Fetch-Site: cross-site\r\n"
			   "Sec-Fetch-Mode: navigate\r\n"
			   "Sec-Fetch-Dest: document\r\n", 200 },
	{ "GET /-/health", "Sec-Fetch-Site: cross-site\r\n"
			   "Sec-Fetch-Mode: navigate\r\n"
			   "Sec-Fetch-Dest: iframe\r\n", 403 },
	{ "GET /-/health", "Sec-Fetch-Site: cross-site\r\n"
			   "Sec-Fetch-Mode: no-cors\r\n"
			   "Sec-Fetch-Dest: document\r\n", 403 },
	{ "POST /-/health", "Sec-Fetch-Site: cross-site\r\n"
			    "Sec-Fetch-Mode: navigate\r\n"
			    "Sec-Fetch-Dest: document\r\n", 403 },
	{ "GET /-/health", "Origin: https://evil.test\r\n", 403 },
	{ "GET /-/health", "Sec-Fetch-Site: cross-site\r\n", 403 },
};

/* With the proxy's own port in its place. */
static void say_fields(struct browser *b, const char *fields)
{
	const char *port;

	while ((port = strstr(fields, "PORT")) != NULL) {
		assert_true(browser_say(b, "%.*s%d", (int)(port - fields),
					fields, run->port));
		fields = port + 4;
	}
	assert_true(browser_say(b, "%s\r\n", fields));
}

static void test_foreign_pages(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(pages) / sizeof(pages[0]); i++) {
		struct browser *b = browser_open(run->port);

		assert_true(browser_say(b, "%s HTTP/1.1\r\nHost: localhost\r\n",
					pages[i].target));
		say_fields(b, pages[i].more);
		assert_int_equal(browser_answer(b, false), END_WHOLE);
		if (b->status != pages[i].status)
			print_error("%s\n%s", pages[i].target, pages[i].more);
		assert_int_equal(b->status, pages[i].status);
		browser_close(b);
	}
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, begin, end)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_ambiguous_heads),
		TEST(test_foreign_pages),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
