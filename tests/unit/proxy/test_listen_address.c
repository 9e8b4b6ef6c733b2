/* SPDX-License-Identifier: MIT */
/* Addresses and their sockets; what is accepted is test_exchange's. */
#include "proxy/listen_address.h"

#include <arpa/inet.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

static struct fault f;

/* The address, where there is one; what a refused text left is empty. */
static int find_one(struct listen_address *a, struct str text)
{
	struct listen_addresses all = { NULL, 0 };
	int rc = listen_addresses_find(&all, text, &f);

	*a = (struct listen_address){ .shared = LOCAL_SOCKET_INIT };
	if (rc == 0) {
		assert_int_equal(all.n, 1);
		*a = all.v[0];
		all.n = 0;
	}
	listen_addresses_fini(&all);
	return rc;
}

static void test_reads_addresses(void **state)
{
	static const struct {
		const char *text;
		int family, port;
	} good[] = {
		{ "127.0.0.1:8119", AF_INET, 8119 },
		{ "127.0.0.1:0", AF_INET, 0 },
		{ "0.0.0.0:80", AF_INET, 80 },
		{ "[::1]:8119", AF_INET6, 8119 },
		{ "[::]:0", AF_INET6, 0 },
		{ "127.0.0.1:65535", AF_INET, 65535 },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(good) / sizeof(good[0]); i++) {
		struct listen_address a;

		assert_int_equal(find_one(&a, str_z(good[i].text)), 0);
		assert_int_equal(a.addr.ss_family, good[i].family);
		assert_int_equal(listen_address_port(&a), good[i].port);
		assert_null(a.text);
		listen_address_fini(&a);
	}
}

/* Whether this machine has IPv6. */
static bool has_ipv6(void)
{
	int probe = socket(AF_INET6, SOCK_STREAM | SOCK_CLOEXEC, 0);
	struct sockaddr_in6 a = { .sin6_family = AF_INET6,
				  .sin6_addr = IN6ADDR_LOOPBACK_INIT };
	bool there = probe >= 0 &&
		     bind(probe, (struct sockaddr *)&a, sizeof(a)) == 0;

	if (probe >= 0)
		close(probe);
	return there;
}

static void open_all(struct listen_addresses *all, int port)
{
	for (size_t i = 0; i < all->n; i++) {
		int fd = listen_address_open(&all->v[i], true, &f);

		assert_true(fd >= 0);
		assert_int_equal(listen_address_port(&all->v[i]), port);
		close(fd);
	}
}

/* Both families, in one order, and one port. */
static void test_localhost(void **state)
{
	static const char *const names[] = { "localhost:0", "LOCALHOST.:0",
					     "a.localhost:0" };

	(void)state;
	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		struct listen_addresses all = { NULL, 0 };
		size_t n = has_ipv6() ? 2 : 1;

		assert_int_equal(listen_addresses_find(&all, str_z(names[i]),
						       &f), 0);
		assert_int_equal(all.n, n);
		assert_int_equal(all.v[0].addr.ss_family, AF_INET);
		assert_int_equal(all.v[n - 1].addr.ss_family,
				 n == 2 ? AF_INET6 : AF_INET);
		if (n == 2)
			open_all(&all, listen_address_port(&all.v[0]));
		listen_addresses_fini(&all);
	}
}

static void test_several(void **state)
{
	struct listen_addresses all = { NULL, 0 };

	(void)state;
	assert_int_equal(listen_addresses_find(&all, STR("127.0.0.1:81"), &f),
			 0);
	assert_int_equal(listen_addresses_find(&all, STR("localhost:82"), &f),
			 0);
	assert_int_equal(listen_addresses_find(&all, STR("unix:/x"), &f), 0);
	assert_int_equal(all.n, has_ipv6() ? 4 : 3);
	assert_int_equal(listen_address_port(&all.v[0]), 81);
	assert_int_equal(listen_address_port(&all.v[1]), 82);
	assert_int_equal(all.v[all.n - 1].addr.ss_family, AF_UNIX);
	listen_addresses_fini(&all);
}

