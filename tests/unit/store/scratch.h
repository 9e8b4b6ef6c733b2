/* SPDX-License-Identifier: MIT */
/* A folder that each test has for itself, and what the store's tests do with
 * files and with other processes. */
#pragma once

#include <fcntl.h>
#include <ftw.h>
#include <grp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/secret.h"
#include "store/store.h"

static char scratch[256];
static char scratch_spec[512]; /* "sqlite:" and the store in it */

#define scratch_db (scratch_spec + sizeof("sqlite:") - 1)

static inline int scratch_setup(void **state)
{
	const char *tmp = getenv("TMPDIR");

	(void)state;
	if (!tmp || strlen(tmp) > 128)
		tmp = "/tmp";
	(void)snprintf(scratch, sizeof(scratch), "%s/store-XXXXXX", tmp);
	if (!mkdtemp(scratch))
		return -1;
	(void)snprintf(scratch_spec, sizeof(scratch_spec),
		       "sqlite:%s/bearerd.db", scratch);
	return 0;
}

static inline int scratch_unlink(const char *path, const struct stat *st,
				 int type, struct FTW *at)
{
	(void)st;
	(void)type;
	(void)at;
	return remove(path);
}

static inline int scratch_teardown(void **state)
{
	(void)state;
	return nftw(scratch, scratch_unlink, 8, FTW_DEPTH | FTW_PHYS);
}

/* The name in the scratch folder; valid until the eighth call from now. */
static inline const char *scratch_path(const char *name)
{
	static char paths[8][512];
	static int turn;
	char *path = paths[turn++ % 8];

	(void)snprintf(path, sizeof(paths[0]), "%s/%s", scratch, name);
	return path;
}

/* -1 where there is no such file. */
static inline int file_mode(const char *path)
{
	struct stat st;

	return stat(path, &st) < 0 ? -1 : (int)(st.st_mode & 07777);
}

static inline bool file_read(const char *path, struct buf *out)
{
	char part[4096];
	ssize_t n = 0;
	int fd = open(path, O_RDONLY | O_CLOEXEC);

	buf_reset(out);
	if (fd < 0)
		return false;
	while ((n = read(fd, part, sizeof(part))) > 0)
		buf_add(out, part, (size_t)n);
	(void)close(fd);
	return n == 0 && buf_ok(out);
}

static inline bool file_write(const char *path, struct str s, mode_t mode)
{
	int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, mode);
	bool ok = fd >= 0 && fchmod(fd, mode) == 0 &&
		  (s.n == 0 || write(fd, s.p, s.n) == (ssize_t)s.n);

	if (fd >= 0)
		(void)close(fd);
	return ok;
}

/* Overwrites n octets of the file from octet at on. */
static inline bool file_spoil(const char *path, off_t at, size_t n)
{
	int fd = open(path, O_WRONLY | O_CLOEXEC);
	bool ok = fd >= 0;

	for (size_t i = 0; ok && i < n; i++)
		ok = pwrite(fd, "\x5a", 1, at + (off_t)i) == 1;
	if (fd >= 0)
		(void)close(fd);
	return ok;
}

static inline bool file_same(const char *path, const struct buf *before)
{
	ATTR_CLEANUP(buf_fini) struct buf now = BUF_INIT(1 << 26);

	return file_read(path, &now) && str_eq(buf_str(&now), buf_str(before));
}

/* A key of 32 times the octet. */
static inline struct secret *key_of(char c)
{
	char octets[32];

	memset(octets, c, sizeof(octets));
	return secret_new((struct str){ octets, sizeof(octets) });
}

/* Opens spec with the keys that the letters stand for, the first first. */
static inline struct store *open_with(const char *spec, const char *letters,
				      struct fault *f)
{
	struct secret *keys[8] = { NULL };
	size_t n = 0;
	struct store *s;

	for (; letters[n] && n < 8; n++)
		keys[n] = key_of(letters[n]);
	s = store_open(str_z(spec), keys, n, f);
	while (n > 0)
		secret_unref(&keys[--n]);
	return s;
}

/* One transaction with one value (NULL: removal). */
static inline int put(struct store *s, const char *id, const char *value,
		      struct fault *f)
{
	if (store_begin(s, f) < 0)
		return -1;
	if ((value ? store_put(s, str_z(id), str_z(value), f) :
	     store_remove(s, str_z(id), f)) == 0 && store_commit(s, f) == 0)
		return 0;
	store_rollback(s);
	return -1;
}

/* Whether it holds this value (NULL: none) under id. */
static inline bool holds(struct store *s, const char *id, const char *value)
{
	ATTR_CLEANUP(buf_fini) struct buf plain = BUF_INIT_SECRET(1 << 20);
	int found = store_get(s, str_z(id), &plain, NULL);

	if (!value)
		return found == 0 && buf_ok(&plain) && plain.n == 0;
	return found == 1 && str_eq_z(buf_str(&plain), value);
}

/* Runs fn in a child of its own, as an ordinary user where we are root (the
 * scratch folder is given away first), and returns its exit status, -1 where
 * it died by a signal. fn must not use cmocka's assertions. */
static inline int in_child(int (*fn)(void), bool ordinary)
{
	const uid_t nobody = 65534;
	int status = 0;
	pid_t pid;

	if (ordinary && geteuid() == 0 && chown(scratch, nobody, nobody) < 0)
		return -1;
	pid = fork();
	if (pid == 0) {
		if (ordinary && geteuid() == 0 &&
		    (setgroups(0, NULL) < 0 ||
		     setresgid(nobody, nobody, nobody) < 0 ||
		     setresuid(nobody, nobody, nobody) < 0))
			_exit(99);
		_exit(fn());
	}
	if (pid < 0 || waitpid(pid, &status, 0) != pid || !WIFEXITED(status))
		return -1;
	return WEXITSTATUS(status);
}
