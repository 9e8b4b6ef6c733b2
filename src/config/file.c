/* SPDX-License-Identifier: MIT */
/* Reads what a configuration names: itself, its includes, its secrets. */
#include "config/file.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/alloc.h"

/* Reads until the end; one octet over the maximum fails the buffer. */
static int read_all(int fd, struct buf *out)
{
	char part[4096];
	ssize_t n;

	while ((n = read(fd, part, sizeof(part))) != 0) {
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			break;
		buf_add(out, part, (size_t)n);
		if (!buf_ok(out)) {
			errno = EFBIG;
			n = -1;
			break;
		}
	}
	mem_wipe(part, sizeof(part));
	return n < 0 ? -1 : 0;
}

static int read_open(int fd, const char *path, struct buf *out,
		     struct config_file_id *id, struct fault *f)
{
	struct stat st;

	if (fstat(fd, &st))
		return fault_errno(f, errno, "cannot read %s", path);
	if (!S_ISREG(st.st_mode))
		return fault_set(f, "%s is no regular file", path);
	if (id)
		*id = (struct config_file_id){ st.st_dev, st.st_ino };
	if (!read_all(fd, out))
		return 0;
	if (errno == EFBIG)
		return fault_set(f, "%s is larger than %zu octets", path,
				 out->max);
	return fault_errno(f, errno, "cannot read %s", path);
}

int config_file_read(const char *path, struct buf *out,
		     struct config_file_id *id, struct fault *f)
{
	/* O_NONBLOCK: to find a FIFO there must not wait for its writer. */
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
	int rc;

	if (fd < 0)
		return fault_errno(f, errno, "cannot read %s", path);
	rc = read_open(fd, path, out, id, f);
	close(fd);
	return rc;
}

bool config_file_exists(const char *path)
{
	struct stat st;

	return stat(path, &st) == 0;
}

char *config_file_join(const char *dir, struct str path)
{
	struct buf b = BUF_INIT(PATH_MAX + path.n);

	if (!path.n || path.p[0] != '/') {
		buf_add_z(&b, dir);
		if (!str_ends(buf_str(&b), STR("/")))
			buf_add_char(&b, '/');
	}
	buf_add_str(&b, path);
	return buf_take(&b);
}

char *config_file_dir(const char *path)
{
	struct str dir = str_z(path);
	char cwd[PATH_MAX];

	while (dir.n && dir.p[dir.n - 1] != '/')
		dir.n--;
	while (dir.n > 1 && dir.p[dir.n - 1] == '/')
		dir.n--;
	if (dir.n && dir.p[0] == '/')
		return str_dup(dir);
	/* Who stands in a directory that is gone can only be relative. */
	if (!getcwd(cwd, sizeof(cwd)))
		return dir.n ? str_dup(dir) : mem_strdup(".");
	return dir.n ? config_file_join(cwd, dir) : mem_strdup(cwd);
}
