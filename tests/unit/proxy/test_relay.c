/* SPDX-License-Identifier: MIT */
/* Answers on their way to the client: streamed in bounded memory, as soon as
 * they come, and never whole where the upstream's was not. */
#include "proxy/relay.h"

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

static bool get(struct browser *b, const char *path)
{
	return browser_say(b, "GET /api/%s HTTP/1.1\r\nHost: localhost\r\n"
			      "\r\n", path);
}

static bool get10(struct browser *b, const char *path)
{
	return browser_say(b, "GET /api/%s HTTP/1.0\r\n\r\n", path);
}

/* Waits at most 5 s until *n is at least this. */
static bool reaches(atomic_int *n, int want)
{
	for (int i = 0; i < 500 && atomic_load(n) < want; i++)
		usleep(10000);
	return atomic_load(n) >= want;
}

/* --- large answers --- */

enum { LARGE = 24 << 20 };

static void large(struct peer *p)
{
	while (peer_head(p)) {
		if (strstr(p->head, "/sized")) {
			peer_say(p, "HTTP/1.1 200 OK\r\n"
				    "Content-Length: %d\r\n\r\n", LARGE);
			if (!peer_flood(p, LARGE))
				break;
			continue;
		}
		/* Until it closes. */
		peer_say(p, "HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n");
		peer_flood(p, LARGE);
		return;
	}
	atomic_fetch_add(&p->api->gone, 1);
}

static void test_large_answers(void **state)
{
	struct browser *b;

	(void)state;
	start(large);
	b = browser_open(run->port);
	for (int i = 0; i < 2; i++) {
		assert_true(get(b, "sized"));
		assert_int_equal(browser_answer(b, false), END_WHOLE);
		assert_int_equal(b->octets, LARGE);
		assert_int_equal(strncmp(b->body, "abcdefgh", 8), 0);
		assert_non_null(browser_field(b, "Content-Length"));
	}
	assert_true(get(b, "until-close"));
	assert_int_equal(browser_answer(b, false), END_WHOLE);
	assert_int_equal(b->octets, LARGE);
	assert_true(browser_has(b, "Transfer-Encoding: chunked"));
	assert_null(browser_field(b, "Content-Length"));
	browser_close(b);
	b = browser_open(run->port);
	assert_true(get10(b, "until-close"));
	assert_int_equal(browser_answer(b, false), END_CLOSE);
	assert_int_equal(b->octets, LARGE);
	assert_null(browser_field(b, "Transfer-Encoding"));
	browser_close(b);
}

/* A client that does not read stops the upstream. */
static void test_slow_reader(void **state)
{
	struct browser *b;
	long before, after;

	(void)state;
	start(large);
	b = browser_open(run->port);
	assert_true(get(b, "sized"));
	assert_true(reaches(&api->requests, 1));
	usleep(700000);
	before = atomic_load(&api->written);
	usleep(300000);
	after = atomic_load(&api->written);
	assert_int_equal(before, after);
	assert_true(after < LARGE);
	assert_int_equal(browser_answer(b, false), END_WHOLE);
	assert_int_equal(b->octets, LARGE);
	browser_close(b);
}

/* One that goes away ends the upstream's transfer. */
static void test_client_leaves_in_the_middle(void **state)
{
	struct browser *b;

	(void)state;
	start(large);
	b = browser_open(run->port);
	assert_true(get(b, "sized"));
	assert_true(browser_head(b));
	browser_close(b);
	assert_true(reaches(&api->gone, 1));
	assert_true(atomic_load(&api->written) < LARGE);
}

/* --- pieces --- */

static atomic_int pieces;

static void in_pieces(struct peer *p)
{
	if (!peer_head(p) ||
	    !peer_say(p, "HTTP/1.1 200 OK\r\nContent-Type: "
			 "text/event-stream\r\nTransfer-Encoding: chunked\r\n"
			 "\r\n"))
		return;
	for (int i = 0; i < 3; i++) {
		if (!reaches(&pieces, i + 1) ||
		    !peer_say(p, "8\r\ndata: %d\n\r\n", i))
			return;
	}
	if (reaches(&pieces, 4))
		peer_say(p, "0\r\nX-Trailer: t\r\n\r\n");
}

