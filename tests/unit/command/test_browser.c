/* SPDX-License-Identifier: MIT */
#include "command/browser.h"

#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include <cmocka.h>

static char folder[64], program[128], seen[128];

/* A browser that writes down what it was called with. */
static void write_program(const char *to)
{
	FILE *file = fopen(to, "w");

	assert_non_null(file);
	fprintf(file, "#!/bin/sh\nprintf '%%s|' \"$#\" \"$@\" >%s.new\n"
		      "mv %s.new %s\n", seen, seen, seen);
	assert_int_equal(fclose(file), 0);
	assert_int_equal(chmod(to, 0755), 0);
}

static int set_up(void **state)
{
	(void)state;
	strcpy(folder, "/tmp/bearerd-test-XXXXXX");
	if (!mkdtemp(folder))
		return -1;
	snprintf(program, sizeof(program), "%s/browser", folder);
	snprintf(seen, sizeof(seen), "%s/seen", folder);
	write_program(program);
	unsetenv("DISPLAY");
	unsetenv("WAYLAND_DISPLAY");
	unsetenv("BROWSER");
	return 0;
}

static int tear_down(void **state)
{
	(void)state;
	unlink(program);
	unlink(seen);
	return rmdir(folder);
}

/* Waits at most 10 s until the program has been called. */
static void expect_seen(const char *text)
{
	const struct timespec pause = { 0, 10000000 };
	char got[256] = "";

	for (int i = 0; i < 1000 && access(seen, R_OK) != 0; i++)
		nanosleep(&pause, NULL);

	int fd = open(seen, O_RDONLY | O_CLOEXEC);

	assert_true(fd >= 0);
	assert_true(read(fd, got, sizeof(got) - 1) > 0);
	close(fd);
	unlink(seen);
	assert_string_equal(got, text);
}

static void test_browser_of_the_variable(void **state)
{
	char list[512];

	(void)state;
	setenv("BROWSER", program, 1);
	assert_true(browser_open("http://127.0.0.1/?a=1&b=$(x)'"));
	expect_seen("1|http://127.0.0.1/?a=1&b=$(x)'|");
	snprintf(list, sizeof(list), "/no/such:%s %%s:%s", program, program);
	setenv("BROWSER", list, 1);
	assert_true(browser_open("http://b/"));
	expect_seen("1|http://b/|");
	/* Nobody is left to be waited for. */
	assert_int_equal(waitpid(-1, NULL, WNOHANG), -1);
}

static void test_xdg_open(void **state)
{
	char *path = strdup(getenv("PATH"));
	char other[256];

	(void)state;
	snprintf(other, sizeof(other), "%s/xdg-open", folder);
	write_program(other);
	snprintf(other, sizeof(other), "%s:/usr/bin:/bin", folder);
	setenv("PATH", other, 1);
	assert_true(browser_open("http://c/"));
	expect_seen("1|http://c/|");
	setenv("PATH", "/no/such", 1);
	assert_false(browser_open("http://c/"));
	setenv("BROWSER", "/no/such", 1);
	assert_false(browser_open("http://c/"));
	setenv("PATH", path, 1);
	free(path);
	snprintf(other, sizeof(other), "%s/xdg-open", folder);
	unlink(other);
}

static void test_addresses(void **state)
{
	static const char *const rows[] = {
		"",
		"-",
		"--help",
		"-http://a/",
		"/etc/passwd",
		"http:",
		"http://",
		"file:///x",
		"javascript:x",
		"data:,x",
		"x:http://a/",
		"http://a/\n",
		"http://a/ b",
		" http://a/",
		"http://a/\x1b",
		"http://\xc3\xa4/",
	};

	(void)state;
	setenv("BROWSER", program, 1);
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		if (browser_may_open(rows[i]) || browser_open(rows[i]))
			fail_msg("%s", rows[i]);
	}
	assert_true(browser_may_open("http://a/"));
	assert_true(browser_may_open("HTTPS://[::1]:8443/x?y#z"));
	assert_int_equal(access(seen, F_OK), -1);
}

/* A child at a terminal of its own, or at none: what it says. */
static bool is_there(bool terminal)
{
	int ours = posix_openpt(O_RDWR | O_NOCTTY), theirs = -1, status = 0;
	pid_t pid;

	assert_int_equal(grantpt(ours), 0);
	assert_int_equal(unlockpt(ours), 0);
	theirs = open(terminal ? ptsname(ours) : "/dev/null",
		      O_RDWR | O_NOCTTY);
	assert_true(theirs >= 0);
	fflush(NULL);
	pid = fork();
	if (pid == 0) {
		dup2(theirs, 0);
		dup2(theirs, 1);
		_exit(browser_is_there());
	}
	assert_int_equal(waitpid(pid, &status, 0), pid);
	close(ours);
	close(theirs);
	return WEXITSTATUS(status) == 1;
}

static void test_where_there_is_none(void **state)
{
	(void)state;
	assert_false(is_there(true));
	setenv("DISPLAY", "", 1);
	assert_false(is_there(true));
	setenv("DISPLAY", ":0", 1);
	assert_true(is_there(true));
	assert_false(is_there(false));
	unsetenv("DISPLAY");
	setenv("WAYLAND_DISPLAY", "wayland-0", 1);
	assert_true(is_there(true));
	unsetenv("WAYLAND_DISPLAY");
	setenv("BROWSER", "lynx", 1);
	assert_true(is_there(true));
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_browser_of_the_variable),
		TEST(test_xdg_open),
		TEST(test_addresses),
		TEST(test_where_there_is_none),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
