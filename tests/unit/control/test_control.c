/* SPDX-License-Identifier: MIT */
/* The control socket with clients of the test's own, in the loop that it
 * turns. */
#include "control/control.h"

#include <errno.h>
#include <sys/socket.h>
#include <sys/stat.h>

#include "base/local_socket.h"
#include "broker/by_turns.h"
#include "control/request.h"

static char folder[64], path[128], config[1024];
static struct control *control;
static char said[64 * 1024];

/* clang-format off */
static const char services_text[] =
	SERVICE("a")
	"[service fixed]\nupstream = https://fixed.example.com\n"
	"access_token = pat\n"
	"introspection_endpoint = http://127.0.0.1:@/introspect\n"
	"[service same]\nupstream = https://same.example.com\n"
	"session = fixed\n";
/* clang-format on */

static struct control *new_control(struct fault *f)
{
	return control_new(it.services, it.broker, f);
}

static int set_up(void **state)
{
	struct fault f;

	(void)state;
	strcpy(folder, "/tmp/bearerd-test-XXXXXX");
	if (!mkdtemp(folder))
		return -1;
	snprintf(path, sizeof(path), "%s/deep/s", folder);
	snprintf(config, sizeof(config), "[proxy]\ncontrol = %s\n%s", path,
		 services_text);
	turns_begin(config);
	control = new_control(&f);
	return control ? 0 : -1;
}

static int tear_down(void **state)
{
	struct stat st;

	(void)state;
	control_free(&control);
	turns_end();
	assert_int_equal(lstat(path, &st), -1);
	snprintf(path, sizeof(path), "%s/deep", folder);
	rmdir(path);
	return rmdir(folder);
}

static int dial(void)
{
	struct sockaddr_un un;
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);

	assert_int_equal(local_socket_address(&un, str_z(path), NULL), 0);
	assert_int_equal(connect(fd, (struct sockaddr *)&un, sizeof(un)), 0);
	return fd;
}

static void tell(int fd, const char *request)
{
	ssize_t n = (ssize_t)strlen(request);

	assert_int_equal(send(fd, request, (size_t)n, MSG_NOSIGNAL), n);
}

/* Turns until the daemon hangs up; all that it said is in said. */
static void hear(int fd)
{
	int64_t end = clock_ms() + 10000;
	size_t n = 0;

	while (clock_ms() < end) {
		ssize_t got = recv(fd, said + n, sizeof(said) - 1 - n, 0);

		if (got == 0 || (got < 0 && errno != EAGAIN))
			break;
		n += got > 0 ? (size_t)got : 0;
		loop_turn(it.broker->loop, 5);
	}
	said[n] = '\0';
	close(fd);
	assert_true(clock_ms() < end);
}

static const char *ask(const char *request)
{
	int fd = dial();

	tell(fd, request);
	hear(fd);
	return said;
}

