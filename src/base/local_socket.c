/* SPDX-License-Identifier: MIT */
/* At the start: the Unix sockets of clients and of commands. */
#include "base/local_socket.h"

#include <errno.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/alloc.h"

int local_socket_address(struct sockaddr_un *un, struct str path,
			 struct fault *f)
{
	if (path.n == 0 || path.n >= sizeof(un->sun_path))
		return fault_set(f, "the path of a socket has 1 to %zu octets",
				 sizeof(un->sun_path) - 1);
	memset(un, 0, sizeof(*un));
	un->sun_family = AF_UNIX;
	memcpy(un->sun_path, path.p, path.n);
	return 0;
}

static int new_socket(struct fault *f)
{
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);

	if (fd < 0)
		fault_errno(f, errno, "cannot make a socket");
	return fd;
}

/* Whether the path is free for a socket: nothing is there, or a socket that
 * nobody listens on any more, which is removed. */
static int clear(const struct sockaddr_un *un, const char *scheme,
		 const char *key, struct fault *f)
{
	const char *path = un->sun_path;
	int err, fd;
	struct stat st;

	if (lstat(path, &st) != 0)
		return 0; /* or bind says why it cannot be looked at */
	if (!S_ISSOCK(st.st_mode))
		return fault_set(f,
				 "%s%s is a file that is no socket: give "
				 "another path in %s",
				 scheme, path, key);
	fd = new_socket(f);
	if (fd < 0)
		return -1;
	err = connect(fd, (const struct sockaddr *)un, sizeof(*un)) == 0 ?
		      0 :
		      errno;
	close(fd);
	if (err != ECONNREFUSED)
		return fault_set(f,
				 "%s%s is in use: another bearerd runs there, "
				 "or another program; stop it, or give another "
				 "path in %s",
				 scheme, path, key);
	if (unlink(path) != 0)
		return fault_errno(f, errno, "cannot replace %s", path);
	return 0;
}

/* Nobody can connect before listen(2): the mode comes in time. */
static int bind_file(int fd, const struct sockaddr_un *un, struct stat *st)
{
	return bind(fd, (const struct sockaddr *)un, sizeof(*un)) != 0 ||
	       chmod(un->sun_path, 0600) != 0 || lstat(un->sun_path, st) != 0;
}

int local_socket_bind(struct local_socket *s, const char *path,
		      const char *scheme, const char *key, struct fault *f)
{
	struct sockaddr_un un;
	struct stat st;
	int fd;

	if (local_socket_address(&un, str_z(path), f) < 0)
		return fault_prefix(f, "%s = %s%s", key, scheme, path);
	if (clear(&un, scheme, key, f) < 0)
		return -1;
	fd = new_socket(f);
	if (fd < 0)
		return -1;
	if (bind_file(fd, &un, &st) != 0) {
		fault_errno(f, errno, "cannot listen on %s%s", scheme, path);
		close(fd);
		return -1;
	}
	s->fd = fd;
	s->path = mem_strdup(path);
	s->dev = st.st_dev;
	s->ino = st.st_ino;
	return 0;
}

void local_socket_fini(struct local_socket *s)
{
	struct stat st;

	if (s->fd < 0)
		return;
	/* Unless another has put its own there. */
	if (lstat(s->path, &st) == 0 && st.st_dev == s->dev &&
	    st.st_ino == s->ino)
		unlink(s->path);
	close(s->fd);
	mem_free(s->path);
	*s = (struct local_socket)LOCAL_SOCKET_INIT;
}
