/* SPDX-License-Identifier: MIT */
/* Checks the standard streams around every command: what it prints arrives, or
 * it has failed. */
#include "command/standard_streams.h"

#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "command/command.h"

void standard_streams_open(void)
{
	/* Input gives nothing, output fails; what is said of errors is lost,
	 * as it was meant to be. */
	static const int flags[] = { O_RDONLY, O_RDONLY, O_RDWR };

	for (int fd = STDIN_FILENO; fd <= STDERR_FILENO; fd++)
		if (fcntl(fd, F_GETFD) < 0 && errno == EBADF)
			(void)open("/dev/null", flags[fd]);
}

int standard_streams_close(int status)
{
	bool failed = ferror(stdout) != 0;
	int err = 0;

	/* What it says when it is closed is the last word, on NFS too. */
	if (fclose(stdout) != 0) {
		err = errno;
		failed = true;
	}
	if (!failed)
		return status;
	fprintf(stderr, "bearerd: cannot write to standard output%s%s\n",
		err ? ": " : "", err ? strerror(err) : "");
	return status == COMMAND_DONE ? COMMAND_FAILED : status;
}