static bool holds(const char *part)
{
	return strstr(said, part) != NULL;
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

static void test_status(void **state)
{
	(void)state;
	ask("{\"command\":\"status\"}\n");
	assert_true(holds("{\"event\":\"session\",\"service\":\"a\","));
	assert_true(holds("\n{\"event\":\"session\",\"service\":\"fixed\","));
	assert_true(holds("\n{\"event\":\"end\",\"error\":null}\n"));
	ask("{\"command\":\"status\",\"service\":\"fixed\"}\n");
	assert_false(holds("\"service\":\"a\""));
	assert_true(holds("\"service\":\"fixed\""));
}

static void test_introspect(void **state)
{
	(void)state;
	turns_plan(200, "{\"active\":true,\"x\":[\"pat\",1]}", 50);
	ask("{\"command\":\"introspect\"}\n");
	assert_true(holds("\"service\":\"a\","));
	assert_true(holds("\"introspection\":null,\"introspection_error\":"
			  "\"there is no token"));
	assert_true(holds("\n{\"event\":\"session\",\"service\":\"fixed\","));
	assert_true(holds("\"introspection\":{\"active\":true,\"x\":[\"(not "
			  "shown"));
	assert_true(holds("\"service\":\"same\","));
	assert_true(holds("\n{\"event\":\"end\",\"error\":null}\n"));
	assert_int_equal(turns_asked(), 2);
	ask("{\"command\":\"introspect\",\"service\":\"a\"}\n");
	assert_false(holds("\"service\":\"fixed\""));
	assert_int_equal(turns_asked(), 2);
}

/* A second request ends the first one. */
static void test_introspect_given_up(void **state)
{
	int fd = dial();

	(void)state;
	turns_plan(200, "{\"active\":true}", 100);
	tell(fd, "{\"command\":\"introspect\"}\n{\"command\":\"status\"}\n");
	hear(fd);
	assert_true(holds("a connection has one request"));
	assert_false(holds("active"));
	turn_for(150);
}

static void test_token_and_refresh(void **state)
{
	(void)state;
	turns_plan(200, ENDPOINT_OK, 50);
	assert_string_equal(ask("{\"command\":\"token\",\"service\":\"a\"}\n"),
			    "{\"event\":\"token\",\"access_token\":\"tok1\"}\n"
			    "{\"event\":\"end\",\"error\":null}\n");
	ask("{\"command\":\"refresh\",\"service\":\"a\"}\n");
	assert_true(holds("{\"event\":\"renewed\",\"expires_at\":\"20"));
	assert_true(holds("\"expires_in\":3"));
	ask("{\"command\":\"token\",\"service\":\"a\"}\n");
	assert_true(holds("\"tok2\""));
	ask("{\"command\":\"refresh\",\"service\":\"fixed\"}\n");
	assert_true(holds("{\"event\":\"end\",\"error\":\"[service fixed]: "));
}

static void test_logout(void **state)
{
	(void)state;
	ask("{\"command\":\"logout\",\"service\":\"a\"}\n");
	assert_true(holds("{\"event\":\"done\",\"text\":\"[service a]: "));
	ask("{\"command\":\"logout\",\"service\":\"fixed\"}\n");
	assert_true(holds("nothing can be forgotten"));
}

static void test_login_of_what_has_none(void **state)
{
	(void)state;
	ask("{\"command\":\"login\",\"service\":\"a\"}\n");
	assert_true(holds("needs no login"));
	ask("{\"command\":\"login\",\"service\":\"a\",\"way\":\"x\"}\n");
	assert_true(holds("browser, paste or device"));
}

static void test_names(void **state)
{
	(void)state;
	ask("{\"command\":\"token\",\"service\":\"fixd\"}\n");
	assert_true(holds("no service fixd (did you mean fixed?)"));
	ask("{\"command\":\"token\"}\n");
	assert_true(holds("token needs the name"));
	ask("{\"command\":\"tokn\",\"service\":\"a\"}\n");
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
	char *line = mem_alloc(CONTROL_LINE_MAX + 2);
	int fd = dial();
	size_t sent = 0;

	(void)state;
	memset(line, 'x', CONTROL_LINE_MAX + 1);
	while (sent <= CONTROL_LINE_MAX) {
		ssize_t n = send(fd, line + sent, CONTROL_LINE_MAX + 1 - sent,
				 MSG_NOSIGNAL);

		sent += n > 0 ? (size_t)n : 0;
		loop_turn(it.broker->loop, 0);
	}
	hear(fd);
	assert_true(holds("longer than 65536"));
	mem_free(line);
}

/* Its wait is over; what was begun goes on. */
static void test_a_client_that_leaves(void **state)
{
	const struct session *s = &turns_entry(0)->session;
	int fd = dial();

	(void)state;
	turns_plan(200, ENDPOINT_OK, 100);
	tell(fd, "{\"command\":\"token\",\"service\":\"a\"}\n");
	turn_until_asked(1);
	assert_false(list_empty(&turns_entry(0)->waiting));
	close(fd);
	turn_for(20);
	assert_true(list_empty(&turns_entry(0)->waiting));
	turn_for(200);
	assert_non_null(s->token);
	fd = dial();
	tell(fd, "{\"command\":\"logout\",\"service\":\"a\"}\n");
	close(fd);
	turn_for(50);
	assert_null(s->token);
	assert_true(list_empty(&it.broker->logouts));
}

static void test_too_many(void **state)
{
	int fds[CONTROL_PEERS_MAX];

	(void)state;
	for (int i = 0; i < CONTROL_PEERS_MAX; i++) {
		fds[i] = dial();
		loop_turn(it.broker->loop, 0);
	}
	hear(dial());
	assert_true(holds("too many"));
	close(fds[0]);
	turn_for(20);
	ask("{\"command\":\"status\"}\n");
	assert_true(holds("\"error\":null"));
	for (int i = 1; i < CONTROL_PEERS_MAX; i++)
		close(fds[i]);
	turn_for(20);
}

static void at(int64_t now)
{
	clock_fake(now, now);
	loop_turn(it.broker->loop, 0);
	loop_turn(it.broker->loop, 0);
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
	turns_entry(0)->session.busy = true;
	tell(waits, "{\"command\":\"token\",\"service\":\"a\"}\n");
	at(now);
	at(now + CONTROL_BEAT);
	read_now(waits);
	assert_string_equal(said, "{\"event\":\"waits\"}\n");
	read_now(silent);
	assert_string_equal(said, "");
	at(now + CONTROL_PATIENCE + 1);
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
		TEST(test_status),
		TEST(test_introspect),
		TEST(test_introspect_given_up),
		TEST(test_token_and_refresh),
		TEST(test_logout),
		TEST(test_login_of_what_has_none),
		TEST(test_names),
		TEST(test_what_is_no_request),
		TEST(test_a_line_that_is_too_long),
		TEST(test_a_client_that_leaves),
		TEST(test_too_many),
		TEST(test_time),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
