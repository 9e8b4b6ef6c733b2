/* SPDX-License-Identifier: MIT */
/* Preloaded into bearerd: the look-up of a name without a dot hangs until
 * something is written to the FIFO whose path is HANGING_NAMES_FIFO, and
 * then finds nothing. Those below here.test are this machine, those below
 * many.test have the addresses that their labels say, in that order:
 * "127-0-0-2.v6--1.many.test". */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <fcntl.h>
#include <netdb.h>
#include <stdio.h>
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

typedef int look_up_fn(const char *, const char *, const struct addrinfo *,
		       struct addrinfo **);

static int many(const char *labels, const struct addrinfo *hints,
		struct addrinfo **res, look_up_fn *real)
{
	char text[256], *rest = text, *label;
	int err = 0;

	*res = NULL;
	snprintf(text, sizeof(text), "%s", labels);
	*strstr(text, ".many.test") = '\0';
	while (!err && (label = strsep(&rest, "."))) {
		char to = strncmp(label, "v6", 2) ? '.' : ':';

		if (to == ':')
			label += 2;
		for (char *c = label; *c; c++)
			if (*c == '-')
				*c = to;
		err = real(label, NULL, hints, res);
		while (*res)
			res = &(*res)->ai_next;
	}
	return err;
}

int getaddrinfo(const char *node, const char *service,
		const struct addrinfo *hints, struct addrinfo **res)
{
	look_up_fn *real = dlsym(RTLD_NEXT, "getaddrinfo");

	if (node && strstr(node, ".many.test"))
		return many(node, hints, res, real);
	if (node && strstr(node, ".here.test"))
		node = "127.0.0.1";
	if (!node || strpbrk(node, ".:") || !strcmp(node, "localhost"))
		return real(node, service, hints, res);
	wait_for_writer();
	return EAI_NONAME;
}
