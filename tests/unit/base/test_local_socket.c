/* SPDX-License-Identifier: MIT */
#include "base/local_socket.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

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

static int bind_it(struct local_socket *s)
{
	*s = (struct local_socket)LOCAL_SOCKET_INIT;
	return local_socket_bind(s, path, "unix:", "control", &f);
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
	assert_int_equal(bind_it(&s), 0);
	assert_int_equal(lstat(path, &st), 0);
	assert_true(S_ISSOCK(st.st_mode));
	assert_int_equal(st.st_mode & 0777, 0600);
	assert_int_equal(dial(), -1); /* it does not listen yet */
	assert_int_equal(listen(s.fd, 1), 0);
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
	assert_int_equal(bind_it(&s), 0);
	/* It does not listen: that is the same. */
	assert_int_equal(bind_it(&next), 0);
	assert_int_equal(listen(next.fd, 1), 0);
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
	assert_int_equal(bind_it(&s), 0);
	assert_int_equal(listen(s.fd, 1), 0);
	assert_int_equal(bind_it(&next), -1);
	assert_int_equal(next.fd, -1);
	assert_non_null(strstr(f.text, "unix:"));
	assert_non_null(strstr(f.text, path));
	assert_non_null(strstr(f.text, "in use"));
	assert_non_null(strstr(f.text, "another path in control"));
	assert_int_equal(dial(), 0);
	local_socket_fini(&s);
}

static void test_a_file_is_not(void **state)
{
	struct local_socket s;
	FILE *file = fopen(path, "w");

	(void)state;
	assert_non_null(file);
	fclose(file);
	assert_int_equal(bind_it(&s), -1);
	assert_non_null(strstr(f.text, "no socket"));
	assert_true(is_there());
}

static void test_a_folder_that_is_missing(void **state)
{
	struct local_socket s = LOCAL_SOCKET_INIT;

	(void)state;
	assert_int_equal(local_socket_bind(&s, "/nowhere/s", "", "control", &f),
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
	assert_int_equal(local_socket_bind(&s, octets, "", "control", &f), -1);
	assert_int_equal(strncmp(f.text, "control = /x", 12), 0);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_it_is_made_and_taken_away),
		TEST(test_a_stale_one_is_replaced),
		TEST(test_a_live_one_is_not),
		TEST(test_a_file_is_not),
		TEST(test_a_folder_that_is_missing),
		TEST(test_addresses),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
