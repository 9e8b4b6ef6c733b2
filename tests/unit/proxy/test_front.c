/* SPDX-License-Identifier: MIT */
/* What the front end makes of libmicrohttpd: targets as they were sent, one
 * answer to a head that it refuses itself, and no answer lost at a close. */
#include "proxy/front.h"

#include "proxy/requests.h"

static int begin(void **state)
{
	(void)state;
	api = api_start(keeps_body);
	run = running_start("[proxy]\nlisten = 127.0.0.1:0\nworkers = 1\n"
			    "store = memory:\nmax_header_size = 4096\n"
			    "[service api]\nupstream = http://127.0.0.1:%d\n"
			    "access_token = s3cret\n",
			    api->port);
	return 0;
}

/* libmicrohttpd would decode it, and cut it at its query. */
static void test_target_is_kept(void **state)
{
	static const char *const targets[] = {
		"/x%2Fy%20z", "/x?", "/x?a=%26&b=%41?c&d", "/x?a=1&a=1&=&",
		"/%C3%A4;p=1", "/x+y?z+z",
	};
	char line[128];

	(void)state;
	for (size_t i = 0; i < sizeof(targets) / sizeof(targets[0]); i++) {
		snprintf(line, sizeof(line), "GET /api%s", targets[i]);
		assert_int_equal(request(line, "", ""), 200);
		snprintf(line, sizeof(line), "GET %s HTTP/1.1\r\n",
			 targets[i]);
		if (!api_saw(api, line))
			fail_msg("%s", targets[i]);
	}
}

/* Nothing follows behind the answer, above all no second one. */
static void assert_refused(struct browser *b, int status)
{
	assert_int_equal(browser_answer(b, false), END_WHOLE);
	assert_int_equal(b->status, status);
	assert_true(browser_has(b, "Content-Type: application/problem+json"));
	assert_true(browser_has(b, "Connection: close"));
	assert_true(browser_ended(b));
	browser_close(b);
}

static void test_lengths_that_are_not_numbers(void **state)
{
	static const char *const lengths[] = {
		"abc", "-1", "1 2", "0x10", "99999999999999999999999",
	};
	struct browser *b;

	(void)state;
	for (size_t i = 0; i < sizeof(lengths) / sizeof(lengths[0]); i++) {
		b = browser_open(run->port);
		assert_true(browser_say(b, "POST /api/x HTTP/1.1\r\n"
					   "Host: 127.0.0.1\r\n"
					   "Content-Length: %s\r\n\r\n",
					lengths[i]));
		assert_refused(b, 400);
	}
	assert_int_equal(atomic_load(&api->requests), 0);
}

/* The largest head fits, with all that libmicrohttpd notes of it; one that is
 * larger is answered, wherever in it that is seen. */
static void test_large_heads(void **state)
{
	static char value[16 * 1024];
	struct browser *b;

	(void)state;
	memset(value, 'v', sizeof(value));
	b = browser_open(run->port);
	assert_true(browser_say(b, "GET /api/x HTTP/1.1\r\nHost: 127.0.0.1\r\n"
				   "X: %.3900s\r\n\r\n", value));
	assert_int_equal(browser_answer(b, false), END_WHOLE);
	assert_int_equal(b->status, 200);
	browser_close(b);
	for (int n = 4200; n < 8000; n += 600) {
		b = browser_open(run->port);
		assert_true(browser_say(b, "GET /api/x HTTP/1.1\r\n"
					   "Host: 127.0.0.1\r\nX: %.*s\r\n\r\n",
					n, value));
		assert_int_equal(browser_answer(b, false), END_WHOLE);
		assert_int_equal(b->status, 431);
		browser_close(b);
	}
	assert_int_equal(atomic_load(&api->requests), 1);
}

/* Each cookie takes notes of its own. */
static void test_many_cookies(void **state)
{
	struct browser *b = browser_open(run->port);

	(void)state;
	assert_true(browser_say(b, "GET /api/x HTTP/1.1\r\nHost: 127.0.0.1\r\n"
				   "Cookie: a=1"));
	for (int i = 0; i < 400; i++)
		assert_true(browser_say(b, "; a%d=1", i));
	assert_true(browser_say(b, "\r\n\r\n"));
	browser_answer(b, false);
	assert_true(b->status == 200 || b->status == 431);
	browser_close(b);
	/* Whatever it was: the worker serves the next one. */
	assert_int_equal(request("GET /api/x", "", ""), 200);
}

/* Several in one piece are answered in their order, each once; the last says
 * that it is the last. */
static void test_several_at_once(void **state)
{
	struct browser *b = browser_open(run->port);

	(void)state;
	assert_true(browser_say(b,
				"GET /api/1 HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n"
				"GET /none HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n"
				"POST /api/2 HTTP/1.1\r\nHost: 127.0.0.1\r\n"
				"Content-Length: 3\r\n\r\nabc"
				"GET /-/health/live HTTP/1.1\r\n"
				"Host: 127.0.0.1\r\n"
				"Connection: close\r\n\r\n"));
	assert_int_equal(browser_answer(b, false), END_WHOLE);
	assert_int_equal(b->status, 200);
	assert_int_equal(browser_answer(b, false), END_WHOLE);
	assert_int_equal(b->status, 404);
	assert_int_equal(browser_answer(b, false), END_WHOLE);
	assert_int_equal(b->status, 200);
	assert_string_equal(b->body, "ok");
	assert_int_equal(browser_answer(b, false), END_WHOLE);
	assert_true(browser_has(b, "Connection: close"));
	assert_true(browser_ended(b));
	assert_true(body_is("abc"));
	browser_close(b);
}

/* Octets that nobody has read when a connection is closed would reset it, and
 * the client's answer with it. */
static void test_answer_survives_octets_behind_it(void **state)
{
	static char more[64 * 1024];

	(void)state;
	memset(more, 'm', sizeof(more));
	for (int i = 0; i < 10; i++) {
		struct browser *b = browser_open(run->port);

		assert_true(browser_say(b, "GET /api/x HTTP/1.1\r\n"
					   "Host: 127.0.0.1\r\n"
					   "Connection: close\r\n\r\n"));
		browser_send(b, more, sizeof(more));
		assert_int_equal(browser_answer(b, false), END_WHOLE);
		assert_int_equal(b->status, 200);
		assert_true(browser_ended(b));
		browser_close(b);
	}
}

#define TEST(name) \
	cmocka_unit_test_setup_teardown(name, begin, requests_end)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_target_is_kept),
		TEST(test_lengths_that_are_not_numbers),
		TEST(test_large_heads),
		TEST(test_many_cookies),
		TEST(test_several_at_once),
		TEST(test_answer_survives_octets_behind_it),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
