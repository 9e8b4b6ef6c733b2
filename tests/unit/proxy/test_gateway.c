/* SPDX-License-Identifier: MIT */
/* What RFC 9110 asks of a gateway, through a real server. */
#include "proxy/gateway.h"

#include "proxy/api.h"
#include "proxy/browser.h"
#include "proxy/running.h"

static struct api *api;
static struct running *run;

static _Atomic(const char *) cached = ""; /* what the answer to /cached says */

/* Answers with what the path's last part names. */
static void by_name(struct peer *p)
{
	bool good = true;

	while (good && peer_head(p) && peer_body(p)) {
		const char *more = "";

		if (strstr(p->head, "/cached"))
			more = atomic_load(&cached);
		else if (strstr(p->head, "/cors"))
			more = "Access-Control-Allow-Origin: *\r\n";
		else if (strstr(p->head, "/hops"))
			more = "Connection: X-Hop, close\r\nX-Hop: 1\r\n"
			       "Keep-Alive: 5\r\nProxy-Authenticate: Basic\r\n"
			       "Upgrade: h2c\r\nVia: 1.0 other\r\n";
		good = peer_say(p, "HTTP/1.1 200 OK\r\n%s"
				   "Content-Length: 2\r\n\r\nok", more) &&
		       strstr(more, "close") == NULL;
	}
}

static int begin(void **state)
{
	(void)state;
	api = api_start(by_name);
	run = running_start("[proxy]\nlisten = 127.0.0.1:0\nworkers = 1\n"
			    "store = memory:\n"
			    "[service api]\nupstream = http://127.0.0.1:%d\n"
			    "access_token = s3cret\n"
			    "allow_origin = https://app.test\n"
			    "[service open]\n"
			    "upstream = http://localhost:%d\n"
			    "grant_type = none\n", api->port, api->port);
	return 0;
}

static int end(void **state)
{
	(void)state;
	running_stop(run);
	api_stop(api);
	return 0;
}

static int ask(struct browser *b, const char *line, const char *more)
{
	assert_true(browser_say(b, "%s HTTP/1.1\r\nHost: 127.0.0.1\r\n%s\r\n",
				line, more));
	assert_int_equal(browser_answer(b, false), END_WHOLE);
	return b->status;
}

static void test_via_both_ways(void **state)
{
	struct browser *b = browser_open(run->port);
	const char *via;

	(void)state;
	assert_int_equal(ask(b, "GET /api/x", "Via: 1.1 before\r\n"), 200);
	assert_true(api_saw(api, "\r\nVia: 1.1 before\r\n"));
	assert_true(api_saw(api, "\r\nVia: 1.1 bearerd-"));
	via = browser_field(b, "Via");
	assert_non_null(via);
	assert_int_equal(strncmp(via, "1.1 bearerd-", 12), 0);
	assert_int_equal(strspn(via + 12, "0123456789abcdef"), 8);
	assert_memory_equal(via + 20, "\r\n", 2);
	browser_close(b);
}

static void test_loop(void **state)
{
	struct browser *b = browser_open(run->port);
	char via[64] = "Via: 1.0 a, ";

	(void)state;
	assert_int_equal(ask(b, "GET /api/x", ""), 200);
	strncat(via, browser_field(b, "Via"), 20);
	strcat(via, " (x), 1.1 b\r\n");
	assert_int_equal(ask(b, "GET /api/x", via), 502);
	assert_non_null(strstr(browser_field(b, "Proxy-Status"),
			       "proxy_loop_detected"));
	assert_int_equal(ask(b, "GET /api/x", "Via: 1.1 bearerd-\r\n"), 200);
	assert_int_equal(atomic_load(&api->requests), 2);
	browser_close(b);
}

static void test_max_forwards(void **state)
{
	struct browser *b = browser_open(run->port);

	(void)state;
	assert_int_equal(ask(b, "OPTIONS /api/x", "Max-Forwards: 0\r\n"), 204);
	assert_int_equal(atomic_load(&api->requests), 0);
	assert_int_equal(ask(b, "OPTIONS /api/x", "Max-Forwards: 5\r\n"), 200);
	assert_true(api_saw(api, "\r\nMax-Forwards: 4\r\n"));
	assert_int_equal(ask(b, "GET /api/x", "Max-Forwards: 0\r\n"), 200);
	assert_true(api_saw(api, "\r\nMax-Forwards: 0\r\n"));
	browser_close(b);
}

