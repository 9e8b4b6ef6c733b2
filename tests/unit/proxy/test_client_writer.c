/* SPDX-License-Identifier: MIT */
/* What is written past libmicrohttpd, on a real connection of loopback. */
#include "proxy/client_writer.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/limits.h"
#include "proxy/browser.h"
#include "proxy/spare.h"

enum { LARGE = 4 << 20 };

static struct {
	struct loop *loop;
	struct arena arena;
	struct fields fields, trailers;
	struct client_writer *w;
	struct browser *client;
	int fd;              /* the server's end */
	const char *body;    /* what is left of it */
	size_t left;         /* of it; further octets are 'x' */
	ssize_t end;         /* what body returns behind it */
	size_t taken;        /* octets that were asked for and given */
	bool frees;          /* done frees the writer */
	int done;            /* how often it was called */
	bool whole;
} it;

static ssize_t body(void *arg, char *p, size_t n)
{
	assert_ptr_equal(arg, &it);
	if (it.left == 0)
		return it.end;
	if (n > it.left)
		n = it.left;
	for (size_t i = 0; i < n; i++)
		p[i] = it.body && *it.body ? *it.body++ : 'x';
	it.left -= n;
	it.taken += n;
	return (ssize_t)n;
}

static const struct fields *trailers(void *arg)
{
	assert_ptr_equal(arg, &it);
	return &it.trailers;
}

static void done(void *arg, bool whole)
{
	assert_ptr_equal(arg, &it);
	it.done++;
	it.whole = whole;
	if (it.frees)
		client_writer_free(&it.w);
}

/* A connection of loopback with small buffers. */
static void connect_both(void)
{
	struct sockaddr_in a = { .sin_family = AF_INET };
	socklen_t n = sizeof(a);
	int small = 8 * 1024, fd = socket(AF_INET, SOCK_STREAM, 0);

	a.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	assert_int_equal(bind(fd, (struct sockaddr *)&a, n), 0);
	assert_int_equal(listen(fd, 1), 0);
	assert_int_equal(getsockname(fd, (struct sockaddr *)&a, &n), 0);
	it.client = browser_open(ntohs(a.sin_port));
	it.fd = accept4(fd, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC);
	assert_true(it.fd >= 0);
	assert_int_equal(setsockopt(it.fd, SOL_SOCKET, SO_SNDBUF, &small,
				    sizeof(small)), 0);
	assert_int_equal(setsockopt(it.client->fd, SOL_SOCKET, SO_RCVBUF,
				    &small, sizeof(small)), 0);
	close(fd);
}

static int set_up(void **state)
{
	static const struct client_writer_events events = {
		.body = body, .trailers = trailers, .done = done,
	};
	struct fault f;

	(void)state;
	memset(&it, 0, sizeof(it));
	it.end = CLIENT_WRITER_END;
	it.loop = loop_new(&f);
	arena_init(&it.arena, NULL, 0);
	fields_init(&it.fields, &it.arena);
	fields_init(&it.trailers, &it.arena);
	connect_both();
	it.w = client_writer_new(it.loop, it.fd, &events, &it, &f);
	return it.w ? 0 : -1;
}

static int tear_down(void **state)
{
	(void)state;
	client_writer_free(&it.w);
	if (it.fd >= 0)
		close(it.fd);
	browser_close(it.client);
	arena_fini(&it.arena);
	loop_free(&it.loop);
	return 0;
}

static void answer(enum client_framing framing, const char *text)
{
	it.body = text;
	it.left = text ? strlen(text) : it.left;
	client_writer_answer(it.w, &(struct client_answer){
					   .status = 200,
					   .fields = &it.fields,
					   .framing = framing,
					   .length = it.left });
}

/* Turns until done was called; libmicrohttpd's own end of the connection is
 * closed then, as it is where a request is refused behind an answer. */
static void until_done(bool whole)
{
	for (int i = 0; it.done == 0 && i < 1000; i++)
		loop_turn(it.loop, 10);
	assert_int_equal(it.done, 1);
	assert_int_equal(it.whole, whole);
	client_writer_free(&it.w);
	close(it.fd);
	it.fd = -1;
}

static void test_answer_with_a_length(void **state)
{
	(void)state;
	fields_add(&it.fields, STR("X-Own"), STR("1"));
	answer(CLIENT_SIZED, "hello");
	assert_int_equal(it.done, 0); /* never from within */
	until_done(true);
	assert_int_equal(browser_answer(it.client, false), END_WHOLE);
	assert_int_equal(it.client->status, 200);
	assert_string_equal(it.client->body, "hello");
	assert_true(browser_has(it.client, "X-Own: 1"));
	assert_true(browser_has(it.client, "Content-Length: 5"));
	assert_true(browser_has(it.client, "Connection: close"));
	assert_non_null(browser_field(it.client, "Date"));
	assert_true(browser_ended(it.client));
}

