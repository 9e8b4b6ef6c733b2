/* SPDX-License-Identifier: MIT */
/* Makes, listens on and removes Unix sockets, at the start: those of clients
 * and of commands. */
#include "base/local_socket.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "base/alloc.h"
#include "base/limits.h"

enum { LOCK_TRIES = LIMIT_LOCK_WAIT / LIMIT_LOCK_PAUSE };

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
				 "%s%s is a file that is not a socket: give "
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

static int open_folder(const struct sockaddr_un *un)
{
	const char *slash = strrchr(un->sun_path, '/');
	char folder[sizeof(un->sun_path)] = ".";

	if (slash == un->sun_path)
		folder[0] = '/';
	else if (slash)
		snprintf(folder, sizeof(folder), "%.*s",
			 (int)(slash - un->sun_path), un->sun_path);
	return open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
}

/* Locks the folder that the path lies in (flock(2)) until *fd is closed; -1
 * where another program holds it. Where it cannot be locked *fd is -1: not
 * every folder that a file can be made in can be read, and not every file
 * system has locks. */
static int lock_folder(const struct sockaddr_un *un, int *fd, struct fault *f)
{
	const struct timespec pause = { .tv_nsec = LIMIT_LOCK_PAUSE * 1000000 };
	int err = 0;

	*fd = open_folder(un);
	if (*fd < 0)
		return 0;
	for (int i = 0; i < LOCK_TRIES; i++) {
		if (flock(*fd, LOCK_EX | LOCK_NB) == 0)
			return 0;
		err = errno;
		if (err != EWOULDBLOCK && err != EINTR)
			break;
		nanosleep(&pause, NULL);
	}
	close(*fd);
	*fd = -1;
	return err == EWOULDBLOCK ?
		       fault_set(f, "another program has locked its folder") :
		       0;
}

/* The file is made with its mode: a chmod(2) afterwards would follow a link
 * that was put in its place. */
static int listen_at(int fd, const struct sockaddr_un *un, int backlog,
		     struct stat *st)
{
	mode_t before = umask(0177);
	int rc = bind(fd, (const struct sockaddr *)un, sizeof(*un));
	int err = errno;

	umask(before);
	errno = err;
	return rc != 0 || listen(fd, backlog) != 0 ||
			       lstat(un->sun_path, st) != 0 ?
		       -1 :
		       0;
}

/* A new socket that listens, where none does; its file's identity. */
static int take_path(const struct sockaddr_un *un, const char *scheme,
		     const char *key, int backlog, struct stat *st,
		     struct fault *f)
{
	int fd;

	if (clear(un, scheme, key, f) < 0)
		return -1;
	fd = new_socket(f);
	if (fd < 0 || listen_at(fd, un, backlog, st) == 0)
		return fd;
	fault_errno(f, errno, "cannot listen on %s%s", scheme, un->sun_path);
	close(fd);
	return -1;
}

/* From the look at what is there until the new one listens, no other bearerd
 * looks. */
int local_socket_listen(struct local_socket *s, const char *path,
			const char *scheme, const char *key, int backlog,
			struct fault *f)
{
	struct sockaddr_un un;
	struct stat st;
	int lock, fd;

	if (local_socket_address(&un, str_z(path), f) < 0)
		return fault_prefix(f, "%s = %s%s", key, scheme, path);
	if (lock_folder(&un, &lock, f) < 0)
		return fault_prefix(f, "%s = %s%s", key, scheme, path);
	fd = take_path(&un, scheme, key, backlog, &st, f);
	if (lock >= 0)
		close(lock);
	if (fd < 0)
		return -1;
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
