/* SPDX-License-Identifier: MIT */
/* With real files. Root gives them to other users; an ordinary user pretends
 * to be another one, whose trust is asked. */
#include "base/ownership.h"

#include <endian.h>
#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <sched.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <sys/xattr.h>
#include <unistd.h>

#include <cmocka.h>

/* Users and groups that have no name here. */
enum { NOBODYS = 54321, OTHERS = 54322 };

static char scratch[64];

static int setup(void **state)
{
	(void)state;
	(void)umask(022);
	(void)snprintf(scratch, sizeof(scratch), "/tmp/bearerd-test-XXXXXX");
	return mkdtemp(scratch) && chmod(scratch, 0755) == 0 ? 0 : -1;
}

static int remove_one(const char *path, const struct stat *st, int type,
		      struct FTW *at)
{
	(void)st;
	(void)type;
	(void)at;
	return remove(path);
}

static int teardown(void **state)
{
	(void)state;
	return nftw(scratch, remove_one, 8, FTW_DEPTH | FTW_PHYS);
}

static const char *in(const char *name)
{
	static char paths[4][128];
	static int turn;
	char *path = paths[turn++ % 4];

	(void)snprintf(path, sizeof(paths[0]), "%s/%s", scratch, name);
	return path;
}

static void folder(const char *name, mode_t mode)
{
	assert_int_equal(mkdir(in(name), 0700), 0);
	assert_int_equal(chmod(in(name), mode), 0);
}

static void file(const char *name, mode_t mode)
{
	int fd;

	(void)unlink(in(name));
	fd = open(in(name), O_WRONLY | O_CREAT | O_EXCL, 0600);
	assert_true(fd >= 0);
	close(fd);
	assert_int_equal(chmod(in(name), mode), 0);
}

static void link_to(const char *target, const char *name)
{
	assert_int_equal(symlink(target, in(name)), 0);
}

static struct fault last;

static enum ownership_result check_as(struct ownership who, const char *name,
				      enum ownership_use use)
{
	last.text[0] = '\0';
	return ownership_check(&who, in(name), use, &last);
}

static enum ownership_result check(const char *name, enum ownership_use use)
{
	return check_as(ownership_of_process(), name, use);
}

static void assert_good(const char *name)
{
	if (check(name, OWNERSHIP_SECRET) != OWNERSHIP_GOOD)
		fail_msg("%s: %s", name, last.text);
}

static void assert_bad(enum ownership_result result, const char *words)
{
	assert_int_equal(result, OWNERSHIP_BAD);
	if (!strstr(last.text, words))
		fail_msg("not \"%s\": %s", words, last.text);
}

/* ---- modes ---- */

static void test_own_file(void **state)
{
	(void)state;
	file("a", 0600);
	assert_good("a");
	file("a", 0400);
	assert_good("a");
	file("a", 0700);
	assert_good("a");
	assert_good("nothing");
	assert_good("nothing/at/all");
	assert_good("a/b");
	assert_good(".");
	assert_int_equal(ownership_check(&(struct ownership){ 1, 1 },
					 "/dev/null", OWNERSHIP_KEY, NULL),
			 OWNERSHIP_GOOD);
}

static void test_file_that_everybody_can_write(void **state)
{
	(void)state;
	file("a", 0602);
	assert_bad(check("a", OWNERSHIP_READ), "everybody (mode 0602)");
	assert_non_null(strstr(last.text, in("a")));
	assert_non_null(strstr(last.text, "chmod go-w"));
}

static void test_directory_that_everybody_can_write(void **state)
{
	(void)state;
	folder("open", 0777);
	folder("open/deep", 0700);
	file("open/deep/a", 0600);
	assert_bad(check("open/deep/a", OWNERSHIP_READ),
		   "open can be written by everybody (mode 0777)");
	assert_int_equal(strncmp(last.text, "the directory /", 15), 0);
	/* Also where there is no file yet. */
	assert_bad(check("open/nothing", OWNERSHIP_READ), "everybody");
	/* And where that is only on the way. */
	assert_bad(check("open/../open/deep/a", OWNERSHIP_READ), "everybody");
	assert_int_equal(chmod(in("open"), 01777), 0);
	assert_good("open/deep/a");
}