static void test_date_of_the_upstream_stays(void **state)
{
	const char date[] = "Date: Sun, 06 Nov 1994 08:49:37 GMT";

	(void)state;
	fields_add(&it.fields, STR("Date"), str_from(str_z(date), 6));
	answer(CLIENT_SIZED, "");
	until_done(true);
	assert_int_equal(browser_answer(it.client, false), END_WHOLE);
	assert_true(browser_has(it.client, date));
	assert_null(strstr(browser_field(it.client, "Date"), "Date:"));
}

static void test_interim_responses_come_first(void **state)
{
	(void)state;
	fields_add(&it.fields, STR("Link"), STR("</a>"));
	client_writer_interim(it.w, 103, &it.fields);
	client_writer_interim(it.w, 102, NULL);
	assert_false(client_writer_is_dirty(it.w));
	assert_true(browser_head(it.client));
	assert_int_equal(it.client->status, 103);
	assert_true(browser_has(it.client, "Link: </a>"));
	assert_true(browser_head(it.client));
	assert_int_equal(it.client->status, 102);
	answer(CLIENT_SIZED, "hi");
	client_writer_interim(it.w, 103, NULL); /* too late */
	until_done(true);
	assert_int_equal(browser_answer(it.client, false), END_WHOLE);
	assert_int_equal(it.client->status, 200);
	assert_true(browser_ended(it.client));
}

/* The body comes when there is some; trailers stand behind the last chunk. */
static void test_chunks_and_trailers(void **state)
{
	(void)state;
	it.end = CLIENT_WRITER_LATER;
	fields_add(&it.trailers, STR("X-T"), STR("1"));
	answer(CLIENT_CHUNKED, "one ");
	for (int i = 0; i < 3; i++)
		loop_turn(it.loop, 1);
	assert_int_equal(it.done, 0);
	it.body = "two";
	it.left = 3;
	it.end = CLIENT_WRITER_END;
	client_writer_resume(it.w);
	until_done(true);
	assert_true(browser_head(it.client));
	assert_true(browser_has(it.client, "Transfer-Encoding: chunked"));
	assert_null(browser_field(it.client, "Content-Length"));
	assert_int_equal(browser_take(it.client, UINT64_MAX, END_CLOSE),
			 END_CLOSE);
	assert_string_equal(it.client->body, "4\r\none \r\n3\r\ntwo\r\n"
					     "0\r\nX-T: 1\r\n\r\n");
}

static void test_no_body_but_its_length(void **state)
{
	(void)state;
	it.left = 7;
	client_writer_answer(it.w, &(struct client_answer){
					   .status = 200,
					   .fields = &it.fields,
					   .framing = CLIENT_NO_BODY,
					   .has_length = true,
					   .length = 7 });
	until_done(true);
	assert_int_equal(it.taken, 0);
	assert_int_equal(browser_answer(it.client, true), END_WHOLE);
	assert_true(browser_has(it.client, "Content-Length: 7"));
	assert_true(browser_ended(it.client));
}

/* It must not look whole: fewer octets than said, no last chunk, or, where the
 * end is the connection's, a reset. */
static void test_broken_answers_do_not_look_whole(void **state)
{
	(void)state;
	it.end = CLIENT_WRITER_CUT;
	answer(CLIENT_CHUNKED, "part");
	until_done(false);
	assert_int_equal(browser_answer(it.client, false), END_SHORT);
	assert_string_equal(it.client->body, "part");
}

static void test_length_that_is_not_reached(void **state)
{
	(void)state;
	it.left = 4;
	client_writer_answer(it.w, &(struct client_answer){
					   .status = 200,
					   .fields = &it.fields,
					   .framing = CLIENT_SIZED,
					   .length = 5 });
	until_done(false);
	assert_int_equal(browser_answer(it.client, false), END_SHORT);
}

static void test_break_of_what_ends_with_the_connection(void **state)
{
	(void)state;
	it.end = CLIENT_WRITER_LATER;
	answer(CLIENT_TO_CLOSE, "part");
	assert_true(browser_head(it.client));
	assert_true(browser_has(it.client, "Connection: close"));
	client_writer_cut(it.w);
	until_done(false);
	assert_int_equal(browser_take(it.client, UINT64_MAX, END_CLOSE),
			 END_RESET);
}

