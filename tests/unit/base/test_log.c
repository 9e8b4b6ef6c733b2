/* SPDX-License-Identifier: MIT */
#include "base/log.h"

#include <fcntl.h>
#include <limits.h>
#include <pthread.h>
#include <stdlib.h>
#include <unistd.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/alloc.h"
#include "base/child.h"
#include "base/clock.h"
#include "base/last_words.h"

#define STAMP "2026-11-23T17:00:00.123Z "

/* What log calls write comes out at the other end of a pipe. */
static int pipe_fds[2];
static char got[65536];

static const char *written(void)
{
	ssize_t r = read(pipe_fds[0], got, sizeof(got) - 1);

	got[r > 0 ? r : 0] = '\0';
	return got;
}

static int set_up(void **state)
{
	(void)state;
	clock_fake(0, 1795453200123);
	log_set_level(LOG_LEVEL_INFO);
	if (pipe2(pipe_fds, O_NONBLOCK))
		return -1;
	log_set_fd(pipe_fds[1]);
	return 0;
}

static int tear_down(void **state)
{
	(void)state;
	clock_real();
	log_set_fd(2);
	(void)close(pipe_fds[0]);
	(void)close(pipe_fds[1]);
	return 0;
}

static void test_a_line(void **state)
{
	const char *address = "127.0.0.1:8119";

	(void)state;
	log_info(EV("listening"), KV("address", address));
	assert_string_equal(written(), STAMP
			    "info listening address=127.0.0.1:8119\n");
	log_error(EV("stopped"));
	assert_string_equal(written(), STAMP "error stopped\n");
	log_warning(EV("slow"));
	assert_string_equal(written(), STAMP "warning slow\n");
}

static void test_kinds_of_value(void **state)
{
	struct fault f;
	char text[] = "z";
	const struct fault *cf = &f;
	bool yes = true, no = false;
	uint16_t port = 65535;

	(void)state;
	(void)fault_set(&f, "why");
	log_info(EV("e"), KV("a", text), KV("b", STR("s")), KV("c", &f),
		 KV("d", cf), KV("e", yes), KV("f", no), KV("g", -7),
		 KV("h", port));
	assert_string_equal(written(), STAMP "info e a=z b=s c=why d=why "
			    "e=true f=false g=-7 h=65535\n");
	log_info(EV("e"), KV("a", INT64_MIN), KV("b", (uint64_t)5),
		 KV("c", 8u), KV("d", UINT64_MAX), KV("e", 3ll));
	assert_string_equal(written(), STAMP
			    "info e a=-9223372036854775808 b=5 c=8 "
			    "d=9223372036854775807 e=3\n");
}

static void test_nothing_for_a_value(void **state)
{
	const char *none = NULL;
	const struct fault *fault = NULL;

	(void)state;
	log_info(EV("e"), KV("a", none), KV("b", fault), KV("c", STR("")),
		 KV("d", 0));
	assert_string_equal(written(), STAMP
			    "info e a=\"\" b=\"\" c=\"\" d=0\n");
}

static void test_values_are_escaped(void **state)
{
	(void)state;
	log_info(EV("e"), KV("a", "two words"), KV("b", "a\"b\\c"),
		 KV("c", "x\ny\r\t"), KV("d", STR("\0\x7f\xc3\xa9")),
		 KV("e", "a=b"));
	assert_string_equal(written(), STAMP
			    "info e a=\"two words\" b=\"a\\\"b\\\\c\" "
			    "c=\"x\\ny\\r\\t\" "
			    "d=\"\\x00\\x7f\\xc3\\xa9\" e=a=b\n");
}

static void test_a_line_stays_one_line(void **state)
{
	(void)state;
	log_info(EV("e"), KV("a", "x\n2026 info forged"));
	(void)written();
	assert_non_null(strstr(got, "x\\n2026"));
	assert_ptr_equal(strchr(got, '\n'), got + strlen(got) - 1);
}

static void test_levels(void **state)
{
	(void)state;
	log_debug(EV("quiet"));
	assert_string_equal(written(), "");
	log_set_level(LOG_LEVEL_DEBUG);
	log_debug(EV("loud"));
	assert_string_equal(written(), STAMP "debug loud\n");
	log_set_level(LOG_LEVEL_ERROR);
	log_warning(EV("quiet"));
	log_info(EV("quiet"));
	assert_string_equal(written(), "");
	log_error(EV("loud"));
	assert_string_equal(written(), STAMP "error loud\n");
}

static void test_values_are_cut(void **state)
{
	char text[600];

	(void)state;
	memset(text, 'x', sizeof(text));
	log_info(EV("e"), KV("a", ((struct str){ text, sizeof(text) })));
	assert_int_equal(strlen(written()),
			 strlen(STAMP "info e a=") + 512 + 1);
	assert_int_equal(got[strlen(got) - 1], '\n');
}

static void test_long_lines_lose_whole_fields(void **state)
{
	char text[512];
	struct str s = { text, sizeof(text) };
	const char *tail;

	(void)state;
	memset(text, '\n', sizeof(text));
	log_info(EV("e"), KV("a", s), KV("b", s), KV("c", s), KV("d", s),
		 KV("e", s), KV("f", 1));
	assert_true(strlen(written()) <= 4096);
	tail = strstr(got, " c=");
	assert_non_null(tail);
	assert_string_equal(tail + strlen(tail) - 19, "\\n\" truncated=true\n");
	assert_null(strstr(got, " d="));
	assert_null(strstr(got, " f="));
}

