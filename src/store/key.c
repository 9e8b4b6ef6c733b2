/* SPDX-License-Identifier: MIT */
/* Reads (or makes) the key that the store is sealed with, before the store is
 * opened. */
#include "store/key.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/alloc.h"
#include "crypto/aead.h"
#include "crypto/random.h"
#include "store/file.h"

/* As read(2) and write(2), on to the end or to n octets; -1 with errno. */
static ssize_t key_read(int fd, char *p, size_t n)
{
	size_t got = 0;

	while (got < n) {
		ssize_t r = read(fd, p + got, n - got);

		if (r < 0 && errno == EINTR)
			continue;
		if (r < 0)
			return -1;
		if (r == 0)
			break;
		got += (size_t)r;
	}
	return (ssize_t)got;
}

static int key_write(int fd, const char *p, size_t n)
{
	while (n > 0) {
		ssize_t w = write(fd, p, n);

		if (w < 0 && errno == EINTR)
			continue;
		if (w < 0)
			return -1;
		p += w;
		n -= (size_t)w;
	}
	return 0;
}

static int key_check(const char *path, const struct stat *st, struct fault *f)
{
	if (!S_ISREG(st->st_mode))
		return fault_set(f, "the key file %s is not a regular file",
				 path);
	if (st->st_size != AEAD_KEY_SIZE)
		return fault_set(f, "the key file %s has %lld octets, a key "
				 "has %d", path, (long long)st->st_size,
				 AEAD_KEY_SIZE);
	return 0;
}

static struct secret *key_take(const char *path, int fd, struct fault *f)
{
	char octets[AEAD_KEY_SIZE];
	struct secret *key = NULL;
	struct stat st;
	ssize_t n;

	if (fstat(fd, &st) < 0) {
		fault_errno(f, errno, "cannot read the key file %s", path);
		return NULL;
	}
	if (key_check(path, &st, f) < 0)
		return NULL;
	n = key_read(fd, octets, sizeof(octets));
	if (n < 0)
		fault_errno(f, errno, "cannot read the key file %s", path);
	else if (n != AEAD_KEY_SIZE)
		fault_set(f, "the key file %s changed while it was read",
			  path);
	else
		key = secret_new((struct str){ octets, sizeof(octets) });
	mem_wipe(octets, sizeof(octets));
	return key;
}

static int key_make(const char *path, struct str octets, struct fault *f)
{
	char *beside;
	int fd, rc, err;

	if (file_make_folder(path, f) < 0)
		return -1;
	fd = file_beside(path, &beside, f);
	if (fd < 0)
		return -1;
	rc = key_write(fd, octets.p, octets.n);
	err = errno;
	close(fd);
	if (rc < 0) {
		unlink(beside);
		fault_errno(f, err, "cannot make the key file %s", path);
	} else {
		rc = file_publish(beside, path, f);
	}
	mem_free(beside);
	return rc;
}

static int key_make_new(const char *path, struct fault *f)
{
	char octets[AEAD_KEY_SIZE];
	int rc;

	random_fill(octets, sizeof(octets));
	rc = key_make(path, (struct str){ octets, sizeof(octets) }, f);
	mem_wipe(octets, sizeof(octets));
	return rc;
}

int store_key_restore(const char *path, const struct secret *key,
		      struct fault *f)
{
	struct stat st;

	if (lstat(path, &st) == 0 || (errno != ENOENT && errno != ENOTDIR))
		return 0;
	return key_make(path, secret_expose(key), f) < 0 ? -1 : 1;
}

/* Not blocking, so that a pipe of that name does not hold the start up. */
static int key_open(const char *path)
{
	return open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
}

/* Before it is made, for the sake of the directories, and once it is there. */
static int key_hold(const char *path, const struct ownership *who,
		    struct fault *f)
{
	if (!who ||
	    ownership_check(who, path, OWNERSHIP_KEY, f) != OWNERSHIP_BAD)
		return 0;
	return fault_prefix(f, "the store's key");
}

struct secret *store_key_load(const char *path, bool make,
			      const struct ownership *who, struct fault *f)
{
	int fd = key_open(path);

	if (fd < 0 && errno == ENOENT && make) {
		if (key_hold(path, who, f) < 0 || key_make_new(path, f) < 0)
			return NULL;
		fd = key_open(path);
	}
	if (fd < 0) {
		fault_errno(f, errno, "cannot open the key file %s", path);
		return NULL;
	}

	struct secret *key = NULL;

	if (key_hold(path, who, f) == 0)
		key = key_take(path, fd, f);
	close(fd);
	return key;
}
