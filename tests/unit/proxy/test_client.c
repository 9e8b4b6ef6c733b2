/* SPDX-License-Identifier: MIT */
/* A client's connection between its requests, in a worker that has only what
 * that needs; time is the test's. */
#include "proxy/client.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/alloc.h"
#include "base/clock.h"
#include "base/limits.h"
#include "proxy/linger.h"
#include "proxy/spare.h"
#include "proxy/worker.h"

static struct worker w;
static struct services services;
static struct proxy_settings settings;
static struct client *c;
static int ends[2]; /* ours, and the client's */

static int begin(void **state)
{
	struct fault f;

	(void)state;
	clock_fake(1000000, 0);
	memset(&w, 0, sizeof(w));
	settings = (struct proxy_settings){ .header_timeout = 1000,
					    .keepalive_timeout = 3000 };
	services.proxy = &settings;
	w.services = &services;
	list_init(&w.reading);
	list_init(&w.idle);
	list_init(&w.resting);
	list_init(&w.lingering);
	w.loop = loop_new(&f);
	assert_non_null(w.loop);
	assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0,
				    ends), 0);
	c = client_new(&w, ends[0]);
	return 0;
}

static int end(void **state)
{
	(void)state;
	client_free(&c);
	linger_end(&w);
	loop_free(&w.loop);
	if (ends[0] >= 0)
		close(ends[0]);
	close(ends[1]);
	clock_real();
	return 0;
}

/* So much later, and the sweep has been. */
static void later(int64_t ms)
{
	clock_fake(clock_ms() + ms, 0);
	loop_turn(w.loop, 0);
	clients_sweep(&w);
}

/* What the client has been sent; "" where it has not, NULL at the end. */
static const char *sent(void)
{
	static char text[4096];
	ssize_t n = recv(ends[1], text, sizeof(text) - 1, 0);

	if (n == 0)
		return NULL;
	text[n > 0 ? n : 0] = '\0';
	return text;
}

static void assert_left_alone(void)
{
	const char *text = sent();

	assert_non_null(text);
	assert_string_equal(text, "");
}

static void assert_timed_out(void)
{
	const char *text = sent();

	assert_non_null(text);
	assert_int_equal(strncmp(text, "HTTP/1.1 408 Request Timeout\r\n", 30),
			 0);
	assert_non_null(strstr(text, "Connection: close\r\n"));
	assert_non_null(strstr(text, "error=http_request_error"));
	assert_null(sent());
}

static void test_first_head_has_its_time(void **state)
{
	(void)state;
	assert_int_equal(c->state, CLIENT_READING);
	later(900);
	assert_left_alone();
	/* The line's arrival is no new beginning. */
	client_reads(c);
	later(200);
	assert_timed_out();
}

static void test_whole_head_has_all_time(void **state)
{
	(void)state;
	client_reads(c);
	client_asks(c);
	later(100000);
	assert_left_alone();
}

static void test_pause_between_requests(void **state)
{
	(void)state;
	client_asks(c);
	client_waits(c);
	assert_int_equal(c->state, CLIENT_IDLE);
	later(400);
	assert_int_equal(c->state, CLIENT_IDLE);
	later(200);
	assert_int_equal(c->state, CLIENT_RESTING);
	later(2300);
	assert_left_alone();
	later(200);
	assert_null(sent()); /* closed without a word */
}

static void test_later_head_counts_from_its_first_octet(void **state)
{
	(void)state;
	client_asks(c);
	client_waits(c);
	later(600);
	assert_int_equal(c->state, CLIENT_RESTING);
	later(1900);
	assert_int_equal(send(ends[1], "G", 1, 0), 1);
	later(0);
	assert_int_equal(c->state, CLIENT_READING);
	later(900);
	assert_left_alone();
	later(200);
	assert_timed_out();
}

static void test_later_head_that_comes_at_once(void **state)
{
	(void)state;
	client_asks(c);
	client_waits(c);
	later(100);
	client_reads(c);
	assert_int_equal(c->state, CLIENT_READING);
	later(900);
	assert_left_alone();
	client_asks(c);
	later(5000);
	assert_left_alone();
}