static void test_an_event_without_end(void **state)
{
	static char word[5001];

	(void)state;
	memset(word, 'x', 5000);
	log_info(EV(word), KV("a", 1));
	assert_string_equal(written(), STAMP "info truncated=true\n");
}

static void test_a_closed_descriptor_is_no_matter(void **state)
{
	(void)state;
	log_set_fd(-1);
	log_info(EV("e"));
	assert_string_equal(written(), "");
}

enum { LINES = 100 };

static void *write_lines(void *arg)
{
	for (int i = 0; i < LINES; i++)
		log_info(EV("from"), KV("thread", (const char *)arg));
	return NULL;
}

static void test_threads_do_not_mix_lines(void **state)
{
	char a[] = "aaaaaaaaaaaaaaaa", b[] = "bbbbbbbbbbbbbbbb";
	pthread_t t;
	int lines = 0;

	(void)state;
	assert_int_equal(pthread_create(&t, NULL, write_lines, a), 0);
	(void)write_lines(b);
	assert_int_equal(pthread_join(t, NULL), 0);
	(void)written();
	for (char *at = got, *end; (end = strchr(at, '\n')); at = end + 1) {
		*end = '\0';
		assert_true(!strcmp(at, STAMP
				    "info from thread=aaaaaaaaaaaaaaaa") ||
			    !strcmp(at, STAMP
				    "info from thread=bbbbbbbbbbbbbbbb"));
		lines++;
	}
	assert_int_equal(lines, 2 * LINES);
}

#define TEST(fn) cmocka_unit_test_setup_teardown(fn, set_up, tear_down)

/* Once it is started: a line of each event and service, then a count. */
static void test_one_line_of_a_kind(void **state)
{
	struct fault f;
	const char *text;

	(void)state;
	assert_int_equal(log_start(&f), 0);
	for (int i = 0; i < 1000; i++) {
		log_warning(EV("failed"), KV("service", "a"), KV("nr", i));
		log_warning(EV("failed"), KV("service", "b"), KV("nr", i));
	}
	clock_fake(1000, 1795453200123);
	log_warning(EV("failed"), KV("service", "b"), KV("nr", 1000));
	log_stop();
	text = written();
	assert_string_equal(
		text, STAMP "warning failed service=a nr=0\n" STAMP
			    "warning failed service=b nr=0\n" STAMP
			    "warning failed service=b nr=1000 suppressed=999\n"
		STAMP "warning log_suppressed lines=999 event=failed "
		      "service=a\n");
	assert_int_equal(log_dropped(), 0);
}

/* What a process logs last is written, and what it logs after that too. */
static void test_debug_lines_are_not_counted_off(void **state)
{
	struct fault f;

	(void)state;
	log_set_level(LOG_LEVEL_DEBUG);
	assert_int_equal(log_start(&f), 0);
	log_debug(EV("step"));
	log_debug(EV("step"));
	log_stop();
	assert_string_equal(written(), STAMP "debug step\n" STAMP
						  "debug step\n");
	log_info(EV("later"));
	assert_string_equal(written(), STAMP "info later\n");
}

static void fill(int fd)
{
	char page[PIPE_BUF] = { 0 };

	while (write(fd, page, sizeof(page)) > 0)
		;
}

/* Neither logging nor the end waits for a reader who does not read. */
static void test_a_full_pipe_holds_nobody_up(void **state)
{
	int64_t began;
	uint64_t before = log_dropped();
	struct fault f;

	(void)state;
	fill(pipe_fds[1]);
	assert_int_equal(fcntl(pipe_fds[1], F_SETFL, 0), 0); /* it blocks */
	log_set_level(LOG_LEVEL_DEBUG);
	clock_real();
	began = clock_ms();
	assert_int_equal(log_start(&f), 0);
	for (int i = 0; i < 20000; i++)
		log_debug(EV("step"), KV("nr", i));
	assert_true(log_dropped() > before);
	log_stop();
	last_words("bearerd: the end\n");
	assert_in_range(clock_ms() - began, 0, 9000);
	assert_int_equal(log_dropped() - before, 20000);
}

static void abort_with_a_log(void)
{
	struct fault f;

	log_set_fd(2);
	if (log_start(&f) == 0)
		log_error(EV("before_the_end"));
	mem_array(SIZE_MAX, 2);
}

static void test_what_was_logged_before_an_abort_is_written(void **state)
{
	(void)state;
	assert_true(aborts_saying(abort_with_a_log, "error before_the_end\n"
						    "bearerd: out of memory"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_a_line),
		TEST(test_kinds_of_value),
		TEST(test_nothing_for_a_value),
		TEST(test_values_are_escaped),
		TEST(test_a_line_stays_one_line),
		TEST(test_levels),
		TEST(test_values_are_cut),
		TEST(test_long_lines_lose_whole_fields),
		TEST(test_an_event_without_end),
		TEST(test_a_closed_descriptor_is_no_matter),
		TEST(test_threads_do_not_mix_lines),
		cmocka_unit_test_setup_teardown(test_one_line_of_a_kind,
						set_up, tear_down),
		cmocka_unit_test_setup_teardown(
			test_debug_lines_are_not_counted_off, set_up,
			tear_down),
		cmocka_unit_test_setup_teardown(
			test_a_full_pipe_holds_nobody_up, set_up, tear_down),
		cmocka_unit_test_setup_teardown(
			test_what_was_logged_before_an_abort_is_written, set_up,
			tear_down),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
