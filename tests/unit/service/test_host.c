/* SPDX-License-Identifier: MIT */
#include "service/host.h"

#include <netinet/in.h>
#include <sys/socket.h>
#include <sys/un.h>

#include "service/scratch.h"

static void expect_host(const char *text, const char *want)
{
	struct host h;

	assert_int_equal(host_read(&h, str_z(text)), 0);
	assert_string_equal(h.z, want);
	assert_int_equal(h.n, strlen(want));
}

static void test_one_form(void **state)
{
	char name[300];
	struct host h;

	(void)state;
	expect_host("API.Example.COM", "api.example.com");
	expect_host("api.example.com.", "api.example.com");
	expect_host("0:0:0:0:0:0:0:1", "::1");
	expect_host("2001:DB8:0::1", "2001:db8::1");
	expect_host("not:an:address", "not:an:address");
	expect_host("127.0.0.1", "127.0.0.1");
	assert_int_equal(host_read(&h, STR("")), -1);
	assert_int_equal(host_read(&h, STR(".")), -1);
	memset(name, 'a', sizeof(name));
	assert_int_equal(host_read(&h, (struct str){ name, 255 }), 0);
	assert_int_equal(host_read(&h, (struct str){ name, 256 }), -1);
}

static void test_addresses(void **state)
{
	struct sockaddr_in6 v6 = { .sin6_family = AF_INET6 };
	struct sockaddr_un un = { .sun_family = AF_UNIX };
	struct address a, b;
	struct host h;

	(void)state;
	assert_int_equal(host_read(&h, STR("10.0.0.1")), 0);
	assert_true(address_of_host(&a, &h));
	v6.sin6_addr = (struct in6_addr){ .s6_addr = {
		0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff, 10, 0, 0, 1 } };
	assert_true(address_of_sockaddr(&b, (struct sockaddr *)&v6));
	assert_true(address_eq(&a, &b));
	v6.sin6_addr.s6_addr[15] = 2;
	assert_true(address_of_sockaddr(&b, (struct sockaddr *)&v6));
	assert_false(address_eq(&a, &b));
	assert_false(address_of_sockaddr(&b, (struct sockaddr *)&un));
	assert_false(address_of_sockaddr(&b, NULL));
	assert_false(address_eq(&b, &b));
	assert_int_equal(host_read(&h, STR("a.test")), 0);
	assert_false(address_of_host(&a, &h));
	/* Nothing that only some programs take for an address. */
	assert_int_equal(host_read(&h, STR("127.1")), 0);
	assert_false(address_of_host(&a, &h));
}

static void test_listen(void **state)
{
	struct listen_spec l;
	struct fault f;

	(void)state;
	assert_int_equal(listen_spec_parse(&l, STR("[::1]:0"), &f), 0);
	assert_int_equal(l.port, 0);
	assert_true(l.loopback);
	assert_string_equal(l.host.z, "::1");
	assert_true(l.reachable);
	assert_int_equal(listen_spec_parse(&l, STR("0.0.0.0:1"), &f), 0);
	assert_false(l.reachable);
	assert_int_equal(listen_spec_parse(&l, STR("[::]:1"), &f), 0);
	assert_false(l.reachable);
	assert_int_equal(listen_spec_parse(&l, STR("unix:/a"), &f), 0);
	assert_false(l.reachable);
	assert_true(l.loopback);
	assert_true(str_eq_z(l.text, "unix:/a"));
	assert_int_equal(listen_spec_parse(&l, STR("127.9.9.9:65535"), &f),
			 0);
	assert_true(l.loopback);
	assert_int_equal(listen_spec_parse(&l, STR("a.test:1"), &f), 0);
	assert_false(l.loopback);
	assert_int_equal(l.address.family, AF_UNSPEC);
	assert_int_equal(listen_spec_parse(&l, STR(""), &f), -1);
	assert_int_equal(listen_spec_parse(&l, STR(":"), &f), -1);
	assert_int_equal(listen_spec_parse(&l, STR("[::1]"), &f), -1);
	assert_int_equal(listen_spec_parse(&l, STR("a.test:"), &f), -1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_one_form),
		cmocka_unit_test(test_addresses),
		cmocka_unit_test(test_listen),
	};

	return cmocka_run_group_tests(tests, NULL, scratch_teardown);
}