static void test_secret_that_everybody_can_read(void **state)
{
	(void)state;
	file("a", 0644);
	assert_int_equal(check("a", OWNERSHIP_SECRET), OWNERSHIP_EXPOSED);
	assert_non_null(strstr(last.text, "everybody can read it (mode 0644)"));
	assert_int_equal(check("a", OWNERSHIP_READ), OWNERSHIP_GOOD);
	file("a", 0640);
	assert_good("a");
	/* Nobody gets there. */
	folder("closed", 0750);
	folder("closed/open", 0755);
	file("closed/open/a", 0644);
	assert_good("closed/open/a");
	/* By way of a link there is another way. */
	file("b", 0444);
	link_to(in("b"), "closed/b");
	assert_int_equal(check("closed/b", OWNERSHIP_SECRET),
			 OWNERSHIP_EXPOSED);
}

static void test_key_that_others_can_read(void **state)
{
	static const mode_t bad[] = { 0640, 0604, 0610, 0601, 0644, 0660 };
	static const mode_t good[] = { 0600, 0400, 0700 };

	(void)state;
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		file("a", bad[i]);
		assert_bad(check("a", OWNERSHIP_KEY), "chmod 600");
	}
	for (size_t i = 0; i < sizeof(good) / sizeof(good[0]); i++) {
		file("a", good[i]);
		assert_int_equal(check("a", OWNERSHIP_KEY), OWNERSHIP_GOOD);
	}
}

/* ---- links ---- */

static void test_links_are_followed(void **state)
{
	(void)state;
	folder("d", 0755);
	folder("d/..2026", 0755);
	file("d/..2026/a", 0400);
	link_to("..2026", "d/..data");
	link_to("..data/a", "d/a");
	assert_good("d/a");
	/* Whichever way it goes. */
	link_to(in("d/../d/a"), "absolute");
	assert_good("absolute");
	assert_int_equal(chmod(in("d/..2026"), 0777), 0);
	assert_bad(check("d/a", OWNERSHIP_READ), "..2026");
	assert_bad(check("absolute", OWNERSHIP_READ), "..2026");
}

static void test_directory_of_a_link(void **state)
{
	(void)state;
	file("a", 0600);
	folder("open", 0777);
	link_to(in("a"), "open/a");
	assert_bad(check("open/a", OWNERSHIP_READ), "open");
}

static void test_links_without_end(void **state)
{
	(void)state;
	link_to("loop", "loop");
	assert_bad(check("loop", OWNERSHIP_READ), "loop");
	link_to("nowhere", "dangling");
	assert_good("dangling");
}

static void test_long_links(void **state)
{
	char target[4000];

	(void)state;
	for (size_t i = 0; i < sizeof(target) - 2; i += 2)
		memcpy(target + i, "./", 2);
	memcpy(target + sizeof(target) - 2, "b", 2);
	link_to(target, "a");
	target[sizeof(target) - 2] = 'c';
	link_to(target, "b");
	file("c", 0602);
	assert_bad(check("a", OWNERSHIP_READ), "c can be written");
}

static void test_relative_path(void **state)
{
	struct ownership who = ownership_of_process();
	int before = open(".", O_PATH | O_DIRECTORY);

	(void)state;
	folder("d", 0777);
	file("d/a", 0600);
	file("a", 0600);
	assert_int_equal(chdir(in("d")), 0);
	assert_bad(ownership_check(&who, "a", OWNERSHIP_READ, &last),
		   "d can be written");
	assert_int_equal(chmod(in("d"), 0755), 0);
	assert_int_equal(ownership_check(&who, "a", OWNERSHIP_READ, &last),
			 OWNERSHIP_GOOD);
	assert_int_equal(ownership_check(&who, "../a", OWNERSHIP_READ, &last),
			 OWNERSHIP_GOOD);
	assert_int_equal(fchdir(before), 0);
	close(before);
}

/* As Kubernetes mounts a ConfigMap: in a directory for all, read-only. The
 * child has mounts of its own, where that is allowed. */
static void test_mounted_read_only(void **state)
{
	int status;
	pid_t pid;

	(void)state;
	folder("d", 0777);
	file("d/a", 0600);
	assert_bad(check("d/a", OWNERSHIP_READ), "everybody");
	pid = fork();
	if (pid == 0) {
		const char *d = in("d");

		if (unshare(CLONE_NEWNS) < 0 ||
		    mount("", "/", "", MS_REC | MS_PRIVATE, "") < 0 ||
		    mount(d, d, "", MS_BIND, "") < 0 ||
		    mount("", d, "", MS_BIND | MS_REMOUNT | MS_RDONLY, "") < 0)
			_exit(errno == EPERM ? 0 : 1);
		_exit(check("d/a", OWNERSHIP_READ) == OWNERSHIP_GOOD ? 0 : 2);
	}
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_int_equal(status, 0);
}

