/* SPDX-License-Identifier: MIT */
#include "config/cidr.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>

#include <cmocka.h>

static bool matches(const char *range, const char *address)
{
	struct config_cidr c;
	struct config_cidrs all = { &c, 1 };
	struct sockaddr_storage ss = { 0 };
	struct sockaddr_in *v4 = (struct sockaddr_in *)&ss;
	struct sockaddr_in6 *v6 = (struct sockaddr_in6 *)&ss;
	struct fault f;

	if (config_cidr_parse(str_z(range), &c, &f))
		fail_msg("%s: %s", range, f.text);
	if (strchr(address, ':')) {
		ss.ss_family = AF_INET6;
		assert_int_equal(inet_pton(AF_INET6, address, &v6->sin6_addr),
				 1);
	} else {
		ss.ss_family = AF_INET;
		assert_int_equal(inet_pton(AF_INET, address, &v4->sin_addr),
				 1);
	}
	return config_cidrs_match(&all, (const struct sockaddr *)&ss);
}

static void test_v4(void **state)
{
	(void)state;
	assert_true(matches("127.0.0.0/8", "127.255.0.1"));
	assert_false(matches("127.0.0.0/8", "128.0.0.1"));
	assert_true(matches("10.1.2.3", "10.1.2.3"));
	assert_false(matches("10.1.2.3", "10.1.2.2"));
	assert_true(matches("0.0.0.0/0", "8.8.8.8"));
	assert_false(matches("0.0.0.0/0", "2001:db8::1"));
	assert_true(matches("192.168.128.0/17", "192.168.129.1"));
	assert_false(matches("192.168.128.0/17", "192.168.127.255"));
	assert_true(matches("10.0.0.0/31", "10.0.0.1"));
	assert_false(matches("10.0.0.0/31", "10.0.0.2"));
}

static void test_v6(void **state)
{
	(void)state;
	assert_true(matches("::1", "::1"));
	assert_false(matches("::1", "::2"));
	assert_true(matches("fd00::/8", "fdff::1"));
	assert_false(matches("fd00::/8", "fe80::1"));
	assert_true(matches("::/0", "2001:db8::1"));
	assert_true(matches("2001:db8::/33", "2001:db8:7fff::"));
	assert_false(matches("2001:db8::/33", "2001:db8:8000::"));
}

/* A dual-stack socket shows IPv4 clients as mapped. */
static void test_mapped(void **state)
{
	(void)state;
	assert_true(matches("10.0.0.0/8", "::ffff:10.9.9.9"));
	assert_false(matches("10.0.0.0/8", "::ffff:11.9.9.9"));
	assert_true(matches("::ffff:10.0.0.0/104", "10.1.1.1"));
	assert_true(matches("::ffff:10.0.0.1", "10.0.0.1"));
	/* Other IPv6 ranges are no IPv4 ones. */
	assert_false(matches("::/0", "::ffff:10.0.0.1"));
}

static void test_other_families(void **state)
{
	struct config_cidr c;
	struct config_cidrs all = { &c, 1 }, none = { NULL, 0 };
	struct sockaddr_un un = { .sun_family = AF_UNIX };
	struct sockaddr_in in = { .sin_family = AF_INET };

	(void)state;
	assert_int_equal(config_cidr_parse(STR("0.0.0.0/0"), &c, NULL), 0);
	assert_false(config_cidrs_match(&all, (struct sockaddr *)&un));
	assert_true(config_cidrs_match(&all, (struct sockaddr *)&in));
	assert_false(config_cidrs_match(&none, (struct sockaddr *)&in));
}

static void test_refused(void **state)
{
	static const char *const bad[] = {
		"", "/", "/8", "10.0.0.0/33", "10.0.0.0/", "10.0.0.0/x",
		"10.0.0/8", "10.0.0.0/-1", "::/129", "host", "10.0.0.0/8/8",
		"10.0.0.1/8", "fd00::1/8",
		"10.0.0.0/ 8", "*", "1111:2222:3333:4444:5555:6666:7777:8888:9",
	};
	struct config_cidr c;
	struct fault f;

	(void)state;
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		f.text[0] = '\0';
		if (!config_cidr_parse(str_z(bad[i]), &c, &f))
			fail_msg("\"%s\" was taken", bad[i]);
		assert_true(f.text[0]);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_v4),
		cmocka_unit_test(test_v6),
		cmocka_unit_test(test_mapped),
		cmocka_unit_test(test_other_families),
		cmocka_unit_test(test_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
