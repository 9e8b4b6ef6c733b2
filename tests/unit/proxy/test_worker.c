/* SPDX-License-Identifier: MIT */
/* A worker's end (what is under way is finished, the rest is cancelled) and
 * what it looks after while it runs. */
#include "proxy/worker.h"

#include "proxy/api.h"
#include "proxy/browser.h"
#include "proxy/running.h"

static struct api *api;
static struct running *run;
static atomic_int goes_on; /* what the upstream waits for within an answer */

/* An answer whose second half comes when the test says so; but for /quick. */
static void in_halves(struct peer *p)
{
	while (peer_head(p)) {
		peer_say(p, "HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nok");
		for (int i = 0; i < 1000 && !atomic_load(&goes_on) &&
				!strstr(p->head, "/quick"); i++)
			usleep(10000);
		peer_say(p, "ok");
	}
}

static void rests(struct peer *p)
{
	if (!peer_head(p))
		return;
	if (strstr(p->head, "/head"))
		peer_say(p, "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n"
			    "\r\n2\r\nok\r\n");
	peer_waits_for_end(p);
}

static void start(api_fn *fn, int workers, const char *proxy,
		  const char *service)
{
	atomic_store(&goes_on, 0);
	api = api_start(fn);
	run = running_start("[proxy]\nlisten = 127.0.0.1:0\nworkers = %d\n"
			    "store = memory:\n%s"
			    "[service api]\nupstream = http://127.0.0.1:%d\n"
			    "access_token = s3cret\n%s",
			    workers, proxy, api->port, service);
}

static int stop(void **state)
{
	(void)state;
	atomic_store(&goes_on, 1);
	running_stop(run);
	api_stop(api);
	return 0;
}

static bool get(struct browser *b, const char *path)
{
	return browser_say(b, "GET /api/%s HTTP/1.1\r\nHost: localhost\r\n"
			      "\r\n", path);
}

/* Waits at most 20 s until *n is at least this. */
static bool reaches(atomic_int *n, int want)
{
	for (int i = 0; i < 2000 && atomic_load(n) < want; i++)
		usleep(10000);
	return atomic_load(n) >= want;
}

static void *drain(void *arg)
{
	running_drain(arg);
	return NULL;
}

/* Until nobody is let in any more: the listener is closed. */
static void until_closed(int port)
{
	struct sockaddr_in a = { .sin_family = AF_INET };
	int fd;

	a.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	a.sin_port = htons((uint16_t)port);
	for (int i = 0; i < 2000; i++) {
		fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
		if (connect(fd, (struct sockaddr *)&a, sizeof(a)) < 0) {
			close(fd);
			return;
		}
		close(fd);
		usleep(10000);
	}
	fail_msg("it still listens");
}

/* Of several workers each waits for its own. */
static void test_drain_finishes_what_is_under_way(void **state)
{
	struct browser *b[6];
	pthread_t thread;

	(void)state;
	start(in_halves, 3, "", "");
	for (int i = 0; i < 6; i++) {
		b[i] = browser_open(run->port);
		assert_true(get(b[i], "x"));
	}
	assert_true(reaches(&api->requests, 6));
	assert_int_equal(pthread_create(&thread, NULL, drain, run), 0);
	until_closed(run->port);
	atomic_store(&goes_on, 1);
	for (int i = 0; i < 6; i++) {
		assert_int_equal(browser_answer(b[i], false), END_WHOLE);
		assert_string_equal(b[i]->body, "okok");
		assert_true(browser_ended(b[i]));
		browser_close(b[i]);
	}
	pthread_join(thread, NULL);
}

/* Those that were in the kernel's queue are answered too. */
static void test_drain_serves_the_queue(void **state)
{
	struct browser *b[4];

	(void)state;
	start(in_halves, 1, "", "");
	atomic_store(&goes_on, 1);
	for (int i = 0; i < 4; i++) {
		b[i] = browser_open(run->port);
		assert_true(get(b[i], "x"));
	}
	running_drain(run);
	for (int i = 0; i < 4; i++) {
		assert_int_equal(browser_answer(b[i], false), END_WHOLE);
		assert_int_equal(b[i]->status, 200);
		browser_close(b[i]);
	}
}

