/* SPDX-License-Identifier: MIT */
/* Creates the store's folder, its key and the store itself, at the first
 * start. */
#include "store/file.h"

#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/alloc.h"
#include "base/buf.h"
#include "base/limits.h"
#include "base/str.h"

/* Longer names are refused by the kernel anyway (PATH_MAX). */
/* The folder that path lies in; mem_free. */
static char *folder_of(const char *path)
{
	const char *slash = strrchr(path, '/');

	if (!slash)
		return mem_strdup(".");
	if (slash == path)
		return mem_strdup("/");
	return str_dup((struct str){ path, (size_t)(slash - path) });
}

/* What was made in a folder is there after a power cut once the folder is
 * synced. */
static int file_sync(const char *path, int flags)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC | flags);
	int rc, err;

	if (fd < 0)
		return -1;
	rc = fsync(fd);
	err = errno;
	close(fd);
	errno = err;
	/* Some file systems know no sync of folders. */
	return rc < 0 && err == EINVAL ? 0 : rc;
}

static int folder_sync_of(const char *path)
{
	char *folder = folder_of(path);
	int rc = file_sync(folder, O_DIRECTORY);
	int err = errno;

	mem_free(folder);
	errno = err;
	return rc;
}

static int folder_make(const char *folder, struct fault *f)
{
	if (mkdir(folder, 0700) < 0)
		return errno == EEXIST ? 0 :
		       fault_errno(f, errno, "cannot make the folder %s",
				   folder);
	if (folder_sync_of(folder) < 0)
		return fault_errno(f, errno, "cannot make the folder %s",
				   folder);
	return 0;
}

int file_make_folder(const char *path, struct fault *f)
{
	char *folder = folder_of(path);
	int rc = 0;

	/* Most often it is there, perhaps below one that we may not read. */
	if (access(folder, F_OK) == 0)
		goto out;
	for (char *p = folder + 1; rc == 0 && *p; p++) {
		if (*p != '/')
			continue;
		*p = '\0';
		if (access(folder, F_OK) < 0)
			rc = folder_make(folder, f);
		*p = '/';
	}
	if (rc == 0)
		rc = folder_make(folder, f);
out:
	mem_free(folder);
	return rc;
}

int file_beside(const char *path, char **beside, struct fault *f)
{
	ATTR_CLEANUP(buf_fini) struct buf name = BUF_INIT(LIMIT_STORE_PATH);
	int fd;

	*beside = NULL;
	buf_addf(&name, "%s.new-XXXXXX", path);
	if (!buf_ok(&name))
		return fault_set(f, "cannot make %s: the name is too long",
				 path);
	*beside = buf_take(&name);
	fd = mkostemp(*beside, O_CLOEXEC);
	if (fd >= 0)
		return fd;
	fault_errno(f, errno, "cannot make %s", path);
	mem_free(*beside);
	*beside = NULL;
	return -1;
}

int file_publish(const char *beside, const char *path, struct fault *f)
{
	bool there = file_sync(beside, 0) == 0 &&
		     (link(beside, path) == 0 || errno == EEXIST);
	int err = errno;

	unlink(beside);
	if (!there)
		return fault_errno(f, err, "cannot make %s", path);
	if (folder_sync_of(path) < 0)
		return fault_errno(f, errno, "cannot sync the folder of %s",
				   path);
	return 0;
}
