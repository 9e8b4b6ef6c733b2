/* SPDX-License-Identifier: MIT */
/* Decides whether bearerd login may open a browser, and for which address; and
 * opens it. */
#include "command/browser.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/alloc.h"
#include "base/inherited.h"
#include "base/str.h"
#include "data/uri.h"

static const char *variable(const char *name)
{
	const char *value = getenv(name);

	return value && value[0] ? value : NULL;
}

bool browser_is_there(void)
{
	if (!isatty(STDIN_FILENO) || !isatty(STDOUT_FILENO))
		return false;
	return variable("BROWSER") || variable("DISPLAY") ||
	       variable("WAYLAND_DISPLAY");
}

bool browser_may_open(const char *address)
{
	struct str s = str_z(address);
	struct uri u;

	return str_is_visible(s) && uri_parse(s, &u, NULL) == 0 &&
	       (uri_is_http(&u) || uri_is_https(&u)) && u.host.n > 0;
}

/* In the grandchild: becomes the program, with nothing of ours open; what it
 * says is nobody's business here. */
static void become(const char *program, const char *address, int failed)
{
	char *argv[] = { (char *)(uintptr_t)program,
			 (char *)(uintptr_t)address, NULL };
	int null = open("/dev/null", O_RDWR | O_CLOEXEC);

	signal(SIGPIPE, SIG_DFL);
	inherited_restore();
	setsid();
	for (int fd = STDIN_FILENO; null >= 0 && fd <= STDERR_FILENO; fd++)
		dup2(null, fd);
	execvp(program, argv);
	(void)!write(failed, "", 1);
	_exit(127);
}

/* Its parent has ended by then: nobody waits for it, and it is no zombie. */
static void start(const char *program, const char *address, int failed)
{
	pid_t pid = fork();

	if (pid == 0)
		become(program, address, failed);
	if (pid < 0)
		(void)!write(failed, "", 1);
	_exit(0);
}

static bool run(const char *program, const char *address)
{
	int ends[2], status;
	char octet;
	ssize_t n;
	pid_t pid;

	if (pipe2(ends, O_CLOEXEC) != 0)
		return false;
	pid = fork();
	if (pid == 0)
		start(program, address, ends[1]);
	close(ends[1]);
	while (pid > 0 && waitpid(pid, &status, 0) < 0 && errno == EINTR)
		;
	/* The end without an octet: exec has closed the other side. */
	n = pid > 0 ? read(ends[0], &octet, 1) : -1;
	close(ends[0]);
	return n == 0;
}

/* $BROWSER is a list, as xdg-open and others read it; entries with "%s" or
 * with arguments are left to xdg-open. */
bool browser_open(const char *address)
{
	struct str all = str_z(variable("BROWSER"));
	bool started = false;

	if (!browser_may_open(address))
		return false;

	while (!started && all.n > 0) {
		size_t n = str_find(all, ':');
		struct str one = str_sub(all, 0, n);
		char *program = str_dup(one);

		if (one.n > 0 && str_find(one, ' ') == one.n &&
		    str_find(one, '%') == one.n)
			started = run(program, address);
		mem_free(program);
		all = str_from(all, n + 1);
	}
	return started || run("xdg-open", address);
}
