/* SPDX-License-Identifier: MIT */
/* The command line, in a child each: what it says where, and how it ends. */
#include "command/command.h"

#include <netinet/in.h>
#include <poll.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include <cmocka.h>

static char out[16384], err[16384];
static char file[64];

static void read_all(int fd, char *to, size_t size)
{
	ssize_t n = pread(fd, to, size - 1, 0);

	to[n > 0 ? n : 0] = '\0';
	close(fd);
}

/* Begins the command in a child with its output in the descriptors. */
static pid_t begin(const char *const *words, int *fds)
{
	char *argv[8];
	int argc = 0;
	pid_t pid;

	fds[0] = memfd_create("out", 0);
	fds[1] = memfd_create("err", 0);
	assert_true(fds[0] >= 0 && fds[1] >= 0);
	while (words[argc] != NULL) {
		argv[argc] = strdup(words[argc]);
		argc++;
	}
	argv[argc] = NULL;
	fflush(NULL);
	pid = fork();
	if (pid == 0) {
		dup2(fds[0], 1);
		dup2(fds[1], 2);
		argc = command_main(argc, argv);
		fflush(NULL);
		_exit(argc);
	}
	for (int i = 0; i < argc; i++)
		free(argv[i]);
	assert_true(pid > 0);
	return pid;
}