static void test_refuses_bad_texts(void **state)
{
	static const char *const bad[] = {
		"", ":", "127.0.0.1", "127.0.0.1:", ":80", ":0", "127.0.0.1:x",
		"127.0.0.1:65536", "127.0.0.1:-1", "127.0.0.1:80:0", "[::1]",
		"[::1]:", "[::1:80", "::1:80", "::1:0", "a b:80", "u@h:80",
		"127.0.0.1:80/",
	};

	(void)state;
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		struct listen_address a;

		f.text[0] = '\0';
		if (find_one(&a, str_z(bad[i])) == 0)
			print_error("%s\n", bad[i]);
		assert_int_equal(strncmp(f.text, "listen = ", 9), 0);
		assert_null(a.text);
		listen_address_fini(&a);
	}
}

/* The first socket takes a free port, which the further ones then have. */
static void join(const char *text, const char *shown)
{
	struct listen_address a;
	char want[64];
	int fds[3];

	assert_int_equal(find_one(&a, str_z(text)), 0);
	for (int i = 0; i < 3; i++) {
		fds[i] = listen_address_open(&a, i == 0, &f);
		assert_true(fds[i] >= 0);
	}
	assert_int_not_equal(listen_address_port(&a), 0);
	snprintf(want, sizeof(want), "%s:%d", shown, listen_address_port(&a));
	assert_string_equal(a.text, want);
	for (int i = 0; i < 3; i++)
		close(fds[i]);
	listen_address_fini(&a);
}

static void test_workers_join(void **state)
{
	(void)state;
	join("127.0.0.1:0", "127.0.0.1");
}

static void test_workers_join_on_ipv6(void **state)
{
	(void)state;
	if (has_ipv6()) {
		join("[::1]:0", "[::1]");
	} else {
		struct listen_address none;

		/* A machine without IPv6 says so. */
		assert_int_equal(find_one(&none, STR("[::1]:0")), 0);
		assert_int_equal(listen_address_open(&none, true, &f), -1);
		assert_int_not_equal(strlen(f.text), 0);
		listen_address_fini(&none);
	}
}

/* Tries to be the first at this address; the exit status says how it went. */
static int second(const char *text)
{
	struct listen_address b;
	int status = 3, fd;

	if (find_one(&b, str_z(text)) != 0)
		return 9;
	fd = listen_address_open(&b, true, &f);
	if (fd >= 0)
		status = 0;
	else if (strstr(f.text, "is in use") && strstr(f.text, text))
		status = 1;
	listen_address_fini(&b);
	if (fd >= 0)
		close(fd);
	return status;
}

static void test_a_second_one_is_refused(void **state)
{
	struct listen_address a;
	int fd, more, status = -1;
	pid_t pid;

	(void)state;
	assert_int_equal(find_one(&a, STR("127.0.0.1:0")), 0);
	fd = listen_address_open(&a, true, &f);
	assert_true(fd >= 0);
	more = listen_address_open(&a, false, &f);
	assert_true(more >= 0);
	assert_int_equal(second(a.text), 1); /* of this process */
	pid = fork();
	if (pid == 0)
		_exit(second(a.text));
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_true(WIFEXITED(status));
	assert_int_equal(WEXITSTATUS(status), 1);
	close(fd);
	close(more);
	/* What is closed is free again. */
	assert_int_equal(second(a.text), 0);
	listen_address_fini(&a);
}

static void test_an_address_of_others(void **state)
{
	struct listen_address a;

	(void)state;
	assert_int_equal(find_one(&a, STR("192.0.2.1:80")), 0);
	assert_int_equal(listen_address_open(&a, true, &f), -1);
	assert_non_null(strstr(f.text, "192.0.2.1:80"));
	listen_address_fini(&a);
}

/* "unix:PATH" with a path in a directory of its own. */
static const char *scratch(char dir[32])
{
	static char text[64];

	strcpy(dir, "/tmp/bearerd-test-XXXXXX");
	assert_non_null(mkdtemp(dir));
	snprintf(text, sizeof(text), "unix:%s/s", dir);
	return text;
}

static void clear(const char *dir, const char *text)
{
	unlink(text + 5);
	assert_int_equal(rmdir(dir), 0);
}

static void test_workers_share_a_path(void **state)
{
	char dir[32];
	const char *text = scratch(dir);
	struct listen_address a;
	struct stat st;
	int fds[3], client;

	(void)state;
	assert_int_equal(find_one(&a, str_z(text)), 0);
	for (int i = 0; i < 3; i++) {
		fds[i] = listen_address_open(&a, i == 0, &f);
		assert_true(fds[i] >= 0);
	}
	assert_string_equal(a.text, text);
	assert_int_equal(stat(text + 5, &st), 0);
	assert_int_equal(st.st_mode & 0777, 0600);
	client = socket(AF_UNIX, SOCK_STREAM, 0);
	assert_int_equal(connect(client, (struct sockaddr *)&a.addr, a.len),
			 0);
	for (int i = 0; i < 3; i++)
		close(fds[i]);
	close(client);
	listen_address_fini(&a);
	assert_int_equal(stat(text + 5, &st), -1);
	clear(dir, text);
}