/* A child in a user namespace that knows its own user alone: /tmp belongs to
 * somebody who is not known there, and so does what another user has. */
static void test_user_namespace(void **state)
{
	char map[64];
	int status, fd;
	pid_t pid;

	(void)state;
	file("a", 0600);
	folder("d", 0777);
	file("d/a", 0600);
	(void)snprintf(map, sizeof(map), "77 %u 1", (unsigned)geteuid());
	pid = fork();
	if (pid == 0) {
		if (unshare(CLONE_NEWUSER) < 0)
			_exit(errno == EPERM || errno == ENOSPC ? 0 : 1);
		fd = open("/proc/self/uid_map", O_WRONLY);
		if (write(fd, map, strlen(map)) < 0)
			_exit(errno == EPERM ? 0 : 3);
		if (check("a", OWNERSHIP_READ) != OWNERSHIP_GOOD)
			_exit(4);
		_exit(check("d/a", OWNERSHIP_READ) == OWNERSHIP_BAD ? 0 : 5);
	}
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_int_equal(status, 0);
}

/* ---- other users ---- */

/* To whom the file belongs, of those who are trusted. */
static void test_owner(void **state)
{
	struct ownership other = { NOBODYS, NOBODYS };
	struct ownership both = { NOBODYS, geteuid() };
	bool root = geteuid() == 0;

	(void)state;
	file("a", 0600);
	if (root)
		assert_int_equal(chown(in("a"), OTHERS, OTHERS), 0);
	assert_bad(check_as(other, "a", OWNERSHIP_READ), "belongs to ");
	assert_non_null(strstr(last.text, "not to root or user 54321"));
	both.owner = root ? OTHERS : geteuid();
	assert_int_equal(check_as(both, "a", OWNERSHIP_READ), OWNERSHIP_GOOD);
	if (root) {
		assert_bad(check("a", OWNERSHIP_READ),
			   "belongs to user 54322, and not to root: chown it, "
			   "or run this as user 54322");
		assert_int_equal(chown(in("a"), 0, OTHERS), 0);
		assert_int_equal(chmod(in("a"), 0640), 0);
		assert_int_equal(check_as(other, "a", OWNERSHIP_SECRET),
				 OWNERSHIP_GOOD);
	}
}

static void test_owner_of_a_directory(void **state)
{
	struct ownership who = { NOBODYS, NOBODYS };

	(void)state;
	folder("d", 0755);
	if (geteuid() == 0)
		assert_int_equal(chown(in("d"), OTHERS, OTHERS), 0);
	assert_bad(check_as(who, "d/a", OWNERSHIP_READ), "the directory ");
	/* He could take the bit away. */
	assert_int_equal(chmod(in("d"), 01777), 0);
	assert_bad(check_as(who, "d/a", OWNERSHIP_READ), "belongs to ");
}

/* In a directory for all, a stranger's link is the stranger's to change. */
static void test_owner_of_a_link(void **state)
{
	struct ownership who = { NOBODYS, NOBODYS };
	char path[128];

	(void)state;
	(void)snprintf(path, sizeof(path), "%s.link", scratch);
	assert_int_equal(symlink("/etc/passwd", path), 0);
	if (geteuid() == 0)
		assert_int_equal(lchown(path, OTHERS, OTHERS), 0);
	assert_bad(ownership_check(&who, path, OWNERSHIP_READ, &last),
		   "the link ");
	who.owner = geteuid() ? geteuid() : OTHERS;
	assert_int_equal(ownership_check(&who, path, OWNERSHIP_READ, &last),
			 OWNERSHIP_GOOD);
	unlink(path);
}

/* Debian's daemon (1) has a group of its own, of which nobody else is;
 * nogroup is that of several. */