static int end(pid_t pid, const int *fds)
{
	int status = 0;

	assert_int_equal(waitpid(pid, &status, 0), pid);
	read_all(fds[0], out, sizeof(out));
	read_all(fds[1], err, sizeof(err));
	return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

static int run(const char *const *words)
{
	int fds[2];
	pid_t pid = begin(words, fds);

	return end(pid, fds);
}

#define RUN(...) run((const char *const[]){ "bearerd", __VA_ARGS__, NULL })

static void configure(const char *ini)
{
	int fd;

	strcpy(file, "/tmp/bearerd-test-XXXXXX");
	fd = mkstemp(file);
	assert_true(fd >= 0);
	assert_int_equal(write(fd, ini, strlen(ini)), strlen(ini));
	close(fd);
}

static int remove_file(void **state)
{
	(void)state;
	if (file[0] != '\0')
		unlink(file);
	file[0] = '\0';
	return 0;
}

static int lines(const char *text)
{
	int n = 0;

	for (; *text != '\0'; text++)
		n += *text == '\n';
	return n;
}

static void test_version_and_help(void **state)
{
	(void)state;
	assert_int_equal(RUN("--version"), 0);
	assert_ptr_equal(strstr(out, "bearerd " PACKAGE_VERSION "\nlibcurl/"),
			 out);
	assert_string_equal(err, "");
	assert_int_equal(RUN("--help"), 0);
	assert_non_null(strstr(out, "usage: bearerd "));
	assert_non_null(strstr(out, "  run "));
	assert_non_null(strstr(out, "  check "));
	assert_non_null(strstr(out, "  refresh "));
	assert_string_equal(err, "");
	assert_int_equal(RUN("check", "--help"), 0);
	assert_non_null(strstr(out, "usage: bearerd check"));
	assert_int_equal(RUN("run", "-c", "/nowhere", "--help"), 0);
	assert_non_null(strstr(out, "usage: bearerd run"));
	assert_string_equal(err, "");
}

static void test_providers(void **state)
{
	(void)state;
	configure("# A first one\n[provider one]\n\n[provider two]\n");
	assert_int_equal(setenv("BEARERD_PROVIDER_DIR", "/nowhere", 1), 0);
	assert_int_equal(RUN("providers", "-c", file), 0);
	assert_int_equal(lines(out), 2);
	assert_non_null(strstr(out, "one  A first one ("));
	assert_int_equal(RUN("providers", "one", "-c", file), 0);
	assert_non_null(strstr(out, ":2\n# A first one\n[provider one]\n"));
	assert_null(strstr(out, "two"));
	assert_string_equal(err, "");
	assert_int_equal(RUN("providers", "onee", "-c", file), 1);
	assert_string_equal(err, "bearerd: there is no profile onee; did you "
			    "mean one?\n");
	assert_int_equal(RUN("providers", "-c", "/nowhere/x.ini"), 1);
	assert_non_null(strstr(err, "/nowhere/x.ini"));
	assert_string_equal(out, "");
	assert_int_equal(RUN("providers", "one", "two", "-c", file), 2);
	assert_int_equal(unsetenv("BEARERD_PROVIDER_DIR"), 0);
}

static void test_no_command(void **state)
{
	(void)state;
	assert_int_equal(run((const char *const[]){ "bearerd", NULL }), 2);
	assert_string_equal(out, "");
	assert_non_null(strstr(err, "usage: bearerd "));
}

static void test_unknown_command(void **state)
{
	(void)state;
	assert_int_equal(RUN("chekc"), 2);
	assert_string_equal(out, "");
	assert_int_equal(lines(err), 1);
	assert_non_null(strstr(err, "chekc"));
	assert_non_null(strstr(err, "did you mean check?"));
	assert_int_equal(RUN("elephant"), 2);
	assert_null(strstr(err, "did you mean"));
	assert_int_equal(lines(err), 1);
	assert_int_equal(RUN(""), 2);
	assert_int_equal(RUN("Run"), 2);
	assert_int_equal(RUN("-c", "x", "run"), 2);
}

static void test_wrong_use(void **state)
{
	(void)state;
	assert_int_equal(RUN("check", "-c"), 2);
	assert_non_null(strstr(err, "-c needs a file"));
	assert_int_equal(RUN("check", "more"), 2);
	assert_non_null(strstr(err, "does not know more"));
	assert_int_equal(RUN("run", "-x"), 2);
	assert_non_null(strstr(err, "does not know -x"));
	assert_int_equal(lines(err), 1);
}

/* The commands that ask the daemon; what they do not know is no use of it. */
static void test_words_of_the_askers(void **state)
{
	static const char *const named[] = { "login", "logout", "token",
					     "refresh" };

	(void)state;
	for (size_t i = 0; i < sizeof(named) / sizeof(named[0]); i++) {
		assert_int_equal(RUN(named[i], "-c", "/nowhere"), 2);
		assert_non_null(strstr(err, "the name of a service"));
		assert_non_null(strstr(err, named[i]));
		assert_int_equal(lines(err), 1);
		assert_int_equal(RUN(named[i], "a", "b"), 2);
		assert_non_null(strstr(err, "does not know b;"));
		assert_int_equal(RUN(named[i], "a", "--clent"), 2);
		assert_non_null(strstr(err, "does not know --clent;"));
		assert_int_equal(RUN(named[i], ""), 2);
		assert_int_equal(RUN(named[i], "--help"), 0);
		assert_non_null(strstr(out, named[i]));
		assert_non_null(strstr(out, " NAME"));
	}
	assert_int_equal(RUN("status", "--jsn"), 2);
	assert_non_null(strstr(err, "does not know --jsn;"));
	assert_int_equal(RUN("status", "a", "b"), 2);
	assert_int_equal(RUN("token", "--json", "a"), 2);
	assert_int_equal(RUN("login", "--paste", "a", "--device"), 2);
	assert_non_null(strstr(err, "one of --device, --paste and --import"));
	assert_int_equal(RUN("login", "--import", "a", "--device"), 2);
	assert_int_equal(RUN("login", "--paste", "a", "--import"), 2);
	assert_non_null(strstr(err, "one of --device, --paste and --import"));
}

static void test_askers_without_a_daemon(void **state)
{
	(void)state;
	configure("[proxy]\ncontrol = /nowhere/control.sock\n");
	assert_int_equal(RUN("status", "-c", file), 1);
	assert_string_equal(out, "");
	assert_int_equal(lines(err), 1);
	assert_non_null(strstr(err, "not running (no socket at "
				    "/nowhere/control.sock); start it with "
				    "bearerd run -c /tmp/bearerd-test-"));
	assert_int_equal(RUN("status", "--json", "-c", file, "a"), 1);
	assert_int_equal(RUN("token", "-c", file, "a"), 1);
	assert_int_equal(RUN("refresh", "a", "-c", file), 1);
	assert_int_equal(RUN("logout", "a", "-c", file), 1);
	assert_int_equal(RUN("login", "--paste", "a", "-c", file), 1);
	assert_non_null(strstr(err, "not running"));
	assert_int_equal(RUN("status", "-c", "/nowhere/bearerd.ini"), 1);
	assert_non_null(strstr(err, "/nowhere/bearerd.ini"));
	assert_int_equal(lines(err), 1);
	remove_file(NULL);
	/* What is wrong with the file may be why. */
	configure("[proxy]\ncontrl = /x\ncontrol = /nowhere/s\n");
	assert_int_equal(RUN("status", "-c", file), 1);
	assert_non_null(strstr(err, "contrl"));
	assert_non_null(strstr(err, "not running"));
}

static void test_check_of_a_good_file(void **state)
{
	(void)state;
	configure("[service one]\nupstream = https://api.test/v1\n"
		  "access_token = s3cret\n"
		  "[service two]\nupstream = http://127.0.0.1:1\n"
		  "grant_type = client_credentials\n"
		  "token_endpoint = https://as.test/token\n"
		  "client_id = me\nclient_secret = s3cret\n");
	assert_int_equal(RUN("check", "-c", file), 0);
	assert_string_equal(err, "");
	assert_int_equal(lines(out), 2);
	assert_int_equal(strncmp(out, "one: ", 5), 0);
	assert_non_null(strstr(out, "grant_type static (inferred)"));
	assert_non_null(strstr(out, "\ntwo: "));
	assert_non_null(strstr(out, "grant_type client_credentials, "
				    "client_secret_basic"));
	assert_null(strstr(out, "s3cret"));
}

static void test_check_tells_every_mistake(void **state)
{
	char place[128];

	(void)state;
	configure("[proxy]\nlisten = nowhere\n"
		  "[service one]\nupstrem = https://api.test\n"
		  "access_token = s3cret\n");
	assert_int_equal(RUN("check", "-c", file), 1);
	assert_string_equal(out, "");
	snprintf(place, sizeof(place), "%s:2: ", file);
	assert_non_null(strstr(err, place));
	snprintf(place, sizeof(place), "%s:4: ", file);
	assert_non_null(strstr(err, place));
	assert_non_null(strstr(err, "upstream"));
	assert_null(strstr(err, "s3cret"));
	/* The last -c counts, and run starts on nothing that check refuses. */
	assert_int_equal(RUN("run", "-c", "/nowhere", "-c", file), 1);
	assert_non_null(strstr(err, place));
}

static void test_no_file(void **state)
{
	(void)state;
	assert_int_equal(RUN("check", "-c", "/nowhere/bearerd.ini"), 1);
	assert_non_null(strstr(err, "/nowhere/bearerd.ini"));
	assert_int_equal(lines(err), 1);
	assert_int_equal(RUN("run", "-c", "/nowhere/bearerd.ini"), 1);
	assert_non_null(strstr(err, "/nowhere/bearerd.ini"));
}

/* Waits at most 10 s until the child has said this. */
static bool says(int fd, const char *part)
{
	const struct timespec pause = { 0, 10000000 };
	char text[16384];

	for (int i = 0; i < 1000; i++) {
		ssize_t n = pread(fd, text, sizeof(text) - 1, 0);

		text[n > 0 ? n : 0] = '\0';
		if (strstr(text, part) != NULL)
			return true;
		nanosleep(&pause, NULL);
	}
	return false;
}

/* While the daemon runs. */
static void ask(void)
{
	assert_int_equal(RUN("status", "-c", file), 0);
	assert_string_equal(out, "one  ready  static  -  -  -\n");
	assert_int_equal(RUN("status", "one", "--json", "-c", file), 0);
	assert_string_equal(out,
			    "[{\"service\":\"one\",\"client\":null,"
			    "\"grant_type\":\"static\",\"state\":\"ready\","
			    "\"expires_at\":null,"
			    "\"login_expires_at\":null,\"scope\":null,"
			    "\"subject\":null,"
			    "\"last_error\":null}]\n");
	assert_int_equal(RUN("status", "onee", "-c", file), 1);
	assert_string_equal(out, "");
	assert_non_null(strstr(err, "did you mean one?"));
	assert_int_equal(RUN("token", "one", "-c", file), 0);
	assert_string_equal(out, "s3cret\n");
	assert_int_equal(RUN("refresh", "one", "-c", file), 1);
	assert_non_null(strstr(err, "bearerd: [service one]: "));
	assert_int_equal(RUN("logout", "one", "-c", file), 1);
	assert_non_null(strstr(err, "nothing can be forgotten"));
	assert_int_equal(RUN("login", "one", "-c", file), 1);
	assert_non_null(strstr(err, "needs no login"));
	assert_int_equal(RUN("run", "-c", file), 1);
	assert_non_null(strstr(err, "in use"));
}

static void serve(int signo)
{
	const char *const words[] = { "bearerd", "run", "-c", file, NULL };
	int fds[2];
	pid_t pid;

	pid = begin(words, fds);
	assert_true(says(fds[1], "started"));
	assert_true(says(fds[1], "listening address=127.0.0.1:"));
	ask();
	assert_int_equal(kill(pid, SIGHUP), 0);
	assert_true(says(fds[1], "no_reload"));
	assert_int_equal(kill(pid, signo), 0);
	assert_int_equal(end(pid, fds), 0);
	assert_string_equal(out, "");
	assert_non_null(strstr(err, "stopping"));
	assert_null(strstr(err, "s3cret"));
}

static void test_run_serves_until_a_signal(void **state)
{
	char key[64], ini[512];

	(void)state;
	snprintf(key, sizeof(key), "/tmp/bearerd-test-key-%ld",
		 (long)getpid());
	snprintf(ini, sizeof(ini),
		 "[proxy]\nlisten = 127.0.0.1:0\nstore = memory:\n"
		 "store_key_file = %s\ncontrol = %s-s\nworkers = 2\n"
		 "[service one]\nupstream = http://127.0.0.1:1\n"
		 "access_token = s3cret\n", key, key);
	configure(ini);
	serve(SIGTERM);
	serve(SIGINT);
	unlink(key);
}

/* An address in use is a start that fails, with words. */
static void test_run_says_why_it_cannot_start(void **state)
{
	struct sockaddr_in a = { .sin_family = AF_INET };
	socklen_t n = sizeof(a);
	char ini[512], key[64], address[64];
	int fd = socket(AF_INET, SOCK_STREAM, 0);

	(void)state;
	a.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	assert_int_equal(bind(fd, (struct sockaddr *)&a, n), 0);
	assert_int_equal(listen(fd, 1), 0);
	assert_int_equal(getsockname(fd, (struct sockaddr *)&a, &n), 0);
	snprintf(key, sizeof(key), "/tmp/bearerd-test-key-%ld",
		 (long)getpid());
	snprintf(address, sizeof(address), "127.0.0.1:%d", ntohs(a.sin_port));
	snprintf(ini, sizeof(ini),
		 "[proxy]\nlisten = %s\nstore = memory:\n"
		 "store_key_file = %s\ncontrol = %s-s\n"
		 "[service one]\nupstream = http://127.0.0.1:1\n"
		 "grant_type = none\n", address, key, key);
	configure(ini);
	assert_int_equal(RUN("run", "-c", file), 1);
	assert_non_null(strstr(err, "bearerd: "));
	assert_non_null(strstr(err, address));
	assert_non_null(strstr(err, "is in use"));
	assert_int_equal(lines(err), 1);
	close(fd);
	unlink(key);
}

#define TEST(name) cmocka_unit_test_teardown(name, remove_file)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_version_and_help),
		TEST(test_providers),
		TEST(test_no_command),
		TEST(test_unknown_command),
		TEST(test_wrong_use),
		TEST(test_words_of_the_askers),
		TEST(test_askers_without_a_daemon),
		TEST(test_check_of_a_good_file),
		TEST(test_check_tells_every_mistake),
		TEST(test_no_file),
		TEST(test_run_serves_until_a_signal),
		TEST(test_run_says_why_it_cannot_start),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
