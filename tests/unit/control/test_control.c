/* SPDX-License-Identifier: MIT */
/* Who gets in, what is a request, and how long anybody waits; with commands of
 * the test's own. */
#include "base/limits.h"
#include "control/socket.h"

#include <dirent.h>

/* Answers at once. */
static int show_begin(struct control_peer *p, const struct control_request *r,
		      struct fault *f)
{
	(void)r;
	(void)f;
	control_peer_end(p, NULL);
	return 0;
}

static void on_token(void *arg, struct token *t, int64_t expires,
		     const struct fault *why)
{
	(void)t;
	(void)expires;
	control_peer_end(arg, why);
}

/* Waits for a token. */
static int wait_begin(struct control_peer *p, const struct control_request *r,
		      struct fault *f)
{
	(void)r;
	(void)f;
	token_wait_begin(&p->token_wait, p->entry, on_token, p);
	return 0;
}

static const struct control_command *find_row(struct str name)
{
	static const struct control_command rows[] = {
		{ .name = "show", .every = true, .begin = show_begin },
		{ .name = "wait", .begin = wait_begin },
	};

	for (int i = 0; i < 2; i++) {
		if (str_eq_z(name, rows[i].name))
			return &rows[i];
	}
	return NULL;
}

static void test_the_socket(void **state)
{
	struct stat st;
	struct fault f;

	(void)state;
	assert_int_equal(lstat(path, &st), 0);
	assert_true(S_ISSOCK(st.st_mode));
	assert_int_equal(st.st_mode & 0777, 0600);
	assert_null(new_control(&f));
	assert_non_null(strstr(f.text, path));
	assert_non_null(strstr(f.text, "in use"));
}

static void test_names(void **state)
{
	(void)state;
	ask("{\"command\":\"wait\",\"service\":\"fixd\"}\n");
	assert_true(holds("no service fixd (did you mean fixed?)"));
	ask("{\"command\":\"wait\"}\n");
	assert_true(holds("wait needs the name"));
	ask("{\"command\":\"wiat\",\"service\":\"a\"}\n");
	assert_true(holds("two versions"));
}

static void test_what_is_no_request(void **state)
{
	(void)state;
	ask("tok\n");
	assert_true(holds("JSON object"));
	ask("{\"line\":\"x\"}\n");
	assert_true(holds("nothing is to be typed in now"));
}

static void test_a_line_that_is_too_long(void **state)
{
	char *line = mem_alloc(LIMIT_CONTROL_LINE + 2);
	int fd = dial();
	size_t sent = 0;

	(void)state;
	memset(line, 'x', LIMIT_CONTROL_LINE + 1);
	while (sent <= LIMIT_CONTROL_LINE) {
		ssize_t n = send(fd, line + sent, LIMIT_CONTROL_LINE + 1 - sent,
				 MSG_NOSIGNAL);

		sent += n > 0 ? (size_t)n : 0;
		loop_turn(it.broker->context.loop, 0);
	}
	hear(fd);
	assert_true(holds("longer than 65536"));
	mem_free(line);
}

static int open_descriptors(void)
{
	int n = 0;
	DIR *dir = opendir("/proc/self/fd");

	assert_non_null(dir);
	while (readdir(dir))
		n++;
	closedir(dir);
	return n;
}

/* The loop has other things to do than to let commands in. */
static void test_a_flood(void **state)
{
	int fds[40], n = sizeof(fds) / sizeof(fds[0]), before, turns = 0;

	(void)state;
	for (int i = 0; i < n; i++)
		fds[i] = dial();
	before = open_descriptors();
	loop_turn(it.broker->context.loop, 0);
	assert_in_range(open_descriptors() - before, 1, n / 2);
	while (open_descriptors() - before < n && turns++ < 10)
		loop_turn(it.broker->context.loop, 0);
	assert_int_equal(open_descriptors() - before, n);
	for (int i = 0; i < n; i++)
		close(fds[i]);
}

static void test_too_many(void **state)
{
	int fds[LIMIT_CONTROL_PEERS];

	(void)state;
	for (int i = 0; i < LIMIT_CONTROL_PEERS; i++) {
		fds[i] = dial();
		loop_turn(it.broker->context.loop, 0);
	}
	hear(dial());
	assert_true(holds("too many"));
	close(fds[0]);
	turn_for(20);
	ask("{\"command\":\"show\"}\n");
	assert_true(holds("\"error\":null"));
	for (int i = 1; i < LIMIT_CONTROL_PEERS; i++)
		close(fds[i]);
	turn_for(20);
}

static void at(int64_t now)
{
	clock_fake(now, now);
	loop_turn(it.broker->context.loop, 0);
	loop_turn(it.broker->context.loop, 0);
}

static void read_now(int fd)
{
	ssize_t n = recv(fd, said, sizeof(said) - 1, 0);

	said[n > 0 ? n : 0] = '\0';
}

static void test_time(void **state)
{
	int64_t now = clock_ms();
	int silent = dial(), waits = dial();

	(void)state;
	/* Something that takes long. */
	turns_entry(0)->session.work = SESSION_RENEWS;
	tell(waits, "{\"command\":\"wait\",\"service\":\"a\"}\n");
	at(now);
	at(now + LIMIT_CONTROL_BEAT);
	read_now(waits);
	assert_string_equal(said, "{\"event\":\"waits\"}\n");
	read_now(silent);
	assert_string_equal(said, "");
	at(now + LIMIT_CONTROL_PATIENCE + 1);
	read_now(silent);
	assert_true(holds("no request came within 10 s"));
	assert_int_equal(recv(silent, said, 1, 0), 0);
	read_now(waits);
	assert_string_equal(said, "{\"event\":\"waits\"}\n");
	close(silent);
	close(waits);
	clock_real();
	turn_for(20);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_the_socket),
		TEST(test_names),
		TEST(test_what_is_no_request),
		TEST(test_a_line_that_is_too_long),
		TEST(test_a_flood),
		TEST(test_too_many),
		TEST(test_time),
	};

	find = find_row;
	return cmocka_run_group_tests(tests, NULL, NULL);
}
