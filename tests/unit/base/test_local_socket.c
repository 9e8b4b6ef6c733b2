/* SPDX-License-Identifier: MIT */
#include "base/local_socket.h"

#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

enum { BACKLOG = 16 };

static char folder[64], path[128];
static struct fault f;

static int set_up(void **state)
{
	(void)state;
	strcpy(folder, "/tmp/bearerd-test-XXXXXX");
	if (!mkdtemp(folder))
		return -1;
	snprintf(path, sizeof(path), "%s/s", folder);
	return 0;
}

static int tear_down(void **state)
{
	(void)state;
	unlink(path);
	return rmdir(folder);
}

static int listen_at_it(struct local_socket *s)
{
	*s = (struct local_socket)LOCAL_SOCKET_INIT;
	return local_socket_listen(s, path, "unix:", "control", BACKLOG, &f);
}

static int dial(void)
{
	struct sockaddr_un un;
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	int rc;

	assert_int_equal(local_socket_address(&un, str_z(path), &f), 0);
	rc = connect(fd, (struct sockaddr *)&un, sizeof(un));
	close(fd);
	return rc;
}

static bool is_there(void)
{
	struct stat st;

	return lstat(path, &st) == 0;
}

static void test_it_is_made_and_taken_away(void **state)
{
	struct local_socket s;
	struct stat st;

	(void)state;
	assert_int_equal(listen_at_it(&s), 0);
	assert_int_equal(lstat(path, &st), 0);
	assert_true(S_ISSOCK(st.st_mode));
	assert_int_equal(st.st_mode & 0777, 0600);
	assert_int_equal(dial(), 0);
	local_socket_fini(&s);
	assert_false(is_there());
	assert_int_equal(s.fd, -1);
	local_socket_fini(&s);
}

static void test_a_stale_one_is_replaced(void **state)
{
	struct local_socket s, next;

	(void)state;
	assert_int_equal(listen_at_it(&s), 0);
	/* As if its process had been killed. */
	shutdown(s.fd, SHUT_RDWR);
	assert_int_equal(listen_at_it(&next), 0);
	/* The first one's owner leaves it where it is. */
	local_socket_fini(&s);
	assert_int_equal(dial(), 0);
	local_socket_fini(&next);
	assert_false(is_there());
}

static void test_a_live_one_is_not(void **state)
{
	struct local_socket s, next;

	(void)state;
	assert_int_equal(listen_at_it(&s), 0);
	assert_int_equal(listen_at_it(&next), -1);
	assert_int_equal(next.fd, -1);
	assert_non_null(strstr(f.text, "unix:"));
	assert_non_null(strstr(f.text, path));
	assert_non_null(strstr(f.text, "in use"));
	assert_non_null(strstr(f.text, "another path in control"));
	assert_int_equal(dial(), 0);
	local_socket_fini(&s);
}

/* Also where its queue is full, and nobody looks at it. */
static void test_a_busy_one_is_not(void **state)
{
	struct local_socket s, next;
	struct sockaddr_un un;
	int fds[BACKLOG + 4];

	(void)state;
	assert_int_equal(listen_at_it(&s), 0);
	assert_int_equal(local_socket_address(&un, str_z(path), &f), 0);
	for (int i = 0; i < BACKLOG + 4; i++) {
		fds[i] = socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0);
		(void)connect(fds[i], (struct sockaddr *)&un, sizeof(un));
	}
	assert_int_equal(listen_at_it(&next), -1);
	assert_non_null(strstr(f.text, "in use"));
	for (int i = 0; i < BACKLOG + 4; i++)
		close(fds[i]);
	local_socket_fini(&s);
}

/* In a child, once go is closed: 0 where it has the path, and then it keeps
 * it until end is closed. */
static void child(int go, int told, int end)
{
	struct local_socket s;
	char c;

	(void)!read(go, &c, 1);
	c = listen_at_it(&s) == 0;
	(void)!write(told, &c, 1);
	if (c)
		(void)!read(end, &c, 1);
	_exit(0);
}

/* All find the same stale file at the same time: one of them gets it, and
 * keeps it. */
