/* SPDX-License-Identifier: MIT */
/* Which addresses are anybody's: the registries of RFC 6890, edge by edge. */
#include "http/address.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <sys/socket.h>

#include <cmocka.h>

static bool is_public(const char *text)
{
	struct sockaddr_storage sa = { .ss_family = AF_INET };
	struct sockaddr_in *v4 = (struct sockaddr_in *)&sa;
	struct sockaddr_in6 *v6 = (struct sockaddr_in6 *)&sa;

	if (strchr(text, ':') != NULL) {
		sa.ss_family = AF_INET6;
		assert_int_equal(inet_pton(AF_INET6, text, &v6->sin6_addr), 1);
	} else {
		assert_int_equal(inet_pton(AF_INET, text, &v4->sin_addr), 1);
	}
	return address_is_public((struct sockaddr *)&sa);
}

static void all_are(const char *const *texts, bool expected)
{
	for (; *texts != NULL; texts++) {
		if (is_public(*texts) != expected)
			fail_msg("%s is taken for %s", *texts,
				 expected ? "special" : "public");
	}
}

static void test_special_ipv4(void **state)
{
	/* The first and the last of each. */
	static const char *const special[] = {
		"0.0.0.0", "0.255.255.255", "10.0.0.0", "10.255.255.255",
		"100.64.0.0", "100.127.255.255", "127.0.0.1",
		"127.255.255.255", "169.254.0.0", "169.254.169.254",
		"169.254.255.255", "172.16.0.0", "172.31.255.255",
		"192.0.0.0", "192.0.0.8", "192.0.0.170", "192.0.0.255",
		"192.0.2.0", "192.0.2.255", "192.31.196.1", "192.52.193.1",
		"192.88.99.1", "192.168.0.0", "192.168.255.255",
		"192.175.48.1", "198.18.0.0", "198.19.255.255",
		"198.51.100.0", "198.51.100.255", "203.0.113.0",
		"203.0.113.255", "224.0.0.1", "239.255.255.255",
		"240.0.0.0", "255.255.255.254", "255.255.255.255", NULL
	};

	(void)state;
	all_are(special, false);
}

static void test_public_ipv4(void **state)
{
	/* The neighbours of those above. */
	static const char *const others[] = {
		"1.0.0.0", "1.1.1.1", "8.8.8.8", "9.255.255.255", "11.0.0.0",
		"100.63.255.255", "100.128.0.0", "126.255.255.255",
		"128.0.0.0", "169.253.255.255", "169.255.0.0",
		"172.15.255.255", "172.32.0.0", "191.255.255.255",
		"192.0.1.0", "192.0.3.0", "192.167.255.255", "192.169.0.0",
		"198.17.255.255", "198.20.0.0", "198.51.99.255",
		"198.51.101.0", "203.0.112.255", "203.0.114.0",
		"223.255.255.255", NULL
	};

	(void)state;
	all_are(others, true);
}

static void test_special_ipv6(void **state)
{
	static const char *const special[] = {
		"::", "::1", "::2", "::7f00:1", "::8.8.8.8", "64:ff9b:1::1",
		"64:ff9b:1:ffff::8.8.8.8", "64:ff9a::1", "100::1",
		"2001::1", "2001:0:4136:e378:8000:63bf:3fff:fdd2",
		"2001:2::1", "2001:10::1", "2001:20::1", "2001:1ff:ffff::",
		"2001:db8::1", "2001:db8:ffff:ffff::1", "2620:4f:8000::1",
		"3ffe::1", "3fff::1", "3fff:fff:ffff::1", "4000::1",
		"1fff:ffff::1", "5f00::1", "fc00::1", "fd12:3456::1",
		"fdff:ffff::1", "fe80::1", "febf::1", "fec0::1", "ff00::1",
		"ff02::1", "ff0e::1",
		"ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff", NULL
	};

	(void)state;
	all_are(special, false);
}

static void test_public_ipv6(void **state)
{
	static const char *const others[] = {
		"2000::1", "2001:200::1", "2001:db7:ffff::1", "2001:db9::1",
		"2001:4860:4860::8888", "2003::1", "2606:4700:4700::1111",
		"2620:4f:7fff::1", "2620:4f:8001::1", "2a00::1",
		"3ffd:ffff::1", "3fff:1000::1", NULL
	};

	(void)state;
	all_are(others, true);
}

static void test_embedded_ipv4(void **state)
{
	static const char *const special[] = {
		"::ffff:127.0.0.1", "::ffff:10.1.2.3",
		"::ffff:169.254.169.254", "::ffff:0.0.0.0",
		"2002:7f00:1::1", "2002:0a01:0203::", "2002:c0a8:0101::1",
		"2002:a9fe:a9fe::", "64:ff9b::127.0.0.1",
		"64:ff9b::192.168.1.1", "64:ff9b::100.64.0.1", NULL
	};
	static const char *const others[] = {
		"::ffff:8.8.8.8", "2002:808:808::1", "64:ff9b::8.8.8.8", NULL
	};

	(void)state;
	all_are(special, false);
	all_are(others, true);
}

static void test_no_address(void **state)
{
	const struct sockaddr local = { .sa_family = AF_UNIX };
	const struct sockaddr none = { .sa_family = AF_UNSPEC };

	(void)state;
	assert_false(address_is_public(&local));
	assert_false(address_is_public(&none));
}

static void assert_network(const char *text, const char *want)
{
	struct sockaddr_storage sa = { .ss_family = AF_INET };
	char got[ADDRESS_NETWORK_MAX];

	if (strchr(text, ':')) {
		sa.ss_family = AF_INET6;
		assert_int_equal(
			inet_pton(AF_INET6, text,
				  &((struct sockaddr_in6 *)&sa)->sin6_addr),
			1);
	} else {
		assert_int_equal(
			inet_pton(AF_INET, text,
				  &((struct sockaddr_in *)&sa)->sin_addr),
			1);
	}
	address_network((struct sockaddr *)&sa, got);
	assert_string_equal(got, want);
}

static void test_network(void **state)
{
	struct sockaddr_storage none = { .ss_family = AF_UNIX };
	char got[ADDRESS_NETWORK_MAX];

	(void)state;
	assert_network("192.0.2.7", "192.0.2.7");
	assert_network("::ffff:192.0.2.7", "192.0.2.7");
	assert_network("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64");
	assert_network("2001:db8:1:2:ffff:ffff:ffff:ffff", "2001:db8:1:2::/64");
	assert_network("2001:db8:1:3::1", "2001:db8:1:3::/64");
	assert_network("::1", "::/64");
	assert_network("fe80:1:2:3:4::1", "fe80:1:2:3::/64");
	address_network((struct sockaddr *)&none, got);
	assert_string_equal(got, "unix");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_special_ipv4),
		cmocka_unit_test(test_public_ipv4),
		cmocka_unit_test(test_special_ipv6),
		cmocka_unit_test(test_public_ipv6),
		cmocka_unit_test(test_embedded_ipv4),
		cmocka_unit_test(test_no_address),
		cmocka_unit_test(test_network),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