/* Of a body nothing is taken that the client has no room for. */
static void test_slow_client_costs_no_memory(void **state)
{
	size_t before;

	(void)state;
	it.left = LARGE;
	answer(CLIENT_SIZED, NULL);
	do {
		before = it.taken;
		for (int i = 0; i < 3; i++)
			loop_turn(it.loop, 1);
	} while (it.taken > before);
	assert_true(it.taken < LARGE);
	assert_true(client_writer_is_dirty(it.w));
	assert_int_equal(it.done, 0);
	assert_true(browser_head(it.client));
	while (it.done == 0 && it.client->octets < LARGE) {
		browser_take(it.client, it.client->n, END_SHORT);
		if (it.client->octets < LARGE)
			assert_true(browser_fill(it.client) > 0);
		loop_turn(it.loop, 0);
	}
	until_done(true);
	assert_int_equal(browser_take(it.client, LARGE - it.client->octets,
				      END_SHORT), END_WHOLE);
	assert_int_equal(it.taken, LARGE);
	assert_true(browser_ended(it.client));
}

static void test_client_that_left(void **state)
{
	const struct linger reset = { .l_onoff = 1 };

	(void)state;
	setsockopt(it.client->fd, SOL_SOCKET, SO_LINGER, &reset,
		   sizeof(reset));
	shutdown(it.client->fd, SHUT_RDWR);
	close(it.client->fd);
	it.client->fd = dup(it.fd);
	it.left = LARGE;
	answer(CLIENT_CHUNKED, NULL);
	until_done(false);
	assert_true(it.taken < LARGE);
}

static void test_head_that_is_too_large(void **state)
{
	static char value[LIMIT_CLIENT_WRITER + 1];

	(void)state;
	memset(value, 'v', sizeof(value));
	fields_add(&it.fields, STR("X"), (struct str){ value, sizeof(value) });
	answer(CLIENT_SIZED, "hello");
	until_done(false);
	assert_int_equal(it.taken, 0);
	assert_int_equal(browser_answer(it.client, false), END_NONE);
}

/* Writes little at a time, and at times nothing. */
static ssize_t drips(void *arg, const char *p, size_t n)
{
	int *calls = arg;

	if (++*calls % 3 == 0) {
		errno = EINTR;
		return -1;
	}
	return send(it.fd, p, n < 5 ? n : 5, MSG_NOSIGNAL);
}

static void test_another_way_to_write(void **state)
{
	int calls = 0;

	(void)state;
	client_writer_set_way(it.w, drips, &calls);
	answer(CLIENT_CHUNKED, "in small pieces");
	until_done(true);
	assert_int_equal(browser_answer(it.client, false), END_WHOLE);
	assert_string_equal(it.client->body, "in small pieces");
	assert_true(calls > 10);
}

static void test_done_may_free_it(void **state)
{
	(void)state;
	it.frees = true;
	answer(CLIENT_SIZED, "hello");
	until_done(true);
	assert_int_equal(browser_answer(it.client, false), END_WHOLE);
}

static void test_descriptor_is_given_away(void **state)
{
	int fd;

	(void)state;
	answer(CLIENT_SIZED, "hello");
	fd = client_writer_take_fd(it.w);
	client_writer_free(&it.w);
	assert_null(it.w);
	assert_int_not_equal(fd, it.fd);
	close(it.fd);
	it.fd = fd; /* open still */
	assert_int_equal(browser_answer(it.client, false), END_WHOLE);
	assert_true(browser_ended(it.client)); /* shut for writing only */
	assert_int_equal(send(it.client->fd, "x", 1, 0), 1);
	for (int i = 0; i < 3; i++)
		loop_turn(it.loop, 1);
	assert_int_equal(it.done, 0); /* nobody hears of it any more */
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

/* One is taken by set_up; it comes back with either end of a writer. */
static void test_descriptors_run_out(void **state)
{
	static const struct client_writer_events none = { .body = body };
	struct client_writer *second;
	struct fault f;
	int fd;

	(void)state;
	spare_set(1);
	assert_null(client_writer_new(it.loop, it.fd, &none, &it, &f));
	assert_non_null(strstr(f.text, "raise the limit of open files"));
	fd = client_writer_take_fd(it.w);
	for (int i = 0; i < 3; i++) {
		second = client_writer_new(it.loop, it.fd, &none, &it, &f);
		assert_non_null(second);
		client_writer_free(&second);
	}
	spare_set(UINT64_MAX);
	close(fd);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_answer_with_a_length),
		TEST(test_descriptors_run_out),
		TEST(test_date_of_the_upstream_stays),
		TEST(test_interim_responses_come_first),
		TEST(test_chunks_and_trailers),
		TEST(test_no_body_but_its_length),
		TEST(test_broken_answers_do_not_look_whole),
		TEST(test_length_that_is_not_reached),
		TEST(test_break_of_what_ends_with_the_connection),
		TEST(test_slow_client_costs_no_memory),
		TEST(test_client_that_left),
		TEST(test_head_that_is_too_large),
		TEST(test_another_way_to_write),
		TEST(test_done_may_free_it),
		TEST(test_descriptor_is_given_away),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
