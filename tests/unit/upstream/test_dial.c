/* SPDX-License-Identifier: MIT */
#include "upstream/dial.h"

#include <arpa/inet.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/alloc.h"
#include "base/assert.h"
#include "base/clock.h"
#include "base/limits.h"
#include "base/loop.h"
#include "upstream/sockets.h"
#include "upstream/transport.h"

enum { HELD = 8 };

static struct loop *loop;
static struct sockets *all;
static struct transport transport;
static struct dial_result result;
static uint16_t port;
static int calls, held[HELD], n_held;

static struct sockaddr_in address_of(const char *text)
{
	struct sockaddr_in a = { .sin_family = AF_INET,
				 .sin_port = htons(port) };

	assert_int_equal(inet_pton(AF_INET, text, &a.sin_addr), 1);
	return a;
}

/* One that answers; the first chooses the port. */
static void listen_at(const char *text)
{
	struct sockaddr_in a = address_of(text);
	socklen_t n = sizeof(a);
	int fd = socket(AF_INET, SOCK_STREAM, 0), on = 1;

	setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on));
	assert_int_equal(bind(fd, (struct sockaddr *)&a, sizeof(a)), 0);
	assert_int_equal(listen(fd, 0), 0);
	assert_int_equal(getsockname(fd, (struct sockaddr *)&a, &n), 0);
	port = ntohs(a.sin_port);
	assert_true(n_held < HELD);
	held[n_held++] = fd;
}

/* One that keeps silent: its queue is full. */
static void silent_at(const char *text)
{
	struct sockaddr_in a;

	listen_at(text);
	a = address_of(text);
	for (int i = 0; i < 2; i++) {
		int fd = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0);

		(void)!connect(fd, (struct sockaddr *)&a, sizeof(a));
		assert_true(n_held < HELD);
		held[n_held++] = fd;
	}
	usleep(20000);
}

static int begin(void **state)
{
	struct fault f;

	(void)state;
	loop = loop_new(&f);
	all = mem_new(struct sockets);
	sockets_init(all, loop);
	memset(&transport, 0, sizeof(transport));
	n_held = calls = 0;
	port = 0;
	return loop ? 0 : -1;
}

static int end(void **state)
{
	(void)state;
	for (int i = 0; i < n_held; i++)
		close(held[i]);
	if (result.fd >= 0)
		close(result.fd);
	sockets_fini(all);
	mem_free(all);
	loop_free(&loop);
	return 0;
}

static void done(void *arg, const struct dial_result *r)
{
	calls++;
	result = *r;
	assert_ptr_equal(arg, &calls);
	loop_stop(loop);
}

static int64_t dial(const char *addresses)
{
	int64_t since = clock_ms();

	(void)dial_start(all, &transport, addresses, port, done, &calls);
	assert_int_equal(calls, 0);
	loop_run(loop);
	assert_int_equal(calls, 1);
	return clock_ms() - since;
}

static void test_first_that_answers(void **state)
{
	(void)state;
	listen_at("127.0.0.1");
	assert_true(dial("127.0.0.1,127.0.0.2") < LIMIT_DIAL_DELAY);
	assert_true(result.fd >= 0);
	assert_int_equal(result.at, 0);
	assert_int_equal(result.error, 0);
}

static void test_refused(void **state)
{
	(void)state;
	listen_at("127.0.0.1");
	assert_true(dial("127.0.0.2,127.0.0.3,[::1],127.0.0.1") <
		    LIMIT_DIAL_DELAY);
	assert_true(result.fd >= 0);
	assert_int_equal(result.at, 3);
}

static void test_silent(void **state)
{
	int64_t took;

	(void)state;
	listen_at("127.0.0.1");
	silent_at("127.0.0.2");
	took = dial("127.0.0.2,127.0.0.1");
	assert_true(took >= LIMIT_DIAL_DELAY && took < 4 * LIMIT_DIAL_DELAY);
	assert_true(result.fd >= 0);
	assert_int_equal(result.at, 1);
}

static void test_none(void **state)
{
	(void)state;
	listen_at("127.0.0.1");
	(void)dial("127.0.0.2,127.0.0.3");
	assert_int_equal(result.fd, -1);
	assert_int_equal(result.error, ECONNREFUSED);
	assert_false(result.prohibited);
}

static bool allows_none(const void *arg, const struct sockaddr *a)
{
	(void)arg;
	return a->sa_family == AF_UNSPEC;
}

static void test_prohibited(void **state)
{
	(void)state;
	listen_at("127.0.0.1");
	transport.allows = allows_none;
	(void)dial("127.0.0.1,127.0.0.2");
	assert_int_equal(result.fd, -1);
	assert_true(result.prohibited);
}

/* What is allowed is asked in the order in which addresses are tried. */
static char order[64];

static bool allows_noted(const void *arg, const struct sockaddr *a)
{
	(void)arg;
	strcat(order, a->sa_family == AF_INET6 ? "6" : "4");
	return false;
}

static void test_families_take_turns(void **state)
{
	static const struct {
		const char *addresses, *order;
	} rows[] = {
		{ "[::1],[::2],[::3],127.0.0.1,127.0.0.2", "64646" },
		{ "127.0.0.1,127.0.0.2,127.0.0.3,[::1]", "4644" },
		{ "[::1],[::2]", "66" },
		{ "127.0.0.1,[::1]", "46" },
	};

	(void)state;
	transport.allows = allows_noted;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		order[0] = '\0';
		calls = 0;
		(void)dial(rows[i].addresses);
		assert_string_equal(order, rows[i].order);
	}
}

static void test_cancel(void **state)
{
	struct dial *d, *other;

	(void)state;
	listen_at("127.0.0.1");
	silent_at("127.0.0.2");
	d = dial_start(all, &transport, "127.0.0.2,127.0.0.3", port, done,
		       NULL);
	other = dial_start(all, &transport, "127.0.0.2,127.0.0.1", port, done,
			   NULL);
	dial_pass(other, &calls);
	dial_cancel(&d);
	assert_null(d);
	loop_run(loop);
	assert_int_equal(calls, 1);
	assert_int_equal(result.at, 1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_first_that_answers, begin,
						end),
		cmocka_unit_test_setup_teardown(test_refused, begin, end),
		cmocka_unit_test_setup_teardown(test_silent, begin, end),
		cmocka_unit_test_setup_teardown(test_none, begin, end),
		cmocka_unit_test_setup_teardown(test_prohibited, begin, end),
		cmocka_unit_test_setup_teardown(test_families_take_turns,
						begin, end),
		cmocka_unit_test_setup_teardown(test_cancel, begin, end),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
