/* SPDX-License-Identifier: MIT */
#include "command/control_client.h"
#include "command/control_show.h"

#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cmocka.h>

static struct control_client client;
static int daemon_end;
static struct json *event;
static struct fault f;

static int set_up(void **state)
{
	int fds[2];

	(void)state;
	if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, fds) != 0)
		return -1;
	client.fd = fds[0];
	daemon_end = fds[1];
	buf_init_secret(&client.in, 4096);
	return 0;
}

static int tear_down(void **state)
{
	(void)state;
	json_free(&event);
	control_close(&client);
	if (daemon_end >= 0)
		close(daemon_end);
	return 0;
}

/* The daemon says it; the client has it then. */
static void tell(const char *text)
{
	size_t n = strlen(text);

	assert_int_equal(send(daemon_end, text, n, 0), n);
	assert_int_equal(control_read(&client, &f), 0);
}

static int take(void)
{
	json_free(&event);
	return control_take(&client, &event, &f);
}

static void test_events_in_pieces(void **state)
{
	(void)state;
	assert_int_equal(take(), 0);
	assert_null(event);
	tell("{\"event\":\"a\",");
	assert_int_equal(take(), 0);
	assert_null(event);
	tell("\"x\":1}\n{\"event\":\"waits\"}\n{\"event\":\"b\"}\n{\"ev");
	assert_int_equal(take(), 0);
	assert_true(control_is(event, "a"));
	assert_false(control_is(event, "b"));
	assert_int_equal(take(), 0);
	assert_true(control_is(event, "b"));
	assert_int_equal(take(), 0);
	assert_null(event);
	tell("ent\":\"c\"}\n");
	assert_int_equal(take(), 0);
	assert_true(control_is(event, "c"));
}

static void test_what_is_no_event(void **state)
{
	static const char *const texts[] = {
		"\n", "HTTP/1.1 200 OK\n", "[]\n", "{}\n", "{\"event\":1}\n",
		"{\"event\":\"a\"}{}\n",
	};

	(void)state;
	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
		tell(texts[i]);
		assert_int_equal(take(), -1);
		assert_null(event);
		assert_non_null(
			strstr(f.text, "not a bearerd of this version"));
	}
}

static void test_daemon_that_hangs_up(void **state)
{
	(void)state;
	tell("{\"event\":\"a\"}\n{");
	close(daemon_end);
	daemon_end = -1;
	assert_int_equal(take(), 0);
	assert_true(control_is(event, "a"));
	assert_int_equal(take(), 0);
	assert_int_equal(control_read(&client, &f), -1);
	assert_non_null(strstr(f.text, "ended, or hung up"));
}

static void test_answer_that_is_too_long(void **state)
{
	int rc = 0;

	(void)state;
	client.in.max = 10;
	assert_int_equal(send(daemon_end, "01234567890", 11, 0), 11);
	rc = control_read(&client, &f);
	assert_int_equal(rc, -1);
	assert_non_null(strstr(f.text, "too long"));
	buf_reset(&client.in);
}

static void test_typing(void **state)
{
	char got[64] = "";

	(void)state;
	assert_int_equal(control_type(&client, STR("a \"b\""), &f), 0);
	assert_true(recv(daemon_end, got, sizeof(got) - 1, 0) > 0);
	assert_string_equal(got, "{\"line\":\"a \\\"b\\\"\"}\n");
	close(daemon_end);
	daemon_end = -1;
	assert_int_equal(control_type(&client, STR("a"), &f), -1);
	assert_non_null(strstr(f.text, "does not listen"));
}

static const char *shown(const char *text)
{
	static struct buf out = BUF_INIT(256);

	tell(text);
	assert_int_equal(take(), 0);
	buf_fini(&out);
	control_show(&out, event, "x");
	return buf_z(&out);
}

static void test_showing(void **state)
{
	(void)state;
	assert_string_equal(shown("{\"event\":\"a\",\"x\":\"b \xc3\xa4\"}\n"),
			    "b \xc3\xa4");
	assert_string_equal(shown("{\"event\":\"a\",\"x\":\"\\u001b[2J"
				  "\\n\\u007f\\u009b\\u00a0\"}\n"),
			    "?[2J???\xc2\xa0");
	assert_string_equal(shown("{\"event\":\"a\",\"x\":\"a\\u202eb"
				  "\\u2028\"}\n"), "a?b?");
	assert_string_equal(shown("{\"event\":\"a\",\"x\":null}\n"), "");
	assert_string_equal(shown("{\"event\":\"a\"}\n"), "");
}

static void expect_time(int64_t seconds, const char *text)
{
	struct buf out = BUF_INIT(64);

	control_show_time(&out, seconds);
	assert_string_equal(buf_z(&out), text);
	buf_fini(&out);
}

static void test_times(void **state)
{
	(void)state;
	expect_time(-5, "0s");
	expect_time(59, "59s");
	expect_time(60, "1m");
	expect_time(3599, "59m");
	expect_time(3600, "1h 0m");
	expect_time(86399, "23h 59m");
	expect_time(86400, "1d 0h");
	expect_time(INT64_C(100) * 86400 + 7200, "100d 2h");
}

static void test_words(void **state)
{
	bool x = false, y = false;
	const struct control_option options[] = { { "--x", &x },
						  { "--y", &y } };
	char y_word[] = "--y", name_word[] = "name";
	char *words[] = { y_word, name_word };
	const struct command_line line = { .argc = 2, .argv = words };
	const struct command_line none = { .argc = 0 };
	const char *name;

	(void)state;
	assert_int_equal(control_words("c", &line, options, 2, &name), 0);
	assert_string_equal(name, "name");
	assert_false(x);
	assert_true(y);
	assert_int_equal(control_words("c", &line, options, 1, &name), -1);
	assert_int_equal(control_words("c", &none, options, 2, &name), 0);
	assert_null(name);
	assert_int_equal(control_name("c", &none, &name), -1);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_events_in_pieces),
		TEST(test_what_is_no_event),
		TEST(test_daemon_that_hangs_up),
		TEST(test_answer_that_is_too_long),
		TEST(test_typing),
		TEST(test_showing),
		TEST(test_times),
		TEST(test_words),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