/* Each comes before the next is made; also after the client has rested. */
static void test_pieces_come_as_they_are_made(void **state)
{
	struct browser *b;

	(void)state;
	start(in_pieces);
	atomic_store(&pieces, 0);
	b = browser_open(run->port);
	assert_true(get(b, "events"));
	assert_true(browser_head(b));
	assert_int_equal(b->status, 200);
	assert_true(browser_has(b, "Content-Type: text/event-stream"));
	for (int i = 0; i < 3; i++) {
		if (i == 2)
			usleep(1200000); /* a hang-up is watched for now */
		atomic_fetch_add(&pieces, 1);
		while (b->n == 0 || !memmem(b->in, b->n, "\n\r\n", 3))
			assert_true(browser_fill(b) > 0);
		assert_non_null(memmem(b->in, b->n, "data: ", 6));
		browser_used(b, b->n);
	}
	atomic_fetch_add(&pieces, 1);
	assert_true(browser_fill(b) > 0);
	assert_memory_equal(b->in, "0\r\n", 3);
	browser_close(b);
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

/* A connection that rests is looked at too. */
static void test_client_leaves_while_nothing_comes(void **state)
{
	(void)state;
	start(rests);
	for (int i = 0; i < 2; i++) {
		struct browser *b = browser_open(run->port);

		assert_true(get(b, i == 0 ? "nothing" : "head"));
		assert_true(reaches(&api->requests, i + 1));
		if (i == 1)
			assert_true(browser_head(b));
		browser_close(b);
		assert_true(reaches(&api->gone, i + 1));
	}
}

/* --- not whole --- */

static void breaks_off(struct peer *p)
{
	if (!peer_head(p))
		return;
	if (strstr(p->head, "/sized"))
		peer_say(p, "HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n"
			    "0123456789");
	else if (strstr(p->head, "/chunked"))
		peer_say(p, "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n"
			    "\r\na\r\n0123456789\r\n5\r\n01");
	else if (strstr(p->head, "/nochunk"))
		peer_say(p, "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n"
			    "\r\na\r\n0123456789\r\n");
	else if (strstr(p->head, "/inhead"))
		peer_say(p, "HTTP/1.1 200 OK\r\nContent-Le");
	/* else nothing at all */
	if (strstr(p->head, "late"))
		usleep(300000);
}

static void test_broken_answers_do_not_look_whole(void **state)
{
	static const char *const paths[] = { "sized", "chunked", "nochunk",
					     "sized-late", "chunked-late" };

	(void)state;
	start(breaks_off);
	for (size_t i = 0; i < 5; i++) {
		struct browser *b = browser_open(run->port);
		enum browser_end end;

		assert_true(get(b, paths[i]));
		end = browser_answer(b, false);
		assert_true(end == END_SHORT || end == END_RESET);
		assert_int_equal(b->status, 200);
		browser_close(b);
	}
}

static void test_broken_answer_resets_http10(void **state)
{
	(void)state;
	start(breaks_off);
	for (int i = 0; i < 2; i++) {
		struct browser *b = browser_open(run->port);

		assert_true(get10(b, i == 0 ? "chunked-late" : "nochunk"));
		assert_int_equal(browser_answer(b, false), END_RESET);
		browser_close(b);
	}
}

static void test_no_answer(void **state)
{
	struct browser *b;

	(void)state;
	start(breaks_off);
	b = browser_open(run->port);
	for (int i = 0; i < 2; i++) {
		assert_true(get(b, i == 0 ? "inhead" : "none"));
		assert_int_equal(browser_answer(b, false), END_WHOLE);
		assert_int_equal(b->status, 502);
		assert_true(browser_has(
			b, "Content-Type: application/problem+json"));
	}
	browser_close(b);
}

#define TEST(name) cmocka_unit_test_teardown(name, stop)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_large_answers),
		TEST(test_slow_reader),
		TEST(test_client_leaves_in_the_middle),
		TEST(test_pieces_come_as_they_are_made),
		TEST(test_client_leaves_while_nothing_comes),
		TEST(test_broken_answers_do_not_look_whole),
		TEST(test_broken_answer_resets_http10),
		TEST(test_no_answer),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