static void test_groups(void **state)
{
	struct ownership who = { 1, 1 };

	(void)state;
	file("a", 0660);
	if (geteuid() != 0) {
		who = (struct ownership){ NOBODYS, geteuid() };
		(void)check_as(who, "a", OWNERSHIP_SECRET);
		who.owner = NOBODYS;
		assert_bad(check_as(who, "a", OWNERSHIP_SECRET), "belongs");
		return;
	}
	assert_int_equal(chown(in("a"), 1, 1), 0);
	if (check_as(who, "a", OWNERSHIP_SECRET) != OWNERSHIP_GOOD)
		fail_msg("%s", last.text);
	assert_int_equal(chown(in("a"), 0, 1), 0);
	assert_int_equal(check_as(who, "a", OWNERSHIP_READ), OWNERSHIP_GOOD);
	assert_bad(check("a", OWNERSHIP_READ), "the group daemon");
	assert_int_equal(chown(in("a"), 1, 65534), 0);
	assert_bad(check_as(who, "a", OWNERSHIP_READ), "the group nogroup");
	/* One without a member is for programs that run with it. */
	assert_int_equal(chown(in("a"), 1, NOBODYS), 0);
	assert_bad(check_as(who, "a", OWNERSHIP_READ), "the group 54321");
	assert_int_equal(chown(in("a"), 0, 0), 0);
	assert_good("a");
}

/* A key that root gives to a user by way of the user's group. */
static void test_key_of_root(void **state)
{
	struct ownership who = { 1, 1 };

	(void)state;
	file("a", 0440);
	if (geteuid() != 0) {
		assert_bad(check("a", OWNERSHIP_KEY), "chmod 600");
		return;
	}
	assert_int_equal(chown(in("a"), 0, 1), 0);
	assert_int_equal(check_as(who, "a", OWNERSHIP_KEY), OWNERSHIP_GOOD);
	assert_int_equal(chown(in("a"), 0, 65534), 0);
	assert_bad(check_as(who, "a", OWNERSHIP_KEY), "the group nogroup");
	assert_int_equal(chown(in("a"), 0, 1), 0);
	assert_int_equal(chmod(in("a"), 0444), 0);
	assert_bad(check_as(who, "a", OWNERSHIP_KEY), "everybody");
}

/* ---- access control lists ---- */

struct entry {
	uint16_t tag, perm;
	uint32_t id;
};

/* rw for the owner, nothing for the group, rights for one user by his number
 * or for one group. False where the file system has no lists. */
static bool set_list(const char *name, uint16_t tag, uint32_t id, uint16_t perm)
{
	struct {
		uint32_t version;
		struct entry entries[5];
	} acl = { htole32(2), {
		{ htole16(0x01), htole16(6), htole32(UINT32_MAX) },
		{ htole16(0x02), htole16(tag == 2 ? perm : 0),
		  htole32(tag == 2 ? id : 0) },
		{ htole16(0x04), 0, htole32(UINT32_MAX) },
		{ htole16(tag == 8 ? 0x08 : 0x10), htole16(perm),
		  htole32(tag == 8 ? id : UINT32_MAX) },
		{ htole16(tag == 8 ? 0x10 : 0x20),
		  htole16(tag == 8 ? perm : 0), htole32(UINT32_MAX) },
	} };

	(void)acl;
	return setxattr(in(name), "system.posix_acl_access", &acl, sizeof(acl),
			0) == 0;
}

static void test_users_of_a_list(void **state)
{
	struct ownership who = { NOBODYS, geteuid() };

	(void)state;
	file("a", 0600);
	if (!set_list("a", 2, OTHERS, 6)) {
		assert_int_equal(errno, EOPNOTSUPP);
		return;
	}
	assert_bad(check_as(who, "a", OWNERSHIP_READ), "user 54322");
	/* One who only reads may, as a group may. */
	assert_true(set_list("a", 2, OTHERS, 4));
	assert_int_equal(check_as(who, "a", OWNERSHIP_SECRET), OWNERSHIP_GOOD);
	assert_bad(check_as(who, "a", OWNERSHIP_KEY), "user 54322");
	/* As systemd hands credentials over. */
	assert_true(set_list("a", 2, NOBODYS, 4));
	assert_int_equal(check_as(who, "a", OWNERSHIP_KEY), OWNERSHIP_GOOD);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
#define T(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
		T(test_own_file),
		T(test_file_that_everybody_can_write),
		T(test_directory_that_everybody_can_write),
		T(test_secret_that_everybody_can_read),
		T(test_key_that_others_can_read),
		T(test_links_are_followed),
		T(test_directory_of_a_link),
		T(test_links_without_end),
		T(test_long_links),
		T(test_relative_path),
		T(test_mounted_read_only),
		T(test_user_namespace),
		T(test_owner),
		T(test_owner_of_a_directory),
		T(test_owner_of_a_link),
		T(test_groups),
		T(test_key_of_root),
		T(test_users_of_a_list),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