/* What the token opened is not for a shared cache, unless the answer says
 * itself whose it is. */
static void test_cache_control(void **state)
{
	static const struct {
		const char *says;
		bool added;
	} rows[] = {
		{ "", true },
		{ "Cache-Control: max-age=9\r\n", true },
		{ "Cache-Control: no-cache, must-revalidate\r\n", true },
		{ "Cache-Control: x=\"a\"\r\n", true },
		{ "Cache-Control: publicly\r\n", true },
		{ "Cache-Control: public\r\n", false },
		{ "cache-control: max-age=9,Private\r\n", false },
		{ "Cache-Control: private=\"set-cookie\"\r\n", true },
		{ "Cache-Control: no-store\r\n", false },
		{ "Cache-Control: no-cache\r\nCache-Control: S-MAXAGE = 9\r\n",
		  false },
	};
	struct browser *b = browser_open(run->port);

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		atomic_store(&cached, rows[i].says);
		assert_int_equal(ask(b, "GET /api/cached", ""), 200);
		if (browser_has(b, "Cache-Control: private") !=
		    rows[i].added)
			fail_msg("%s", rows[i].says);
		assert_int_equal(ask(b, "GET /open/cached", ""), 200);
		assert_false(browser_has(b, "Cache-Control: private"));
	}
	browser_close(b);
}

static void test_hop_by_hop_of_the_answer(void **state)
{
	struct browser *b = browser_open(run->port);

	(void)state;
	assert_int_equal(ask(b, "GET /api/hops", ""), 200);
	assert_null(browser_field(b, "X-Hop"));
	assert_null(browser_field(b, "Keep-Alive"));
	assert_null(browser_field(b, "Proxy-Authenticate"));
	assert_null(browser_field(b, "Upgrade"));
	assert_true(browser_has(b, "Via: 1.0 other"));
	/* The upstream's close is not the client's. */
	assert_null(browser_field(b, "Connection"));
	assert_int_equal(ask(b, "GET /api/x", ""), 200);
	browser_close(b);
}

#define APP "Origin: https://app.test\r\n"

static void test_preflight(void **state)
{
	struct browser *b = browser_open(run->port);

	(void)state;
	assert_int_equal(ask(b, "OPTIONS /api/x",
			     APP "Access-Control-Request-Method: PATCH\r\n"
			     "Access-Control-Request-Headers: x-a, x-b\r\n"
			     "Sec-Fetch-Site: cross-site\r\n"), 204);
	assert_true(browser_has(
		b, "Access-Control-Allow-Origin: https://app.test"));
	assert_true(browser_has(b, "Access-Control-Allow-Methods: PATCH"));
	assert_true(browser_has(b, "Access-Control-Allow-Headers: x-a, x-b"));
	assert_int_equal(atomic_load(&api->requests), 0);
	/* Of others it is none. */
	assert_int_equal(ask(b, "OPTIONS /api/x",
			     "Origin: https://evil.test\r\n"
			     "Access-Control-Request-Method: GET\r\n"), 403);
	assert_int_equal(ask(b, "OPTIONS /open/x", APP
			     "Access-Control-Request-Method: GET\r\n"), 403);
	assert_null(browser_field(b, "Access-Control-Allow-Origin"));
	browser_close(b);
}

static void test_allowed_page(void **state)
{
	struct browser *b = browser_open(run->port);

	(void)state;
	assert_int_equal(ask(b, "GET /api/cors",
			     APP "Sec-Fetch-Site: cross-site\r\n"), 200);
	assert_true(browser_has(
		b, "Access-Control-Allow-Origin: https://app.test"));
	assert_false(browser_has(b, "Access-Control-Allow-Origin: *"));
	assert_true(browser_has(b, "Vary: Origin"));
	assert_int_equal(ask(b, "GET /api/x", APP APP), 200);
	assert_int_equal(ask(b, "GET /api/x", APP "Origin: null\r\n"), 403);
	browser_close(b);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, begin, end)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_via_both_ways),
		TEST(test_loop),
		TEST(test_max_forwards),
		TEST(test_cache_control),
		TEST(test_hop_by_hop_of_the_answer),
		TEST(test_preflight),
		TEST(test_allowed_page),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
