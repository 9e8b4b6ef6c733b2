/* SPDX-License-Identifier: MIT */
/* For what ends the process by design: runs it in a child and looks at how
 * that died and at what it said. */
#pragma once

#include <signal.h>
#include <stdbool.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

/* True when fn aborts after words on standard error that contain part. */
static inline bool aborts_saying(void (*fn)(void), const char *part)
{
	const struct rlimit no_core = { 0, 0 };
	char said[4096] = "";
	size_t n = 0;
	ssize_t r;
	int fds[2], status = 0;
	pid_t pid;

	if (pipe(fds))
		return false;
	pid = fork();
	if (pid == 0) {
		(void)setrlimit(RLIMIT_CORE, &no_core);
		(void)dup2(fds[1], 2);
		(void)signal(SIGABRT, SIG_DFL);
		fn();
		_exit(0);
	}
	(void)close(fds[1]);
	while (n < sizeof(said) - 1 &&
	       (r = read(fds[0], said + n, sizeof(said) - 1 - n)) > 0)
		n += (size_t)r;
	(void)close(fds[0]);
	if (pid < 0 || waitpid(pid, &status, 0) != pid)
		return false;
	return WIFSIGNALED(status) && WTERMSIG(status) == SIGABRT &&
	       strstr(said, part) != NULL;
}