static void test_the_oldest_end_first(void **state)
{
	int more[2];
	struct client *second;
	char octet;

	(void)state;
	assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0,
				    more), 0);
	later(600);
	second = client_new(&w, more[0]);
	later(600);
	assert_timed_out();
	assert_int_equal(recv(more[1], &octet, 1, 0), -1);
	later(600);
	assert_int_equal(recv(more[1], &octet, 1, 0), 1);
	client_free(&second);
	close(more[0]);
	close(more[1]);
}

static void test_octets_that_moved(void **state)
{
	(void)state;
	(void)client_moved(c);
	assert_false(client_moved(c));
	assert_int_equal(send(ends[0], "abc", 3, 0), 3);
	assert_true(client_moved(c));
	assert_false(client_moved(c));
	assert_string_equal(sent(), "abc");
	assert_true(client_moved(c));
}

static void test_refusal_with_a_time(void **state)
{
	const char *text;

	(void)state;
	client_refuse(ends[0], 503, "connection_limit_reached",
		      STR("too many"), "wait");
	text = sent();
	assert_non_null(text);
	assert_non_null(strstr(text, "\r\nRetry-After: 1\r\n"));
	assert_non_null(strstr(text, "\"action\":\"wait\""));
}

/* The answer stays to be read although the client goes on sending. */
static void test_linger(void **state)
{
	char block[4096] = "";

	(void)state;
	assert_int_equal(send(ends[0], "bye", 3, 0), 3);
	linger(&w, dup(ends[0]));
	assert_int_equal(w.nlingering, 1);
	for (int i = 0; i < 8; i++) {
		assert_int_equal(send(ends[1], block, sizeof(block), 0),
				 sizeof(block));
		loop_turn(w.loop, 0);
	}
	assert_string_equal(sent(), "bye");
	assert_null(sent());
	shutdown(ends[1], SHUT_WR);
	loop_turn(w.loop, 0);
	assert_int_equal(w.nlingering, 0);
}

static void test_linger_has_its_time(void **state)
{
	(void)state;
	linger(&w, dup(ends[0]));
	later(4000);
	assert_int_equal(w.nlingering, 1);
	later(2000);
	loop_turn(w.loop, 0);
	assert_int_equal(w.nlingering, 0);
}

static void test_linger_has_its_bound(void **state)
{
	struct rlimit files;

	(void)state;
	assert_int_equal(getrlimit(RLIMIT_NOFILE, &files), 0);
	files.rlim_cur = LIMIT_LINGERING + 200;
	assert_int_equal(setrlimit(RLIMIT_NOFILE, &files), 0);
	for (int i = 0; i < LIMIT_LINGERING + 40; i++)
		linger(&w, dup(ends[0]));
	assert_int_equal(w.nlingering, LIMIT_LINGERING);
	linger_end(&w);
	assert_int_equal(w.nlingering, 0);
}

/* Where descriptors are few they have half of those that clients do not need,
 * and give them back. */
static void test_linger_leaves_descriptors(void **state)
{
	(void)state;
	spare_set(8);
	for (int turn = 0; turn < 3; turn++) {
		for (int i = 0; i < 12; i++)
			linger(&w, dup(ends[0]));
		assert_int_equal(w.nlingering, 4);
		linger_end(&w);
		assert_int_equal(w.nlingering, 0);
	}
	spare_set(UINT64_MAX);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, begin, end)
	const struct CMUnitTest tests[] = {
		TEST(test_first_head_has_its_time),
		TEST(test_whole_head_has_all_time),
		TEST(test_pause_between_requests),
		TEST(test_later_head_counts_from_its_first_octet),
		TEST(test_later_head_that_comes_at_once),
		TEST(test_the_oldest_end_first),
		TEST(test_octets_that_moved),
		TEST(test_refusal_with_a_time),
		TEST(test_linger),
		TEST(test_linger_has_its_time),
		TEST(test_linger_has_its_bound),
		TEST(test_linger_leaves_descriptors),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
