/* SPDX-License-Identifier: MIT */
/* Reads a whole text file under a bound. Configurations, secrets, keys and
 * hooks come through here. */
#include "base/text_file.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/alloc.h"
#include "base/str.h"

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

/* Whether every second octet, beginning with the first or the second, is NUL,
 * as in UTF-16 without a mark where all characters are of ASCII. */
static bool has_nuls_between(struct str text)
{
	size_t zeros[2] = { 0, 0 };

	for (size_t i = 0; i < text.n; i++)
		zeros[i % 2] += !text.p[i];
	return text.n >= 4 && text.n % 2 == 0 &&
	       zeros[0] + zeros[1] == text.n / 2 && (!zeros[0] || !zeros[1]);
}

/* The name of an encoding that cannot be read; NULL for all others. */
static const char *other_encoding(struct str text)
{
	if (str_starts(text, (struct str){ "\xff\xfe\0\0", 4 }) ||
	    str_starts(text, (struct str){ "\0\0\xfe\xff", 4 }))
		return "UTF-32";
	if (str_starts(text, STR("\xff\xfe")) ||
	    str_starts(text, STR("\xfe\xff")) || has_nuls_between(text))
		return "UTF-16";
	return NULL;
}

static int read_open(int fd, struct buf *out, struct stat *st, struct fault *f)
{
	const struct str mark = STR("\xef\xbb\xbf");
	const char *encoding;

	if (fstat(fd, st))
		return fault_errno(f, errno, "cannot be read");
	if (!S_ISREG(st->st_mode))
		return fault_set(f, "is not a regular file");
	if (read_all(fd, out))
		return errno == EFBIG ?
			       fault_set(f, "is larger than %zu octets",
					 out->max) :
			       fault_errno(f, errno, "cannot be read");
	encoding = other_encoding(buf_str(out));
	if (encoding)
		return fault_set(f, "is text in %s: save it as UTF-8",
				 encoding);
	if (str_starts(buf_str(out), mark))
		buf_drop(out, mark.n);
	return 0;
}

int text_file_read(const char *path, struct buf *out, struct stat *st,
		   struct fault *f)
{
	/* O_NONBLOCK: to find a FIFO there must not wait for its writer. */
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
	struct stat own;
	int rc;

	if (fd < 0)
		return fault_errno(f, errno, "cannot be read");
	rc = read_open(fd, out, st ? st : &own, f);
	close(fd);
	return rc;
}