static void test_a_live_path_is_refused(void **state)
{
	char dir[32];
	const char *text = scratch(dir);
	struct listen_address a;
	int fd;

	(void)state;
	assert_int_equal(find_one(&a, str_z(text)), 0);
	fd = listen_address_open(&a, true, &f);
	assert_true(fd >= 0);
	assert_int_equal(second(text), 1);
	/* And it is still there. */
	assert_int_equal(second(text), 1);
	close(fd);
	listen_address_fini(&a);
	assert_int_equal(second(text), 0);
	clear(dir, text);
}

static void test_a_stale_path_is_replaced(void **state)
{
	char dir[32];
	const char *text = scratch(dir);
	struct listen_address a, b;
	struct stat st;
	int fd;

	(void)state;
	assert_int_equal(find_one(&a, str_z(text)), 0);
	fd = listen_address_open(&a, true, &f);
	assert_true(fd >= 0);
	/* As if its process had been killed. */
	shutdown(fd, SHUT_RDWR);
	close(fd);
	assert_int_equal(find_one(&b, str_z(text)), 0);
	fd = listen_address_open(&b, true, &f);
	assert_true(fd >= 0);
	close(fd);
	/* The first one leaves the second one's alone. */
	listen_address_fini(&a);
	assert_int_equal(stat(text + 5, &st), 0);
	listen_address_fini(&b);
	clear(dir, text);
}

static void test_a_file_is_no_socket(void **state)
{
	char dir[32];
	const char *text = scratch(dir);
	struct listen_address a;
	struct stat st;

	(void)state;
	assert_int_equal(mknod(text + 5, S_IFREG | 0600, 0), 0);
	assert_int_equal(find_one(&a, str_z(text)), 0);
	assert_int_equal(listen_address_open(&a, true, &f), -1);
	assert_non_null(strstr(f.text, "not a socket"));
	listen_address_fini(&a);
	assert_int_equal(stat(text + 5, &st), 0);
	clear(dir, text);
}

static void test_a_path_that_cannot_be(void **state)
{
	struct listen_address a;
	char longest[200] = "unix:/";

	(void)state;
	assert_int_equal(find_one(&a, STR("unix:")), -1);
	memset(longest + 6, 'x', 120);
	assert_int_equal(find_one(&a, str_z(longest)), -1);
	assert_int_equal(find_one(&a, STR("unix:/no/such/dir/s")), 0);
	assert_int_equal(listen_address_open(&a, true, &f), -1);
	assert_non_null(strstr(f.text, "/no/such/dir/s"));
	listen_address_fini(&a);
}

/* What a browser on this machine can open. */
static void test_which_are_reachable(void **state)
{
	static const struct {
		const char *text;
		bool reachable;
	} rows[] = {
		{ "127.0.0.1:8119", true }, { "127.9.9.9:1", true },
		{ "[::1]:8119", true },     { "192.0.2.1:80", true },
		{ "[2001:db8::1]:80", true }, { "0.0.0.0:8119", false },
		{ "[::]:8119", false },     { "unix:/run/b.sock", false },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct listen_address a;

		assert_int_equal(find_one(&a, str_z(rows[i].text)), 0);
		if (listen_address_is_reachable(&a) != rows[i].reachable)
			fail_msg("%s", rows[i].text);
		listen_address_fini(&a);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_reads_addresses),
		cmocka_unit_test(test_localhost),
		cmocka_unit_test(test_several),
		cmocka_unit_test(test_refuses_bad_texts),
		cmocka_unit_test(test_workers_join),
		cmocka_unit_test(test_workers_join_on_ipv6),
		cmocka_unit_test(test_a_second_one_is_refused),
		cmocka_unit_test(test_an_address_of_others),
		cmocka_unit_test(test_workers_share_a_path),
		cmocka_unit_test(test_a_live_path_is_refused),
		cmocka_unit_test(test_a_stale_path_is_replaced),
		cmocka_unit_test(test_a_file_is_no_socket),
		cmocka_unit_test(test_a_path_that_cannot_be),
		cmocka_unit_test(test_which_are_reachable),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
