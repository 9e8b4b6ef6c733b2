/* SPDX-License-Identifier: MIT */
/* Preloaded into bearerd: the look-up of a name without a dot hangs until
 * something is written to the FIFO whose path is HANGING_NAMES_FIFO, and
 * then finds nothing. Those below here.test are this machine. */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <fcntl.h>
#include <netdb.h>
#include <string.h>
#include <unistd.h>

static void wait_for_writer(void)
{
	int fd = open(HANGING_NAMES_FIFO, O_RDONLY | O_CLOEXEC);
	char octet;

	if (fd < 0)
		return;
	(void)!read(fd, &octet, 1);
	close(fd);
}

int getaddrinfo(const char *node, const char *service,
		const struct addrinfo *hints, struct addrinfo **res)
{
	int (*real)(const char *, const char *, const struct addrinfo *,
		    struct addrinfo **) = dlsym(RTLD_NEXT, "getaddrinfo");

	if (node && strstr(node, ".here.test"))
		node = "127.0.0.1";
	if (!node || strpbrk(node, ".:") || !strcmp(node, "localhost"))
		return real(node, service, hints, res);
	wait_for_writer();
	return EAI_NONAME;
}