static void race(void)
{
	enum { CHILDREN = 6 };
	int go[2], told[2], end[2], winners = 0;
	struct local_socket stale;
	char c;

	assert_int_equal(listen_at_it(&stale), 0);
	shutdown(stale.fd, SHUT_RDWR);
	assert_int_equal(pipe(go) + pipe(told) + pipe(end), 0);
	for (int i = 0; i < CHILDREN; i++) {
		if (fork() == 0) {
			close(go[1]);
			close(end[1]);
			child(go[0], told[1], end[0]);
		}
	}
	close(go[1]);
	for (int i = 0; i < CHILDREN; i++) {
		assert_int_equal(read(told[0], &c, 1), 1);
		winners += c;
	}
	assert_int_equal(winners, 1);
	assert_int_equal(dial(), 0);
	close(end[1]);
	while (wait(NULL) > 0)
		continue;
	close(go[0]);
	close(told[0]);
	close(told[1]);
	close(end[0]);
	local_socket_fini(&stale);
	unlink(path);
}

static void test_one_of_many_gets_it(void **state)
{
	(void)state;
	for (int i = 0; i < 20; i++)
		race();
}

/* Nothing that a link leads to is changed, whenever it is put there. */
static void test_a_link_is_not_followed(void **state)
{
	char target[160];
	struct local_socket s;
	struct stat st;
	int fd;

	(void)state;
	snprintf(target, sizeof(target), "%s/t", folder);
	fd = open(target, O_CREAT | O_WRONLY | O_CLOEXEC, 0644);
	assert_true(fd >= 0);
	close(fd);
	assert_int_equal(symlink(target, path), 0);
	assert_int_equal(listen_at_it(&s), -1);
	assert_int_equal(stat(target, &st), 0);
	assert_int_equal(st.st_mode & 0777, 0644);
	assert_true(is_there());
	unlink(target);
	/* One that leads nowhere is no way to make a file there. */
	assert_int_equal(listen_at_it(&s), -1);
	assert_int_equal(stat(target, &st), -1);
}

/* The mode is the file's from its first instant on, and the umask is what it
 * was. */
static void test_its_mode_comes_with_it(void **state)
{
	mode_t before = umask(0);
	struct local_socket s;
	struct stat st;

	(void)state;
	assert_int_equal(listen_at_it(&s), 0);
	assert_int_equal(umask(before), 0);
	assert_int_equal(lstat(path, &st), 0);
	assert_int_equal(st.st_mode & 0777, 0600);
	local_socket_fini(&s);
}

/* Another program that never lets go of the folder is named. */
static void test_a_locked_folder(void **state)
{
	int fd = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	struct local_socket s;

	(void)state;
	assert_int_equal(flock(fd, LOCK_EX), 0);
	assert_int_equal(listen_at_it(&s), -1);
	assert_non_null(strstr(f.text, "locked its folder"));
	assert_false(is_there());
	close(fd);
	assert_int_equal(listen_at_it(&s), 0);
	local_socket_fini(&s);
}

static void test_a_file_is_not(void **state)
{
	struct local_socket s;
	FILE *file = fopen(path, "w");

	(void)state;
	assert_non_null(file);
	fclose(file);
	assert_int_equal(listen_at_it(&s), -1);
	assert_non_null(strstr(f.text, "not a socket"));
	assert_true(is_there());
}

static void test_a_folder_that_is_missing(void **state)
{
	struct local_socket s = LOCAL_SOCKET_INIT;

	(void)state;
	assert_int_equal(local_socket_listen(&s, "/nowhere/s", "",
					     "control", 1, &f),
			 -1);
	assert_non_null(strstr(f.text, "/nowhere/s"));
}

static void test_addresses(void **state)
{
	struct local_socket s = LOCAL_SOCKET_INIT;
	struct sockaddr_un un;
	char octets[128];

	(void)state;
	memset(octets, 'x', sizeof(octets));
	octets[0] = '/';
	assert_int_equal(local_socket_address(&un, STR(""), &f), -1);
	assert_int_equal(local_socket_address(
				 &un, (struct str){ octets, 107 }, &f), 0);
	assert_int_equal(un.sun_path[107], 0);
	assert_int_equal(local_socket_address(
				 &un, (struct str){ octets, 108 }, &f), -1);
	assert_string_equal(f.text,
			    "the path of a socket has 1 to 107 octets");
	octets[120] = '\0';
	assert_int_equal(local_socket_listen(&s, octets, "", "control", 1, &f),
			 -1);
	assert_int_equal(strncmp(f.text, "control = /x", 12), 0);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_it_is_made_and_taken_away),
		TEST(test_a_stale_one_is_replaced),
		TEST(test_a_live_one_is_not),
		TEST(test_a_busy_one_is_not),
		TEST(test_one_of_many_gets_it),
		TEST(test_a_link_is_not_followed),
		TEST(test_its_mode_comes_with_it),
		TEST(test_a_locked_folder),
		TEST(test_a_file_is_not),
		TEST(test_a_folder_that_is_missing),
		TEST(test_addresses),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
