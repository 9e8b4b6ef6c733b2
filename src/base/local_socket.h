/* SPDX-License-Identifier: MIT */
/* Unix sockets in the file system: made so that a stale one is replaced and a
 * live one is not, and taken away only where they are still one's own. */
#pragma once

#include <sys/types.h>
#include <sys/un.h>

#include "base/attr.h"
#include "base/fault.h"
#include "base/str.h"

struct local_socket {
	int fd;     /* -1: none */
	char *path;
	dev_t dev;  /* its file, which is removed at the end */
	ino_t ino;
};

#define LOCAL_SOCKET_INIT { .fd = -1 }

/* Fills the address in; -1 where the path is empty or too long for one. */
ATTR_MUST_CHECK int local_socket_address(struct sockaddr_un *un,
					 struct str path, struct fault *f);
/* Listens with a stream socket, not blocking, its file with mode 0600. A file
 * that another program listens at is left alone, also while two of them start
 * at the same time; one that nobody listens at is replaced. Faults call it
 * scheme and path, and advise another path in key, where that is another
 * bearerd's or another file's. Changes the umask for a moment: at the start,
 * before there are threads that make files. */
ATTR_MUST_CHECK int local_socket_listen(struct local_socket *s,
					const char *path, const char *scheme,
					const char *key, int backlog,
					struct fault *f);
/* Closes it and removes its file. Fine where there is none. */
void local_socket_fini(struct local_socket *s);
