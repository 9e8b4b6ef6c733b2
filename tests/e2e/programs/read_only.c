/* SPDX-License-Identifier: MIT */
/* Preloaded into bearerd: while the file READ_ONLY_FLAG is there, what lies
 * below READ_ONLY_FOLDER cannot be written, as on a file system that has
 * become read-only; also for root, and for files that are open already. */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

static int is_read_only(int fd)
{
	char link[64], path[4096];
	ssize_t n;

	if (access(READ_ONLY_FLAG, F_OK) != 0)
		return 0;
	snprintf(link, sizeof(link), "/proc/self/fd/%d", fd);
	n = readlink(link, path, sizeof(path) - 1);
	if (n < 0)
		return 0;
	path[n] = '\0';
	return strncmp(path, READ_ONLY_FOLDER, strlen(READ_ONLY_FOLDER)) == 0;
}

static void *next(const char *name)
{
	return dlsym(RTLD_NEXT, name);
}

static int refuse(void)
{
	errno = EROFS;
	return -1;
}

ssize_t pwrite64(int fd, const void *p, size_t n, off64_t at)
{
	ssize_t (*real)(int, const void *, size_t, off64_t) = next("pwrite64");

	return is_read_only(fd) ? refuse() : real(fd, p, n, at);
}

ssize_t pwrite(int fd, const void *p, size_t n, off_t at)
{
	ssize_t (*real)(int, const void *, size_t, off_t) = next("pwrite");

	return is_read_only(fd) ? refuse() : real(fd, p, n, at);
}

int ftruncate64(int fd, off64_t n)
{
	int (*real)(int, off64_t) = next("ftruncate64");

	return is_read_only(fd) ? refuse() : real(fd, n);
}

int ftruncate(int fd, off_t n)
{
	int (*real)(int, off_t) = next("ftruncate");

	return is_read_only(fd) ? refuse() : real(fd, n);
}