static void test_drain_timeout_cuts(void **state)
{
	struct browser *waits, *streams;

	(void)state;
	start(rests, 1, "drain_timeout = 200ms\n", "");
	waits = browser_open(run->port);
	streams = browser_open(run->port);
	assert_true(get(waits, "nothing"));
	assert_true(get(streams, "head"));
	assert_true(browser_head(streams));
	assert_true(reaches(&api->requests, 2));
	running_drain(run);
	assert_int_equal(browser_answer(waits, false), END_WHOLE);
	assert_int_equal(waits->status, 503);
	assert_non_null(browser_field(waits, "Retry-After"));
	assert_int_equal(browser_chunks(streams), END_SHORT);
	assert_non_null(strstr(running_said(run), "drain_timeout worker=0 "
						  "cancelled=2"));
	browser_close(waits);
	browser_close(streams);
}

/* Requests that come later are told to come again; its health is told to the
 * end. */
static void test_drain_refuses_what_comes_later(void **state)
{
	struct browser *first, *second, *page[2];
	pthread_t thread;

	(void)state;
	start(in_halves, 1, "", "");
	first = browser_open(run->port);
	second = browser_open(run->port);
	page[0] = browser_open(run->port);
	page[1] = browser_open(run->port);
	assert_true(get(first, "x"));
	assert_true(reaches(&api->requests, 1));
	assert_int_equal(pthread_create(&thread, NULL, drain, run), 0);
	/* What came last has its turns first. */
	do {
		assert_true(get(second, "quick"));
		assert_int_equal(browser_answer(second, false), END_WHOLE);
	} while (second->status == 200);
	assert_int_equal(second->status, 503);
	assert_non_null(browser_field(second, "Retry-After"));
	assert_true(browser_has(second, "Connection: close"));
	for (int i = 0; i < 2; i++) {
		assert_true(browser_say(page[i], "GET /-/health/%s HTTP/1.1\r\n"
						 "Host: localhost\r\n\r\n",
					i == 0 ? "live" : "ready"));
		assert_int_equal(browser_answer(page[i], false), END_WHOLE);
		assert_int_equal(page[i]->status, i == 0 ? 200 : 503);
		assert_non_null(strstr(page[i]->body, "\"version\""));
		browser_close(page[i]);
	}
	atomic_store(&goes_on, 1);
	assert_int_equal(browser_answer(first, false), END_WHOLE);
	assert_string_equal(first->body, "okok");
	pthread_join(thread, NULL);
	assert_true(browser_ended(second));
	browser_close(first);
	browser_close(second);
}

/* libmicrohttpd keeps no time: a body that stands still is ended by the
 * worker's sweep. */
static void test_body_that_stands_still(void **state)
{
	struct browser *b;

	(void)state;
	start(rests, 1, "", "idle_timeout = 200ms\n");
	b = browser_open(run->port);
	assert_true(browser_say(b, "POST /api/x HTTP/1.1\r\nHost: localhost\r\n"
				   "Content-Length: 5\r\n\r\nab"));
	assert_int_equal(browser_answer(b, false), END_WHOLE);
	assert_int_equal(b->status, 408);
	assert_true(browser_has(b, "Connection: close"));
	browser_close(b);
}

/* A client that hangs up while its connection is suspended: libmicrohttpd does
 * not see it, the sweep does, and the upstream is let go. */
static void test_client_leaves_while_it_waits(void **state)
{
	struct browser *b;

	(void)state;
	start(rests, 2, "", "");
	for (int i = 0; i < 4; i++) {
		b = browser_open(run->port);
		assert_true(get(b, i % 2 == 0 ? "nothing" : "head"));
		assert_true(reaches(&api->requests, i + 1));
		browser_close(b);
		assert_true(reaches(&api->gone, i + 1));
	}
}

#define TEST(name) cmocka_unit_test_teardown(name, stop)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_drain_finishes_what_is_under_way),
		TEST(test_drain_serves_the_queue),
		TEST(test_drain_timeout_cuts),
		TEST(test_drain_refuses_what_comes_later),
		TEST(test_body_that_stands_still),
		TEST(test_client_leaves_while_it_waits),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
